"""A seeded stream of news, laid into a store for the real program to judge.

Events are told in words of their own by outlets that have owners: reports in other
words, copies, numbers that change, denials, and pairs of events that turn out to be
one. So stories grow, are followed up and merge; what comes of it is a function of the
order alone.
"""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from crawler.items import Harvest, Item, SourceState, stable_id
from crawler.reasons import FetchReason
from tests.alerts.twins import words
from vedette.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

OUTLETS = 8
FERRY, BRIDGE = "ferry", "bridge"

CONFIG = """\
store: data/vedette.db
contact: mailto:lab@vedette.test
network: {allow: ["127.0.0.0/8"]}
sources:
"""
TOPICS = """\
topics:
  ferry: {title: Ferries, query: ferry}
  bridge: {title: Bridges, query: bridge, severity: high}
channels:
  log: {kind: file, path: data/alerts.jsonl}
"""


def config() -> str:
    """A watch of outlets that nobody polls: the items are there already."""
    lines = [
        f"  o{n}: {{kind: feed, url: http://127.0.0.1:9/{n}, owner: owner{n},"
        " article: never}\n"
        for n in range(OUTLETS)
    ]
    return CONFIG + "".join(lines) + TOPICS


def stream(seed: int, events: int, at: datetime) -> list[Item]:
    """The items of so many events, mixed, in order of arrival."""
    pick = random.Random(seed)  # noqa: S311 - a seed, not a secret
    told = [list(_event(event, pick, at)) for event in range(events)]
    waiting = [iter(items) for items in told]
    turns = [n for n, items in enumerate(told) for _ in items]
    pick.shuffle(turns)
    return [next(waiting[n]) for n in turns]


def _event(event: int, pick: random.Random, at: datetime) -> Iterator[Item]:
    mine, other = words(f"{event}"), words(f"{event} other")
    what = (FERRY, BRIDGE)[event % 2]
    near = [(30, 0), (28, 0), (5, 26), (14, 25), (20, 22), (24, 18), (27, 10), (29, 5)]
    outlets = pick.sample(range(OUTLETS), OUTLETS)
    last = ""
    for number, (shared, own) in enumerate(near):
        said = [*mine[:shared], *other[:own]]
        pick.shuffle(said)
        toll = 12 if number < 4 else 47
        title = what.title() if number != 5 else f"Ministry denies {what} report"
        text = f"{title} {' '.join(said)}. {toll} people were killed."
        yield _item(event, number, outlets[number], title, text, at)
        if number % 3 == 2:
            yield _item(event, 90 + number, outlets[0], title, last, at)
        last = text


def _item(
    event: int, number: int, outlet: int, title: str, text: str, at: datetime
) -> Item:
    url = f"https://o{outlet}.test/{event}/{number}"
    return Item(
        id=stable_id(f"o{outlet}", url),
        source=f"o{outlet}",
        url=url,
        canonical_url=url,
        guid=None,
        title=title,
        text=text,
        summary="",
        language="en",
        authors=(),
        published=at,
        seen=at,
    )


def lay(path: Path, items: list[Item], at: datetime) -> None:
    """Store the items unjudged, in this order, and let no source be due for a week."""
    with Store.open(path) as store:
        for one in items:
            state = SourceState(
                name=one.source,
                url=f"http://127.0.0.1:9/{one.source[1:]}",
                adopted=at - timedelta(hours=1),
                due=at + timedelta(days=7),
            )
            harvest = Harvest(
                source=one.source,
                at=at,
                reason=FetchReason.OK,
                detail="",
                items=(one,),
                dropped=(),
                records=(),
                state=state,
            )
            store.add_items(harvest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a stream: all that a kill may not change."""

    stories: dict[str, str]
    merged: dict[str, str]
    alerts: list[tuple[str, str, str, str]]
    covered: list[tuple[str, str, str, str]]
    messages: int

    @classmethod
    def of(cls, path: Path) -> Outcome:
        """Read it from a store that nothing works on."""
        with closing(sqlite3.connect(path)) as db:
            assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            assert not db.execute("PRAGMA foreign_key_check").fetchall()
            return cls(
                stories=dict(
                    db.execute(
                        "SELECT i.id, j.story FROM judgement j"
                        " JOIN item i ON i.seq = j.item"
                    )
                ),
                merged=dict(
                    db.execute(
                        "SELECT id, merged_into FROM story"
                        " WHERE merged_into IS NOT NULL"
                    )
                ),
                alerts=db.execute(
                    "SELECT story, topic, kind, milestone FROM alert ORDER BY 1,2,3,4"
                ).fetchall(),
                covered=db.execute(
                    "SELECT a.story, a.topic, a.kind, a.milestone FROM delivery_alert"
                    " da JOIN alert a ON a.id = da.alert ORDER BY 1,2,3,4"
                ).fetchall(),
                messages=db.execute("SELECT count(*) FROM delivery").fetchone()[0],
            )
