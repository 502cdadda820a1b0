"""How well copies are told from strangers, and what that costs per item.

Quality on real articles with constructed copies, read from ``../shared/data/story``
beside the checkout: every article is taken in as a replay would, then every copy is
asked for, alone. A hit on an article that is no known copy is false, worse if it is
of another story. The trap: unrelated articles of one site, cut to a few words, all
with the same footer of 75 words.

Cost through the real store with texts of invented words, frequent and rare as in a
language. CPU time of the process, so that the disk's waiting does not count.

Run: ``python benchmarks/neardup.py [--quick]``.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import accumulate, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from alerts.evaluate import Watch, decide  # noqa: E402
from alerts.matching import Matcher  # noqa: E402
from alerts.model import Matched, Verdict  # noqa: E402
from alerts.stories import fingerprint, fingerprints  # noqa: E402
from benchmarks.figures import Figure, emit, progress, table  # noqa: E402
from benchmarks.matcher import word  # noqa: E402
from crawler.items import Harvest, Item, SourceState, stable_id  # noqa: E402
from crawler.reasons import FetchReason  # noqa: E402
from vedette.archive import Archive  # noqa: E402
from vedette.jobs import EVALUATE_BATCH  # noqa: E402
from vedette.store import Store  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DATA = ROOT.parent / "shared" / "data" / "story"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
STRONG = 0.5
"""Natural pairs of at least this containment (5-word shingles) must be found."""

FOOTER = """\
All rights reserved by the publisher. This material may not be copied, broadcast,
rewritten or passed on without leave in writing. Sign up for our daily letter and
have the five most read stories in your box every morning. Follow us wherever you
read. The desk does not answer for pages that it links to. Whoever uses this site
agrees to our terms of service, our privacy policy and the settings for cookies,
which were last changed in spring."""


def item(key: str, title: str, text: str, *, url: str | None = None) -> Item:
    """An item of no source, as a replay's line makes it."""
    return Item(
        id=key,
        source="",
        url=url,
        canonical_url=url,
        guid=None,
        title=title,
        text=text,
        summary="",
        language=None,
        authors=(),
        published=None,
        seen=NOW,
    )


class Reader:
    """Evaluates item after item against all that it was given before."""

    def __init__(self) -> None:
        self.archive = Archive()
        self.watch = Watch(matcher=Matcher.compile({}, {}), topics={})

    def ask(self, one: Item) -> Verdict:
        """What would become of it."""
        known = self.archive.neighbours([fingerprint(one)], NOW)
        return decide([Matched(item=one, matches=())], known, self.watch, NOW)

    def take(self, one: Item) -> str | None:
        """Take it in; the id of the item that it repeats."""
        verdict = self.ask(one)
        self.archive.apply(verdict)
        return verdict.judgements[0].move.duplicate_of


@dataclass(slots=True, kw_only=True)
class Quality:
    """Counts of one run; shares are of ``queries``."""

    found: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    false: int = 0
    strange: int = 0
    natural: float = 0

    @property
    def queries(self) -> int:
        """Copies asked for."""
        return self.asked.total()

    @property
    def macro(self) -> float:
        """Mean over the kinds of copies of the share found."""
        return sum(self.found[k] / n for k, n in self.asked.items()) / len(self.asked)


def lines(name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(DATA / name, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def pairs() -> Iterator[tuple[int, int, float]]:
    """Published articles that share text, with their containment."""
    with (DATA / "natural_pairs.tsv").open(encoding="utf-8") as file:
        for line in islice(file, 1, None):
            one, other, share = line.split("\t")[:3]
            yield int(one), int(other), float(share)


def quality(every: int = 1) -> Quality:
    """Index all articles, ask for one copy in ``every``."""
    reader, stories = Reader(), {}
    story_of: dict[str, str] = {}
    for base in lines("neardup_base.jsonl.gz"):
        key = str(base["ix"])
        stories[key] = base["cl"]
        one = item(key, base["title"], base["text"])
        verdict = reader.ask(one)
        reader.archive.apply(verdict)
        story_of[key] = verdict.judgements[0].move.story_id
    copies: defaultdict[str, set[str]] = defaultdict(set)
    strong: list[bool] = []
    for a, b, share in pairs():
        copies[str(a)].add(str(b))
        copies[str(b)].add(str(a))
        if share >= STRONG:
            strong.append(story_of[str(a)] == story_of[str(b)])
    result = Quality(natural=sum(strong) / len(strong))
    for copy in islice(lines("neardup_variants.jsonl.gz"), 0, None, every):
        base_id, kind = str(copy["base_ix"]), copy["kind"]
        result.asked[kind] += 1
        asked = reader.ask(item("copy", copy["title"], copy["text"]))
        hit = asked.judgements[0].move.duplicate_of
        if hit is None:
            continue
        if hit == base_id or hit in copies[base_id]:
            result.found[kind] += 1
        else:
            result.false += 1
            result.strange += stories[hit] != stories[base_id]
    return result


def trapped(words: int, articles: int = 300) -> tuple[int, int]:
    """(unrelated articles taken for copies, articles) with a shared footer."""
    reader, seen, wrong = Reader(), set(), 0
    doubtful = {str(one) for pair in pairs() for one in pair[:2]}
    for base in lines("neardup_base.jsonl.gz"):
        body = base["text"].split()
        if len(body) < words or base["cl"] in seen or str(base["ix"]) in doubtful:
            continue
        seen.add(base["cl"])
        text = f"{' '.join(body[:words])}\n{FOOTER}"
        url = f"https://site.test/news/{base['ix']}"
        one = item(str(base["ix"]), base["title"], text, url=url)
        wrong += reader.take(one) is not None
        if len(seen) == articles:
            break
    return wrong, len(seen)


class Press:
    """Articles of about 280 words over a vocabulary with Zipf's frequencies."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self._words = [word(self._rng, "en") for _ in range(30_000)]
        self._weights = list(accumulate(1 / (n + 3) for n in range(30_000)))
        self.made = 0

    def items(self, count: int) -> tuple[Item, ...]:
        """The next ones, over 200 sites."""
        return tuple(self._item() for _ in range(count))

    def _item(self) -> Item:
        self.made += 1
        length = self._rng.randrange(60, 500)
        said = self._rng.choices(self._words, cum_weights=self._weights, k=length)
        url = f"https://wire-{self.made % 200}.test/{self.made}"
        return item(
            stable_id(url), " ".join(said[:9]), f"{self.made} {' '.join(said)}", url=url
        )


def cost(marks: Sequence[int]) -> dict[int, tuple[float, float]]:
    """CPU (µs per item: fingerprints alone, everything) around each stored number."""
    press, spent = Press(7), {}
    state = SourceState(name="wire", url="https://wire.test/", adopted=NOW)
    watch = Watch(matcher=Matcher.compile({}, {}), topics={})
    with (
        tempfile.TemporaryDirectory() as folder,
        Store.open(Path(folder, "v.db")) as store,
    ):
        for mark in marks:
            prints = all_of_it = 0.0
            while press.made < mark:
                progress(f"{press.made:,} of {marks[-1]:,} items stored")
                items = press.items(EVALUATE_BATCH)
                store.add_items(
                    Harvest(
                        source="wire",
                        at=NOW,
                        reason=FetchReason.OK,
                        detail="",
                        items=items,
                        dropped=(),
                        records=(),
                        state=state,
                    )
                )
                pending = store.pending(EVALUATE_BATCH).items
                began = time.process_time()
                asked = fingerprints(pending)
                printed = time.process_time()
                matched = [Matched(item=one, matches=()) for one in pending]
                store.record(decide(matched, store.neighbours(asked, NOW), watch, NOW))
                if press.made > mark - BLOCK:
                    prints += printed - began
                    all_of_it += time.process_time() - began
            spent[mark] = (prints / BLOCK * 1e6, all_of_it / BLOCK * 1e6)
    return spent


BLOCK = 1_000
"""Items over which a cost is averaged."""


def figures(*, quick: bool) -> Iterator[Figure]:
    def row(what: str, value: float, unit: str, **more: Any) -> Figure:
        return Figure(bench="neardup", what=what, value=value, unit=unit, **more)

    if DATA.exists():
        got = quality(8 if quick else 1)
        shares = " ".join(f"{k} {got.found[k] / n:.3f}" for k, n in got.asked.items())
        yield row("macro recall", round(got.macro, 4), "", least=0.98, note=shares)
        note = f"{got.queries:,} queries"
        strange, false = got.strange / got.queries, got.false / got.queries
        yield row("hits of another story", 100 * strange, "%", most=0.3, note=note)
        yield row("all false hits", 100 * false, "%", most=1, note=note)
        yield row("natural pairs found", round(got.natural, 4), "")
        for words in (40,) if quick else (20, 40, 60, 120):
            wrong, articles = trapped(words)
            what = f"footer trap, {words} words of body"
            note = f"{wrong} of {articles}"
            yield row(what, 100 * wrong / articles, "%", most=0.1, note=note)
    else:
        print(f"quality: left out, {DATA} is not shipped", file=sys.stderr)
    marks = (1_000, 4_000) if quick else (1_000, 5_000, 20_000, 50_000)
    spent = cost(marks)
    for mark, (prints, everything) in spent.items():
        note = f"fingerprint {prints:.0f} µs, the rest store and decision"
        what = f"evaluate without matching, {mark:,} stored"
        yield row(what, round(everything), "µs CPU/item", note=note)
    ratio = spent[marks[-1]][1] / spent[marks[0]][1]
    yield row(f"  {marks[-1]:,} against {marks[0]:,} stored", round(ratio, 2), "x")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a slice, a small store")
    found = []
    for one in figures(quick=parser.parse_args().quick):
        found.append(one)
        emit(one)
    progress("")
    if sys.stdout.isatty():
        print(table(found))


if __name__ == "__main__":
    main()
