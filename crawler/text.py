"""Feed markup to plain text that is safe to store, match and show.

Everything a source says is text: no field is trusted to be HTML that may be shown.
Code points are kept as published (no NFC), because evidence offsets refer to them;
only what cannot be seen and can do harm is taken out.
"""

from __future__ import annotations

import html
import re

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
"""Ends a text that was cut at its limit."""

_BLOCK_NAMES = """
address article aside blockquote br caption center dd details dialog dir div dl dt
fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr legend li listing
main menu nav ol optgroup option p plaintext pre section summary table tbody tfoot
thead title tr ul xmp
"""
_INLINE_NAMES = """
a abbr acronym amp-img area audio b base basefont bdi bdo bgsound big blink body
button canvas cite code col colgroup command data datagrid datalist del dfn em embed
event-source font frame frameset html i iframe ilayer image img input ins isindex kbd
keygen label layer link m map mark marquee menuitem meta meter multicol nextid nobr
object output param path picture portal progress q rp rt ruby s samp search select
slot small sound source spacer span strike strong sub sup time track tt u use var
video wbr
annotation math mfrac mi mn mo mroot mrow ms mspace msqrt mstyle msub msubsup msup
mtable mtd mtext mtr munder munderover semantics
"""
_BLOCK = frozenset(_BLOCK_NAMES.split())
_CELL = frozenset({"td", "th"})
# Their content is code, drawing or a fallback, never the news.
_DROPPED = frozenset(
    {"script", "style", "template", "svg", "noembed", "noframes", "noscript"}
    | {"textarea", "head", "applet", "xml"}
)
_SIMPLE = (_BLOCK | _CELL | frozenset(_INLINE_NAMES.split())) - {"pre"} - _DROPPED
_KNOWN = _BLOCK | _CELL | _DROPPED | frozenset(_INLINE_NAMES.split())

# Possessive, so that a megabyte of "<" costs a megabyte, not its square.
_TAG = re.compile(
    r"<(?:"
    r"!--(?P<comment>)"
    r"|!\[CDATA\[(?P<cdata>)"
    r"|(?P<declared>[!?])[^<>]*+>"
    r"|(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9:_-]{0,30})"
    r"(?=[\s/>])(?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+'|[\"'])*+>"
    r")"
)
# The last of these alone; its ``split`` gives texts and names in turn.
_NAMED_TAG = re.compile(
    r"</?([A-Za-z][A-Za-z0-9:_-]{0,30})"
    r"(?=[\s/>])(?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+'|[\"'])*+>"
)
_ENDS = {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in _DROPPED}
_ENDS["!--"] = re.compile(r"-->")
_NEWLINES = re.compile(r"[\t\r\n\f]+")
# A single space, which most are, is no match and costs no replacement.
_SPACES = re.compile(r"[^\S\n]{2,}|[^\S\n ]")
_MANY_NEWLINES = re.compile(r"\n{3,}")
_GAPS = re.compile(r"\s+")
_OWN_SPACES = frozenset(
    "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{IDEOGRAPHIC SPACE}"
)
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# C0 and C1 controls, bidi embeddings, overrides and isolates, BOM, interlinear
# marks, surrogates, noncharacters (Unicode 23.7). LRM and RLM stay: they only order.
_HARMFUL = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(
        f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}"
        for plane in range(0x10000, 0x110000, 0x10000)
    )
    + "]"
)


# Whatever the patterns above but ``_TAG`` would change, and some more. The planes
# beyond the first have a search of their own: a set over all of them costs 60 times one
# over the first, and a text of 15,000 letters 2.7 ms.
_ODD = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\xa0\u1680\u2000-\u200a\u2028-\u202f\u205f\u2066-\u2069"
    "\u3000\ufeff\ufff9-\ufffb\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_BEYOND = re.compile("[\U00010000-\U0010ffff]")


def plain_text(markup_or_text: str, *, limit: int) -> str:
    """Readable text of an HTML fragment, or the text itself when it is none.

    Entities are unescaped once, block elements become line breaks, scripts, styles
    and comments go. Only names of HTML elements count as tags, so ``<속보>`` and
    ``a < b`` stay. At most ``limit`` code points, a cut one ending in ``ELLIPSIS``.
    """
    return clean_text(_strip_tags(markup_or_text), limit=limit)


def clean_text(text: str, *, limit: int) -> str:
    """Text that is known not to be markup: tidied and cut, nothing unescaped."""
    if _is_odd(text):
        text = _HARMFUL.sub("", _LINE_ENDS.sub("\n", text))
        text = _SPACES.sub(" ", text)
    elif "  " in text:
        text = _SPACES.sub(" ", text)
    text = text.replace(" \n", "\n").replace("\n ", "\n")
    if "\n\n\n" in text:
        text = _MANY_NEWLINES.sub("\n\n", text)
    return cut(text.strip(), limit)


def one_line(raw: str, *, limit: int) -> str:
    """As ``plain_text``, on one line: titles and names."""
    return clean_line(_strip_tags(raw), limit=limit)


def clean_line(raw: str, *, limit: int) -> str:
    """Text that is known not to be markup, on one line.

    A single no-break or ideographic space is the author's and stays.
    """
    if _is_odd(raw):
        raw = _HARMFUL.sub("", _LINE_ENDS.sub(" ", raw))
    if _OWN_SPACES.isdisjoint(raw):
        return cut(" ".join(raw.split()), limit)
    return cut(_GAPS.sub(_gap, raw).strip(), limit)


def _gap(found: re.Match[str]) -> str:
    return found[0] if found[0] in _OWN_SPACES else " "


def _is_odd(text: str) -> bool:
    """Whether it may hold what is taken out or replaced; none of that is printable."""
    if text.replace("\n", "").isprintable():
        return False
    return bool(_ODD.search(text) or _BEYOND.search(text))


def cut(text: str, limit: int) -> str:
    """The first ``limit`` code points of a tidy text, the last one ``ELLIPSIS``."""
    if len(text) <= limit:
        return text
    return text[: max(0, limit - 1)].rstrip() + ELLIPSIS


def _strip_tags(markup: str) -> str:
    """The text without tags, entities unescaped; line breaks where tags ask for them.

    White space of markup is one space wherever it stands; that of a text without any
    tag, or inside ``pre``, is the author's.
    """
    ordinary = _strip_ordinary(markup)
    return _strip_any(markup) if ordinary is None else ordinary


def _strip_ordinary(markup: str) -> str | None:
    """The same of markup whose tags are all known and dropped alone, else None."""
    if "<" not in markup:
        return html.unescape(markup)
    if "<!" in markup or "<?" in markup or "]]>" in markup:
        return None
    pieces = _NAMED_TAG.split(markup)
    if len(pieces) == 1:
        return html.unescape(markup)
    names = set(pieces[1::2])
    if not _SIMPLE.issuperset(names):
        names = {name.lower() for name in names}
        if not _SIMPLE.issuperset(names):
            return None
    pieces[0::2] = [_unescaped_line(text) if text else text for text in pieces[0::2]]
    pieces[1::2] = [_break_for(name.lower()) for name in pieces[1::2]]
    return "".join(pieces)


def _strip_any(markup: str) -> str:
    pieces: list[tuple[str, bool]] = []  # text, and whether its line breaks count
    endless: set[str] = set()
    position, pre = 0, False
    while found := _TAG.search(markup, position):
        name = (found["name"] or "").lower()
        if name and name not in _KNOWN and ":" not in name:
            pieces.append((markup[position : found.end()], pre))
            position = found.end()
            continue
        pieces.append((markup[position : found.start()], pre))
        pieces.append((_break_for(name), True))
        if name == "pre":
            pre = not found["close"]
        position = _end_of(markup, found, name, endless)
    if not any(verbatim for _, verbatim in pieces):
        return html.unescape(markup)
    pieces.append((markup[position:].replace("]]>", ""), pre))
    return "".join(
        html.unescape(text) if verbatim or not text else _unescaped_line(text)
        for text, verbatim in pieces
    )


def _unescaped_line(text: str) -> str:
    return html.unescape(text if text.isprintable() else _NEWLINES.sub(" ", text))


def _break_for(name: str) -> str:
    if name in _BLOCK:
        return "\n"
    return " " if name in _CELL else ""


def _end_of(markup: str, found: re.Match[str], name: str, endless: set[str]) -> int:
    """Where the text goes on after a tag, comment or element that is dropped.

    One without an end loses only its tag: better code shown as text than news lost.
    ``endless`` keeps a thousand such tags from searching to the end each.
    """
    key = "!--" if found["comment"] is not None else name
    if key in endless or found["close"] or found[0].endswith("/>"):
        return found.end()
    closing = _ENDS.get(key)
    if closing is None:
        return found.end()
    end = closing.search(markup, found.end())
    if end is None:
        endless.add(key)
        return found.end()
    return end.end()
