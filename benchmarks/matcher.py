"""How fast the matcher is: the shipped pack, and thousands of made-up topics.

Documents are 5,000 characters of made-up news in five scripts; one in five carries
sentences about what is watched. Prints a table, then one JSON line per row; rows of
one run may be compared, rows of two machines may not. The naive loop runs one
``re`` search per spelling and topic, on fewer documents.

Run: ``python benchmarks/matcher.py [--quick] [--topics 100 1000 10000]``.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from alerts.matching import Matcher  # noqa: E402
from alerts.model import Alias, Clause, Document, Entity, Topic  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SIZE = 5_000
PACK = ROOT / "alerts" / "packs" / "eu-korea-russia"
CONSONANTS = "bdfgklmnprstvz"
SCRIPTS = {
    "en": ("aeiou", CONSONANTS),
    "de": ("aeiouä", CONSONANTS + "h"),
    "ru": ("аеиоуя", "бвгдклмнпрст"),
    "uk": ("аеиоуі", "бвгдклмнпрст"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table; docs_s of one core, times in seconds, memory in MiB."""

    what: str
    topics: int
    patterns: int
    docs_s: float
    compile_s: float
    warm_s: float
    pss_mib: float


def pss_mib() -> float:
    """Proportional set size of this process."""
    rollup = Path("/proc/self/smaps_rollup")
    if not rollup.exists():
        return 0.0
    found = re.search(r"^Pss:\s+(\d+)", rollup.read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def word(rng: random.Random, lang: str) -> str:
    """A made-up word of one script."""
    if lang == "ko":
        return "".join(
            chr(rng.randrange(0xAC00, 0xD7A3)) for _ in range(rng.choice((2, 3)))
        )
    if lang == "zh":
        return "".join(chr(rng.randrange(0x4E00, 0x8FA0)) for _ in range(2))
    vowels, consonants = SCRIPTS[lang]
    parts = (
        rng.choice(consonants) + rng.choice(vowels)
        for _ in range(rng.choice((2, 3, 4)))
    )
    return "".join(parts)


def prose(
    rng: random.Random, lang: str, vocabulary: list[str], about: list[str]
) -> str:
    """Text of SIZE characters; ``about`` are sentences strewn into it."""
    sentences: list[str] = []
    length = 0
    while length < SIZE:
        words = rng.choices(vocabulary, k=rng.randrange(8, 24))
        for index in range(0, len(words), 7):
            words[index] = words[index].capitalize()
        sentence = ("" if lang == "zh" else " ").join(words).capitalize() + ". "
        sentences.append(sentence)
        length += len(sentence)
    for each in about:
        sentences.insert(rng.randrange(len(sentences)), each + ". ")
    return "".join(sentences)[:SIZE]


def documents(rng: random.Random, count: int, about: list[str]) -> list[Document]:
    """Documents of six languages; every fifth speaks of what is watched."""
    languages = ("en", "en", "de", "ru", "uk", "ko", "zh")
    vocabulary = {lang: [word(rng, lang) for _ in range(3_000)] for lang in languages}
    made = []
    for number in range(count):
        lang = languages[number % len(languages)]
        said = rng.choices(about, k=4) if number % 5 == 0 and about else []
        text = prose(rng, lang, vocabulary[lang], said)
        made.append(Document(title=text[:70], text=text[70:], language=lang))
    return made


def synthetic(
    rng: random.Random, count: int, *, fuzzy: bool
) -> tuple[dict[str, Entity], dict[str, Topic], list[str]]:
    """Topics of the form (two persons) AND (two words) NOT one; sentences that hit."""
    entities: dict[str, Entity] = {}
    topics: dict[str, Topic] = {}
    about: list[str] = []
    words = [word(rng, "en") + "ment" for _ in range(2_000)]
    for number in range(count):
        people = []
        for each in range(2):
            name = f"{word(rng, 'en')} {word(rng, 'de')}ov".title()
            person = Entity(
                id=f"p{number}-{each}",
                kind="person",
                aliases=(Alias(text=name, lang="en"),),
                fuzzy="auto" if fuzzy else "off",
            )
            entities[person.id] = person
            people.append(name)
        first, second, third = rng.sample(words, 3)
        topics[f"t{number}"] = Topic(
            name=f"t{number}",
            title="",
            query=f"(@p{number}-0 OR @p{number}-1) ({first} OR {second}) NOT {third}",
            any=(Clause(query=third, points=5),),
        )
        about.append(f"Said {people[0]} on {first} to {people[1]}")
    return entities, topics, about


def pack() -> tuple[Mapping[str, Entity], Mapping[str, Topic]]:
    """The shipped pack; empty where it is not there yet."""
    from alerts.watchfile import read_entities, read_topics
    from crawler.configfile import load_document

    if not (PACK / "topics.yaml").exists():
        return {}, {}
    entities, _ = read_entities(load_document(PACK / "entities.yaml").data["entities"])
    data = load_document(PACK / "topics.yaml").data["topics"]
    topics, _ = read_topics(data, channels=())
    return entities, topics


def rate(run: Callable[[Document], object], docs: list[Document]) -> float:
    """Documents per second of process time."""
    for document in docs[:20]:
        run(document)
    began = time.process_time()
    for document in docs:
        run(document)
    return len(docs) / max(1e-9, time.process_time() - began)


def measure(
    what: str,
    entities: Mapping[str, Entity],
    topics: Mapping[str, Topic],
    docs: list[Document],
) -> Row:
    """One row: cold compile, warm compile, throughput, memory."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        Matcher.compile(entities, topics, cache=Path(folder))
        cold = time.perf_counter() - began
        began = time.perf_counter()
        matcher = Matcher.compile(entities, topics, cache=Path(folder))
        warm = time.perf_counter() - began
    return Row(
        what=what,
        topics=len(topics),
        patterns=matcher.patterns,
        docs_s=round(rate(matcher.match, docs), 1),
        compile_s=round(cold, 2),
        warm_s=round(warm, 2),
        pss_mib=round(pss_mib(), 1),
    )


def naive(
    entities: Mapping[str, Entity], topics: Mapping[str, Topic], docs: list[Document]
) -> Row:
    """What the matcher is compared with: one search per spelling, topic by topic."""
    searches = [
        re.compile(rf"(?i)(?<!\w){re.escape(alias.text)}(?!\w)")
        for entity in entities.values()
        for alias in entity.aliases
    ]

    def run(document: Document) -> int:
        text = f"{document.title}\n{document.text}"
        return sum(search.search(text) is not None for search in searches)

    began = time.process_time()
    for document in docs:
        run(document)
    spent = time.process_time() - began
    return Row(
        what="naive re loop",
        topics=len(topics),
        patterns=len(searches),
        docs_s=round(len(docs) / max(1e-9, spent), 2),
        compile_s=0,
        warm_s=0,
        pss_mib=round(pss_mib(), 1),
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="speed of the matcher")
    parser.add_argument("--quick", action="store_true", help="fewer documents")
    parser.add_argument("--topics", type=int, nargs="*", default=[10_000])
    options = parser.parse_args()
    rng = random.Random(7)
    count = 200 if options.quick else 2_000
    rows: list[Row] = []
    entities, topics = pack()
    if topics:
        about = [each for topic in topics.values() for each in topic.hits]
        docs = documents(rng, count, about)
        rows.append(measure("shipped pack", entities, topics, docs))
        rows.append(naive(entities, topics, docs[:5]))
    for number in options.topics:
        exact, watched, about = synthetic(rng, number, fuzzy=False)
        docs = documents(rng, count, about)
        if not options.quick:
            rows.append(measure("synthetic, exact", exact, watched, docs))
        fuzzy = {name: replace(entity, fuzzy="auto") for name, entity in exact.items()}
        rows.append(measure("synthetic, with fuzzy names", fuzzy, watched, docs))
        rows.append(naive(exact, watched, docs[: 1 if options.quick else 5]))
    width = max(len(row.what) for row in rows)
    print(f"{'':{width}}  topics  patterns    docs/s  cold s  warm s  PSS MiB")
    for row in rows:
        print(
            f"{row.what:{width}}  {row.topics:6}  {row.patterns:8}  {row.docs_s:8}"
            f"  {row.compile_s:6}  {row.warm_s:6}  {row.pss_mib:7}"
        )
    for row in rows:
        print(json.dumps({"benchmark": "matcher", **asdict(row)}))


if __name__ == "__main__":
    main()
