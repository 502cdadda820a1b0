"""Who is told what: alerts, rows, and every reason to stay quiet."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import TYPE_CHECKING

import pytest

from alerts.evaluate import evaluate
from alerts.model import (
    DeliveryState,
    MessageType,
    Neighbours,
    Reason,
    Silence,
    Verdict,
)
from crawler.reasons import Freshness
from tests.alerts.desk import NOW, TOPICS, Desk, channel, item, watch
from tests.alerts.ferry import unrelated

if TYPE_CHECKING:
    from crawler.items import Item

FERRY = "The ferry is late again this morning, says the harbour office."
BOTH = "The ferry is late because of a strike, says the harbour office."


def gates(verdict: Verdict) -> dict[str, Reason]:
    return dict(verdict.judgements[0].gates)


def test_the_first_item_of_a_story_opens_an_alert_at_once() -> None:
    verdict = Desk().see(item(FERRY))
    (alert,), (row,) = verdict.alerts, verdict.deliveries
    assert alert.reason is Reason.FIRST
    assert alert.config == "v1"
    assert row.type is MessageType.OPENED
    assert row.due == NOW
    assert row.payload


def test_a_second_item_of_a_known_story_stays_silent() -> None:
    desk = Desk()
    desk.see(item(FERRY, source="a"))
    verdict = desk.see(item(FERRY, source="b"))
    assert not verdict.alerts
    assert not verdict.deliveries
    assert gates(verdict) == {"ferry": Reason.ALREADY_ALERTED}


def test_items_of_one_batch_see_each_other() -> None:
    verdict = Desk().see(*(item(FERRY, source=s) for s in "abcd"))
    assert len(verdict.alerts) == 1
    assert verdict.stories[0].items == 4


def test_one_story_of_two_topics_is_one_message_naming_the_severer_first() -> None:
    verdict = Desk().see(item(BOTH))
    (row,) = verdict.deliveries
    assert [a.topic for a in verdict.alerts] == ["ferry", "strike"]
    by_id = {a.id: a.topic for a in verdict.alerts}
    assert [by_id[i] for i in row.alert_ids] == ["strike", "ferry"]


def test_each_recipient_gets_a_row_of_its_own() -> None:
    """I1: exactly one row per (alert, channel, recipient)."""
    desk = Desk(channel("desk", "a@x.test", "b@x.test"), channel("hook"))
    verdict = desk.see(item(BOTH))
    covered = [
        (alert, row.channel, row.recipient)
        for row in verdict.deliveries
        for alert in row.alert_ids
    ]
    assert len(covered) == len(set(covered)) == 6


def test_a_topic_goes_only_where_it_is_sent() -> None:
    topics = tuple(
        replace(t, to=("desk",)) if t.name == "strike" else t for t in TOPICS
    )
    verdict = Desk(channel("desk"), channel("hook"), topics=topics).see(item(BOTH))
    assert {r.channel: len(r.alert_ids) for r in verdict.deliveries} == {
        "desk": 2,
        "hook": 1,
    }


def test_a_shadow_topic_is_recorded_and_never_sent() -> None:
    verdict = Desk().see(item("The lighthouse keeper retires after forty years"))
    assert verdict.judgements[0].matches[0].hit
    assert gates(verdict) == {"ghost": Reason.SHADOW}
    assert not verdict.alerts


def test_a_match_below_its_threshold_makes_no_alert() -> None:
    verdict = Desk().see(item("The museum opens late on every Thursday"))
    assert gates(verdict) == {"scored": Reason.BELOW_THRESHOLD}


@pytest.mark.parametrize(
    ("freshness", "reason"),
    [
        (Freshness.OLD, Reason.OLD),
        (Freshness.UNDATED_FIRST_POLL, Reason.UNDATED_FIRST_POLL),
    ],
)
def test_an_old_item_opens_nothing_but_a_fresh_one_of_its_story_does(
    freshness: Freshness, reason: Reason
) -> None:
    desk = Desk()
    assert gates(desk.see(item(FERRY, source="a", freshness=freshness))) == {
        "ferry": reason
    }
    assert desk.see(item(FERRY, source="b")).alerts


def test_a_low_topic_waits_for_the_digest_and_rides_with_a_higher_one() -> None:
    alone = Desk().see(item("The port was built in a hurry long ago")).deliveries[0]
    assert alone.type is MessageType.DIGEST
    assert alone.due > NOW
    assert alone.payload is None
    (row,) = Desk().see(item("Strike closes the port until further notice")).deliveries
    assert row.type is MessageType.OPENED
    assert len(row.alert_ids) == 2


def test_a_digest_row_gathers_the_alerts_of_its_period() -> None:
    desk = Desk()
    texts = ("The port was built in a hurry", "A new pier for the port is planned")
    (row,) = desk.see(*(item(t) for t in texts)).deliveries
    assert len(row.alert_ids) == 2
    later = desk.see(item("Old port, new tiles"), after=timedelta(hours=1))
    assert later.deliveries[0].id == row.id


def test_a_channel_with_digests_gets_all_but_the_critical_there() -> None:
    desk = Desk(channel("desk", digest=(time(8), time(18)), timezone="Asia/Seoul"))
    (row,) = desk.see(item(BOTH)).deliveries
    assert row.type is MessageType.DIGEST
    # 12:00Z is 21:00 in Seoul: the next digest leaves at 08:00 there, 23:00Z.
    assert row.due.hour == 23
    (now,) = desk.see(item("Evacuation of the whole harbour begins")).deliveries
    assert now.type is MessageType.OPENED


def test_a_further_topic_is_told_only_if_it_is_severer() -> None:
    topics = TOPICS
    desk = Desk(topics=topics)
    desk.see(item("x", text=FERRY, source="a", url="https://p.test/1"))
    louder = item("x", text=BOTH, source="b", url="https://p.test/1")
    verdict = desk.see(louder)
    (row,) = verdict.deliveries
    assert row.type is MessageType.UPDATED
    assert verdict.alerts[0].reason is Reason.TOPIC
    quieter = item("museum fire", text=FERRY, source="c", url="https://p.test/1")
    (row,) = desk.see(quieter).deliveries
    assert row.state is DeliveryState.SUPPRESSED
    assert row.reason is Reason.ALREADY_TOLD


def test_a_further_topic_of_equal_severity_is_not_told() -> None:
    desk = Desk()
    desk.see(item("x", text=FERRY, source="a", url="https://p.test/1"))
    alike = item("museum fire", text=FERRY, source="b", url="https://p.test/1")
    (row,) = desk.see(alike).deliveries
    assert row.reason is Reason.ALREADY_TOLD


@pytest.mark.parametrize("target", ["topic", "story"])
def test_a_silenced_topic_or_story_is_suppressed_and_says_until_when(
    target: str,
) -> None:
    """I13: never silently."""
    story = evaluate([item(FERRY)], Neighbours(), watch(), NOW).stories[0].id
    name = {"topic": "ferry", "story": story}[target]
    quiet = Silence(target=name, until=NOW + timedelta(hours=4))
    known = Neighbours(silences=(quiet,))
    (row,) = evaluate([item(FERRY)], known, watch(), NOW).deliveries
    assert row.state is DeliveryState.SUPPRESSED
    assert row.reason is Reason.SILENCED
    assert "16:00" in row.detail


def test_an_expired_silence_is_none() -> None:
    known = Neighbours(silences=(Silence(target="ferry", until=NOW),))
    (row,) = evaluate([item(FERRY)], known, watch(), NOW).deliveries
    assert row.state is DeliveryState.PENDING


def test_catching_up_sends_one_message_a_topic_and_digests_the_rest() -> None:
    words = [" ".join(unrelated(n, 4)) for n in range(20)]
    items = [item(f"Ferry {one}", catching_up=True) for one in words]
    verdict = Desk().see(*items)
    kinds = [row.type for row in verdict.deliveries]
    assert sorted(kinds) == [MessageType.OPENED, MessageType.DIGEST]
    covered = {a for row in verdict.deliveries for a in row.alert_ids}
    assert len(covered) == len(verdict.alerts) == 20


def test_catching_up_reaches_every_recipient() -> None:
    desk = Desk(channel("desk", "a@x.test", "b@x.test"), channel("hook"))
    rows = desk.see(item(FERRY, catching_up=True)).deliveries
    assert {r.type for r in rows} == {MessageType.OPENED}
    assert len(rows) == 3


def test_an_alert_for_no_channel_says_so() -> None:
    topics = tuple(replace(t, to=()) if t.name == "ferry" else t for t in TOPICS)
    (alert,) = Desk(topics=topics).see(item(FERRY)).alerts
    assert alert.note is Reason.NO_CHANNEL


def test_the_same_batch_judged_twice_gives_equal_verdicts() -> None:
    """I3, I5: ids and payloads are functions of the input."""
    items: list[Item] = [item(FERRY, source="a"), item(BOTH, source="b")]
    assert Desk().see(*items) == Desk().see(*items)
