"""Hostile and broken files of other projects, through the real pool."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawler.errors import ParseError
from crawler.pool import ParserPool
from crawler.reasons import FetchReason

if TYPE_CHECKING:
    from collections.abc import Callable

BAD = Path(__file__).parents[2].parent / "shared" / "data" / "badinput"
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.slow,
    pytest.mark.skipif(not BAD.is_dir(), reason=f"{BAD} is absent"),
]
HONEST = {FetchReason.NOT_A_FEED, FetchReason.PARSE_FAILED}


def wrapped(body: bytes) -> bytes:
    """The same junk where a publisher would have put it: inside an item."""
    inside = body.replace(b"]]>", b"]] >")
    return (
        b"<rss version='2.0'><channel><item><title><![CDATA[" + inside + b"]]></title>"
        b"<description><![CDATA[" + inside + b"]]></description></item></channel></rss>"
    )


def test_every_bad_file_is_read_or_refused_in_time_and_kills_nobody(
    record_property: Callable[[str, object], None],
) -> None:
    """A26-A29, A33: as a document, and as the title and text of an item."""

    async def scene() -> tuple[Counter[str], float]:
        pool = ParserPool(workers=2)
        told: Counter[str] = Counter()
        slowest = 0.0
        for path in sorted(path for path in BAD.rglob("*") if path.is_file()):
            raw = path.read_bytes()
            for body in (raw, wrapped(raw)):
                started = time.perf_counter()
                reason = None
                try:
                    entries = await pool.run(
                        "feed",
                        body,
                        url="https://a.example/feed",
                        content_type=None,
                        timezone="UTC",
                        language="en",
                    )
                    for entry in entries:
                        assert "root:x:" not in entry.title + entry.text
                        f"{entry.title}{entry.text}".encode()
                except ParseError as error:
                    reason = error.reason
                assert reason is None or reason in HONEST, path
                told[reason or "read"] += 1
                slowest = max(slowest, time.perf_counter() - started)
        assert len(pool.pids) == 1  # one after the other, and none ever died
        await pool.aclose()
        return told, slowest

    told, slowest = asyncio.run(scene())
    record_property("told", {**told, "slowest_s": round(slowest, 2)})
    assert told.total() > 400
    assert slowest < 5
