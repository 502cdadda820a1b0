"""Users' regular expressions, which may be hostile to their own author.

``re`` takes exponential time on ``(a+)+$`` (HARDENING A36: > 8 s); ``regex`` stops at
a timeout. A pattern that ran out of time is switched off, the item is matched on.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import regex

from alerts.matching.automaton import Hit

if TYPE_CHECKING:
    from alerts.matching.reading import Reading

log = logging.getLogger(__name__)

MAX_LENGTH = 2_000
"""Characters of a pattern; a 1 MB pattern takes seconds to compile (A37)."""
MAX_PATTERNS = 200
PROBE_S = 0.25
ITEM_S = 0.25
"""Seconds that all patterns together may spend on one item."""
PATTERN_S = 0.1
"""Seconds after which one pattern on one field is switched off for good."""
MAX_FOUND = 200

_PROBES = (
    "a" * 3_000 + "!",
    # long, for regex is quick to give up: ^(\\w+\\s?)+$ is quadratic, not exponential
    "word " * 40_000 + "!",
    "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16," * 40 + "!",
    "aaaa bbbb, cccc. 1234 북한 Россия " * 60 + "\n!",
    "x" * 30 + "@" * 30 + "=" * 30 + " " * 500 + "\t!",
)


class PatternError(Exception):
    """A pattern that is refused; the message says why."""


def check(source: str) -> None:
    """Compile a pattern and try it on texts that make bad ones explode.

    Raises:
        PatternError: It does not compile, is too long, or ran out of time.
    """
    if len(source) > MAX_LENGTH:
        raise PatternError(
            f"the regex is {len(source)} characters long; at most {MAX_LENGTH}"
        )
    try:
        compiled = regex.compile(source, regex.IGNORECASE)
    except (regex.error, OverflowError, RecursionError, MemoryError) as error:
        raise PatternError(f"the regex does not compile: {error}") from error
    for probe in _PROBES:
        try:
            for _ in compiled.finditer(probe, timeout=PROBE_S):
                pass
        except TimeoutError as error:
            raise PatternError(
                f"the regex needs more than {PROBE_S} s on a probe text"
            ) from error


class Patterns:
    """All patterns of a watch; ``disabled`` are those that ran out of time."""

    def __init__(self, sources: tuple[str, ...]) -> None:
        self._compiled = {
            source: regex.compile(source, regex.IGNORECASE) for source in sources
        }
        self.disabled: set[str] = set()

    def clock(self) -> Search:
        """A search with a fresh budget, for one item."""
        return Search(self)

    def find(self, source: str, text: str, timeout_s: float) -> list[tuple[int, int]]:
        """Spans of a pattern in an original field; none once it is switched off."""
        if source in self.disabled:
            return []
        spans: list[tuple[int, int]] = []
        try:
            for found in self._compiled[source].finditer(text, timeout=timeout_s):
                if found.end() > found.start():
                    spans.append(found.span())
                if len(spans) >= MAX_FOUND:
                    break
        except TimeoutError:
            if timeout_s < PATTERN_S:  # others spent the item's time
                return spans
            self.disabled.add(source)
            log.warning(
                "A regular expression ran out of time and is switched off",
                extra={"pattern": source, "timeout_s": timeout_s},
            )
        return spans


class Search:
    """Runs patterns on one item; each once, all within ``ITEM_S``."""

    def __init__(self, patterns: Patterns) -> None:
        self._patterns = patterns
        self._left = ITEM_S
        self._found: dict[str, list[Hit]] = {}

    def __call__(self, source: str, reading: Reading) -> list[Hit]:
        """The hits of a pattern in title and text."""
        if source not in self._found:
            self._found[source] = self._run(source, reading)
        return self._found[source]

    def _run(self, source: str, reading: Reading) -> list[Hit]:
        hits: list[Hit] = []
        document = reading.document
        for field, text in (("title", document.title), ("text", document.text)):
            if self._left <= 0:
                log.warning(
                    "The regular expressions of an item used up their time",
                    extra={"pattern": source, "budget_s": ITEM_S},
                )
                break
            began = time.perf_counter()
            spans = self._patterns.find(source, text, min(self._left, PATTERN_S))
            for start, end in spans:
                at = reading.position(field, start)
                hits.append(Hit(at, at + end - start, "regex", "", (field, start, end)))
            # With the way into the reading: 200 finds cost more of it than finding.
            self._left -= time.perf_counter() - began
        return hits
