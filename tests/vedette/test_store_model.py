"""The store against a model: random walks of polls, verdicts, sends and crashes."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
)

from alerts.model import DeliveryState, Outcome, Receipt
from tests.vedette import store_world as world
from vedette.store import AlreadyEvaluated, Store, Wish

if TYPE_CHECKING:
    from crawler.items import Item

PENDING, LEASED = DeliveryState.PENDING, DeliveryState.LEASED
DELIVERED, DEAD = DeliveryState.DELIVERED, DeliveryState.DEAD
SUPPRESSED = DeliveryState.SUPPRESSED
ENDPOINTS = (("mail", "a@example.test"), ("mail", "b@example.test"), ("hook", "hook"))


@dataclass
class Row:
    """What the model thinks of an outbox row; times in seconds since the start."""

    channel: str
    recipient: str
    due: float
    state: DeliveryState = PENDING
    attempts: int = 0
    lease: float = 0
    order: int = 0


@dataclass
class World:
    """The dictionaries the store is compared with."""

    items: dict[str, Item] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    rows: dict[str, Row] = field(default_factory=dict)
    cursor: int = 0
    now: float = 0


class StoreWalk(RuleBasedStateMachine):
    """Rules are what the jobs, the operator and the power plug do."""

    claimed = Bundle("claimed")

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.lives = 0
        self.path = self.folder / "0" / "vedette.db"
        self.store = Store.open(self.path)
        self.model = World()

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            shutil.rmtree(self.folder)

    def now(self) -> object:
        return world.NOW + timedelta(seconds=self.model.now)

    # --- collect and evaluate ------------------------------------------------

    @rule(keys=st.lists(st.integers(0, 30), max_size=5))
    def poll(self, keys: list[int]) -> None:
        items = [world.item(str(key)) for key in keys]
        self.model.cursor += 1
        added = self.store.add_items(world.harvest(items, etag=str(self.model.cursor)))
        fresh = {one.id: one for one in items if one.id not in self.model.items}
        assert (added.new, added.known) == (len(fresh), len(items) - len(fresh))
        self.model.items |= fresh
        self.model.waiting += fresh

    @rule(limit=st.integers(1, 6), twice=st.booleans(), wait=st.integers(0, 50))
    def evaluate(self, limit: int, twice: bool, wait: int) -> None:
        items = self.store.pending(limit).items
        assert [one.id for one in items] == self.model.waiting[:limit]
        due = world.NOW + timedelta(seconds=self.model.now + wait)
        deliveries = [
            world.delivery(
                [world.alert(one)], channel=channel, recipient=recipient, due=due
            )
            for one in items
            for channel, recipient in ENDPOINTS
        ]
        verdict = world.verdict(items, deliveries=deliveries)
        self.store.record(verdict)
        if twice and items:
            with pytest.raises(AlreadyEvaluated):
                self.store.record(verdict)
        del self.model.waiting[:limit]
        for row in deliveries:
            self.model.rows[row.id] = Row(
                channel=row.channel,
                recipient=row.recipient,
                due=self.model.now + wait,
                order=len(self.model.rows),
            )

    # --- deliver -------------------------------------------------------------

    def expected_claim(self, limit: int, per_recipient: int) -> list[str]:
        model, ripe = self.model, []
        for channel, recipient in ENDPOINTS:
            mine = {
                key: row
                for key, row in model.rows.items()
                if (row.channel, row.recipient) == (channel, recipient)
            }
            out = sum(r.state is LEASED and r.lease > model.now for r in mine.values())
            free = sorted(
                (row.attempts, row.due, row.order, key)
                for key, row in mine.items()
                if (row.state is PENDING and row.due <= model.now)
                or (row.state is LEASED and row.lease <= model.now)
            )
            ripe += free[: max(per_recipient - out, 0)]
        return [key for *_, key in sorted(ripe)[:limit]]

    @rule(
        target=claimed,
        limit=st.integers(1, 8),
        per_recipient=st.integers(1, 4),
        lease=st.integers(1, 30),
    )
    def claim(self, limit: int, per_recipient: int, lease: int) -> tuple[str, ...]:
        expected = self.expected_claim(limit, per_recipient)
        got = self.store.claim(
            self.now(),  # type: ignore[arg-type]
            limit=limit,
            lease=timedelta(seconds=lease),
            per_recipient=per_recipient,
            per_channel=999,
        )
        assert [row.id for row in got] == expected
        for row in got:
            mine = self.model.rows[row.id]
            mine.state, mine.lease = LEASED, self.model.now + lease
            mine.attempts += 1
            assert row.attempts == mine.attempts
        return tuple(expected)

    @rule(
        ids=consumes(claimed),
        outcome=st.sampled_from(Outcome),
        wait=st.none() | st.integers(0, 60),
    )
    def settle(self, ids: tuple[str, ...], outcome: Outcome, wait: int | None) -> None:
        """Also answers that come after the lease, a crash or a drop."""
        due = (
            None
            if wait is None
            else world.NOW + timedelta(seconds=self.model.now + wait)
        )
        for key in ids:
            self.store.settle(
                key,
                Receipt(outcome=outcome),
                now=self.now(),  # type: ignore[arg-type]
                due=due,
            )
            row = self.model.rows[key]
            if outcome is Outcome.DELIVERED:
                row.state = DELIVERED
            elif row.state is LEASED and wait is None:
                row.state = DEAD
            elif row.state is LEASED and wait is not None:
                row.state, row.due = PENDING, self.model.now + wait
                row.attempts -= outcome is Outcome.PAUSED

    @rule(ids=consumes(claimed))
    def drain(self, ids: tuple[str, ...]) -> None:
        self.store.release(ids)
        for key in set(ids):
            row = self.model.rows[key]
            if row.state is LEASED:
                row.state, row.attempts = PENDING, row.attempts - 1

    # --- the operator --------------------------------------------------------

    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        if not self.model.rows:
            return
        key = data.draw(st.sampled_from(sorted(self.model.rows)))
        row = self.model.rows[key]
        can = row.state in {PENDING, DEAD, SUPPRESSED}
        assert self.store.redirect(key, Wish.RETRY, self.now()) == can  # type: ignore[arg-type]
        if can:
            if row.state is not PENDING:
                row.attempts = min(row.attempts, 1)
            row.state, row.due = PENDING, self.model.now

    @rule(data=st.data())
    def drop(self, data: st.DataObject) -> None:
        if not self.model.rows:
            return
        key = data.draw(st.sampled_from(sorted(self.model.rows)))
        row = self.model.rows[key]
        can = row.state in {PENDING, DEAD}
        assert self.store.redirect(key, Wish.DROP, self.now()) == can  # type: ignore[arg-type]
        if can:
            row.state = SUPPRESSED

    # --- the world -----------------------------------------------------------

    @rule(seconds=st.integers(-20, 60))
    def time_passes(self, seconds: int) -> None:
        self.model.now += seconds

    @rule(recover=st.booleans())
    def crash(self, recover: bool) -> None:
        """The process ends here: the files as they are, opened by the next one."""
        self.lives += 1
        after = self.folder / str(self.lives) / "vedette.db"
        after.parent.mkdir()
        for suffix in ("", "-wal"):
            before = self.path.with_name(self.path.name + suffix)
            shutil.copyfile(before, after.with_name(after.name + suffix))
        self.store.close()
        self.path, self.store = after, Store.open(after)
        if recover:
            self.store.release(None)
            for row in self.model.rows.values():
                if row.state is LEASED:
                    row.state = PENDING

    @invariant()
    def the_outbox_is_the_model(self) -> None:
        if not hasattr(self, "store"):
            return
        seen = {
            row.id: (row.state, row.attempts, row.due)
            for row in self.store.outbox(9999)
        }
        assert seen == {
            key: (row.state, row.attempts, world.NOW + timedelta(seconds=row.due))
            for key, row in self.model.rows.items()
        }

    @invariant()
    def the_items_are_the_model(self) -> None:
        if not hasattr(self, "store"):
            return
        waiting = self.store.pending(999).items
        assert [one.id for one in waiting] == self.model.waiting
        assert self.store.known(list(self.model.items)) == self.model.items.keys()
        state = self.store.states().get("gazette")
        assert int((state.etag if state else None) or 0) == self.model.cursor


StoreWalk.TestCase.settings = settings(
    max_examples=15,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)
TestStoreWalk = StoreWalk.TestCase
