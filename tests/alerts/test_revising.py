"""When pages are looked at, and who is told what of a look."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alerts.looks import first_look, next_look
from alerts.model import (
    DeliveryState,
    Neighbours,
    Reason,
    Rereading,
    Silence,
    Story,
    Told,
    Version,
)
from alerts.revising import reread
from crawler.items import Kind, Source
from crawler.reasons import FetchReason
from crawler.visits import Sight, Visit, fingerprint
from tests.alerts.desk import NOW, TOPICS, channel, item, watch

if TYPE_CHECKING:
    from alerts.model import Verdict

HOUR = timedelta(hours=1)
TEXT = "The ferry carried 240 people on Monday. Nobody was hurt, police said."
ITEM = item("The ferry is late", text=TEXT)
STORY = "story"
SOURCE = Source(name="wire", kind=Kind.FEED, url="https://wire.test/")


def seen(title: str = "The ferry is late", text: str = TEXT) -> Visit:
    return Visit(
        sight=Sight.READ,
        reason=FetchReason.OK,
        title=title,
        text=text,
        sha256=fingerprint(title, text),
        etag='"2"',
    )


def rereading(step: int = 1) -> Rereading:
    first = seen()
    return Rereading(
        recheck=replace(first_look(ITEM, NOW), due=NOW + HOUR, step=step, etag='"1"'),
        item=ITEM,
        story_id=STORY,
        last=Version(
            item_id=ITEM.id,
            at=NOW,
            sha256=first.sha256,
            title=first.title,
            text=first.text,
        ),
    )


def known(**more: object) -> Neighbours:
    story = Story(id=STORY, headline="The ferry", first_seen=NOW, last_seen=NOW)
    values = {
        "stories": {STORY: story},
        "alerted": frozenset({(STORY, "ferry", "opened", "first")}),
        "followed": {
            (STORY, "ferry"): (Told(milestone="first", at=NOW, story_id=STORY),)
        },
    }
    return Neighbours(**(values | more))  # type: ignore[arg-type]


def look(visit: Visit, neighbours: Neighbours | None = None) -> Verdict:
    eyes = replace(watch(channel("hook"), topics=TOPICS[:2]), sources={"wire": SOURCE})
    return reread(rereading(), visit, neighbours or known(), eyes, NOW + HOUR)


EDITED = TEXT.replace("240", "310")


def test_an_edit_is_told_to_the_topics_that_spoke_of_the_story_alone() -> None:
    verdict = look(seen(text=EDITED))
    (alert,) = verdict.alerts
    assert (alert.topic, alert.reason) == ("ferry", Reason.REVISED)
    (version,) = verdict.versions
    assert alert.milestone == f"revised:{version.sha256[:8]}"
    assert version.sha256 == seen(text=EDITED).sha256
    (plan,) = verdict.rechecks
    assert (plan.due, plan.step, plan.etag) == (NOW + 6 * HOUR, 2, '"2"')
    assert verdict.watched == ()


def test_a_version_told_before_is_kept_and_not_told_again() -> None:
    sha = seen(text=EDITED).sha256[:8]
    keys = {
        (STORY, "ferry", "opened", "first"),
        (STORY, "ferry", "updated", f"revised:{sha}"),
    }
    verdict = look(seen(text=EDITED), known(alerted=frozenset(keys)))
    assert verdict.alerts == ()
    assert len(verdict.versions) == 1


def test_caps_and_silences_hold_for_revisions() -> None:
    quiet = known(silences=(Silence(target="ferry", until=NOW + 2 * HOUR),))
    (row,) = look(seen(text=EDITED), quiet).deliveries
    assert (row.state, row.reason) == (DeliveryState.SUPPRESSED, Reason.SILENCED)
    told = tuple(
        Told(
            milestone=f"revised:{n}", at=NOW + n * timedelta(minutes=1), story_id=STORY
        )
        for n in range(4)
    )
    (alert,) = look(seen(text=EDITED), known(followed={(STORY, "ferry"): told})).alerts
    assert alert.note is Reason.CAPPED


@pytest.mark.parametrize(
    "visit",
    [
        Visit(sight=Sight.FAILED, reason=FetchReason.FORBIDDEN),
        seen("Just a moment", "Please wait until your browser has been checked."),
    ],
)
def test_what_cannot_be_read_is_tried_again_as_before(
    visit: Visit,
) -> None:
    verdict = look(visit)
    (plan,) = verdict.rechecks
    assert (plan.step, plan.etag, plan.failures) == (2, '"1"', 1)
    assert verdict.versions == ()
    assert verdict.alerts == ()


def test_a_page_nobody_ever_read_is_not_called_deleted() -> None:
    gone = Visit(sight=Sight.GONE, reason=FetchReason.NOT_FOUND)
    one = replace(rereading(), last=None)
    eyes = replace(watch(), sources={"wire": SOURCE})
    assert reread(one, gone, known(), eyes, NOW + HOUR).alerts == ()
    whole = replace(one, item=replace(ITEM, text="The ferry went away. " * 40))
    assert len(reread(whole, gone, known(), eyes, NOW + HOUR).alerts) == 1


def test_looks_missed_in_an_outage_are_left_out() -> None:
    plan = first_look(ITEM, NOW)
    assert (plan.due, plan.step) == (NOW, 0)
    late = next_look(plan, NOW + 30 * HOUR)
    assert late is not None
    assert (late.due, late.step) == (NOW + 72 * HOUR, 4)
    last = next_look(late, NOW + 73 * HOUR)
    assert last is not None
    assert next_look(last, last.due) is None
