"""Recall on generated forms of the pack's names, and false hits on distractors.

Forms come from ``wordings.py`` and ``paradigms.py``, sentences without any watched
name from ``distractors.py``; all are of our own writing. A form is found if its entity
is named; a distractor is a false hit if a person, place or body of the pack is named,
or a topic alerts. Run: ``python benchmarks/forms.py [--misses] [--json]``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from alerts.entityfile import read_entities  # noqa: E402
from alerts.matching import Matcher  # noqa: E402
from alerts.model import Document  # noqa: E402
from alerts.topicfile import read_topics  # noqa: E402
from benchmarks.distractors import Distractor, distractors  # noqa: E402
from benchmarks.paradigms import european  # noqa: E402
from benchmarks.wordings import (  # noqa: E402
    Wording,
    japanese_and_chinese,
    korean,
    misspelled,
    romanised,
)
from crawler.configfile import load_document  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alerts.model import Entity, Topic

PACK = ROOT / "alerts" / "packs" / "eu-korea-russia"
RECALL = 0.97
FALSE_PER_THOUSAND = 1.0
UNWATCHED = {"listed-states"}
"""Other countries, known only to tell a bare list of states from a report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Forms by (language, kind) found and asked; what was missed and falsely hit."""

    found: Counter[tuple[str, str]]
    asked: Counter[tuple[str, str]]
    missed: tuple[Wording, ...]
    sentences: int
    false: tuple[tuple[Distractor, str], ...]

    @property
    def recall(self) -> float:
        """Share of all forms that were found."""
        return self.found.total() / self.asked.total()

    @property
    def false_per_thousand(self) -> float:
        """Distractors hit, of a thousand."""
        return 1000 * len(self.false) / self.sentences


def wordings() -> list[Wording]:
    """Every generated form once per sentence, in a fixed order."""
    made = [
        *korean(),
        *romanised(),
        *misspelled(),
        *european(),
        *japanese_and_chinese(),
    ]
    return list(dict.fromkeys(made))


def load_pack() -> tuple[dict[str, Entity], dict[str, Topic]]:
    entities, wrong = read_entities(
        load_document(PACK / "entities.yaml").data["entities"]
    )
    topics, more = read_topics(
        load_document(PACK / "topics.yaml").data["topics"], channels=()
    )
    assert not wrong
    assert not more
    return entities, topics


def measure(
    entities: dict[str, Entity],
    topics: dict[str, Topic],
    asked: Iterable[Wording],
    quiet: Iterable[Distractor],
) -> Measured:
    """Ask the matcher for every form and every distractor, each in its own text."""
    matcher = Matcher.compile(entities, topics)
    total: Counter[tuple[str, str]] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    missed = []
    for wording in asked:
        cell = (wording.language, wording.kind)
        total[cell] += 1
        if wording.entity in named(matcher, wording.sentence, wording.language):
            found[cell] += 1
        else:
            missed.append(wording)
    false = []
    sentences = 0
    for each in quiet:
        sentences += 1
        who = sorted(
            entity
            for entity in named(matcher, each.text, each.language)
            if entities[entity].kind != "thing" and entity not in UNWATCHED
        )
        document = Document(title=each.text, text="", language=each.language)
        who += [match.topic for match in matcher.match(document) if match.hit]
        if who:
            false.append((each, ", ".join(who)))
    return Measured(
        found=found,
        asked=total,
        missed=tuple(missed),
        sentences=sentences,
        false=tuple(false),
    )


def named(matcher: Matcher, text: str, language: str) -> set[str]:
    """The entities that a text names for certain."""
    document = Document(title="", text=text, language=language)
    return {each.entity for each in matcher.entities(document) if each.needs is None}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--misses", action="store_true", help="list what is wrong")
    arguments.add_argument("--json", action="store_true", help="figures as JSON")
    options = arguments.parse_args()
    result = measure(*load_pack(), wordings(), distractors())
    if options.json:
        figures = {
            "forms": result.asked.total(),
            "recall": result.recall,
            "distractors": result.sentences,
            "false_per_thousand": result.false_per_thousand,
        }
        print(json.dumps(figures, indent=1))
        return
    report(result)
    for wording in result.missed if options.misses else ():
        print(
            f"missed {wording.language} {wording.entity:16} {wording.kind:16} "
            f"{wording.surface!r}"
        )
    for each, who in result.false:
        print(f"false  {each.language} {who}: {each.text}")


def report(result: Measured) -> None:
    """Recall by language and rule, then the two figures that are asked for."""
    for language in sorted({language for language, _ in result.asked}):
        cells = [cell for cell in result.asked if cell[0] == language]
        found = sum(result.found[cell] for cell in cells)
        asked = sum(result.asked[cell] for cell in cells)
        print(f"{language}  {found:4}/{asked:4}  {found / asked:.3f}")
        for cell in cells:
            if result.found[cell] < result.asked[cell]:
                print(f"      {cell[1]:20} {result.found[cell]}/{result.asked[cell]}")
    print(
        f"{result.asked.total()} forms: recall {result.recall:.4f} (asked {RECALL}); "
        f"{result.sentences} distractors: {len(result.false)} false, "
        f"{result.false_per_thousand:.2f} per 1,000 (at most {FALSE_PER_THOUSAND:g})"
    )


if __name__ == "__main__":
    main()
