"""The jobs against a real store, where the whole program is too much."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.collect import Collector
from crawler.fetcher import Fetcher
from crawler.items import FetchReason, Harvest, SourceState
from crawler.pool import ParserPool
from tests.alerts.desk import NOW, channel, item, watch
from vedette.jobs import Jobs
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
        fetcher, pool = Fetcher(user_agent="test"), ParserPool()
        jobs = Jobs(
            store=store,
            collector=Collector(fetcher=fetcher, pool=pool, scraper=None),
            setup=Setup(
                watch=replace(whole, topics=broken),
                sources={},
                channels={"hook": hook},
                senders={},
            ),
            clock=lambda: NOW,
        )
        judged = await jobs.evaluate()
        await jobs.aclose()
        await pool.aclose()
        await fetcher.aclose()
        return judged

    with Store.open(tmp_path / "s.db") as store:
        store.add_items(harvest)
        assert asyncio.run(judge(store)) == 2
        assert not store.pending(10).items
        assert [row.alert.topic for row in store.alerts(10)] == ["ferry"]
        assert why(store, whole, items[0].id, None)["gate"] == "failed"
