"""RSS, RDF, Atom and JSON Feed to entries: plain text, checked links, our dates."""

from __future__ import annotations

import io
import re
import warnings
from typing import TYPE_CHECKING, Any

from crawler.dates import parse_date
from crawler.decode import to_utf8
from crawler.errors import ParseError
from crawler.feedguard import (
    ENTRY_START,
    ROOT,
    explain_nothing,
    first_entries,
    refuse_long_tags,
    sound_references,
    what_is_it,
)
from crawler.items import Entry
from crawler.language import detect_language
from crawler.limits import (
    AUTHOR,
    AUTHORS,
    ENTRIES,
    GUID,
    RAW_DATE,
    SUMMARY,
    TEXT,
    TITLE,
)
from crawler.plainfeed import read_plain
from crawler.reasons import FetchReason
from crawler.text import clean_line, clean_text, cut, one_line, plain_text
from crawler.urls import resolve_link

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_RELATIVE = re.compile(r"[./?][\x21-\x7e]*\Z|[\w.%-]+(?:[/?#][\x21-\x7e]*)?\Z")
"""A link without scheme or host: a path, a query, a file name."""
_BASE = re.compile(rb"<[^<>]*\bbase\s*=", re.IGNORECASE)
_SOURCE = re.compile(rb"<source\b.*?</source\s*>", re.IGNORECASE | re.DOTALL)
_RAW_ID = re.compile(
    rb"<(?:\w+:)?(?:guid|id)(?:\s[^<>]*)?>\s*(?:<!\[CDATA\[)?([^<\]]*)", re.IGNORECASE
)

_DATES = ("published", "updated", "created")
_PLAIN = frozenset({"text/plain", "text"})
# RSS 2.0's form; feedparser takes four letters of the domain's end for all of it.
_MAILED = re.compile(r"[^\s@()<>]+@[^\s@()<>]+\s*\(([^()]+)\)")


def parse_feed(
    body: bytes,
    *,
    url: str,
    content_type: str | None,
    timezone: str,
    language: str | None,
) -> tuple[Entry, ...]:
    """Entries in the document's order, at most ``limits.ENTRIES``; may be empty.

    A damaged document gives what could be read of it. Dates are as published, not
    checked against now (``dates.plausible``).

    Args:
        body: the response body, decompressed, in any encoding.
        url: where it was read; relative links are resolved against it, or against
            ``xml:base``.
        content_type: the Content-Type header, or None.
        timezone: IANA name for dates without a zone.
        language: the source's own word on its language, or None to detect.

    Raises:
        ParseError: NOT_A_FEED, with what was found instead; PARSE_FAILED when the
            document is a feed but hostile or too broken to read.
    """
    data = to_utf8(body, content_type)
    head = data[:256].lstrip()
    if not head:
        raise ParseError(FetchReason.NOT_A_FEED, "an empty body")
    if head.startswith((b"{", b"[")):
        from crawler.jsonfeed import parse_json_feed

        return parse_json_feed(data, url=url, timezone=timezone, language=language)
    if not ROOT.search(data):  # spares feedparser the pages and the junk
        raise ParseError(FetchReason.NOT_A_FEED, what_is_it(data))
    refuse_long_tags(data)
    data = sound_references(first_entries(data))
    feed = read_plain(data) or _parse(data)
    entries = feed["entries"][:ENTRIES]
    if not entries:
        explain_nothing(data, feed)
    guids = _raw_guids(data, entries)
    return tuple(
        _entry(entry, guid, url=url, timezone=timezone, language=language, feed=feed)
        for entry, guid in zip(entries, guids, strict=True)
    )


def _parse(data: bytes) -> Mapping[str, Any]:
    """Feedparser's reading; always from a stream, since it opens bytes as a file."""
    import feedparser

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            feed: Mapping[str, Any] = feedparser.parse(
                io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False
            )
    except MemoryError:
        raise
    except Exception as error:
        detail = f"feedparser: {type(error).__name__}"
        raise ParseError(FetchReason.PARSE_FAILED, detail) from error
    return feed


def _entry(
    entry: Mapping[str, Any],
    guid: str | None,
    *,
    url: str,
    timezone: str,
    language: str | None,
    feed: Mapping[str, Any],
) -> Entry:
    atom = feed["version"].startswith("atom")
    title = _title(entry, atom=atom)
    summary = _body(_get(entry, "summary_detail"), atom=atom)
    bodies = [_body(content, atom=atom) for content in _get(entry, "content") or ()]
    text = max((summary, *bodies), key=len)
    published, raw = _published(entry, timezone)
    return Entry(
        url=_link(entry, url),
        guid=clean_line(guid or "", limit=GUID) or None,
        title=title,
        summary=cut(summary or text, SUMMARY),
        text=text,
        published=published,
        published_raw=raw,
        language=detect_language(f"{title}\n{text}", hint=language)
        or _declared_language(entry, feed),
        authors=_authors(entry),
    )


def _get(holder: object, key: str) -> Any:
    """The stored value; feedparser's own lookup warns and maps old names."""
    return dict.get(holder, key) if isinstance(holder, dict) else None


def _is_plain(detail: Mapping[str, Any], *, atom: bool) -> bool:
    """Whether the feed says, and the format lets it say, that this is no markup."""
    return atom and _get(detail, "type") in _PLAIN


def _title(entry: Mapping[str, Any], *, atom: bool) -> str:
    detail = _get(entry, "title_detail") or {}
    value = str(_get(detail, "value") or _get(entry, "title") or "")
    if _is_plain(detail, atom=atom):
        return clean_line(value, limit=TITLE)
    return one_line(value, limit=TITLE)


def _body(detail: Mapping[str, Any] | None, *, atom: bool) -> str:
    value = str(_get(detail, "value") or "") if detail else ""
    if detail and _is_plain(detail, atom=atom):
        return clean_text(value, limit=TEXT)
    return plain_text(value, limit=TEXT)


def _published(entry: Mapping[str, Any], timezone: str) -> tuple[Any, str]:
    """The first of published, updated, created that can be read, and its raw text."""
    first = ""
    for key in _DATES:
        raw = clean_line(str(_get(entry, key) or ""), limit=RAW_DATE)
        found = parse_date(raw, timezone=timezone)
        if found is not None:
            return found, raw
        first = first or raw
    return None, first


def _link(entry: Mapping[str, Any], url: str) -> str | None:
    """The entry's link; feedparser has applied ``xml:base``, the rest is ours.

    In a feed read from no address (a file) a relative link stays as published.
    """
    base = url if resolve_link(None, url) else None
    for link in _links(entry):
        resolved = resolve_link(base, link)
        if resolved:
            return resolved
        if base is None and _RELATIVE.match(link):
            return link
    return None


def _links(entry: Mapping[str, Any]) -> Iterator[str]:
    yield str(_get(entry, "link") or "")
    for link in _get(entry, "links") or ():
        if _get(link, "rel") in {None, "alternate"}:
            yield str(_get(link, "href") or "")
    guid = str(_get(entry, "id") or "")
    if guid.startswith(("http://", "https://")):
        yield guid


def _raw_guids(data: bytes, entries: list[Any]) -> list[str | None]:
    """Each entry's id as written.

    feedparser resolves ids against ``xml:base``, so that they change with the feed's
    address; it was given no other base, and where there is none its id is the text.
    """
    resolved = [_get(entry, "id") for entry in entries]
    if not entries or b"base" not in data.lower() or not _BASE.search(data):
        return resolved
    starts = [found.start() for found in ENTRY_START.finditer(data)]
    if len(starts) != len(entries):
        return resolved
    return [
        _raw_guid(data[start:end]) or guid
        for start, end, guid in zip(starts, [*starts[1:], None], resolved, strict=True)
    ]


def _raw_guid(chunk: bytes) -> str | None:
    import html

    found = _RAW_ID.search(_SOURCE.sub(b"", chunk))
    if found is None:
        return None
    return html.unescape(found.group(1).decode("utf-8", "replace")).strip() or None


def _authors(entry: Mapping[str, Any]) -> tuple[str, ...]:
    people = _get(entry, "authors") or ()
    whole = one_line(str(_get(entry, "author") or ""), limit=AUTHOR)
    if len(people) < 2 and (mailed := _MAILED.fullmatch(whole)):
        return (mailed.group(1).strip(),)
    names = [
        one_line(str(_get(person, "name") or _get(person, "email") or ""), limit=AUTHOR)
        for person in people[:AUTHORS]
    ]
    if not any(names):
        names = [whole]
    return tuple(dict.fromkeys(name for name in names if name))


def _declared_language(entry: Mapping[str, Any], feed: Mapping[str, Any]) -> str | None:
    """What the document says of itself, believed last: WordPress says en-US of all."""
    detail = _get(entry, "title_detail") or {}
    declared = str(_get(detail, "language") or _get(feed["feed"], "language") or "")
    found = re.match(r"[a-z]{2,3}(?=$|[-_])", declared.strip().lower())
    return found.group() if found else None
