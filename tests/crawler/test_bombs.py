"""Decompression bombs against the real fetcher, measured from outside."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from tests.servers.http import Raw, Reply, Routes, endless, serve

ROOT = Path(__file__).parents[2]
MIB = 1024 * 1024

CLIENT = """
import asyncio, json, resource, sys, time
from crawler.errors import FetchError
from crawler.fetcher import Fetcher, FetchRequest, Purpose

async def main():
    fetcher = Fetcher(user_agent="test", allow=("127.0.0.0/8",), min_gap_s=0)
    async def reason(url):
        request = FetchRequest(
            source="s", url=url, purpose=Purpose.FEED, obey_robots=False
        )
        try:
            await fetcher.fetch(request)
        except FetchError as error:
            return error.reason.value
        return "ok"
    first, *bombs = sys.argv[1:]
    assert await reason(first) == "ok"
    for bomb in bombs:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        begun = time.monotonic()
        why = await reason(bomb)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        print(json.dumps([bomb, why, grown / 1024, time.monotonic() - begun]))
asyncio.run(main())
"""


def zeros(pack: zlib._Compress, mib: int) -> bytes:
    return b"".join(pack.compress(bytes(MIB)) for _ in range(mib)) + pack.flush()


@pytest.mark.slow
def test_no_bomb_grows_the_process_by_15_mb() -> None:
    """A13-A17: gzip and deflate of 200 MiB, nested gzip, a foreign coding, endless."""
    bomb = zeros(zlib.compressobj(9, wbits=31), 200)
    packed = {"Content-Encoding": "gzip"}
    routes: Routes = {
        "/feed": Reply(body=gzip.compress(b"<rss/>" * 1000), headers=packed),
        "/gzip": Reply(body=bomb, headers=packed),
        "/deflate": Reply(
            body=zeros(zlib.compressobj(9), 200),
            headers={"Content-Encoding": "deflate"},
        ),
        "/stacked": Reply(
            body=gzip.compress(bomb), headers={"Content-Encoding": "gzip, gzip"}
        ),
        "/nested": Reply(body=gzip.compress(bomb), headers=packed),
        "/brotli": Reply(body=b"\x0b" * 317, headers={"Content-Encoding": "br"}),
        "/members": Reply(body=gzip.compress(bytes(MIB)) * 200, headers=packed),
        "/endless": endless(bytes(65536)),
        "/chunked": Raw(
            [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"]
            + [b"10000\r\n" + bytes(65536) + b"\r\n"] * 400
        ),
    }
    expected = {
        "/gzip": "too_large",
        "/deflate": "too_large",
        "/stacked": "bad_encoding",
        "/nested": "ok",  # one layer is undone: 200 kB of gzip, not a feed
        "/brotli": "bad_encoding",
        "/members": "bad_encoding",
        "/endless": "too_large",
        "/chunked": "too_large",
    }
    with serve(routes) as site:
        urls = [site.url("/feed"), *(site.url(path) for path in expected)]
        done = subprocess.run(
            [sys.executable, "-c", CLIENT, *urls],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    seen = {url.removeprefix(site.url("")): why for url, why, _, _ in lines}
    assert seen == expected
    assert sum(grown for _, _, grown, _ in lines) < 15, lines
    assert max(took for *_, took in lines) < 5, lines
    print(*lines, sep="\n")  # noqa: T201 - the figures, with -s
