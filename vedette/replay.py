"""Items from a file through the real evaluate; nothing is fetched, stored or sent."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from alerts.evaluate import Watch, evaluate
from alerts.stories import fingerprint
from crawler.items import Item
from crawler.language import detect_language
from crawler.urls import canonical_url
from vedette.archive import Archive

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from alerts.model import Judgement, Match, Verdict


EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""Where a replay's clock starts (DESIGN section 5)."""

_SURROGATE = re.compile("[\ud800-\udfff]")


class BadLine(ValueError):  # noqa: N818 - reads as the fact it states
    """A line of the input that is not an item; carries its number from 1."""

    def __init__(self, number: int, problem: str) -> None:
        super().__init__(f"line {number}: {problem}")
        self.number = number


def read_items(lines: Iterable[str]) -> Iterator[tuple[Item, datetime | None]]:
    """Items of a JSON Lines file with their published time, in file order.

    Offsets of evidence later count code points of ``title`` and ``text`` exactly as
    they stand here. Blank lines are skipped.

    Raises:
        BadLine: not JSON, no id, neither title nor text, a bad time or type.
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _read_item(number, line)


def _read_item(number: int, line: str) -> tuple[Item, datetime | None]:
    try:
        data = json.loads(line)
    except ValueError as error:
        raise BadLine(number, f"not JSON: {error}") from error
    if not isinstance(data, dict):
        raise BadLine(number, "expected a JSON object")
    known = ("id", "url", "title", "text", "lang", "source", "published")
    fields = {name: _field(number, data, name) for name in known}
    if not fields["id"]:
        raise BadLine(number, "an id is required")
    if not (fields["title"] or fields["text"]):
        raise BadLine(number, "a title or a text is required")
    published = _instant(number, fields["published"])
    url = fields["url"] or None
    # Without a URL the id is the item's address, so a repeated id is a duplicate.
    key = canonical_url(url) if url else f"urn:item:{fields['id']}"
    item = Item(
        id=fields["id"],
        source=fields["source"],
        url=url,
        canonical_url=key,
        guid=None,
        title=fields["title"],
        text=fields["text"],
        summary="",
        language=fields["lang"] or detect_language(_opening(fields)),
        authors=(),
        published=published,
        seen=EPOCH,
    )
    return item, published


def _opening(fields: dict[str, str]) -> str:
    """As much text as tells the language; what the daemon's parsers look at too."""
    return f"{fields['title']}\n{fields['text'][:1000]}"


def _field(number: int, data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    if value is None:
        return ""
    if name == "id" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise BadLine(number, f"{name} is not a text")
    # JSON can hold lone surrogates, UTF-8 cannot; offsets stay as they are.
    return _SURROGATE.sub("\ufffd", value)


def _instant(number: int, raw: str) -> datetime | None:
    if not raw:
        return None
    try:
        moment = datetime.fromisoformat(raw)
    except ValueError as error:
        raise BadLine(number, f"published is not an ISO 8601 time: {raw!r}") from error
    try:
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        utc = aware.astimezone(UTC)
    except OverflowError as error:
        raise BadLine(number, f"published is out of range: {raw!r}") from error
    if not 1000 <= utc.year <= 9000:
        raise BadLine(number, f"published is out of range: {raw!r}")
    return utc


def replay(
    lines: Iterable[str], watch: Watch, *, all_stories: bool, dedupe: bool
) -> Iterator[dict[str, Any]]:
    """One output object (DESIGN section 5) for every input line, in order.

    Raises:
        BadLine: as ``read_items``.
    """
    for verdict in verdicts(lines, watch, all_stories=all_stories, dedupe=dedupe):
        yield _line(verdict, all_stories=all_stories)


def verdicts(
    lines: Iterable[str], watch: Watch, *, all_stories: bool, dedupe: bool
) -> Iterator[Verdict]:
    """What evaluate makes of every input line, in order.

    The clock starts at EPOCH and moves to each item's published time, never back;
    an undated item comes one second after the one before.

    Raises:
        BadLine: as ``read_items``.
    """
    archive, now = Archive(all_matched=all_stories), EPOCH
    # Nothing is sent, so nothing is held for a second report either.
    topics = {name: replace(topic, first=1) for name, topic in watch.topics.items()}
    quiet = replace(watch, channels={}, topics=topics)
    for item, published in read_items(lines):
        now = max(now, published) if published else now + timedelta(seconds=1)
        if not dedupe:
            archive = Archive(all_matched=all_stories)
        verdict = evaluate(
            [replace(item, seen=now)],
            archive.neighbours([fingerprint(item)], now),
            quiet,
            now,
        )
        archive.apply(verdict)
        yield verdict


def _line(verdict: Verdict, *, all_stories: bool) -> dict[str, Any]:
    judged: Judgement = verdict.judgements[0]
    shown = all_stories or bool(judged.matches)
    return {
        "id": judged.item_id,
        "matches": [match_json(match) for match in judged.matches],
        "duplicate_of": judged.move.duplicate_of,
        "story": judged.move.story_id if shown else None,
        "alerts": [
            {"topic": a.topic, "reason": a.reason.value, "story": a.story_id}
            for a in verdict.alerts
        ],
    }


def match_json(match: Match) -> dict[str, Any]:
    """A match as every ``--json`` output shows it."""
    return {
        "topic": match.topic,
        "hit": match.hit,
        "score": match.score,
        "threshold": match.threshold,
        "evidence": [
            {
                "entity": e.entity,
                "clause": e.clause,
                "surface": e.surface,
                "field": e.field,
                "start": e.start,
                "end": e.end,
                "how": e.how,
            }
            for e in match.evidence
        ],
    }
