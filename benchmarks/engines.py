"""What else could look for the same topics, and how fast it is: the rivals.

All of them ask less than the matcher does: no inflected forms, no distance, no score,
no evidence. ``agreement`` says in how far they still find the same topics.
"""

from __future__ import annotations

import os
import re
import sqlite3
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from ahocorasick_rs import AhoCorasick, Implementation

from alerts.matching.plan import plan_topic
from alerts.matching.reading import Reading
from alerts.matching.tree import AllOf, Leaf, Without

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from alerts.matching import Matcher
    from alerts.matching.compile import Watch
    from alerts.matching.tree import Node
    from alerts.model import Document, Topic

    Rival = Callable[[Document], set[str]]

T = TypeVar("T")

EACH_S = 6.0
"""CPU seconds after which an engine has been watched for long enough."""
ROUND = 5
"""Documents of which one is about something watched; rates count whole rounds."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A topic for rivals: of each clause one spelling must stand, of ``none`` none.

    Spellings as their aliases have them; a star at the end waives the right edge.
    """

    topic: str
    clauses: tuple[tuple[str, ...], ...]
    none: tuple[str, ...]


def conditions(watch: Watch, topics: Mapping[str, Topic]) -> list[Condition]:
    """The required clauses of every topic, entities as their aliases."""

    def spellings(atoms: Iterable[str]) -> tuple[str, ...]:
        found: list[str] = []
        for atom in sorted(atoms):
            if atom[0] == "@":
                found.extend(alias.text for alias in watch.entities[atom[1:]].aliases)
            else:
                found.append(atom.lstrip("="))
        return tuple(dict.fromkeys(found))

    return [
        Condition(
            topic=name,
            clauses=tuple(map(spellings, plan_topic(topic, watch.trees).needs)),
            none=spellings(forbidden(watch.trees[topic.query])),
        )
        for name, topic in topics.items()
    ]


def forbidden(tree: Node) -> list[str]:
    """The words after a NOT on the first level of a query."""
    nodes = tree.nodes if isinstance(tree, AllOf) else (tree,)
    return [
        node.node.atom
        for node in nodes
        if isinstance(node, Without) and isinstance(node.node, Leaf)
    ]


def naive_loop(asked: Iterable[Condition]) -> Rival:
    """One ``re`` search per clause, topic by topic, until a clause fails."""

    def search(spellings: Iterable[str]) -> re.Pattern[str]:
        arms = "|".join(
            re.escape(each.removesuffix("*"))
            + ("" if each.endswith("*") else r"(?!\w)")
            for each in spellings
        )
        return re.compile(rf"(?i)(?<!\w)(?:{arms})")

    plans = [
        (
            one.topic,
            [search(clause) for clause in one.clauses],
            search(one.none) if one.none else None,
        )
        for one in asked
    ]

    def run(document: Document) -> set[str]:
        text = whole(document)
        return {
            topic
            for topic, clauses, none in plans
            if all(each.search(text) for each in clauses)
            and not (none and none.search(text))
        }

    return run


def token_loop(asked: Iterable[Condition]) -> Rival:
    """The set of a text's words against one word of each spelling, topic by topic.

    Words only: neither their order nor ``word*`` nor scripts without spaces.
    """

    def rarest(spelling: str) -> str:
        words: list[str] = _WORD.findall(spelling.casefold())
        return max(words, key=len, default="")

    plans = [
        (
            one.topic,
            [frozenset(map(rarest, clause)) for clause in one.clauses],
            frozenset(map(rarest, one.none)),
        )
        for one in asked
    ]

    def run(document: Document) -> set[str]:
        tokens = frozenset(_WORD.findall(whole(document).casefold()))
        found = set()
        for topic, clauses, none in plans:
            for clause in clauses:
                if clause.isdisjoint(tokens):
                    break
            else:
                if none.isdisjoint(tokens):
                    found.add(topic)
        return found

    return run


def fts5_loop(asked: Iterable[Condition]) -> Rival:
    """SQLite FTS5 in memory: the text is indexed, then every query asks for it."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE item USING fts5(text)")

    def either(spellings: Iterable[str]) -> str:
        quoted = (
            '"'
            + each.removesuffix("*").replace('"', " ")
            + '"'
            + "*" * each.endswith("*")
            for each in spellings
        )
        return "(" + " OR ".join(quoted) + ")"

    plans = [
        (
            one.topic,
            " AND ".join(map(either, one.clauses))
            + (f" NOT {either(one.none)}" if one.none else ""),
        )
        for one in asked
    ]

    def run(document: Document) -> set[str]:
        database.execute("DELETE FROM item")
        database.execute("INSERT INTO item VALUES (?)", (whole(document),))
        ask = "SELECT 1 FROM item WHERE item MATCH ?"
        return {
            topic
            for topic, query in plans
            if database.execute(ask, (query,)).fetchone()
        }

    return run


def raw_scan(watch: Watch) -> Callable[[str], object]:
    """The bare engine with the patterns of a watch.

    It takes a text in normal form and says where patterns stand: no edges, no queries.
    """
    engine = AhoCorasick(
        list(watch.patterns.table),
        implementation=Implementation.ContiguousNFA,
        store_patterns=False,
    )
    return lambda text: engine.find_matches_as_indexes(text, overlapping=True)


def prepared(documents: Iterable[Document]) -> list[str]:
    """Texts in the normal form the raw engine needs."""
    return [Reading(document).text for document in documents]


def whole(document: Document) -> str:
    """Title and text."""
    return f"{document.title}\n{document.text}"


def watched(
    run: Callable[[T], object], texts: Sequence[T], *, warm: int = 0
) -> tuple[float, int]:
    """Texts per second of CPU time and how many it were, whole rounds of them.

    The first ``warm`` texts are run beforehand. Ends early after ``EACH_S``.
    """
    for text in texts[:warm]:
        run(text)
    began = time.process_time()
    spent, done = 0.0, 0
    while done < len(texts) and spent < EACH_S:
        for text in texts[done : done + ROUND]:
            run(text)
            done += 1
        spent = time.process_time() - began
    return done / max(1e-9, spent), done


def one_core() -> None:
    """Stay on one core from here on, where the system lets us choose."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def agreement(
    matcher: Matcher, rival: Rival, documents: Collection[Document]
) -> tuple[int, int, int]:
    """Topics that both find, only the matcher, only the rival, over all documents."""
    both = ours = theirs = 0
    for document in documents:
        mine = {match.topic for match in matcher.match(document)}
        other = rival(document)
        both += len(mine & other)
        ours += len(mine - other)
        theirs += len(other - mine)
    return both, ours, theirs
