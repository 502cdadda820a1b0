"""Polls each URL once in a process of its own and prints what it cost.

    python tests/crawler/polling_child.py ALLOWED KIND=URL ... -- KIND=URL ...

The polls before ``--`` warm the process up (Scrapy alone weighs 40 MB); of each other
one it prints a line of JSON: the word, its reason, the growth of resident memory at
its peak (MiB), the seconds, the items, the longest title and text. ``article=URL`` is
a feed whose articles are read.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from crawler.collect import Collector
from crawler.crawl import Scraper
from crawler.fetcher import Fetcher
from crawler.items import ArticlePolicy, Kind, ListingRules, Source
from crawler.pool import ParserPool
from crawler.standing import new_state

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RULES = ListingRules(item="li")


def status(field: str) -> float:
    """MiB by Linux; ru_maxrss would be the parent's, it survives an exec."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return int(text.split(field + ":")[1].split()[0]) / 1024


def source(word: str) -> Source:
    kind, _, url = word.partition("=")
    read = ArticlePolicy.ALWAYS if kind == "article" else ArticlePolicy.NEVER
    return Source(
        name="bomb",
        kind=Kind.FEED if kind == "article" else Kind(kind),
        url=url,
        article=read,
        listing=RULES if kind == "listing" else None,
    )


async def poll(collector: Collector, word: str) -> list[object]:
    wanted = source(word)
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the peak
    before, begun = status("VmRSS"), time.monotonic()
    harvest = await collector.collect(
        wanted, new_state(wanted, NOW), known=lambda _: frozenset()
    )
    took, grown = time.monotonic() - begun, status("VmHWM") - before
    items = harvest.items
    return [
        word,
        harvest.reason.value,
        round(grown, 1),
        round(took, 2),
        len(items),
        max((len(item.title) for item in items), default=0),
        max((len(item.text) for item in items), default=0),
    ]


async def main(allowed: str, *words: str) -> None:
    fetcher = Fetcher(user_agent="test", allow=(allowed,), min_gap_s=0)
    pool = ParserPool(workers=1)
    scraper = Scraper(fetcher=fetcher, pool=pool)
    collector = Collector(
        fetcher=fetcher, pool=pool, scraper=scraper, clock=lambda: NOW
    )
    begin = words.index("--")
    for word in words[:begin]:
        await poll(collector, word)
    for word in words[begin + 1 :]:
        told = await poll(collector, word)
        print(json.dumps(told), flush=True)  # noqa: T201 - for whoever started it
    await scraper.aclose()
    await pool.aclose()
    await fetcher.aclose()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
