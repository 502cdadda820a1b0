"""Bodies read in bounded steps, so that no answer can fill the memory.

httpx hands a decompressed chunk on only when it is whole: 200 MB of zeros from 495
bytes of nested gzip. Here the raw bytes are inflated 64 KiB at a time and the count
of decoded bytes is checked between the steps.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import io
import zlib
from typing import TYPE_CHECKING

from crawler.errors import FetchError
from crawler.reasons import FetchReason

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from typing_extensions import Buffer

_STEP = 64 * 1024
_BREATH = 1024 * 1024
"""Decoded bytes after which the event loop gets a turn."""

HELD = 10 * 1024 * 1024
"""Bytes of one answer that are held: a sitemap of up to 50 MiB must come packed."""

_IDENTITY = frozenset({"", "identity", "none", "utf-8", "binary"})
"""The last three are no encodings, but servers do say them and mean identity."""


_M_MMAP_THRESHOLD = -3  # malloc.h


def steady_malloc() -> None:
    """Let glibc keep blocks above 1 MiB in pages of their own, for good.

    Left alone it raises that bound to 32 MiB when the first such block is freed, and
    from then on a body that grows is copied from hole to hole: 15 MiB for 10.
    """
    with contextlib.suppress(AttributeError, OSError):  # another C library
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, 1 << 20)


class _Held(io.BytesIO):
    """A body as it grows; unlike a bytearray it gives its bytes away uncopied."""

    def write(self, piece: Buffer) -> int:
        written = super().write(piece)
        if self.tell() > HELD:
            raise FetchError(FetchReason.TOO_LARGE, f"more than {HELD} bytes")
        return written


class _Plain:
    """A body that is not compressed."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data

    def finish(self) -> None:
        pass


class _Inflater:
    """Inflates one gzip member or one deflate stream, 64 KiB at a time."""

    def __init__(self, encoding: str) -> None:
        self._gzip = encoding == "gzip"
        self._head = b""
        self._zlib: zlib._Decompress | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        engine = self._zlib
        if engine is None:
            data = self._head = self._head + data
            if len(data) < 2:
                return
            engine = self._zlib = zlib.decompressobj(self._window_bits(data))
        try:
            yield from self._inflate(engine, data)
        except zlib.error as error:
            raise FetchError(FetchReason.BAD_ENCODING, "damaged compression") from error

    def _window_bits(self, head: bytes) -> int:
        if self._gzip:
            return 31
        # "deflate" is zlib by RFC 9110 8.4.1.2, but some servers send it bare.
        wrapped = head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0
        return 15 if wrapped else -15

    def _inflate(self, engine: zlib._Decompress, data: bytes) -> Iterator[bytes]:
        more = True  # a full piece may leave output inside zlib, input or not
        while (data or more) and not engine.eof:
            piece = engine.decompress(data, _STEP)
            data = engine.unconsumed_tail or engine.unused_data
            more = len(piece) == _STEP
            if piece:
                yield piece
        if data.strip(b"\0"):  # zeros are padding
            raise FetchError(FetchReason.BAD_ENCODING, "data after the compressed end")

    def finish(self) -> None:
        empty = self._zlib is None and not self._head  # may call itself gzip
        if not empty and (self._zlib is None or not self._zlib.eof):
            raise FetchError(FetchReason.BAD_ENCODING, "compressed body cut short")


def _known(encoding: str | None) -> str:
    name = (encoding or "").strip().lower()
    if name in _IDENTITY:
        return "identity"
    if name in {"gzip", "x-gzip"}:
        return "gzip"
    if name == "deflate":
        return "deflate"
    raise FetchError(
        FetchReason.BAD_ENCODING, f"content-encoding {name[:40]!r} was not asked for"
    )


async def read_bounded(
    raw: AsyncIterator[bytes],
    encoding: str | None,
    cap: int,
    *,
    truncate: bool = False,
    packed: bool = False,
) -> bytes:
    """The decoded body of an answer, at most ``cap`` bytes of it.

    Args:
        raw: the bytes as they came, transfer coding removed.
        encoding: the Content-Encoding header; identity, gzip or deflate.
        cap: the most decoded bytes; one more is an error.
        truncate: return the first ``cap`` bytes of a longer body instead.
        packed: return a gzipped body as it came, once it proved sound and within the
            cap: its reader unpacks it in a process of its own.

    Raises:
        FetchError: TOO_LARGE (also above ``HELD``), or BAD_ENCODING for other and
            stacked encodings, damaged or cut compression and anything but zeros
            behind its end.
    """
    known = _known(encoding)
    decoder = _Plain() if known == "identity" else _Inflater(known)
    keeps_packed = packed and known == "gzip"
    body, size, breath = _Held(), 0, _BREATH
    async for chunk in raw:
        if keeps_packed:
            body.write(chunk)
        for piece in decoder.feed(chunk):
            size += len(piece)
            if not keeps_packed:
                body.write(piece)
            if size > cap:
                if truncate:
                    return body.getvalue()[:cap]
                raise FetchError(FetchReason.TOO_LARGE, f"more than {cap} bytes")
            if size > breath:
                breath = size + _BREATH
                await asyncio.sleep(0)
    decoder.finish()
    return body.getvalue()
