"""Fills a store with a week of made-up items in minutes.

The first ``STOCK`` are articles of ``press.py`` with their fingerprints; what follows
are these again and again with other words. A shingle or key that ``COMMON`` of them
hold stays as it is, so it is held by ever more items; of the others one in ``KEPT``
stays, so that it comes back now and then, and the rest become new ones; their texts are
left out, which evaluate does not read again. Every item
opens a story of its own, which saves looking for its neighbours; the rows are those
that evaluate writes. So many stories are marked as having matched a topic that
``WEEK`` + ``OPEN`` items hold ``OPEN`` of them.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from alerts.model import Fingerprint, Judgement, Story, StoryMove, Verdict  # noqa: E402
from alerts.stories import fingerprint  # noqa: E402
from benchmarks.figures import progress  # noqa: E402
from benchmarks.neardup import NOW  # noqa: E402
from benchmarks.press import Press  # noqa: E402
from crawler.items import Harvest, Item, SourceState, stable_id  # noqa: E402
from crawler.reasons import FetchReason  # noqa: E402
from vedette.store import Store  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable

WEEK, OPEN = 140_000, 25_000
SEED = 7
CHUNK = 500
STOCK = 2_500
COMMON = 3
KEPT = 0.15
SERIES = 2
"""The press's series before it are for those who measure."""


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


class Filler:
    """Fills one store, from its first item on."""

    def __init__(self, store_file: Path, *, phrased: bool, stock: int = STOCK) -> None:
        self._file = store_file
        self._rng = random.Random(SEED)
        self._stock = [
            (item, fingerprint(item))
            for item in Press(SEED, phrased=phrased, series=SERIES).items(stock)
        ]
        held: Counter[int] = Counter()
        for _, prints in self._stock:
            held.update(prints.sketch.hashes if prints.sketch else ())
            held.update(prints.gist.keys if prints.gist else ())
        self._common = {one for one, n in held.items() if n >= COMMON}
        self.stored = 0

    def fill(self, end: int) -> None:
        """Take the store to so many items."""
        with Store.open(self._file) as store:
            while self.stored < end:
                progress(f"{self.stored:,} of {end:,} items stored")
                numbers = range(self.stored, min(end, self.stored + CHUNK))
                made = [self._made(number) for number in numbers]
                store.add_items(harvest(item for item, _ in made))
                store.record(_verdict(zip(numbers, made, strict=True)))
                self.stored = numbers[-1] + 1

    def _made(self, number: int) -> tuple[Item, Fingerprint]:
        again, at = divmod(number, len(self._stock))
        item, prints = self._stock[at]
        if not again:
            return item, prints
        url = f"{item.url}/{again}"
        item = replace(item, id=stable_id(url), url=url, canonical_url=url, text="")
        sketch, gist = prints.sketch, prints.gist
        return item, Fingerprint(
            item_id=item.id,
            url_key=url,
            content_hash=f"{prints.content_hash} {again}",
            sketch=sketch and replace(sketch, hashes=self._other(sketch.hashes)),
            gist=gist and replace(gist, keys=self._other(gist.keys)),
        )

    def _other(self, hashes: frozenset[int]) -> frozenset[int]:
        common, random, bits = self._common, self._rng.random, self._rng.getrandbits
        return frozenset(
            one if one in common or random() < KEPT else bits(61) for one in hashes
        )


def _verdict(made: Iterable[tuple[int, tuple[Item, Fingerprint]]]) -> Verdict:
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
