"""How well the shipped topics agree with a labelled set of news items.

Reads ``../shared/data/match/gold_dev.jsonl`` beside the checkout (or a file given)
and prints precision, recall and F1 per topic and language. Ambiguous labels (null)
are left out. Run: ``python benchmarks/gold.py [FILE] [--misses] [--json]``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from alerts.matching import Matcher  # noqa: E402
from alerts.model import Document  # noqa: E402
from alerts.watchfile import read_entities, read_topics  # noqa: E402
from crawler.configfile import load_document  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alerts.model import Entity, Topic

PACK = ROOT / "alerts" / "packs" / "eu-korea-russia"
GOLD = ROOT.parent / "shared" / "data" / "match" / "gold_dev.jsonl"
LABELS = {
    "dprk": "dprk",
    "russia": "russia",
    "kim-jong-un": "kim_jong_un",
    "dprk-russia": "dprk_russia",
    "eu-rok": "eu_rok",
}
TARGETS = {
    "dprk": 0.96,
    "russia": 0.96,
    "kim-jong-un": 0.94,
    "dprk-russia": 0.93,
    "eu-rok": 0.92,
}
"""F1 that the project asks of its pack."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """Right and wrong answers."""

    true: int = 0
    extra: int = 0
    missed: int = 0

    def add(self, *, wanted: bool, got: bool) -> None:
        """Count one answer."""
        self.true += wanted and got
        self.extra += got and not wanted
        self.missed += wanted and not got

    @property
    def precision(self) -> float:
        """Share of right ones among those named; 1 when none was."""
        return self.true / (self.true + self.extra) if self.true + self.extra else 1.0

    @property
    def recall(self) -> float:
        """Share of named ones among those wanted; 1 when none was."""
        return self.true / (self.true + self.missed) if self.true + self.missed else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        wrong = self.extra + self.missed
        return 2 * self.true / (2 * self.true + wrong) if self.true + wrong else 1.0


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("file", nargs="?", type=Path, default=GOLD)
    arguments.add_argument("--misses", action="store_true", help="list wrong answers")
    arguments.add_argument("--topic", help="wrong answers of this topic only")
    arguments.add_argument("--json", action="store_true", help="figures as JSON")
    options = arguments.parse_args()
    if not options.file.exists():
        sys.exit(f"{options.file} is not there: the labelled set is not shipped")
    rows = [json.loads(line) for line in options.file.read_text("utf-8").splitlines()]
    matcher = Matcher.compile(*load_pack())
    totals: dict[str, Tally] = defaultdict(Tally)
    tongues: dict[str, dict[str, Tally]] = defaultdict(lambda: defaultdict(Tally))
    wrong: list[str] = []
    for row in rows:
        hits = hits_of(matcher, row)
        for topic, label in LABELS.items():
            wanted = row[label]
            if wanted is None:
                continue
            got = topic in hits
            totals[topic].add(wanted=wanted, got=got)
            tongues[topic][row["lang"]].add(wanted=wanted, got=got)
            if got != wanted and options.topic in {None, topic}:
                wrong.append(describe(row, topic, hits.get(topic, ())))
    report(totals, tongues, as_json=options.json)
    if options.misses:
        print("\n".join(wrong))


def load_pack() -> tuple[dict[str, Entity], dict[str, Topic]]:
    read = load_document(PACK / "entities.yaml").data["entities"]
    entities, wrong = read_entities(read)
    read = load_document(PACK / "topics.yaml").data["topics"]
    topics, more = read_topics(read, channels=())
    if wrong or more:
        sys.exit("\n".join(map(str, [*wrong, *more])))
    return entities, topics


def hits_of(matcher: Matcher, row: dict[str, Any]) -> dict[str, Iterable[str]]:
    document = Document(
        title=row["title"] or "",
        text=row["text"] or "",
        language=row["lang"],
        url=row["url"],
    )
    return {
        match.topic: [piece.surface for piece in match.evidence]
        for match in matcher.match(document)
        if match.hit
    }


def describe(row: dict[str, Any], topic: str, surfaces: Iterable[str]) -> str:
    kind = "missed" if row[LABELS[topic]] else "extra "
    text = f"{row['title']} | {row['text']}"[:230].replace("\n", " ")
    found = ", ".join(dict.fromkeys(surfaces))
    return f"{topic:12} {kind} {row['lang']} {row['id']:10} [{found}] {text}"


def report(
    totals: dict[str, Tally], tongues: dict[str, dict[str, Tally]], *, as_json: bool
) -> None:
    if as_json:
        figures = {
            topic: {
                "precision": tally.precision,
                "recall": tally.recall,
                "f1": tally.f1,
            }
            for topic, tally in totals.items()
        }
        print(json.dumps(figures, indent=1))
        return
    print(f"{'topic':14}{'P':>7}{'R':>7}{'F1':>7}{'want':>7}  true/extra/missed")
    for topic, tally in totals.items():
        print(f"{topic:14}{line(tally, f'{TARGETS[topic]:.2f}')}")
        for language, part in sorted(tongues[topic].items()):
            if part.true + part.extra + part.missed:
                print(f"    {language:10}{line(part)}")


def line(tally: Tally, target: str = "") -> str:
    figures = f"{tally.precision:7.3f}{tally.recall:7.3f}{tally.f1:7.3f}"
    return f"{figures}{target:>7}  {tally.true}/{tally.extra}/{tally.missed}"


if __name__ == "__main__":
    main()
