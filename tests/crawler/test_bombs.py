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
import asyncio, json, pathlib, sys, time
from crawler.errors import FetchError
from crawler.fetcher import Fetcher, FetchRequest, Purpose

def status(field):  # MiB; ru_maxrss would be the parent's, it survives an exec
    text = pathlib.Path("/proc/self/status").read_text()
    return int(text.split(field + ":")[1].split()[0]) / 1024

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
        pathlib.Path("/proc/self/clear_refs").write_text("5")  # forget the peak
        before = status("VmRSS")
        begun = time.monotonic()
        why = await reason(bomb)
        took = time.monotonic() - begun
        print(json.dumps([bomb, why, status("VmHWM") - before, took]))
asyncio.run(main())
"""


def zeros(pack: zlib._Compress, mib: int) -> bytes:
    return b"".join(pack.compress(bytes(MIB)) for _ in range(mib)) + pack.flush()


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="measures by Linux's /proc"
)
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
    assert 0 < max(grown for _, _, grown, _ in lines) < 15, lines
    assert max(took for *_, took in lines) < 5, lines
    print(*lines, sep="\n")  # noqa: T201 - the figures, with -s
