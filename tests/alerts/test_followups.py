"""Follow-ups: each change told once, when it may, to whom it should."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.followups import Past, changes, milestones, untold
from alerts.model import (
    DeliveryState,
    MessageType,
    Reason,
    Severity,
    Silence,
    Told,
)
from crawler.reasons import Freshness
from tests.alerts.desk import NOW, TOPICS, channel, topic
from tests.alerts.growing import (
    HOUR,
    MINUTE,
    STORY,
    Growth,
    fact,
    keys,
    report,
    voices,
)

# --- what is reached ---------------------------------------------------------------


def reached(**changes: Any) -> list[str]:
    after = replace(STORY, **changes)
    return [one.key for one in milestones(STORY, after, NOW)]


def test_one_report_reaches_nothing() -> None:
    assert reached(**voices("a"), carried=9, languages=("en", "ko", "ru")) == []


def test_two_independent_reports_corroborate() -> None:
    assert reached(**voices("a", "b")) == ["corroborated"]


def test_three_confirm_and_bring_the_lower_level_along() -> None:
    assert reached(**voices("a", "b", "c")) == ["confirmed", "corroborated"]


@pytest.mark.parametrize(
    ("agency", "other", "is_confirmed"),
    [
        ({"wires": ("reuters",), "countries": ("gb",)}, {"countries": ("kr",)}, True),
        ({"owners": ("yonhap",), "countries": ("kr",)}, {"countries": ("be",)}, True),
        ({"wires": ("afp",), "countries": ("fr",)}, {"countries": ("fr",)}, False),
        ({"wires": ("afp",), "countries": ("fr",)}, {}, False),
        ({"wires": ("afp",)}, {"countries": ("kr",)}, False),
        ({"countries": ("fr",)}, {"countries": ("kr",)}, False),
    ],
)
def test_an_agency_and_an_own_report_from_abroad_confirm(
    agency: dict[str, Any], other: dict[str, Any], is_confirmed: bool
) -> None:
    both = (report("a", **agency), report("b", **other))
    found = reached(reports=both, independent=2)
    assert ("confirmed" in found) is is_confirmed


def test_two_agencies_are_no_own_report() -> None:
    both = (
        report("a", wires=("afp",), countries=("fr",)),
        report("b", wires=("reuters",), countries=("gb",)),
    )
    assert reached(reports=both, independent=2) == ["corroborated"]


def test_wide_needs_five_reports_in_three_languages() -> None:
    five = [report(o, languages=(x,)) for o, x in zip("abcde", "ekrrr", strict=True)]
    assert reached(reports=tuple(five), independent=5)[0] == "wide"
    two = tuple(replace(r, languages=("en",)) for r in five[:4])
    assert "wide" not in reached(reports=(*two, five[4]), independent=5)
    assert "wide" not in reached(reports=tuple(five[:4]), independent=4)


def test_flags_are_milestones() -> None:
    assert reached(official=True, disputed=True) == ["disputed", "official"]


# --- developments ------------------------------------------------------------------

TOLL = (
    fact("toll", "12", "a"),
    fact("toll", "47", "b", "c", seen=NOW + HOUR),
)


def test_a_number_that_replaces_another_is_a_development_once_two_tell_it() -> None:
    assert "development:toll=47" in reached(**voices("a", "b", "c"), facts=TOLL)
    once = (TOLL[0], replace(TOLL[1], owners=("b",)))
    assert "development:toll=47" not in reached(**voices("a", "b", "c"), facts=once)


def test_two_outlets_of_one_voice_tell_a_number_once() -> None:
    tied = (report("a"), report("b", owners=("b", "c")))
    found = reached(reports=tied, independent=2, facts=TOLL)
    assert found == ["corroborated"]


def test_the_first_number_is_no_development_and_neither_is_its_confirmation() -> None:
    first = (fact("toll", "12", "a", "b"), fact("injured", "3", "a", "b"))
    assert reached(**voices("a", "b"), facts=first) == ["corroborated"]


def test_a_number_that_one_outlet_raises_does_not_make_news_of_the_old_one() -> None:
    facts = (
        fact("toll", "12", "a", "b"),
        fact("toll", "47", "c", seen=NOW + HOUR),
    )
    assert reached(**voices("a", "b"), facts=facts) == ["corroborated"]


def test_only_the_newest_number_of_a_unit_counts() -> None:
    story = replace(
        STORY,
        **voices("a", "b", "c"),
        facts=(
            fact("toll", "12", "a", "b"),
            fact("toll", "30", "b", "c", seen=NOW + HOUR),
            fact("toll", "47", "a", "c", seen=NOW + 2 * HOUR),
        ),
    )
    (change,) = changes(story)
    assert (change.before.value, change.now.value) == ("30", "47")


def test_two_new_names_that_two_reports_tell_are_a_development() -> None:
    names = tuple(
        fact("entity", name, "a", "b", seen=NOW + HOUR) for name in ("kim", "lee")
    )
    old = fact("entity", "ferry-co", "a", "b")
    after = replace(STORY, **voices("a", "b"), facts=(*names, old))
    past = Past(keys=frozenset({"corroborated"}), told=(_told("first"),))
    (one,) = untold(STORY, after, NOW, past)
    assert one.key == "development:entity=kim+lee"
    assert not untold(STORY, replace(after, facts=(names[0], old)), NOW, past)
    again = replace(past, keys=past.keys | {one.key})
    more = replace(
        after, facts=(*names, fact("entity", "park", "a", "b", seen=NOW + HOUR))
    )
    assert not untold(STORY, more, NOW, again)


def _told(milestone: str, at: datetime = NOW) -> Told:
    return Told(milestone=milestone, at=at, story_id="story")


# --- told once ---------------------------------------------------------------------


def test_each_level_is_told_once() -> None:
    growth = Growth()
    assert keys(growth.join(**voices("a"))) == ["first"]
    assert keys(growth.join(**voices("a", "b"))) == ["corroborated"]
    assert keys(growth.join(**voices("a", "b"))) == []
    assert keys(growth.join(after=HOUR, **voices("a", "b", "c"))) == ["confirmed"]


def test_levels_crossed_together_are_one_message() -> None:
    growth = Growth()
    growth.join(**voices("a"))
    verdict = growth.join(**voices("a", "b", "c"), official=True)
    assert keys(verdict) == ["confirmed", "corroborated", "official"]
    (row,) = verdict.deliveries
    assert row.type is MessageType.UPDATED
    assert len(row.alert_ids) == 3
    data = json.loads(row.payload or b"")["data"]
    assert data["reason"] == "official"
    assert data["also"] == []


def test_what_held_at_the_first_alert_is_never_told_again() -> None:
    growth = Growth()
    first = growth.join(**voices("a", "b"), official=True)
    assert keys(first) == ["first"]
    assert first.alerts[0].covers == ("official", "corroborated")
    assert keys(growth.join(**voices("a", "b"), official=True)) == []


def test_what_grew_while_nobody_was_told_is_covered_by_the_first_alert() -> None:
    """The topic matches only once the story is wide already."""
    growth = Growth()
    growth.join("Nothing of note", **voices("a"))
    growth.join("Nothing of note", **voices("a", "b", "c"))
    assert keys(growth.join(**voices("a", "b", "c", "d"))) == ["first"]
    assert keys(growth.join(**voices("a", "b", "c", "d"))) == []


def test_an_old_item_is_no_reason_and_a_fresh_one_makes_up_for_it() -> None:
    growth = Growth()
    growth.join(**voices("a"))
    old = growth.join(more={"freshness": Freshness.OLD}, **voices("a", "b"))
    assert keys(old) == []
    assert keys(growth.join(**voices("a", "b"))) == ["corroborated"]


def test_a_copy_is_no_reason() -> None:
    growth = Growth()
    growth.join(**voices("a"))
    assert keys(growth.join(repeats=True, carried=1, official=True)) == []
    assert keys(growth.join(official=True)) == ["official"]


def test_an_item_that_matches_nothing_still_tells_that_its_story_grew() -> None:
    growth = Growth()
    growth.join(**voices("a"))
    verdict = growth.join("Boats stay in port", **voices("a", "b"))
    (alert,) = (a for a in verdict.alerts if a.topic == "ferry")
    assert (alert.reason, alert.score, alert.evidence) == (Reason.CORROBORATED, 0, ())
    assert ("ferry", Reason.CORROBORATED) in verdict.judgements[0].gates


def test_a_story_is_reopened_after_two_days_once_a_day() -> None:
    growth = Growth()
    growth.join(**voices("a"))
    assert keys(growth.join(after=48 * HOUR)) == []
    assert keys(growth.join(after=48 * HOUR + MINUTE)) == ["reopened:2026-03-06"]
    assert keys(growth.join(after=MINUTE)) == []


def test_a_topic_that_is_a_shadow_by_now_tells_nothing() -> None:
    growth = Growth()
    growth.join(**voices("a"))
    ferry = replace(growth.watch.topics["ferry"], off=True)
    growth.watch = replace(growth.watch, topics={"ferry": ferry})
    assert not growth.join(**voices("a", "b")).alerts


def test_a_toll_that_rises_is_told_with_what_it_was() -> None:
    growth = Growth()
    growth.join(**voices("a"), facts=TOLL[:1])
    verdict = growth.join(**voices("a", "b", "c"), facts=TOLL)
    assert "development:toll=47" in keys(verdict)
    data = json.loads(verdict.deliveries[0].payload or b"")["data"]
    assert data["reason"] == "development"


# --- when it may leave -------------------------------------------------------------


def test_what_comes_too_early_waits_and_is_not_lost() -> None:
    growth = Growth()
    growth.join(**voices("a"))
    growth.join(**voices("a", "b"))
    (row,) = growth.join(after=10 * MINUTE, **voices("a", "b", "c")).deliveries
    assert row.state is DeliveryState.PENDING
    assert row.due == row.first_due == NOW + 30 * MINUTE
    (late,) = growth.join(after=MINUTE, **_wide()).deliveries
    assert late.due == NOW + 60 * MINUTE


def _wide() -> dict[str, Any]:
    reports = tuple(
        report(o, languages=(x,)) for o, x in zip("abcde", "ekrrr", strict=True)
    )
    return {"reports": reports, "independent": 5}


@pytest.mark.parametrize("flag", ["official", "disputed"])
def test_official_and_disputed_never_wait(flag: str) -> None:
    growth = Growth()
    growth.join(**voices("a"))
    growth.join(**voices("a", "b"))
    flags: dict[str, Any] = {flag: True}
    verdict = growth.join(after=MINUTE, **voices("a", "b", "c"), **flags)
    assert keys(verdict) == sorted(["confirmed", flag])
    (row,) = verdict.deliveries
    assert row.due == growth.now


def _tolls(count: int) -> dict[str, Any]:
    facts = tuple(
        fact("toll", str(n), "a", "b", seen=NOW + n * MINUTE) for n in range(count + 1)
    )
    return voices("a", "b") | {"facts": facts}


def test_developments_are_two_hours_apart() -> None:
    growth = Growth()
    growth.join(**_tolls(0))
    (one,) = growth.join(**_tolls(1)).deliveries
    (two,) = growth.join(after=40 * MINUTE, **_tolls(2)).deliveries
    assert (one.due, two.due) == (NOW, NOW + 2 * HOUR)


def test_a_development_too_soon_does_not_hold_up_what_came_with_it() -> None:
    growth = Growth()
    growth.join(**_tolls(0))
    growth.join(**_tolls(1))
    more = _tolls(2) | {"official": True}
    now, later = growth.join(after=40 * MINUTE, **more).deliveries
    assert (now.due, len(now.alert_ids)) == (growth.now, 1)
    assert later.due == NOW + 2 * HOUR


def test_the_fifth_of_a_day_rides_in_the_digest_and_the_next_day_is_free() -> None:
    growth = Growth()
    growth.now = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    growth.join(**_tolls(0))
    kinds = [
        growth.join(after=3 * HOUR, **_tolls(n)).deliveries[0].type for n in range(1, 8)
    ]
    assert kinds == [MessageType.UPDATED] * 4 + [MessageType.DIGEST] * 3
    flagged = growth.join(after=MINUTE, **_tolls(7), disputed=True)
    assert flagged.deliveries[0].type is MessageType.UPDATED
    (row,) = growth.join(after=3 * HOUR, **_tolls(8), disputed=True).deliveries
    assert row.due.day == 3
    assert row.type is MessageType.UPDATED


def test_what_waits_over_midnight_counts_for_the_day_it_leaves() -> None:
    growth = Growth()
    growth.now = datetime(2026, 3, 2, 23, 50, tzinfo=UTC)
    growth.join(**voices("a"))
    growth.join(**voices("a", "b"))
    (row,) = growth.join(after=MINUTE, **voices("a", "b", "c")).deliveries
    assert row.due == datetime(2026, 3, 3, 0, 20, tzinfo=UTC)


# --- who is told -------------------------------------------------------------------

BOTH = "The ferry is late because of a strike"


def test_two_topics_are_one_message_by_the_severer() -> None:
    growth = Growth()
    growth.join(BOTH, **voices("a"))
    (row,) = growth.join(**voices("a", "b")).deliveries
    data = json.loads(row.payload or b"")["data"]
    assert (data["topic"]["name"], data["also"]) == ("strike", ["ferry"])
    assert len(row.alert_ids) == 2


def test_everyone_of_the_topics_channels_is_told() -> None:
    desk = channel("desk", "a@x.test", "b@x.test")
    growth = Growth(desk, channel("hook"))
    growth.join(**voices("a"))
    rows = growth.join(**voices("a", "b")).deliveries
    assert [row.recipient for row in rows] == ["a@x.test", "b@x.test", "hook"]
    assert len({row.id for row in rows}) == 3


def test_follow_ups_obey_digests_and_low_topics() -> None:
    growth = Growth(channel("desk", digest=(time(8),)), channel("hook"))
    growth.join(**voices("a"))
    rows = growth.join(**voices("a", "b")).deliveries
    assert [r.type for r in rows] == [MessageType.DIGEST, MessageType.UPDATED]
    low = Growth()
    low.join("The port was built in a hurry", **voices("a"))
    (row,) = low.join("Boats", **voices("a", "b"), official=True).deliveries
    assert row.type is MessageType.DIGEST


def test_a_silence_keeps_a_follow_up_back_for_good() -> None:
    growth = Growth()
    growth.join(**voices("a"))
    growth.memory.silences = (Silence(target="ferry", until=NOW + HOUR),)
    (row,) = growth.join(**voices("a", "b")).deliveries
    assert row.reason is Reason.SILENCED
    assert not growth.join(after=2 * HOUR, **voices("a", "b")).deliveries


def test_a_further_topic_still_speaks_only_if_it_is_severer() -> None:
    growth = Growth()
    growth.join("A strike begins", **voices("a"))
    rows = growth.join("The ferry is late", **voices("a", "b")).deliveries
    kept, told = sorted(rows, key=lambda row: row.state, reverse=True)
    assert (kept.reason, len(kept.alert_ids)) == (Reason.ALREADY_TOLD, 1)
    assert json.loads(told.payload or b"")["data"]["reason"] == "corroborated"


# --- held for a second report ------------------------------------------------------

PATIENT = (topic("ferry", "ferry", first=2), *TOPICS[1:])


def test_a_first_alert_is_held_for_a_second_report() -> None:
    growth = Growth(topics=PATIENT)
    verdict = growth.join(**voices("a"))
    (hold,) = verdict.holds
    assert not verdict.alerts
    assert verdict.judgements[0].gates == (("ferry", Reason.HELD),)
    assert hold.until == NOW + 10 * MINUTE
    assert not growth.join(after=MINUTE, repeats=True, carried=1).alerts
    second = growth.join("Boats are late", after=MINUTE, **voices("a", "b"))
    (alert,) = second.alerts
    assert (alert.reason, alert.kind) == (Reason.FIRST, "opened")
    assert alert.note is None
    assert alert.item_id == hold.item.id
    assert alert.created == growth.now
    assert second.released == (("story", "ferry"),)
    assert not growth.join(after=HOUR, **voices("a", "b")).alerts


def test_a_story_with_two_reports_is_not_held() -> None:
    assert keys(Growth(topics=PATIENT).join(**voices("a", "b"))) == ["first"]


def test_a_critical_topic_is_held_too() -> None:
    alarm = topic("ferry", "ferry", severity=Severity.CRITICAL, first=2)
    growth = Growth(topics=(alarm,))
    assert growth.join(**voices("a")).holds
    assert growth.join(**voices("a", "b")).deliveries


def test_topics_held_together_are_told_together() -> None:
    two = (topic("ferry", "ferry", first=2), topic("late", "late", first=2))
    growth = Growth(topics=two)
    assert len(growth.join(**voices("a")).holds) == 2
    verdict = growth.join("Boats", **voices("a", "b"))
    assert {alert.reason for alert in verdict.alerts} == {Reason.FIRST}
    (row,) = verdict.deliveries
    assert row.type is MessageType.OPENED
    assert len(row.alert_ids) == 2


def test_a_held_topic_that_became_a_shadow_says_nothing() -> None:
    growth = Growth(topics=PATIENT)
    growth.join(**voices("a"))
    ferry = replace(growth.watch.topics["ferry"], off=True)
    growth.watch = replace(growth.watch, topics={"ferry": ferry})
    verdict = growth.join(**voices("a", "b"))
    assert verdict.released
    assert not verdict.alerts


def test_a_held_topic_joins_what_another_told_meanwhile() -> None:
    growth = Growth(topics=PATIENT)
    assert [a.topic for a in growth.join(BOTH, **voices("a")).alerts] == ["strike"]
    verdict = growth.join(**voices("a", "b"))
    reasons = {a.topic: a.reason for a in verdict.alerts}
    assert reasons == {"ferry": Reason.TOPIC, "strike": Reason.CORROBORATED}


# --- whatever happens --------------------------------------------------------------

STEP = st.fixed_dictionaries(
    {
        "minutes": st.sampled_from([0, 1, 20, 31, 130, 1500, 3000]),
        "owners": st.integers(1, 6),
        "toll": st.integers(0, 5),
        "official": st.booleans(),
        "disputed": st.booleans(),
        "repeats": st.booleans(),
        "fresh": st.booleans(),
        "title": st.sampled_from(
            ["The ferry is late", BOTH, "Nothing of note", "The port is old"]
        ),
    }
)


@settings(max_examples=150, deadline=None)
@given(st.lists(STEP, max_size=14), st.booleans())
def test_nothing_is_told_twice_and_the_pace_is_kept(
    steps: list[dict[str, Any]], patient: bool
) -> None:
    growth = Growth(topics=PATIENT if patient else TOPICS)
    dues: dict[str, dict[datetime, set[Reason]]] = {}
    for step in steps:
        seen = growth.now + timedelta(minutes=step["minutes"])
        facts = (fact("toll", str(step["toll"]), "a", "b", seen=seen),)
        more = {"freshness": Freshness.FRESH if step["fresh"] else Freshness.OLD}
        verdict = growth.join(
            step["title"],
            after=timedelta(minutes=step["minutes"]),
            repeats=step["repeats"],
            more=more,
            facts=(*growth.story.facts, *facts),
            official=growth.story.official or step["official"],
            disputed=growth.story.disputed or step["disputed"],
            **voices(*"abcdef"[: step["owners"]]),
        )
        covered = {a for row in verdict.deliveries for a in row.alert_ids}
        assert covered == {a.id for a in verdict.alerts}
        for alert in verdict.alerts:
            if alert.milestone not in {"first", "topic"} and alert.note is None:
                at = alert.due or alert.created
                dues.setdefault(alert.topic, {}).setdefault(at, set()).add(alert.reason)
    assert len(growth.told) == len(set(growth.told))
    for moments in dues.values():
        urgent = {Reason.OFFICIAL, Reason.DISPUTED}
        calm = sorted(at for at, why in moments.items() if not why & urgent)
        assert all(b - a >= 30 * MINUTE for a, b in pairwise(calm))
        days = [at.date() for at in calm]
        assert all(days.count(day) <= 4 for day in days)
        tolls = sorted(at for at, why in moments.items() if Reason.DEVELOPMENT in why)
        assert all(b - a >= 2 * HOUR for a, b in pairwise(tolls))


@settings(max_examples=60, deadline=None)
@given(st.lists(STEP, max_size=8))
def test_a_story_that_stands_as_before_tells_nothing(
    steps: list[dict[str, Any]],
) -> None:
    """Every item twice: the second one changes nothing, and the two runs are equal."""

    def run() -> Growth:
        growth = Growth()
        for step in steps:
            state = voices(*"abcdef"[: step["owners"]])
            flags: dict[str, Any] = {
                "official": step["official"],
                "disputed": step["disputed"],
            }
            growth.join(
                step["title"],
                after=timedelta(minutes=step["minutes"]),
                **state,
                **flags,
            )
            again = growth.join(step["title"], **state, **flags)
            assert not again.alerts
        return growth

    one, two = run(), run()
    assert one.rows == two.rows
    assert one.told == two.told
