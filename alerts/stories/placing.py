"""Where an item goes: to what it repeats, to what tells the same, or its own way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alerts.model import Fingerprint, Known, Neighbours, Story, StoryMove
from alerts.stories.clusters import Nearest, nearest, twin
from alerts.stories.copies import habits, original, same_title, stripped
from alerts.stories.merging import elder, united
from alerts.stories.mixed import is_mixed
from crawler.items import stable_id

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.items import Item


def place(
    item: Item, prints: Fingerprint, neighbours: Neighbours, now: datetime
) -> tuple[StoryMove, Story]:
    """The story an item joins or opens, and that story as it stands afterwards.

    The older posting by URL wins over the one by content, both over one that shares
    most of its words, and that over a report of the same event, which may show that
    its story and another are one (``StoryMove.merged``). ``matched`` and the reports
    of the story are left to the caller, who knows the matches and outlets.
    """
    mixed = is_mixed(item)
    boilerplate = habits(prints.sketch, neighbours) if prints.sketch else frozenset()
    known = _recognise(prints, boilerplate, neighbours)
    story = neighbours.stories.get(known.story_id) if known else None
    if known is not None and story is not None:
        again = known.item_id == item.id
        move = StoryMove(
            item_id=item.id,
            story_id=story.id,
            duplicate_of=known.item_id,
            opened=False,
            boilerplate=boilerplate,
            posted=not mixed and not _same_site(prints, known, neighbours),
            mixed=mixed,
        )
        return move, _joined(story, item, now, again=again, carried=not again)
    near = nearest(prints.gist, neighbours, now) if prints.gist else ()
    like = near[0] if near else None
    if like is None or not like.same:
        return _open(item, boilerplate, like, now, mixed=mixed)
    story = neighbours.stories[like.recent.known.story_id]
    other = None if mixed else twin(near, neighbours)
    if other is not None:
        story, other = elder(story, other, neighbours)
        story = united(story, other)
    move = StoryMove(
        item_id=item.id,
        story_id=story.id,
        duplicate_of=None,
        opened=False,
        boilerplate=boilerplate,
        nearest=like.recent.known.item_id,
        like=like.like,
        merged=other.id if other else None,
        posted=not mixed,
        mixed=mixed,
    )
    return move, _joined(story, item, now)


def _joined(
    story: Story,
    item: Item,
    now: datetime,
    *,
    again: bool = False,
    carried: bool = False,
) -> Story:
    """The story with one more item, or with one that it holds already."""
    languages = {*story.languages, *([item.language] if item.language else [])}
    return replace(
        story,
        last_seen=max(story.last_seen, now),
        items=story.items + (not again),
        carried=story.carried + carried,
        languages=tuple(sorted(languages)),
    )


def _recognise(
    prints: Fingerprint, boilerplate: frozenset[int], neighbours: Neighbours
) -> Known | None:
    if prints.url_key is not None and prints.url_key in neighbours.by_url:
        return neighbours.by_url[prints.url_key]
    if prints.content_hash is not None and prints.content_hash in neighbours.by_content:
        return neighbours.by_content[prints.content_hash]
    if prints.sketch is None:
        return None
    return original(stripped(prints.sketch, boilerplate), neighbours)


def _same_site(prints: Fingerprint, known: Known, neighbours: Neighbours) -> bool:
    """Whether the item's own site carried the original, as far as is known.

    Under another title it counts as another article all the same: if it was taken
    for a copy because of boilerplate, the boilerplate must become known.
    """
    before = neighbours.posted.get(known.item_id)
    if before is None or prints.sketch is None or not prints.sketch.host:
        return False
    same = before.sketch.host == prints.sketch.host
    return same and same_title(before.sketch, prints.sketch)


def _open(
    item: Item,
    boilerplate: frozenset[int],
    like: Nearest | None,
    now: datetime,
    *,
    mixed: bool,
) -> tuple[StoryMove, Story]:
    """A story of its own, linked to the one it may be part of."""
    related = like.recent.known if like else None
    story = Story(
        id=stable_id("story", item.id),
        headline=item.title or item.summary[:200],
        first_seen=now,
        last_seen=now,
        languages=(item.language,) if item.language else (),
        related=(related.story_id,) if related else (),
    )
    move = StoryMove(
        item_id=item.id,
        story_id=story.id,
        duplicate_of=None,
        opened=True,
        boilerplate=boilerplate,
        nearest=related.item_id if related else None,
        like=like.like if like else 0.0,
        posted=not mixed,
        mixed=mixed,
    )
    return move, story
