"""How long 200 hostile regular expressions can hold up one item (HARDENING A36, A37).

All of them pass the check at load, since no probe text looks like the item. Three
kinds: ones that explode, ones that are slow but end before they are switched off, and
ones that match everywhere. Wall-clock time of each item, the worst is the figure.

Run: ``python benchmarks/hostile.py [--quick]``.
"""

from __future__ import annotations

import argparse
import itertools
import logging
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from alerts.matching import Matcher  # noqa: E402
from alerts.matching.regexes import (  # noqa: E402
    ITEM_S,
    MAX_PATTERNS,
)
from alerts.model import Document, Topic  # noqa: E402
from benchmarks.figures import Figure, emit  # noqa: E402

SIZE = 200_000
"""Characters of the longest article text the crawler keeps."""
SPARE_S = 0.25
"""For the rest of matching a text of that size."""


def pairs() -> list[str]:
    """Two letters for each pattern; none of them stands in a probe text."""
    letters = "qzjvhgy"
    made = ["".join(two) for two in itertools.product(letters, repeat=3)]
    return made[:MAX_PATTERNS]


def kinds() -> dict[str, tuple[list[str], str]]:
    """Patterns of each kind, and the text they are hostile to."""
    exploding = [rf"(?:{two}+)+(?:{two}|{two[0]})+#" for two in pairs()]
    text = "".join(two * (SIZE // 3 // MAX_PATTERNS) for two in pairs())
    slow = [rf"[qzjvhgy]+[hgy]{{{index}}}[01]" for index in range(1, 201)]
    stretch = ("qzjvhgy" * 10 + " 1 ") * (SIZE // 73)
    greedy = [rf"[{two}]|\b[k-z]{{1,{9 + at}}}" for at, two in enumerate(pairs())]
    # What makes the way back to the original long: entities, ligatures, spaces.
    layered = ("".join(pairs()[:30]) + "  &amp; ﬁ Росси́я ") * (SIZE // 112)
    return {
        "explode": (exploding, text),
        "are slow": (slow, stretch),
        "match everywhere": (greedy, layered),
    }


def worst(patterns: list[str], text: str, items: int) -> tuple[float, float, int]:
    """Seconds of the worst and of the median item, and how many are switched off.

    Raises:
        WatchError: A pattern is refused at load, so it is not hostile enough.
    """
    topics = {
        f"t{number}": Topic(name=f"t{number}", title="", query=f"/{source}/")
        for number, source in enumerate(patterns)
    }
    topics["word"] = Topic(name="word", title="", query="kursk")
    matcher = Matcher.compile({}, topics)
    spent = []
    for _ in range(items):
        began = time.perf_counter()
        found = matcher.match(Document(title="Kursk", text=text))
        spent.append(time.perf_counter() - began)
        assert any(match.topic == "word" for match in found)
    return max(spent), sorted(spent)[items // 2], len(matcher.disabled)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="hostile regular expressions")
    parser.add_argument("--quick", action="store_true", help="fewer items")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    items = 3 if options.quick else 40
    for kind, (patterns, text) in kinds().items():
        high, middle, disabled = worst(patterns, text, items)
        note = f"median {middle:.3f} s, {disabled} switched off"
        emit(
            Figure(
                bench="hostile",
                what=f"{len(patterns)} regexes that {kind}: worst item",
                value=round(high, 3),
                unit="s",
                most=ITEM_S + SPARE_S,
                note=note,
            )
        )


if __name__ == "__main__":
    main()
