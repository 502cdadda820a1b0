"""A feed that churns its ids must not become a thousand mails (A35)."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.model import MessageType
from crawler.collect import Collector
from crawler.fetcher import Fetcher
from crawler.flood import FLOOD
from crawler.items import ArticlePolicy, Kind, Source
from crawler.pool import ParserPool
from tests.alerts.desk import TOPICS, channel, watch
from tests.crawler.desk import Watch, entry, rss
from tests.servers.http import Reply, serve
from vedette.jobs import Jobs
from vedette.setup import Setup
from vedette.store import Store

if TYPE_CHECKING:
    from pathlib import Path

SYLLABLES = "ba co du fel gri hon ja kel lum mor nis pra quo rus tov wen"
BESIDE = 20


def words(dice: random.Random, count: int) -> str:
    return " ".join("".join(dice.choices(SYLLABLES.split(), k=4)) for _ in range(count))


def reports(count: int) -> list[str]:
    """Entries with nothing in common but the word that is watched."""
    dice = random.Random(count)  # noqa: S311 - not a secret
    return [
        entry(
            f"/{n}",
            title=f"{words(dice, 3)} ferry {words(dice, 3)}",
            guid=f"{n}",
            text=words(dice, 40),
        )
        for n in range(count)
    ]


def test_a_flood_of_new_guids_is_one_message_a_topic_and_none_is_lost(
    tmp_path: Path,
) -> None:
    """A35: at the second poll, when the source is no newcomer any more."""
    bodies = iter([rss(entry(title="Harbour Cup")), rss(*reports(FLOOD + BESIDE))])
    clock = Watch()

    async def story(source: Source) -> Counter[MessageType]:
        fetcher = Fetcher(
            user_agent="t", allow=("127.0.0.0/8",), clock=clock, min_gap_s=0
        )
        pool = ParserPool(workers=1)
        setup = Setup(
            watch=watch(channel("hook", "a@x"), topics=TOPICS[:1]),
            sources={source.name: source},
            channels={},
            senders={},
        )
        with Store.open(tmp_path / "s.db") as store:
            collector = Collector(fetcher=fetcher, pool=pool, scraper=None, clock=clock)
            jobs = Jobs(store=store, collector=collector, setup=setup, clock=clock)
            await jobs.adopt(setup, spread=False)
            for _ in range(2):
                await jobs.collect(source.name)
                while await jobs.evaluate():
                    pass
                clock.now += timedelta(minutes=30)
            assert jobs.states[source.name].detail.startswith("flood: 120 new items")
            rows = store.outbox(9999)
            told = {alert for row in rows for alert in row.alert_ids}
            assert len(told) == len(store.alerts(9999)) > FLOOD
            await jobs.aclose()
        await pool.aclose()
        await fetcher.aclose()
        return Counter(row.type for row in rows)

    with serve(
        lambda request: (
            Reply(body=next(bodies)) if request.path == "/feed" else Reply(status=404)
        )
    ) as site:
        source = Source(
            name="churn",
            kind=Kind.FEED,
            url=site.url("/feed"),
            article=ArticlePolicy.NEVER,
        )
        types = asyncio.run(story(source))
    assert types == {MessageType.OPENED: 1, MessageType.DIGEST: 1}
