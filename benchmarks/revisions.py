"""How surely edits of published reports are seen, and how often none is raised.

200 pages of our own writing in eleven languages, in the house styles of six made-up
sites, served on loopback. Each is read as the program reads it: through the Fetcher,
extracted in a worker, judged by ``alerts.revising``. Then all that surrounds the
report changes, which must stay silent; then the same with one edit of each kind, which
must be told. Deletions (404, 410, a page that says so) must be told, walls (a
challenge, a paywall, 402) must not.

Run: ``python benchmarks/revisions.py [--quick] [--pages N] [--seed N] [--show]``.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from alerts.evaluate import Watch  # noqa: E402
from alerts.matching import Matcher  # noqa: E402
from alerts.model import (  # noqa: E402
    Changed,
    Channel,
    Difference,
    Neighbours,
    Recheck,
    Rereading,
    Story,
    Topic,
    Version,
)
from alerts.revising import reread  # noqa: E402
from benchmarks.figures import Figure, emit, progress, table  # noqa: E402
from benchmarks.newsites import SITES, Around, Report, quoted, walls  # noqa: E402
from crawler.collect import Collector  # noqa: E402
from crawler.fetcher import Fetcher  # noqa: E402
from crawler.items import Item, Kind, Source, stable_id  # noqa: E402
from crawler.pool import ParserPool  # noqa: E402
from crawler.visits import Page, Sight, Visit  # noqa: E402
from tests.servers.http import Reply, Request, Server, serve  # noqa: E402

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TEXTS = Path(__file__).with_name("editions.txt")
KINDS = (Changed.HEADLINE, Changed.NUMBER, Changed.QUOTE)

_NUMBER = re.compile(r"\[([^\[\]]+)→([^\[\]]+)\]")
_QUOTE = re.compile(r"<q>(.+?) \|\| (.+?)</q>")
_DIGITS = re.compile(r"\d{1,3}(?=\D|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A report as it stands in the file, its marks still in it."""

    language: str
    headlines: tuple[str, ...]
    paragraphs: tuple[str, ...]


def drafts() -> tuple[Draft, ...]:
    """All reports of the file."""
    found = []
    for block in TEXTS.read_text(encoding="utf-8").split("\n== ")[1:]:
        language, first, *rest = block.strip().splitlines()
        headlines = tuple(one.strip() for one in first.removeprefix("H ").split("||"))
        found.append(
            Draft(
                language=language.strip(),
                headlines=headlines,
                paragraphs=tuple(filter(None, rest)),
            )
        )
    return tuple(found)


def cut(draft: Draft, draw: random.Random) -> Draft:
    """Some of its paragraphs in their order, the first always, digits drawn anew."""
    most = len(draft.paragraphs)
    chosen = sorted(
        draw.sample(range(1, most), draw.randint(min(5, most - 1), most - 1))
    )
    kept = tuple(draft.paragraphs[n] for n in (0, *chosen))
    return replace(draft, paragraphs=tuple(_redrawn(one, draw) for one in kept))


def _redrawn(paragraph: str, draw: random.Random) -> str:
    """Some plain numbers of up to three digits become others, old and new."""

    def other(found: re.Match[str]) -> str:
        old, new = found.groups()
        if (
            not (old.isdigit() and new.isdigit() and len(old) <= 3)
            or draw.random() < 0.5
        ):
            return found.group()
        low, high = 10 ** (len(old) - 1), 10 ** len(old) - 1
        was = draw.randint(max(2, low), high)
        now = draw.choice((was + 1, was + draw.randint(2, 400), max(1, was // 2)))
        return f"[{was}→{now if now != was else was + 1}]"

    return _NUMBER.sub(other, paragraph)


def written(draft: Draft, edit: Changed | None, draw: random.Random) -> Report:
    """The report with one edit of a kind in it, or as it was."""
    headline, *others = draft.headlines
    text = "\n".join(draft.paragraphs)
    numbers, quotes = len(_NUMBER.findall(text)), len(_QUOTE.findall(text))
    number = draw.randrange(numbers) if edit is Changed.NUMBER else -1
    quote = draw.randrange(quotes) if edit is Changed.QUOTE else -1
    counts: Counter[str] = Counter()
    dropped = edit is Changed.QUOTE and draw.random() < 0.15

    def numbered(found: re.Match[str]) -> str:
        counts["n"] += 1
        return found[2] if counts["n"] - 1 == number else found[1]

    def spoken(found: re.Match[str]) -> str:
        counts["q"] += 1
        words = found[1]
        if counts["q"] - 1 == quote:
            words = _reworded(found[1], found[2], draw, dropped=dropped)
        return quoted(draft.language, words)

    text = _QUOTE.sub(spoken, _NUMBER.sub(numbered, text))
    if edit is Changed.HEADLINE:
        headline = draw.choice(others)
    return Report(
        language=draft.language, headline=headline, paragraphs=tuple(text.split("\n"))
    )


def _reworded(old: str, new: str, draw: random.Random, *, dropped: bool) -> str:
    """The words as edited: others, some fewer, or next to none."""
    if dropped:
        return new
    words = old.split()
    if len(words) >= 8 and draw.random() < 0.3:
        at = draw.randrange(1, len(words) - 2)
        return " ".join((*words[:at], *words[at + 2 :]))
    return new


@dataclass(kw_only=True)
class Tally:
    """What came of the visits."""

    tried: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    besides: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def count(
        self, what: str, where: str, found: tuple[Difference, ...], *, right: bool
    ) -> None:
        """Note one visit; a wrong one keeps what was told."""
        self.tried[what] += 1
        self.right[what] += right
        if not right:
            told = "; ".join(f"{d.what.value}: {d.old} → {d.new}" for d in found)
            self.wrong.append(f"{what} {where}: {told or 'nothing told'}")


WATCH_TOPIC = Topic(name="all", title="All", query="a*")


class Reader:
    """Reads pages of one loopback site and says what is told of them."""

    def __init__(
        self, collector: Collector, site: Server, pages: dict[str, Reply]
    ) -> None:
        self.collector = collector
        self.site = site
        self.pages = pages
        self.source = Source(name="site", kind=Kind.FEED, url=site.url("/feed"))
        self.watch = Watch(
            matcher=Matcher.compile({}, {}),
            topics={"all": WATCH_TOPIC},
            channels={"log": Channel(name="log", kind="file", recipients=("log",))},
            sources={"site": self.source},
        )

    async def look(self, path: str, reply: Reply) -> Visit:
        """What the page shows when the site answers so."""
        self.pages[path] = reply
        page = Page(item_id=path, url=self.site.url(path), is_first=False)
        return await self.collector.revisit(self.source, page)

    def told(
        self, path: str, language: str, old: Visit, new: Visit
    ) -> tuple[Difference, ...]:
        """The differences that one recipient is told."""
        item = Item(
            id=path,
            source="site",
            url=self.site.url(path),
            canonical_url=None,
            guid=None,
            title=old.title,
            text="",
            summary="",
            language=language,
            authors=(),
            published=None,
            seen=NOW,
        )
        story = Story(
            id=stable_id(path), headline=old.title, first_seen=NOW, last_seen=NOW
        )
        last = Version(
            item_id=path, at=NOW, sha256=old.sha256, title=old.title, text=old.text
        )
        one = Rereading(
            recheck=Recheck(item_id=path, due=NOW, step=1),
            item=item,
            story_id=story.id,
            last=last,
        )
        known = Neighbours(
            stories={story.id: story},
            alerted=frozenset({(story.id, "all", "opened", "first")}),
        )
        verdict = reread(one, new, known, self.watch, NOW + timedelta(hours=1))
        assert len(verdict.alerts) == len(verdict.deliveries)
        return verdict.alerts[0].difference if verdict.alerts else ()


def html(page: str) -> Reply:
    return Reply(
        body=page.encode(), headers={"Content-Type": "text/html; charset=utf-8"}
    )


def _shown(old: Visit, new: Visit) -> str:
    """The lines of one reading that are not in the other."""
    before, after = f"{old.title}\n{old.text}", f"{new.title}\n{new.text}"
    lost = [line for line in before.splitlines() if line not in after]
    come = [line for line in after.splitlines() if line not in before]
    return f"{lost} → {come}"


MISSING = (
    Reply(status=404),
    Reply(status=410),
    html(
        "<html><head><title>Page not found</title></head><body><h1>Page not found</h1>"
        "<p>The page you are looking for does not exist.</p></body></html>"
    ),
)


async def measure(
    reader: Reader, number: int, draw: random.Random, tally: Tally
) -> None:
    """One page: read, surrounded anew, edited in each way, walled, deleted."""
    everything = drafts()
    draft = cut(everything[number % len(everything)], draw)
    site = SITES[(number // len(everything) + number) % len(SITES)]
    path, where = f"/{number}", f"{draft.language} {site.__name__} {number}"

    def page(edit: Changed | None, *, grown: bool = False) -> Reply:
        report = written(draft, edit, draw)
        if grown:
            extra = everything[(number + 1) % len(everything)]
            more = written(replace(extra, language=draft.language), None, draw)
            report = replace(
                report, paragraphs=(*report.paragraphs, *more.paragraphs[1:3])
            )
        return html(site(report, Around(draft.language, draw)))

    old = await reader.look(path, page(None))
    assert old.sight is Sight.READ, (where, old)
    new = await reader.look(path, page(None))
    found = reader.told(path, draft.language, old, new)
    tally.count("surroundings", where, found, right=not found)
    tally.tried["extracted text differs"] += 1
    tally.right["extracted text differs"] += new.sha256 != old.sha256
    for kind in KINDS:
        new = await reader.look(path, page(kind, grown=draw.random() < 0.3))
        found = reader.told(path, draft.language, old, new)
        right = any(d.what is kind for d in found)
        tally.count(kind, f"{where}\n    {_shown(old, new)}\n   ", found, right=right)
        tally.besides[kind] += sum(d.what is not kind for d in found)
    new = await reader.look(path, page(None, grown=True))
    found = reader.told(path, draft.language, old, new)
    tally.count("grown", where, found, right=not found)
    for wall in (
        *map(html, walls(written(draft, None, draw), draw)),
        Reply(status=402),
    ):
        found = reader.told(path, draft.language, old, await reader.look(path, wall))
        tally.count("wall", where, found, right=not found)
    missing = MISSING[number % len(MISSING)]
    found = reader.told(path, draft.language, old, await reader.look(path, missing))
    right = [d.what for d in found] == [Changed.DELETED]
    tally.count(Changed.DELETED, where, found, right=right)


async def run(pages: int, seed: int) -> Tally:
    """All pages, one after the other; the same seed gives the same pages."""
    tally, replies = Tally(), dict[str, Reply]()

    def answer(request: Request) -> Reply:
        return replies.get(request.path, Reply(status=404))

    with serve(answer) as site:
        fetcher = Fetcher(user_agent="bench", allow=("127.0.0.0/8",), min_gap_s=0.0)
        pool = ParserPool()
        collector = Collector(fetcher=fetcher, pool=pool, scraper=None)
        reader = Reader(collector, site, replies)
        try:
            for number in range(pages):
                progress(f"page {number + 1} of {pages}")
                draw = random.Random(f"{seed}/{number}")
                await measure(reader, number, draw, tally)
        finally:
            await pool.aclose()
            await fetcher.aclose()
    progress("")
    return tally


def figures(tally: Tally) -> list[Figure]:
    """The counts as shares, beside what was asked."""

    def share(what: str) -> float:
        return 100 * tally.right[what] / tally.tried[what]

    def note(what: str) -> str:
        return f"{tally.right[what]} of {tally.tried[what]}"

    rows = [
        Figure(
            bench="revisions",
            what=f"{kind.value} edits told",
            value=share(kind),
            unit="%",
            least=99.0,
            note=f"{note(kind)}; {tally.besides[kind]} told beside them",
        )
        for kind in KINDS
    ]
    rows += [
        Figure(
            bench="revisions",
            what="deletions told",
            value=share(Changed.DELETED),
            unit="%",
            least=99.0,
            note=note(Changed.DELETED),
        ),
        Figure(
            bench="revisions",
            what="false alarms when only the surroundings changed",
            value=100 - share("surroundings"),
            unit="%",
            most=2.0,
            note=f"the text extracted differed in {note('extracted text differs')}",
        ),
    ]
    rows += [
        Figure(
            bench="revisions",
            what=what,
            value=100 - share(key),
            unit="%",
            note=note(key) + " silent",
        )
        for what, key in (
            ("told of a report that only grew", "grown"),
            ("walls taken for a change or a deletion", "wall"),
        )
    ]
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description="edits of published reports, seen")
    parser.add_argument("--quick", action="store_true", help="48 pages")
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="list what went wrong")
    options = parser.parse_args()
    tally = asyncio.run(run(48 if options.quick else options.pages, options.seed))
    rows = figures(tally)
    for row in rows:
        emit(row)
    print(table(rows))
    if options.show:
        print("\n".join(tally.wrong))


if __name__ == "__main__":
    main()
