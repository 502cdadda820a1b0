"""Feeds that grow, on as many loopback hosts, from a server process of its own.

    with hosted(feeds=1_000) as host:
        host.urls[0]                  # http://127.9.0.1:PORT/feed.xml
        host.publish(items=3, one_in=10)

Each feed shows the 15 newest items of an endless stream that its seed and number alone
decide, so an item stays the same as long as it is shown. Words are made up, in five
scripts; bodies are HTML with links, pictures and emphasis as blogs write it. ETag
and Last-Modified change with the newest item; ``/robots.txt`` is 404. One socket
listens on every address: the one a client dialled says which feed it means.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import html
import json
import random
import re
import subprocess
import sys
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.matcher import word  # noqa: E402
from benchmarks.wire import LANGUAGES, language_of  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

ITEMS = 15
SEED = 7
LETTERS_OF = {"ko": 0.4, "zh": 0.35, "ru": 0.6, "uk": 0.6}
"""Characters beside English ones of a text of as many bytes."""
SIZES = (250, 450, 700, 1_000, 1_300)
"""Characters of a feed's items, so that feeds have 10 to 50 kB."""
EPOCH = 1_795_000_000
"""Every date is counted from here (2026-11-18), or from the start of the server."""
_NONE_MATCH = re.compile(rb"\r\nif-none-match: *([^\r]*)", re.IGNORECASE)


class Writer:
    """Writes the items of every feed; the same ones for the same seed."""

    def __init__(self, *, seed: int = SEED, began: int = EPOCH) -> None:
        self.seed = seed
        self.began = began
        rng = random.Random(seed)
        self._words = {
            lang: [word(rng, lang) for _ in range(3_000)] for lang in set(LANGUAGES)
        }

    def item(self, feed: int, number: int) -> bytes:
        """One RSS item; it has no host in it, so that it may be kept."""
        rng = random.Random(f"{self.seed} {feed} {number}")
        language = language_of(feed)
        length = SIZES[feed % len(SIZES)] * LETTERS_OF.get(language, 1.0)
        title = self._sentence(rng, language)[:90]
        link = f"http://{address(feed)}/{feed}/{number}.html"
        body = self._body(rng, language, link, length)
        when = formatdate(self.began + 60 * number + feed % 60, usegmt=True)
        return (
            f"<item><title>{html.escape(title)}</title><link>{link}</link>"
            f'<guid isPermaLink="false">{feed}-{number}</guid>'
            f"<author>{self._words[language][feed % 3_000]}</author>"
            f"<category>{self._words[language][number % 3_000]}</category>"
            f"<pubDate>{when}</pubDate>"
            f"<description>{html.escape(body)}</description></item>"
        ).encode()

    def _body(self, rng: random.Random, language: str, link: str, length: float) -> str:
        picture = f'<p><img src="{link}.jpg" alt="" width="600" class="lead"></p>'
        parts, got = [picture], 0
        while got < length:
            first, second, third = (self._sentence(rng, language) for _ in range(3))
            parts.append(
                f'<p>{first} <a href="{link}#{len(parts)}">{second[:20]}</a> '
                f"<em>{second}</em> {third}</p>"
            )
            got += len(first) + len(second) + len(third)
        return "\n".join(parts)

    def _sentence(self, rng: random.Random, language: str) -> str:
        gap = "" if language == "zh" else " "
        chosen = rng.choices(self._words[language], k=rng.randrange(6, 18))
        return gap.join(chosen).capitalize() + "."


def address(feed: int) -> str:
    """A host of its own for each feed, so that each has its own turn at the gate."""
    return f"127.9.{feed // 250}.{1 + feed % 250}"


def feed_of(host: str) -> int:
    """The feed that lives at an address."""
    _, _, high, low = map(int, host.split("."))
    return 250 * high + low - 1


@dataclass(slots=True, kw_only=True)
class Shelf:
    """What each feed shows now. ``newest`` counts the items ever shown."""

    writer: Writer
    feeds: int
    newest: list[int] = field(default_factory=list)
    _shown: list[bytes | None] = field(default_factory=list)
    _kept: list[list[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.newest = [ITEMS] * self.feeds
        self._shown = [None] * self.feeds
        self._kept = [[] for _ in range(self.feeds)]

    def advance(self, feed: int, items: int) -> None:
        """Publish so many new items; as many old ones go."""
        kept = self._kept[feed]
        first = self.newest[feed]
        self.newest[feed] += items
        if kept:
            new = [self.writer.item(feed, first + n) for n in range(items)]
            self._kept[feed] = [*reversed(new), *kept][:ITEMS]
        self._shown[feed] = None

    def body(self, feed: int) -> bytes:
        """The document as it stands, newest item first."""
        shown = self._shown[feed]
        if shown is None:
            last = self.newest[feed]
            if not self._kept[feed]:
                self._kept[feed] = [
                    self.writer.item(feed, last - 1 - n) for n in range(ITEMS)
                ]
            head = (
                '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
                f"<title>stream {feed}</title><link>http://{address(feed)}/</link>"
                f"<description>made up</description>"
            ).encode()
            shown = head + b"".join(self._kept[feed]) + b"</channel></rss>"
            self._shown[feed] = shown
        return shown

    def tag(self, feed: int) -> bytes:
        """A strong ETag."""
        return b'"%d-%d"' % (feed, self.newest[feed])


@dataclass(slots=True)
class Counts:
    """Answers given since the last question about them."""

    full: int = 0
    same: int = 0
    robots: int = 0
    bytes: int = 0


class Desk(asyncio.Protocol):
    """One connection; HTTP/1.1 with keep-alive for those who want it."""

    def __init__(self, shelf: Shelf, counts: Counts, fresh_in: int) -> None:
        self.shelf = shelf
        self.counts = counts
        self.fresh_in = fresh_in
        self._heard = b""

    def connection_made(self, transport: Any) -> None:
        """Note which host was dialled."""
        self.transport = transport
        self.feed = feed_of(transport.get_extra_info("sockname")[0])
        if not 0 <= self.feed < self.shelf.feeds:
            transport.close()

    def data_received(self, data: bytes) -> None:
        """Answer each whole request."""
        self._heard += data
        while b"\r\n\r\n" in self._heard:
            head, _, self._heard = self._heard.partition(b"\r\n\r\n")
            self.transport.write(self._answer(head))

    def _answer(self, head: bytes) -> bytes:
        if head.split(b" ", 2)[1] != b"/feed.xml":
            self.counts.robots += 1
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        shelf, feed = self.shelf, self.feed
        found = _NONE_MATCH.search(head)
        # A feed that publishes by itself: one poll in so many finds something new.
        if found and self.fresh_in and random.random() * self.fresh_in < 1:
            shelf.advance(feed, 1)
        tag = shelf.tag(feed)
        when = formatdate(shelf.writer.began + shelf.newest[feed], usegmt=True)
        lines = b"ETag: %b\r\nLast-Modified: %b\r\n" % (tag, when.encode())
        if found and found.group(1).strip() == tag:
            self.counts.same += 1
            return b"HTTP/1.1 304 Not Modified\r\n%b\r\n" % lines
        body = shelf.body(feed)
        self.counts.full += 1
        self.counts.bytes += len(body)
        return (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml; charset=utf-8\r\n"
            b"%bContent-Length: %d\r\n\r\n" % (lines, len(body)) + body
        )


@dataclass(frozen=True, slots=True)
class Host:
    """The server process, from the other side."""

    process: subprocess.Popen[str]
    urls: tuple[str, ...]

    def publish(self, *, items: int, one_in: int = 1, turn: int = 0) -> None:
        """So many new items in each feed whose number + turn is divisible by one_in.

        Returns when all is written, so that no round waits for it.
        """
        self._ask({"items": items, "one_in": one_in, "turn": turn})

    def counts(self) -> Counts:
        """Answers given since the last call."""
        return Counts(**self._ask({}))

    def _ask(self, words: dict[str, int]) -> dict[str, int]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps(words), file=self.process.stdin, flush=True)
        told: dict[str, int] = json.loads(self.process.stdout.readline())
        return told


@contextlib.contextmanager
def hosted(*, feeds: int, fresh_in: int = 0, began: int = EPOCH) -> Iterator[Host]:
    """Serve in another process until the block ends.

    Args:
        feeds: how many hosts, with one feed each.
        fresh_in: one conditional poll in so many finds a new item; 0: none does.
        began: the first item's date, Unix seconds.
    """
    words = ("--feeds", str(feeds), "--fresh-in", str(fresh_in), "--began", str(began))
    process = subprocess.Popen(
        [sys.executable, __file__, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, "the feed server did not start"
        port = int(line)
        urls = tuple(f"http://{address(n)}:{port}/feed.xml" for n in range(feeds))
        yield Host(process, urls)
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


async def serve(shelf: Shelf, *, fresh_in: int, write_all: bool) -> None:
    """Answer until the parent closes our stdin."""
    counts = Counts()
    loop = asyncio.get_running_loop()
    # Every address of 127/8 at once; Linux routes only these to loopback.
    server = await loop.create_server(
        lambda: Desk(shelf, counts, fresh_in),
        "0.0.0.0",  # noqa: S104
        0,
        backlog=4096,
    )
    if write_all:
        for feed in range(shelf.feeds):
            shelf.body(feed)
    print(server.sockets[0].getsockname()[1], flush=True)
    reader: IO[str] = sys.stdin
    while line := await asyncio.to_thread(reader.readline):
        words = json.loads(line)
        if not words:
            print(json.dumps({name: getattr(counts, name) for name in _NAMES}))
            for name in _NAMES:
                setattr(counts, name, 0)
        else:
            for feed in range(shelf.feeds):
                if (feed + words["turn"]) % words["one_in"] == 0:
                    shelf.advance(feed, words["items"])
                shelf.body(feed)
            print("{}")
        sys.stdout.flush()


_NAMES = ("full", "same", "robots", "bytes")


def main() -> None:
    """Serve: prints the port, then one line of JSON for each line it is told."""
    parser = argparse.ArgumentParser(description="made-up feeds on loopback")
    parser.add_argument("--feeds", type=int, default=10)
    parser.add_argument("--fresh-in", type=int, default=0)
    parser.add_argument("--began", type=int, default=EPOCH)
    options = parser.parse_args()
    shelf = Shelf(writer=Writer(began=options.began), feeds=options.feeds)
    write_all = not options.fresh_in  # many feeds are written when they are asked for
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(shelf, fresh_in=options.fresh_in, write_all=write_all))


if __name__ == "__main__":
    main()
