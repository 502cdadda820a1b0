"""Made-up articles for measuring what near-duplicates cost.

Two models of a text, 60 to 500 words each, over 30,000 invented words with Zipf's
frequencies:

- ``loose``: words drawn one by one. Hardly a shingle comes twice.
- ``phrased``: turns of phrase (3 to 8 words out of a stock that grows as it is used,
  the common ones common) between loose words. Tuned so that among a thousand articles
  as many shingles recur as among the thousand real ones of ``../shared/data/story``;
  at 20,000 articles two shingles in five are known, one in eight to 24 others.

``python benchmarks/press.py`` prints both beside the real ones.
"""

from __future__ import annotations

import random
import sys
from array import array
from collections import Counter
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from alerts.stories import fingerprint  # noqa: E402
from benchmarks.matcher import word  # noqa: E402
from benchmarks.neardup import DATA, item, lines  # noqa: E402
from crawler.items import Item, stable_id  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

WORDS = 30_000
STOCK = 4_000_000
"""Words of the stock; a phrase starts at every fifth."""

COMMON = 700
"""Phrases that are about equally common; after them frequency falls as 1/rank."""

KNOWN_AT = (1, 3, 8, 24)
"""Numbers of other articles that hold a shingle, as told by ``recurring``."""


class Press:
    """Ever new articles over 200 sites, the same for the same seed and series.

    Two series of a seed share the language, not the articles.
    """

    def __init__(self, seed: int, *, phrased: bool = True, series: int = 0) -> None:
        self._rng = random.Random(seed)
        self._words = [word(self._rng, "en") for _ in range(WORDS)]
        self._weights = list(accumulate(1 / (n + 3) for n in range(WORDS)))
        self._stock = array("H", self._loose(STOCK if phrased else 0))
        self._seed = seed
        self.begin(series)

    def begin(self, series: int) -> None:
        """Start over with another series."""
        self._rng.seed(f"{self._seed} {series}")
        self.made = series * 10**7

    def items(self, count: int) -> tuple[Item, ...]:
        """The next ones."""
        return tuple(self._item() for _ in range(count))

    def _loose(self, count: int) -> list[int]:
        return self._rng.choices(range(WORDS), cum_weights=self._weights, k=count)

    def _said(self, length: int) -> Iterator[int]:
        rng, phrases = self._rng, STOCK // 5 - 2
        loose = iter(self._loose(length))
        left = length
        while left > 0:
            rank = int(COMMON * ((1 + phrases / COMMON) ** rng.random() - 1))
            phrase = self._stock[5 * rank : 5 * rank + rng.randrange(3, 9)]
            free = rng.randrange(0, 4)
            left -= len(phrase) + free
            yield from phrase
            for _ in range(free):
                yield next(loose)

    def _item(self) -> Item:
        self.made += 1
        length = self._rng.randrange(60, 500)
        drawn = self._said(length) if self._stock else self._loose(length)
        said = [self._words[one] for one in drawn]
        url = f"https://wire-{self.made % 200}.test/{self.made}"
        made = item(
            stable_id(url), " ".join(said[:9]), f"{self.made} {' '.join(said)}", url=url
        )
        return replace(made, language="en")


def recurring(items: Iterable[Item]) -> tuple[float, ...]:
    """Mean shares of an article's kept shingles that ``KNOWN_AT`` others hold."""
    sketches = [one for each in items if (one := fingerprint(each).sketch)]
    holders = Counter(shingle for one in sketches for shingle in one.hashes)
    return tuple(
        sum(
            sum(holders[shingle] > known for shingle in one.hashes) / len(one.hashes)
            for one in sketches
        )
        / len(sketches)
        for known in KNOWN_AT
    )


def real() -> Iterator[Item]:
    """The real articles, of some 540 topics."""
    for base in lines("neardup_base.jsonl.gz"):
        yield item(str(base["ix"]), base["title"], base["text"])


def main() -> None:
    def show(name: str, items: Sequence[Item]) -> None:
        shares = "".join(f"{share:9.4f}" for share in recurring(items))
        print(f"{name:10}{len(items):9,}{shares}", flush=True)

    heads = "".join(f"{f'>= {one}':>9}" for one in KNOWN_AT)
    print(f"share of shingles that other articles hold\n{'':19}{heads}")
    if DATA.exists():
        articles = list(real())
        for count in (len(articles) // 2, len(articles)):
            show("real", random.Random(1).sample(articles, count))
    for name in ("loose", "phrased"):
        made = Press(7, phrased=name == "phrased").items(20_000)
        for count in (459, 918, 5_000, 20_000):
            show(name, made[:count])


if __name__ == "__main__":
    main()
