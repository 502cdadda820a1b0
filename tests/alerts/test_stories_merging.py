"""Two stories that turn out to be one are one from then on, and told of once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alerts.evaluate import decide, match
from alerts.memory import Memory
from alerts.model import Neighbours, Silence, Story
from alerts.stories.merging import elder as the_elder
from alerts.stories.merging import united
from alerts.stories.reports import both
from tests.alerts import twins
from tests.alerts.desk import NOW, Desk, channel, topic
from tests.alerts.growing import fact, report, voices

if TYPE_CHECKING:
    from alerts.model import Verdict
    from crawler.items import Item

HALF_HOUR = timedelta(minutes=31)
FERRY = (topic("ferry", "ferry"),)


def seen(desk: Desk, *items: Item) -> list[Verdict]:
    return [desk.see(one, after=HALF_HOUR) for one in items]


def ids(verdicts: list[Verdict]) -> set[str]:
    return {one.judgements[0].move.story_id for one in verdicts}


def told(verdict: Verdict) -> list[str]:
    return [alert.milestone for alert in verdict.alerts]


@pytest.fixture
def desk() -> Desk:
    return Desk(channel("hook"), topics=FERRY)


def test_a_report_like_both_merges_the_younger_into_the_elder(desk: Desk) -> None:
    (first,) = ids(seen(desk, *twins.elder()))
    (second,) = ids(seen(desk, *twins.younger()))
    (verdict,) = seen(desk, twins.bridge())
    (judged,) = verdict.judgements
    assert (judged.move.story_id, judged.move.merged) == (first, second)
    stories = {story.id: story for story in verdict.stories}
    assert stories[second].merged_into == first
    assert stories[first].merged_into is None
    assert stories[first].items == 6
    assert stories[first].independent == 6
    assert second not in stories[first].related


def test_those_told_of_both_hear_it_once_and_nothing_again(desk: Desk) -> None:
    seen(desk, *twins.elder())
    (second,) = ids(before := seen(desk, *twins.younger()))
    assert [told(one) for one in before] == [["first"], ["corroborated"], ["confirmed"]]
    (verdict,) = seen(desk, twins.bridge())
    assert told(verdict) == [f"development:merged={second[:8]}"]
    (row,) = verdict.deliveries
    assert b'"reason":"development"' in (row.payload or b"")
    assert f'"merged":[{{"id":"{second}"' in (row.payload or b"").decode()
    (after,) = seen(desk, twins.bridge("later"))
    assert told(after) == []


def test_nothing_is_said_of_a_story_that_was_never_told() -> None:
    """And the one that was told stays, though it is younger: its id is known."""
    desk = Desk(channel("hook"), topics=[topic("late", twins.OTHER[0])])
    (first,) = ids(before := seen(desk, *twins.elder()))
    assert not any(one.alerts for one in before)
    (second,) = ids(seen(desk, *twins.younger()))
    (verdict,) = seen(desk, twins.bridge())
    move = verdict.judgements[0].move
    assert (move.story_id, move.merged) == (second, first)
    assert told(verdict) == []
    assert {s.id: s.independent for s in verdict.stories}[second] == 6


def test_a_copy_of_what_went_over_joins_the_survivor(desk: Desk) -> None:
    (first,) = ids(seen(desk, *twins.elder()))
    younger = twins.younger()
    seen(desk, *younger, twins.bridge())
    copy = replace(younger[1], id="copy", url="https://q.test/", canonical_url="q")
    again = replace(younger[1], id="again", source="q")
    for one in (copy, again):
        move = desk.see(one).judgements[0].move
        assert (move.story_id, move.duplicate_of) == (first, younger[1].id)


def test_who_copied_from_what_goes_over_is_no_voice_of_its_own(desk: Desk) -> None:
    seen(desk, *twins.elder(), *twins.younger())
    known = twins.younger()[-1].text.split()[:15]
    said = [*twins.ELDER[:24], *twins.OTHER[:18]]
    rest = [one for one in said if one not in known]
    both = twins.bridge()
    (verdict,) = seen(desk, replace(both, text=" ".join([*rest, *known])))
    (move,) = (one.move for one in verdict.judgements)
    assert move.merged
    assert move.duplicate_of is None
    assert {s.id: s.independent for s in verdict.stories}[move.story_id] == 5


def test_one_batch_leads_to_the_same_stories_as_item_after_item(desk: Desk) -> None:
    items = [*twins.elder(), *twins.younger(), twins.bridge(), twins.bridge("later")]
    whole = Desk(channel("hook"), topics=FERRY).see(*items)
    apart = [one for item in items for one in desk.see(item).judgements]
    assert [j.move for j in whole.judgements] == [j.move for j in apart]
    gone = {story.id: story.merged_into for story in whole.stories}
    (merged,) = [j.move for j in whole.judgements if j.move.merged]
    assert gone[merged.merged or ""] == merged.story_id


def test_what_recurs_on_another_day_is_never_merged() -> None:
    """However alike: the numbers of the two are all different."""
    desk = Desk(channel("hook"), topics=FERRY)
    numbers = ["12 34 56", "78 90 11"]

    def numbered(items: list[Item], which: int) -> list[Item]:
        return [replace(i, text=f"{i.text} {numbers[which]}") for i in items]

    seen(desk, *numbered(twins.elder(), 0))
    desk.now += timedelta(days=1)
    seen(desk, *numbered(twins.younger(), 1))
    (verdict,) = seen(
        desk, replace(twins.bridge(), text=twins.bridge().text + " 34 90")
    )
    assert verdict.judgements[0].move.merged is None


def test_the_elder_stays_or_the_one_that_alerted() -> None:
    old = Story(id="b", headline="", first_seen=NOW, last_seen=NOW)
    new = replace(old, id="a", first_seen=NOW + HALF_HOUR)
    nobody = Neighbours()
    assert the_elder(new, old, nobody) == (old, new)
    assert the_elder(replace(new, first_seen=NOW), old, nobody)[0].id == "a"
    knows = Neighbours(followed={("a", "ferry"): ()})
    assert the_elder(old, new, knows) == (new, old)


def test_a_united_story_counts_every_voice_once() -> None:
    mine = voices("a", "b")["reports"]
    agency = report("c", wires=("b",), official=True)
    found = both(mine, (report("a"), agency, report("d")))
    assert [one.owners for one in found] == [("a",), ("b", "c"), ("d",)]
    assert [one.items for one in found] == [2, 2, 1]
    assert found[1].official


def test_a_united_story_has_the_facts_and_marks_of_both() -> None:
    late = NOW + HALF_HOUR
    one = Story(
        id="a",
        headline="A",
        first_seen=late,
        last_seen=late,
        related=("b", "c"),
        languages=("en",),
        facts=(fact("toll", "12", "x", seen=late),),
    )
    other = Story(
        id="b",
        headline="B",
        first_seen=NOW,
        last_seen=NOW,
        related=("a", "d"),
        languages=("ko",),
        disputed=True,
        matched=True,
        carried=2,
        items=3,
        facts=(fact("toll", "12", "y"), fact("toll", "47", "y", seen=late)),
    )
    whole = united(one, other)
    assert (whole.first_seen, whole.last_seen) == (NOW, late)
    assert (whole.items, whole.carried, whole.headline) == (4, 2, "A")
    assert whole.related == ("c", "d")
    assert whole.languages == ("en", "ko")
    assert whole.disputed
    assert whole.matched
    assert not whole.official
    assert [(f.value, f.owners) for f in whole.facts] == [
        ("12", ("x", "y")),
        ("47", ("y",)),
    ]


def test_a_hold_goes_over_and_the_two_reports_let_it_go() -> None:
    desk = Desk(channel("hook"), topics=[topic("ferry", "ferry", first=6)])
    (first,) = ids(seen(desk, *twins.elder()))
    waiting = seen(desk, *twins.younger())
    (second,) = ids(waiting)
    (hold,) = waiting[0].holds
    assert hold.alert.story_id == second
    known = desk.archive.neighbours([p.judgements[0].fingerprint for p in waiting], NOW)
    verdict = decide(
        match([twins.bridge()], desk.watch),
        replace(known, holds={(second, "ferry"): hold}),
        desk.watch,
        desk.now,
    )
    assert verdict.judgements[0].move.story_id == first
    assert verdict.released == ((second, "ferry"),)
    assert verdict.holds == ()
    (alert,) = verdict.alerts
    assert (alert.story_id, alert.milestone) == (first, "first")
    assert alert.item_id == hold.item.id


def test_memory_follows_a_story_through_two_mergers() -> None:
    names = "abc"
    stories = {n: Story(id=n, headline=n, first_seen=NOW, last_seen=NOW) for n in names}
    memory = Memory(
        Neighbours(
            stories=stories,
            alerted=frozenset({(n, "ferry", "opened", "first") for n in names}),
            silences=(Silence(target="a", until=NOW + HALF_HOUR),),
        )
    )
    memory.merge("a", "b")
    changed = {one.id: one.merged_into for one in memory.merge("b", "c")}
    assert changed == {"a": "c", "b": "c"}
    assert memory.silences[0].target == "c"
    assert memory.past("c", "ferry").keys == {"first"}
    link = memory.link("a")
    assert link is not None
    assert link.id == "c"
