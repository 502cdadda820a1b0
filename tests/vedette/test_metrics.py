"""What /metrics and the latency ledger say."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from alerts.model import Reason
from tests.program import ROOT
from tests.servers.http import Reply
from tests.vedette import store_world as world
from tests.vedette.lab import get
from tests.vedette.test_daemon import eventually, fast
from tests.vedette.test_once import FERRY, TOPICS
from vedette.ledger import Ledger, Stage, stages

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

    from tests.vedette.lab import Lab

NOW = world.NOW
SECOND = timedelta(seconds=1)


def test_each_stage_begins_where_the_one_before_it_ended() -> None:
    item = world.item("a", published=NOW - 90 * SECOND, seen=NOW - 3 * SECOND)
    alert = replace(world.alert(item), created=NOW)
    row = world.delivery([alert], due=NOW)
    assert dict(stages(row, alert, item, NOW + SECOND)) == {
        Stage.SEEN: 87,
        Stage.MATCHED: 3,
        Stage.ACCEPTED: 1,
    }
    undated = replace(item, published=None)
    assert Stage.SEEN not in dict(stages(row, alert, undated, NOW))


def test_what_a_message_waits_by_plan_is_no_latency() -> None:
    item = world.item("a")
    alert = replace(world.alert(item), created=NOW)
    quiet = world.delivery([alert], due=NOW + timedelta(hours=6))
    took = dict(stages(quiet, alert, item, NOW + timedelta(hours=6, seconds=2)))
    assert took[Stage.ACCEPTED] == 2
    for waited in (
        replace(alert, reason=Reason.ESCALATED),
        replace(alert, note=Reason.HELD),
    ):
        late = world.delivery([waited], due=NOW)
        assert set(dict(stages(late, waited, item, NOW))) == {Stage.ACCEPTED}


def test_a_clock_set_back_makes_no_negative_time() -> None:
    item = world.item("a", published=NOW + 9 * SECOND)
    alert = replace(world.alert(item), created=NOW)
    ledger = Ledger()
    ledger.accepted(world.delivery([alert]), alert, item, NOW - 5 * SECOND)
    for spread in ledger.spreads().values():
        assert spread.total_s >= 0
        assert spread.counts == [1, *[0] * 8]


def families(health: str) -> tuple[str, dict[str, Metric]]:
    text = get(health.replace("/healthz", "/metrics"))[1].decode()
    return text, {one.name: one for one in text_string_to_metric_families(text)}


@pytest.mark.slow
def test_a_running_daemon_tells_latency_dead_letters_and_drops(lab: Lab) -> None:
    lab.hook.replies.append(Reply(status=410))
    entry = {**FERRY, "age": timedelta(minutes=4)}
    lab.feed(entry, entry)
    lab.write(TOPICS, sources=fast(lab))
    with lab.daemon() as (_, health):
        eventually(
            lambda: (
                'deliveries{state="dead"} 1' in families(health)[0]
                and len(lab.post.mails) == 1
            )
        )
        eventually(
            lambda: "latency_seconds_bucket" in families(health)[0],
        )
        text, found = families(health)
    assert samples(found, "vedette_dead_letters", "") == {(): 1}
    buckets = samples(found, "vedette_latency_seconds", "_bucket")
    within_minute = {
        dict(labels)["stage"]: count
        for labels, count in buckets.items()
        if {("le", "60.0"), ("source", "wire"), ("topic", "strike")} <= set(labels)
    }
    accepted = within_minute["accepted"]
    assert accepted >= 1
    # It was published four minutes ago, and read and decided on at once.
    assert within_minute == {"seen": 0, "matched": accepted, "accepted": accepted}
    decided = samples(found, "vedette_decisions", "_total")
    assert decided[("reason", "first"), ("topic", "strike")] == 1
    dropped = samples(found, "vedette_dropped_entries", "_total")
    assert dropped[(("reason", "repeated"),)] >= 1
    for word in (str(FERRY["title"]), "http://", "desk@"):
        assert word not in text
    documented = set(
        re.findall(
            r"^\| `(vedette_[a-z_]+)`",
            (ROOT / "docs/operations.md").read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    )
    served = set(re.findall(r"^# TYPE (vedette_[a-z_]+)", text, re.MULTILINE))
    assert served == documented


def samples(
    found: dict[str, Metric], family: str, suffix: str
) -> dict[tuple[tuple[str, str], ...], float]:
    return {
        tuple(sorted(one.labels.items())): one.value
        for one in found[family].samples
        if one.name == family + suffix
    }
