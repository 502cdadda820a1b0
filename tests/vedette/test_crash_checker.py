"""The checker itself: every invariant it speaks of can be seen broken."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.vedette.crash.checker import CHECKS, Evidence, problems
from tests.vedette.crash.stage import stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow

FOREIGN = str(uuid.uuid4())


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """What a run leaves in which nothing went wrong."""
    with stage(tmp_path_factory.mktemp("calm")) as made:
        for _ in range(2):  # one by one: a backlog would ride in a digest
            made.publish()
            made.run("once", "--all")
        evidence = made.evidence()
    assert problems(evidence, drained=True) == []
    assert len(evidence.seen) == 6
    return evidence


def broken(calm: Evidence, folder: Path, *statements: str) -> Evidence:
    """The same with a store in which these statements were run."""
    store = folder / "vedette.db"
    shutil.copyfile(calm.store, store)
    with contextlib.closing(sqlite3.connect(store)) as db, db:
        for one in statements:
            assert db.execute(one).rowcount, one
    return replace(calm, store=store)


TWICE = "INSERT INTO attempt(delivery, at, outcome, detail) SELECT delivery, at"
STORES = {
    "an alert in no row": ("I1", ["DELETE FROM delivery_alert"]),
    "an alert of no match": ("I1", ["UPDATE judgement SET matches = '[]'"]),
    "leased for ever": (
        "I2",
        ["UPDATE delivery SET state = 'leased', leased_until = 1 WHERE seq = 1"],
    ),
    "due for ever": ("I2", ["UPDATE delivery SET state = 'pending' WHERE seq = 1"]),
    "an id of chance": (
        "I3",
        [
            f"UPDATE {table} SET {column} = '{FOREIGN}' WHERE {column} ="  # noqa: S608
            " (SELECT min(id) FROM delivery WHERE channel = 'log')"
            for table, column in (
                ("delivery_alert", "delivery"),
                ("attempt", "delivery"),
                ("delivery", "id"),
            )
        ],
    ),
    "more messages than attempts": ("I4", ["UPDATE delivery SET attempts = 0"]),
    "another payload": ("I5", ["UPDATE delivery SET payload = x'00' WHERE seq = 1"]),
    "nobody claimed it": ("I6", ["UPDATE delivery SET attempts = 0"]),
    "a cursor behind": ("I7", ["UPDATE source SET etag = '\"1\"'"]),
    "a cursor ahead": ("I7", ["UPDATE item SET title = 'another' WHERE seq = 1"]),
    "judged and waiting": ("I7", ["INSERT INTO pending(item) VALUES (1)"]),
    "neither": ("I7", ["DELETE FROM judgement WHERE item = 1"]),
    "judged without its alert": (
        "I7",
        ["UPDATE alert SET topic = 'x' WHERE seq = 1"],
    ),
    "a lease of nobody": ("I9", ["UPDATE delivery SET leased_until = 1 WHERE seq = 1"]),
    "delivered twice": (
        "I9",
        [f"{TWICE}, outcome, detail FROM attempt WHERE seq = 1"],
    ),
    "before it was due": ("I10", ["UPDATE attempt SET at = at - 99000000"]),
    "again too soon": (
        "I10",
        [
            "UPDATE attempt SET outcome = 'temporary' WHERE seq = 1",
            f"{TWICE} + 4000000, 'delivered', '' FROM attempt WHERE seq = 1",
        ],
    ),
    "another thread": ("I11", ["UPDATE delivery SET story = 's' WHERE channel='desk'"]),
    "another period": (
        "I12",
        ["UPDATE delivery SET period_from = 0 WHERE type = 'digest'"],
    ),
    "dead without reason": (
        "I13",
        ["UPDATE delivery SET state = 'dead' WHERE seq = 1"],
    ),
    "settled at no time": (
        "I13",
        ["UPDATE delivery SET settled = NULL WHERE seq = 1"],
    ),
    "no config": ("I14", ["UPDATE alert SET config = ''"]),
    "a config nobody wrote": (
        "I14",
        ["UPDATE alert SET config = 'another' WHERE seq = 1"],
    ),
    "dangling": ("I15", ["DELETE FROM story"]),
    "half a schema": ("I15", ["DROP TABLE gist"]),
}


@pytest.mark.parametrize("wrong", STORES)
def test_what_is_wrong_in_a_store_is_told_with_its_number(
    calm: Evidence, tmp_path: Path, wrong: str
) -> None:
    """I1-I7, I9-I15: one thing in the store is changed at a time."""
    number, statements = STORES[wrong]
    found = problems(broken(calm, tmp_path, *statements), drained=True)
    assert any(one.startswith(f"{number}: ") for one in found), found


LOGS: dict[str, tuple[str, Callable[[Evidence], Evidence]]] = {
    "one less": ("I2", lambda e: replace(e, seen=e.seen[1:])),
    "never told": (
        "I2",
        lambda e: replace(e, published=[*(e.published or ()), "unheard of"]),
    ),
    "an unknown id": (
        "I3",
        lambda e: replace(e, seen=[*e.seen, replace(e.seen[0], id=FOREIGN)]),
    ),
    "nobody wrote it": (
        "I3",
        lambda e: replace(e, published=(e.published or ())[:1]),
    ),
    "twice in a run": ("I4", lambda e: replace(e, seen=[*e.seen, e.seen[0]])),
    "another content": (
        "I5",
        lambda e: replace(e, seen=[*e.seen, replace(e.seen[0], body=b"x")]),
    ),
    "out of its thread": (
        "I11",
        lambda e: replace(e, seen=[replace(one, root="r") for one in e.seen]),
    ),
    "cut": ("I16", lambda e: replace(e, seen=[replace(e.seen[0], flaws=("cut",))])),
    "a log without end": ("I19", lambda e: replace(e, said=["x" * 3_000_000])),
    "a secret on the terminal": ("I20", lambda e: replace(e, said=[e.secrets[0]])),
    "a secret in the store": ("I20", lambda e: replace(e, secrets=["Ferry"])),
}


@pytest.mark.parametrize("wrong", LOGS)
def test_what_is_wrong_in_a_log_is_told_with_its_number(
    calm: Evidence, wrong: str
) -> None:
    """I2-I5, I11, I16, I19, I20: a message more, one less, another one."""
    number, change = LOGS[wrong]
    found = problems(change(calm), drained=True)
    assert any(one.startswith(f"{number}: ") for one in found), found


def test_every_check_is_seen_to_fail() -> None:
    shown = {number for number, _ in (*STORES.values(), *LOGS.values())}
    assert {check.number for check in CHECKS} == shown


def test_a_damaged_file_is_told_and_nothing_else_is_said_of_it(
    calm: Evidence, tmp_path: Path
) -> None:
    """I15."""
    damaged = broken(calm, tmp_path)
    data = bytearray(damaged.store.read_bytes())
    for page in range(4096 * 2, len(data), 4096 * 3):
        data[page : page + 600] = b"\xa5" * 600
    damaged.store.write_bytes(data)
    found = problems(damaged, drained=True)
    assert found
    assert all(one.startswith("I15: ") for one in found)
