"""How fast the matcher is beside others: the shipped pack, and thousands of topics.

Documents are 5,000 characters of made-up news in six languages, with a capitalised
pair of words in every other sentence; one in five carries sentences about what is
watched, half of their names misspelled by a letter. Everything runs on one core and
counts CPU time. Prints a table, where the time goes, and one JSON line per row; rows
of one run may be compared, rows of two machines may not.

Run: ``python benchmarks/matcher.py [--quick] [--topics 100 1000 10000]``.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from alerts.matching import Matcher  # noqa: E402
from alerts.matching.compile import compile_watch  # noqa: E402
from alerts.model import Alias, Clause, Document, Entity, Topic  # noqa: E402
from benchmarks.engines import (  # noqa: E402
    ROUND,
    agreement,
    conditions,
    fts5_loop,
    naive_loop,
    one_core,
    prepared,
    raw_scan,
    token_loop,
    watched,
)
from benchmarks.processes import memory  # noqa: E402
from benchmarks.stages import shares, stages  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alerts.matching.compile import Watch

SIZE = 5_000
PACK = ROOT / "alerts" / "packs" / "eu-korea-russia"
CONSONANTS = "bdfgklmnprstvz"
LETTERS = {"ko": (0xAC00, 0xD7A3), "zh": (0x4E00, 0x8FA0)}
SCRIPTS = {
    "en": ("aeiou", CONSONANTS),
    "de": ("aeiouä", CONSONANTS + "h"),
    "ru": ("аеиоуя", "бвгдклмнпрст"),
    "uk": ("аеиоуі", "бвгдклмнпрст"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table; docs_s of one core, times in seconds, memory in MiB.

    ``documents`` were run; ``agrees`` are the topics found by both, by the matcher
    only and by this engine only, over the first documents.
    """

    what: str
    topics: int
    patterns: int
    docs_s: float
    documents: int
    compile_s: float = 0.0
    warm_s: float = 0.0
    pss_mib: float = 0.0
    agrees: tuple[int, int, int] | None = None


def word(rng: random.Random, lang: str) -> str:
    """A made-up word of one script."""
    if lang in LETTERS:
        first, last = LETTERS[lang]
        length = rng.choice((2, 3)) if lang == "ko" else 2
        return "".join(chr(rng.randrange(first, last)) for _ in range(length))
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
        if rng.random() < 0.5:  # a name of somebody nobody watches
            words[5], words[6] = words[5].capitalize(), words[6].capitalize()
        words[0] = words[0].capitalize()
        sentence = ("" if lang == "zh" else " ").join(words) + ". "
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
        other = people[1] if number % 2 else misspelled(rng, people[1])
        about.append(f"Said {people[0]} on {first} to {other}")
    return entities, topics, about


def misspelled(rng: random.Random, name: str) -> str:
    """A name with one letter doubled, not the first of a word."""
    at = rng.choice([i for i in range(1, len(name)) if name[i].islower()])
    return name[: at + 1] + name[at:]


def pack() -> tuple[Mapping[str, Entity], Mapping[str, Topic]]:
    """The shipped pack."""
    from alerts.entityfile import read_entities
    from alerts.topicfile import read_topics
    from crawler.configfile import load_document

    entities, _ = read_entities(load_document(PACK / "entities.yaml").data["entities"])
    data = load_document(PACK / "topics.yaml").data["topics"]
    topics, _ = read_topics(data, channels=())
    return entities, topics


@dataclass(frozen=True, slots=True, kw_only=True)
class Bed:
    """What is measured together: the same topics on the same documents."""

    watch: Watch
    topics: Mapping[str, Topic]
    docs: list[Document]
    matcher: Matcher


def measure(
    what: str,
    entities: Mapping[str, Entity],
    topics: Mapping[str, Topic],
    docs: list[Document],
) -> tuple[Row, Bed]:
    """One row: cold compile, warm compile, throughput, memory of this process."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        Matcher.compile(entities, topics, cache=Path(folder))
        cold = time.perf_counter() - began
        began = time.perf_counter()
        watch = compile_watch(entities, topics, Path(folder))
        matcher = Matcher(topics, watch)
        warm = time.perf_counter() - began
    docs_s, count = watched(matcher.match, docs, warm=20)
    row = Row(
        what=what,
        topics=len(topics),
        patterns=matcher.patterns,
        docs_s=round(docs_s, 1),
        documents=count,
        compile_s=round(cold, 2),
        warm_s=round(warm, 2),
        pss_mib=round(memory(os.getpid()).pss_main, 1),
    )
    return row, Bed(watch=watch, topics=topics, docs=docs, matcher=matcher)


def rivals(bed: Bed, *, quick: bool) -> list[Row]:
    """The others on the same documents, the bare scan last."""
    asked = conditions(bed.watch, bed.topics)
    spellings = sum(len(clause) for one in asked for clause in one.clauses)
    rows = []
    loops = {"naive re loop": naive_loop}
    if not quick:
        loops["token-set loop"] = token_loop
        loops["SQLite FTS5, query per topic"] = fts5_loop
    for what, make in loops.items():
        run = make(asked)
        docs = bed.docs[:ROUND] if quick else bed.docs
        docs_s, count = watched(run, docs, warm=1)
        rows.append(
            Row(
                what=what,
                topics=len(bed.topics),
                patterns=spellings,
                docs_s=round(docs_s, 2),
                documents=count,
                agrees=agreement(bed.matcher, run, bed.docs[:ROUND]),
            )
        )
    docs_s, count = watched(raw_scan(bed.watch), prepared(bed.docs), warm=20)
    limit = Row(
        what="raw scan, the limit",
        topics=len(bed.topics),
        patterns=bed.matcher.patterns,
        docs_s=round(docs_s, 1),
        documents=count,
    )
    return [*rows, limit]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="speed of the matcher")
    parser.add_argument("--quick", action="store_true", help="fewer documents")
    parser.add_argument("--topics", type=int, nargs="*", default=[10_000])
    options = parser.parse_args()
    one_core()
    rng, count = random.Random(7), 200 if options.quick else 2_000
    rows: list[Row] = []
    spent: dict[str, str] = {}
    entities, topics = pack()
    about = [each for topic in topics.values() for each in topic.hits]
    docs = documents(rng, count, about)
    row, bed = measure("shipped pack", entities, topics, docs)
    rows += [row, *rivals(bed, quick=options.quick)]
    spent[row.what] = shares(stages(bed.watch, topics, docs), count)
    for number in options.topics:
        exact, topics, about = synthetic(rng, number, fuzzy=False)
        docs = documents(rng, count, about)
        if not options.quick:
            row, bed = measure("synthetic, exact", exact, topics, docs)
            rows += [row, *rivals(bed, quick=False)]
        fuzzy = {name: replace(entity, fuzzy="auto") for name, entity in exact.items()}
        row, bed = measure("synthetic, with fuzzy names", fuzzy, topics, docs)
        rows += [row, *(rivals(bed, quick=True) if options.quick else ())]
        label = f"{number:,} topics with fuzzy names"
        spent[label] = shares(stages(bed.watch, topics, docs), count)
    show(rows, spent)
    for row in rows:
        print(json.dumps({"benchmark": "matcher", **asdict(row)}))


def show(rows: list[Row], spent: Mapping[str, str]) -> None:
    """The table for people; ``agrees`` is both/matcher only/this one only."""
    width = max(len(row.what) for row in rows)
    print(f"{'':{width}}  topics  patterns    docs/s  cold s  warm s  PSS MiB  agrees")
    for row in rows:
        agrees = "/".join(map(str, row.agrees)) if row.agrees else ""
        print(
            f"{row.what:{width}}  {row.topics:6}  {row.patterns:8}  {row.docs_s:8}"
            f"  {row.compile_s:6}  {row.warm_s:6}  {row.pss_mib:7}  {agrees}".rstrip()
        )
    for what, lines in spent.items():
        print(f"where the time goes, {what}\n{lines}")


if __name__ == "__main__":
    main()
