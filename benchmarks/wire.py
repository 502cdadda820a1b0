"""Made-up news feeds, and a server that shows their next edition at every request.

    with served(feeds=100, items=15, seed=7) as sites:
        sites.urls[0]        # a feed on a loopback address of its own

The texts are invented words of five scripts, the same for the same seed; one item in
five carries sentences about what the shipped pack watches. The server is a process
of its own, so that it does not work on the measured core.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import html
import json
import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.matcher import pack, word  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

LANGUAGES = ("en", "en", "de", "ru", "uk", "ko", "zh")
LENGTHS = (400, 900, 1_800, 3_000)
"""Characters of an item's text; 15 items make a feed of 20 to 50 kB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sites:
    """What is served: one URL per feed, and the process that serves it."""

    urls: tuple[str, ...]
    pid: int


class Press:
    """Writes editions: texts by seed, feed and edition; only the dates are of now."""

    def __init__(self, *, items: int, seed: int, said: str = "") -> None:
        """``said`` stands in every title; without it the pack's examples are used."""
        self.items = items
        self.seed = seed
        self.said = said
        rng = random.Random(seed)
        self._words = {
            lang: [word(rng, lang) for _ in range(3_000)] for lang in set(LANGUAGES)
        }
        _, topics = pack()
        self._about = [each for topic in topics.values() for each in topic.hits]

    def edition(self, base: str, feed: int, number: int) -> bytes:
        """One RSS document whose items no other edition holds."""
        rng = random.Random(f"{self.seed} {feed} {number}")
        language = language_of(feed)
        entries = "".join(
            self._entry(rng, base, language, f"{feed}-{number}-{index}")
            for index in range(self.items)
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
            f"<title>wire {feed}</title><link>{base}</link>{entries}</channel></rss>"
        ).encode()

    def _entry(self, rng: random.Random, base: str, language: str, slug: str) -> str:
        words = self._words[language]
        title = self._sentence(rng, words, language)[:90]
        paragraphs = []
        length, wanted = 0, rng.choice(LENGTHS)
        while length < wanted:
            paragraph = " ".join(
                self._sentence(rng, words, language) for _ in range(rng.randrange(2, 5))
            )
            paragraphs.append(paragraph)
            length += len(paragraph)
        if self.said:
            title = f"{self.said} {slug} {title}"
        elif rng.random() < 0.2:
            said = rng.sample(self._about, 2)
            title = f"{said[0]} {slug}"
            paragraphs.insert(0, said[1])
        body = "".join(f"<p>{html.escape(each)}</p>" for each in paragraphs)
        when = formatdate(time.time() - rng.randrange(60, 3_600), usegmt=True)
        return (
            f"<item><title>{html.escape(title)}</title>"
            f"<link>{base}/{slug}.html</link><guid>{slug}</guid>"
            f"<pubDate>{when}</pubDate>"
            f"<description>{html.escape(body)}</description></item>"
        )

    @staticmethod
    def _sentence(rng: random.Random, words: list[str], language: str) -> str:
        gap = "" if language == "zh" else " "
        return gap.join(rng.choices(words, k=rng.randrange(6, 18))).capitalize() + "."


def language_of(feed: int) -> str:
    """What a feed is written in."""
    return LANGUAGES[feed % len(LANGUAGES)]


def address(feed: int) -> str:
    """A loopback address for each feed, as each real feed has a host of its own."""
    return f"127.8.{feed // 250}.{1 + feed % 250}"


@contextlib.contextmanager
def served(
    *, feeds: int, items: int, seed: int, ready: int = 0, said: str = ""
) -> Iterator[Sites]:
    """Serve in another process until the block ends.

    Args:
        feeds: how many, each on its own address and port.
        items: per edition.
        seed: of all texts.
        ready: editions written before the first request (later ones when asked).
        said: a word for every title.
    """
    words = [*("--feeds", str(feeds)), *("--items", str(items)), *("--seed", str(seed))]
    process = subprocess.Popen(
        [sys.executable, __file__, *words, "--ready", str(ready), "--said", said],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, "the feed server did not start"
        yield Sites(urls=tuple(json.loads(line)), pid=process.pid)
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


async def serve(press: Press, *, feeds: int, ready: int) -> None:
    """Answer until the parent is gone; ``/robots.txt`` is 404."""
    bases: list[str] = []
    given = [0] * feeds
    servers = []

    def next_edition(feed: int) -> bytes:
        number, given[feed] = given[feed], given[feed] + 1
        kept = written[feed].pop(number, None)
        return kept or press.edition(bases[feed], feed, number)

    def answering(
        feed: int,
    ) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        async def answer(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                head = await reader.readuntil(b"\r\n\r\n")
                found = head.split(b" ", 2)[1] == b"/feed.xml"
                body = next_edition(feed) if found else b""
                status = b"200 OK" if found else b"404 Not Found"
                writer.write(
                    b"HTTP/1.1 %b\r\nContent-Type: application/rss+xml\r\n"
                    b"Content-Length: %d\r\nConnection: close\r\n\r\n"
                    % (status, len(body))
                    + body
                )
                await writer.drain()
            writer.close()

        return answer

    for feed in range(feeds):
        server = await asyncio.start_server(answering(feed), address(feed), 0)
        servers.append(server)
        host, port = server.sockets[0].getsockname()[:2]
        bases.append(f"http://{host}:{port}")
    written = [
        {number: press.edition(bases[feed], feed, number) for number in range(ready)}
        for feed in range(feeds)
    ]
    print(json.dumps([f"{base}/feed.xml" for base in bases]), flush=True)
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110 - a process sets no event
        await asyncio.sleep(1)


def main() -> None:
    """Serve: prints the URLs as one JSON line, then waits to be ended."""
    parser = argparse.ArgumentParser(description="made-up feeds on loopback")
    for name in ("--feeds", "--items", "--seed", "--ready"):
        parser.add_argument(name, type=int, default=1)
    parser.add_argument("--said", default="")
    options = parser.parse_args()
    press = Press(items=options.items, seed=options.seed, said=options.said)
    asyncio.run(serve(press, feeds=options.feeds, ready=options.ready))


if __name__ == "__main__":
    main()
