"""A news agency with a clock: feeds on which items appear at an even rate.

    python -m tests.servers.ticker --feeds 8

Prints the feeds' addresses as one JSON line. Every line on its standard input is a
command: ``rate 20`` goes on at so many items a second over all feeds, ``rate 0``
stops; each is answered by the number of items published so far. Item n stands in feed
n modulo the number of feeds as long as it is one of the newest there. No two items
share a word but the mark, and item n carries the slug ``n-N`` in its title.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
from email.utils import formatdate

MARK = "vedettemark"
LETTERS = "bdfgklmnprstvz"
TITLE, TEXT = 8, 60
"""Words of a title and of a text: some 500 characters."""


class Ticker:
    """What each feed shows at this moment."""

    def __init__(self, *, feeds: int, shown: int) -> None:
        self.feeds = feeds
        self.shown = shown
        self._rate = 0.0
        self._since = time.time()
        self._before = 0

    @property
    def published(self) -> int:
        """Items so far, over all feeds."""
        return self._before + int((time.time() - self._since) * self._rate)

    def go_on(self, rate: float) -> int:
        """Go on at another rate; the number of items until now."""
        self._before, self._since, self._rate = self.published, time.time(), rate
        return self._before

    def page(self, feed: int) -> tuple[bytes, bytes]:
        """ETag and document of a feed."""
        newest = self.published
        numbers = range(feed, newest, self.feeds)[-self.shown :]
        entries = "".join(self._entry(n) for n in reversed(numbers))
        tag = b'"%d"' % (numbers[-1] if numbers else -1)
        return tag, (
            '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
            f"<title>agency {feed}</title><link>http://127.0.0.1/</link>{entries}"
            f"{self._opening(feed) if len(numbers) < self.shown else ''}"
            "</channel></rss>"
        ).encode()

    def _opening(self, feed: int) -> str:
        """An item that nobody watches: the first poll must find something."""
        return (
            f"<item><title>opening of agency {feed}</title>"
            f"<link>http://127.0.0.1/opening-{feed}</link></item>"
        )

    def _entry(self, number: int) -> str:
        said = words(number)
        title = f"{MARK} n-{number} {' '.join(said[:TITLE])}"
        since = self._since + (number - self._before) / (self._rate or 1.0)
        when = formatdate(min(since, time.time()), usegmt=True)
        return (
            f"<item><title>{title}</title><link>http://127.0.0.1/{number}.html</link>"
            f'<guid isPermaLink="false">{number}</guid><pubDate>{when}</pubDate>'
            f"<description>{' '.join(said[TITLE:])}.</description></item>"
        )


def words(number: int) -> list[str]:
    """Made-up words, the same for the same number; 7.5 million there are."""
    rng = random.Random(number)  # noqa: S311 - a seed, not a secret
    letters = rng.choices(LETTERS, k=6 * (TITLE + TEXT))
    return [
        f"{''.join(letters[i : i + 3])}o{''.join(letters[i + 3 : i + 6])}i"
        for i in range(0, len(letters), 6)
    ]


async def _serve(ticker: Ticker) -> None:
    urls = []
    servers = []
    for feed in range(ticker.feeds):

        async def answer(
            reader: asyncio.StreamReader,
            writer: asyncio.StreamWriter,
            feed: int = feed,
        ) -> None:
            await _answer(ticker, feed, reader, writer)

        server = await asyncio.start_server(answer, f"127.10.0.{feed + 1}", 0)
        host, port = server.sockets[0].getsockname()[:2]
        servers.append(server)
        urls.append(f"http://{host}:{port}/feed.xml")
    print(json.dumps(urls), flush=True)  # noqa: T201 - the parent reads it
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        count = ticker.go_on(float(line.split()[1]))
        print(count, flush=True)  # noqa: T201 - as above


async def _answer(
    ticker: Ticker,
    feed: int,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        status, body, extra = b"404 Not Found", b"", b""
        if head.split(b" ", 2)[1] == b"/feed.xml":
            tag, body = ticker.page(feed)
            status, extra = b"200 OK", b"ETag: " + tag + b"\r\n"
            if b"\r\nif-none-match: " + tag in head.lower():
                status, body = b"304 Not Modified", b""
        writer.write(
            b"HTTP/1.1 %b\r\nContent-Type: application/rss+xml\r\n%b"
            b"Content-Length: %d\r\nConnection: close\r\n\r\n"
            % (status, extra, len(body))
            + body
        )
        await writer.drain()
    except (OSError, EOFError):
        pass  # the client went away: it was killed, as it should be
    writer.close()


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--feeds", type=int, default=8)
    parser.add_argument("--shown", type=int, default=30)
    options = parser.parse_args()
    asyncio.run(_serve(Ticker(feeds=options.feeds, shown=options.shown)))


if __name__ == "__main__":
    main()
