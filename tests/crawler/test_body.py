"""Bounded reading: what is decoded, what is refused, how much memory it takes."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.body import read_bounded
from crawler.errors import FetchError
from crawler.reasons import FetchReason

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


def read(
    data: bytes, encoding: str | None, cap: int = 1 << 20, step: int = 4096, **kw: bool
) -> bytes:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(data), step):
            yield data[start : start + step]

    return asyncio.run(read_bounded(chunks(), encoding, cap, **kw))


def refusal(data: bytes, encoding: str | None, cap: int = 1 << 20) -> FetchReason:
    with pytest.raises(FetchError) as caught:
        read(data, encoding, cap)
    return caught.value.reason


def bare_deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(data) + engine.flush()


@given(st.binary(max_size=5000), st.integers(1, 700))
def test_every_accepted_encoding_gives_the_bytes_back(data: bytes, step: int) -> None:
    assert read(data, None, step=step) == data
    assert read(data, "identity", step=step) == data
    assert read(gzip.compress(data), "gzip", step=step) == data
    assert read(gzip.compress(data), "X-GZip", step=step) == data
    assert read(zlib.compress(data), "deflate", step=step) == data
    assert read(bare_deflate(data), "deflate", step=step) == data


@pytest.mark.parametrize("size", [65535, 65536, 65537, 131072, 200_000])
def test_bodies_that_end_at_a_step_are_whole(size: int) -> None:
    data = bytes(size)
    assert read(gzip.compress(data), "gzip", step=1 << 20) == data


@pytest.mark.parametrize(
    "encoding", ["br", "zstd", "compress", "gzip, gzip", "gzip, br", "gzip,", "x"]
)
def test_other_and_stacked_encodings_are_refused(encoding: str) -> None:
    """A14, A15."""
    assert refusal(gzip.compress(b"a"), encoding) is FetchReason.BAD_ENCODING


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_cut_or_damaged_compression_is_refused(encoding: str) -> None:
    """A16."""
    packed = (gzip if encoding == "gzip" else zlib).compress(b"news " * 500)
    assert refusal(packed[:-9], encoding) is FetchReason.BAD_ENCODING
    assert refusal(packed[:1], encoding) is FetchReason.BAD_ENCODING
    assert refusal(b"\x1f\x8bplain text", encoding) is FetchReason.BAD_ENCODING
    assert refusal(b"plain text, no compression", "gzip") is FetchReason.BAD_ENCODING


def test_a_second_member_is_refused_but_padding_is_not() -> None:
    """A16."""
    packed = gzip.compress(b"one")
    assert refusal(packed + gzip.compress(b"two"), "gzip") is FetchReason.BAD_ENCODING
    assert refusal(packed + b"x", "gzip") is FetchReason.BAD_ENCODING
    assert read(packed + bytes(5000), "gzip") == b"one"


def test_an_empty_body_may_call_itself_gzip() -> None:
    assert read(b"", "gzip") == b""


def test_the_cap_counts_decoded_bytes() -> None:
    """A13."""
    packed = gzip.compress(bytes(1001))
    assert refusal(packed, "gzip", 1000) is FetchReason.TOO_LARGE
    assert refusal(bytes(1001), None, 1000) is FetchReason.TOO_LARGE
    assert len(read(packed, "gzip", 1001)) == 1001


def test_truncating_gives_the_first_bytes() -> None:
    assert read(b"abcdef", None, 3, truncate=True) == b"abc"
    assert read(gzip.compress(b"abc" * 9999), "gzip", 4, truncate=True) == b"abca"


def test_an_endless_body_is_cut_at_the_cap() -> None:
    """A17."""
    seen = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal seen
        while True:
            seen += 1
            yield b"x" * 1000

    with pytest.raises(FetchError, match="more than 10000 bytes"):
        asyncio.run(read_bounded(endless(), None, 10_000))
    assert seen == 11
