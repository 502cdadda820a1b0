"""Untrusted text made harmless before it is shown, printed or put in a header."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

# C0, DEL, C1, the line separators str.splitlines() knows beyond them, bidi
# overrides and isolates, language tags, surrogates and two noncharacters. LRM, RLM
# and the joiners stay: honest Arabic, Hebrew and emoji need them.
_ODD = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufffe\uffff\U000e0000-\U000e007f]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_ZERO_WIDTH_SPACE = "\u200b"
_LINK_ODD = re.compile(r"[\s\\<>\"'`{}|^]")


def encodable(text: str) -> str:
    """The text with lone surrogates replaced, so that UTF-8 takes it.

    Lengths and offsets in code points stay as they are.
    """
    return _SURROGATE.sub("\ufffd", text)


def one_line(text: str, *, limit: int) -> str:
    """The text on one line without control characters, at most ``limit`` long.

    A cut is marked by an ellipsis.
    """
    return cut(" ".join(_ODD.sub(_blank, text).split()), limit=limit)


def inline(text: str) -> str:
    """Like ``one_line``, but keeps white space at the ends and has no limit."""
    return re.sub(r"\s+", " ", _ODD.sub(_blank, text))


def cut(text: str, *, limit: int) -> str:
    """The text, or its first ``limit`` - 1 code points and an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def visible(text: str) -> str:
    r"""The text for a terminal: control characters shown as ``\x1b``, never sent."""
    return _ODD.sub(_escape, text)


def json_line(text: str) -> str:
    r"""JSON text with odd characters as ``\u009b``: the same values, on one line.

    JSON lets C1 controls, bidi overrides and U+2028 stand raw; a terminal that shows
    the file, or a reader that splits it into lines, obeys them.
    """
    return _ODD.sub(_unicode_escape, text)


def header(text: str, *, limit: int = 200) -> str:
    """The text as a header value that stays one value on every Python.

    ``=?`` is broken by a zero-width space: Python before 3.11.10 decodes an encoded
    word in a value it is given and writes its CR and LF raw (CVE-2024-6923).
    """
    return one_line(text, limit=limit).replace("=?", f"={_ZERO_WIDTH_SPACE}?")


def web_link(url: str | None) -> str | None:
    """The URL if it is plain http or https with a host, else None."""
    if url is None or _ODD.search(url) or _LINK_ODD.search(url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname else None


def _blank(found: re.Match[str]) -> str:
    character = found.group()
    if _SURROGATE.match(character) or character in "\ufffe\uffff":
        return "\ufffd"
    return " " if character <= "\u2029" else ""


def _escape(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _unicode_escape(found: re.Match[str]) -> str:
    units = found.group().encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[n : n + 4]}" for n in range(0, len(units), 4))
