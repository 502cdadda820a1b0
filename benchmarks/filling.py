"""Fills a store with a week of made-up items, as fast as two processes make them.

Every item opens a story of its own, which saves looking for its neighbours; its words,
its gist and its row are what evaluate writes. So many stories are marked as having
matched a topic that ``WEEK`` + ``OPEN`` items hold ``OPEN`` of them.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from alerts.model import Fingerprint, Judgement, Story, StoryMove, Verdict  # noqa: E402
from alerts.stories import fingerprint  # noqa: E402
from benchmarks.figures import progress  # noqa: E402
from benchmarks.neardup import NOW  # noqa: E402
from benchmarks.press import Press  # noqa: E402
from crawler.items import (  # noqa: E402
    FetchReason,
    Harvest,
    Item,
    SourceState,
    stable_id,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vedette.store import Store

WEEK, OPEN = 140_000, 25_000
SEED = 7
CHUNK = 500
FIRST_SERIES = 100
"""Series of the press under it are for those who measure."""

Made = tuple[Item, Fingerprint]


def harvest(items: Iterable[Item]) -> Harvest:
    """Items as they come in."""
    return Harvest(
        source="wire",
        at=NOW,
        reason=FetchReason.OK,
        detail="",
        items=tuple(items),
        dropped=(),
        records=(),
        state=SourceState(name="wire", url="https://wire.test/", adopted=NOW),
    )


def fill(store: Store, start: int, end: int, *, phrased: bool, workers: int) -> None:
    """Take a store from ``start`` items to ``end``; without workers in this process."""
    for done, made in _made(start, end, phrased=phrased, workers=workers):
        progress(f"{done:,} items stored")
        store.add_items(harvest(item for item, _ in made))
        number = range(done - len(made), done)
        store.record(_verdict(zip(number, made, strict=True)))


def _made(
    start: int, end: int, *, phrased: bool, workers: int
) -> Iterator[tuple[int, list[Made]]]:
    tasks = [
        (FIRST_SERIES + at // CHUNK, min(CHUNK, end - at), phrased)
        for at in range(start, end, CHUNK)
    ]
    done = start
    if not workers:
        for made in map(_chunk, tasks):
            done += len(made)
            yield done, made
        return
    with ProcessPoolExecutor(workers) as pool:
        for made in pool.map(_chunk, tasks):
            done += len(made)
            yield done, made


_presses: dict[bool, Press] = {}


def _chunk(task: tuple[int, int, bool]) -> list[Made]:
    series, count, phrased = task
    if phrased not in _presses:
        _presses[phrased] = Press(SEED, phrased=phrased)
    press = _presses[phrased]
    press.begin(series)
    return [(item, fingerprint(item)) for item in press.items(count)]


def _verdict(made: Iterable[tuple[int, Made]]) -> Verdict:
    judgements, stories = [], []
    for number, (item, prints) in made:
        story = Story(
            id=stable_id("story", item.id),
            headline=item.title,
            first_seen=NOW,
            last_seen=NOW,
            languages=("en",),
            matched=number * OPEN // (WEEK + OPEN)
            < (number + 1) * OPEN // (WEEK + OPEN),
        )
        move = StoryMove(
            item_id=item.id, story_id=story.id, duplicate_of=None, opened=True
        )
        stories.append(story)
        judgements.append(
            Judgement(
                item_id=item.id, fingerprint=prints, move=move, matches=(), gates=()
            )
        )
    return Verdict(at=NOW, judgements=tuple(judgements), stories=tuple(stories))
