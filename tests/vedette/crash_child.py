"""A worker that walks the whole trip through the store, to be killed anywhere.

    python -m tests.vedette.crash_child STORE ROUNDS [BUG]

Every line it prints was true on the disk before it was printed: ``stored N`` (poll N
with its cursor), ``judged N``, ``claimed ID``, ``settled ID``. It takes up what an
earlier, killed worker left. BUG plants one of the mistakes that the checker must
catch.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from alerts.model import DeliveryState, Outcome, Receipt, Verdict
from tests.vedette import store_world as world
from vedette.store import Store

if TYPE_CHECKING:
    from crawler.items import Item

PER_POLL = 3


def items_of(poll: int) -> list[Item]:
    """The items that poll number ``poll`` brings."""
    return [world.item(f"{poll}-{n}") for n in range(PER_POLL)]


def say(what: str, which: object) -> None:
    sys.stdout.write(f"{what} {which}\n")
    sys.stdout.flush()


def collect(store: Store, poll: int, bug: str) -> None:
    harvest = world.harvest(items_of(poll), etag=str(poll))
    if bug == "cursor-first":
        store.add_items(replace(harvest, items=()))
    store.add_items(harvest)
    say("stored", poll)


def evaluate(store: Store, bug: str) -> None:
    items = store.pending(PER_POLL).items
    if not items:
        return
    verdict = world.verdict(items)
    if bug == "judged-first":
        store.record(replace(verdict, alerts=(), deliveries=()))
        verdict = Verdict(
            at=verdict.at, alerts=verdict.alerts, deliveries=verdict.deliveries
        )
    store.record(verdict)
    say("judged", (items[-1].guid or "").split("-")[0])


def deliver(store: Store) -> None:
    for row in store.claim(world.NOW, limit=2, lease=world.LEASE):
        say("claimed", row.id)
        store.settle(
            row.id, Receipt(outcome=Outcome.DELIVERED), now=world.NOW, due=None
        )
        say("settled", row.id)


def main() -> None:
    path, rounds = Path(sys.argv[1]), int(sys.argv[2])
    bug = sys.argv[3] if len(sys.argv) > 3 else ""
    store = Store.open(path)
    store.release(None)
    state = store.states().get("gazette")
    done = int(state.etag) if state is not None and state.etag else 0
    for poll in range(done + 1, rounds + 1):
        collect(store, poll, bug)
        evaluate(store, bug)
        deliver(store)
    while store.pending(1).items:
        evaluate(store, bug)
    while store.health(world.NOW).deliveries.get(DeliveryState.PENDING):
        deliver(store)
    store.close()
    say("done", rounds)


if __name__ == "__main__":
    main()
