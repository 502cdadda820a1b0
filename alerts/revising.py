"""What comes of a look at the page of an item that alerted: a verdict, most often mute.

Pure. A page that could not be read, or shows a wall instead of the article, is looked
at again with the next step; a deletion ends the watch.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from alerts.deciding import Desk
from alerts.followups import Milestone
from alerts.looks import is_watchable, next_look
from alerts.memory import Memory
from alerts.model import Changed, Difference, Reason, Verdict, Version
from alerts.policy import revisions
from alerts.stories.revisions import Comparison, compare, compare_entry
from crawler.visits import Sight

if TYPE_CHECKING:
    from datetime import datetime

    from alerts.evaluate import Watch
    from alerts.model import Neighbours, Rereading
    from crawler.visits import Visit

ENOUGH = 600
"""An item's text of this length was read on its page, or stood whole in the feed: so
there was an article to delete, though no reading of it was kept."""


def reread(
    one: Rereading, visit: Visit, neighbours: Neighbours, watch: Watch, now: datetime
) -> Verdict:
    """The verdict on one look: what is told, what is kept, when is the next."""
    if visit.sight is Sight.READ:
        verdict = _read(one, visit, neighbours, watch, now)
    elif visit.sight is Sight.GONE and _was_there(one):
        verdict = _deleted(one, neighbours, watch, now)
    else:
        verdict = _moved_on(one, now, failed=visit.sight is not Sight.UNCHANGED)
    return replace(verdict, records=visit.records)


def put_off(one: Rereading, now: datetime) -> Verdict:
    """The verdict on a page that judging itself failed on: the next look is due."""
    return _moved_on(one, now, failed=True)


def is_wanted(one: Rereading, watch: Watch) -> bool:
    """Whether the page is still to be read: its source may be gone, or forbid it."""
    source = watch.sources.get(one.item.source)
    return source is not None and is_watchable(one.item, source)


def let_go(one: Rereading, now: datetime) -> Verdict:
    """The verdict that ends the watch of a page without a word."""
    return Verdict(at=now, unwatched=(one.item.id,))


def _was_there(one: Rereading) -> bool:
    return one.last is not None or len(one.item.text) >= ENOUGH


def _moved_on(one: Rereading, now: datetime, *, failed: bool) -> Verdict:
    following = next_look(one.recheck, now)
    if following is None:
        return Verdict(at=now, unwatched=(one.item.id,))
    failures = one.recheck.failures + 1 if failed else 0
    return Verdict(at=now, rechecks=(replace(following, failures=failures),))


def _read(
    one: Rereading, visit: Visit, neighbours: Neighbours, watch: Watch, now: datetime
) -> Verdict:
    seen = replace(one.recheck, etag=visit.etag, last_modified=visit.last_modified)
    calm = _moved_on(replace(one, recheck=seen), now, failed=False)
    if one.last is not None and one.last.sha256 == visit.sha256:
        return calm
    found = _compared(one, visit)
    if not found.same_page:  # the old validators stay: they are the article's
        return _moved_on(one, now, failed=True)
    version = Version(
        item_id=one.item.id,
        at=now,
        sha256=visit.sha256,
        title=visit.title,
        text=visit.text,
    )
    told = _told(one, version, found.differences, neighbours, watch)
    return replace(
        told,
        rechecks=calm.rechecks,
        unwatched=calm.unwatched,
        versions=(version,),
    )


def _compared(one: Rereading, visit: Visit) -> Comparison:
    item, new = one.item, (visit.title, visit.text)
    if one.last is None:
        return compare_entry((item.title, item.text), new, item.language)
    return compare((one.last.title, one.last.text), new, item.language)


def _deleted(
    one: Rereading, neighbours: Neighbours, watch: Watch, now: datetime
) -> Verdict:
    # Of the item's id, so that two deletions in one story are two milestones.
    digest = hashlib.sha256(f"deleted\n{one.item.id}".encode()).hexdigest()
    version = Version(item_id=one.item.id, at=now, sha256=digest, title="", text="")
    headline = (one.last.title if one.last else "") or one.item.title
    gone = Difference(what=Changed.DELETED, old=headline, new="")
    told = _told(one, version, (gone,), neighbours, watch)
    return replace(told, unwatched=(one.item.id,), versions=(version,))


def _told(
    one: Rereading,
    version: Version,
    differences: tuple[Difference, ...],
    neighbours: Neighbours,
    watch: Watch,
) -> Verdict:
    """The alerts and messages of a revision; an empty verdict if nothing differs."""
    now = version.at
    story = neighbours.stories.get(one.story_id)
    if not differences or story is None:
        return Verdict(at=now)
    desk = Desk(watch, Memory(neighbours), now)
    milestone = Milestone(
        reason=Reason.REVISED, key=f"{Reason.REVISED.value}:{version.sha256[:8]}"
    )
    alerts = revisions(
        milestone, differences, one.item, story, watch.topics, desk.memory, now
    )
    # What came while catching up is told of its own: it was a first alert's worry.
    item = replace(one.item, catching_up=False)
    desk.tell(
        tuple(replace(alert, config=watch.version) for alert in alerts), item, story
    )
    return replace(desk.verdict(), watched=())
