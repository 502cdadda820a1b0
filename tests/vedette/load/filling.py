"""Fills an outbox as the program does: items are stored, judged and told, not sent.

    python -m tests.vedette.load.filling COUNT

Works on config.yaml of the current folder. The items are those of the agency's
numbers from a million on, so that they are mistaken for nothing it publishes.
``age`` makes a backlog of them, as a receiver leaves that was down for days.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import sys
from datetime import timedelta
from pathlib import Path

from crawler.clock import utc_now
from crawler.items import Harvest, Item, SourceState, stable_id
from crawler.reasons import FetchReason
from tests.servers.ticker import MARK, TITLE, words
from vedette.assembly import assemble
from vedette.config import load_config

FIRST = 1_000_000
SOURCE = "agency-0"
AT_ONCE = 100


def harvest(numbers: range) -> Harvest:
    """One poll that brought these items, fresh."""
    now = utc_now()
    return Harvest(
        source=SOURCE,
        at=now,
        reason=FetchReason.OK,
        detail="",
        items=tuple(_item(number) for number in numbers),
        dropped=(),
        records=(),
        state=SourceState(
            name=SOURCE, url="http://127.0.0.1/", adopted=now - timedelta(hours=1)
        ),
    )


def _item(number: int) -> Item:
    now, said = utc_now(), words(number)
    url = f"http://127.0.0.1/{number}.html"
    text = " ".join(said[TITLE:])
    return Item(
        id=stable_id(SOURCE, url),
        source=SOURCE,
        url=url,
        canonical_url=url,
        guid=None,
        title=f"{MARK} n-{number} {' '.join(said[:TITLE])}",
        text=text,
        summary=text[:200],
        language="en",
        authors=(),
        published=now - timedelta(minutes=5),
        seen=now,
    )


def age(store: Path, *, copies: int, tried: bool) -> int:
    """Make so many rows of each that waits, due over three days; their number.

    Args:
        store: a database that no program has open.
        copies: rows of one, itself included; each is an alert of its own.
        tried: whether each was tried one to nine times, or never.
    """
    days = 3 * 86_400 * 1_000_000
    attempts = "1 + seq % 9" if tried else "0"
    with contextlib.closing(sqlite3.connect(store)) as db, db:
        for n in range(1, copies):
            for table, changes in (
                ("alert", {"id": "id || ?1", "milestone": "milestone || ?1"}),
                ("delivery", {"id": "id || ?1"}),
            ):
                columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
                columns.remove("seq")
                values = ", ".join(changes.get(name, name) for name in columns)
                db.execute(
                    f"INSERT INTO {table}({', '.join(columns)})"  # noqa: S608
                    f" SELECT {values} FROM {table} WHERE id NOT LIKE '%~%'",
                    (f"~{n}",),
                )
            db.execute(
                "INSERT INTO delivery_alert SELECT alert || ?1, channel, recipient,"
                " delivery || ?1 FROM delivery_alert WHERE alert NOT LIKE '%~%'",
                (f"~{n}",),
            )
        # Spread evenly over the days, in no order of their making.
        spread = f"(seq * 2654435761 % {days})"
        db.execute(
            f"UPDATE delivery SET attempts = {attempts}, first_due = due - {days},"  # noqa: S608
            f" created = created - {days}, due = due - {spread}"
            " WHERE state = 'pending'"
        )
        count: int = db.execute(
            "SELECT count(*) FROM delivery WHERE state = 'pending'"
        ).fetchone()[0]
        return count


async def _main(count: int) -> None:
    config = load_config(Path("config.yaml"))
    async with assemble(config, spread=True) as jobs:
        for first in range(FIRST, FIRST + count, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, FIRST + count))
            jobs.store.add_items(harvest(numbers))
            while await jobs.evaluate():
                pass


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
