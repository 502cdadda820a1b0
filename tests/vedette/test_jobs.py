"""The jobs against a real store, where the whole program is too much."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.items import Harvest, SourceState
from crawler.reasons import FetchReason
from tests.alerts.desk import NOW, channel, item, watch
from tests.vedette.engines import working
from vedette.setup import Setup
from vedette.store import Store
from vedette.why import why

if TYPE_CHECKING:
    from pathlib import Path


def test_an_item_that_cannot_be_judged_holds_up_no_other(tmp_path: Path) -> None:
    hook = channel("hook")
    whole = watch(hook)
    # A topic that the matcher knows and the watch does not: judging it raises.
    broken = {n: t for n, t in whole.topics.items() if n != "strike"}
    items = (
        item("A strike closes every station of the line"),
        item("The ferry is late again this morning"),
    )
    harvest = Harvest(
        source="wire",
        at=NOW,
        reason=FetchReason.OK,
        detail="",
        items=items,
        dropped=(),
        records=(),
        state=SourceState(name="wire", url="https://wire.test/", adopted=NOW),
    )

    async def judge(store: Store) -> int:
        setup = Setup(
            watch=replace(whole, topics=broken),
            sources={},
            channels={"hook": hook},
            senders={},
        )
        async with working(store, setup, clock=lambda: NOW) as jobs:
            return await jobs.evaluate()

    with Store.open(tmp_path / "s.db") as store:
        store.add_items(harvest)
        assert asyncio.run(judge(store)) == 2
        assert not store.pending(10).items
        assert [row.alert.topic for row in store.alerts(10)] == ["ferry"]
        assert why(store, whole, items[0].id, None)["gate"] == "failed"
