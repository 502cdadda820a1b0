"""A newspaper of our own on loopback, whose pages a test edits, and a desk on it."""

from __future__ import annotations

import asyncio
import hashlib
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from alerts.model import Outcome, Receipt
from crawler.collect import Collector
from crawler.fetcher import Fetcher
from crawler.items import ArticlePolicy, Kind, Source
from crawler.pool import ParserPool
from tests.alerts.desk import NOW, TOPICS, channel, watch
from tests.servers.http import Reply, Request, Server, serve
from vedette.jobs import Jobs
from vedette.setup import Setup
from vedette.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from alerts.model import Delivery, Topic

HEADLINE = "Ferry with 240 aboard runs aground off the lighthouse"
_TEXT = """\
A ferry with 240 passengers ran aground off the northern lighthouse on Monday evening,
the harbour master said. At least 12 people were hurt, three of them badly.

“We saw the rocks far too late to turn away,” the first officer told reporters on the
quay. He had been on the bridge for nine hours.

Boats from four villages brought the passengers ashore during the night. The sea was
calm and the light was working, according to the coast guard.

The company has run the line since 1987. It said that the ship would be towed to the
yard as soon as the tide allowed."""
PARAGRAPHS = tuple(" ".join(one.split()) for one in _TEXT.split("\n\n"))


def page(
    headline: str = HEADLINE,
    paragraphs: Sequence[str] = PARAGRAPHS,
    *,
    around: int = 1,
) -> bytes:
    """A page of the paper; ``around`` varies all that is not the report."""
    related = "".join(
        f"<li><a href='/r{around}{n}'>Storm number {n + around} reaches port</a></li>"
        for n in range(5)
    )
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return f"""<!DOCTYPE html><html lang="en"><head><title>{headline} | The Pier</title>
<meta property="og:title" content="{headline}">
<meta property="og:site_name" content="The Pier"></head><body>
<header><nav><ul><li><a href="/">Home</a></li><li><a href="/sea">Sea</a></li></ul></nav>
<div class="ticker">Tide {around} m, wind {around * 3} knots</div></header>
<main><article><h1>{headline}</h1>
<div class="meta">Updated {around} minutes ago, {around * 17} shares</div>
{body}<div class="share">Shared {around * 17} times</div></article>
<aside><h2>Most read</h2><ul>{related}</ul></aside>
<section id="comments"><h3>{around * 4} comments</h3>
<p>User{around}: I was on that ferry {around} years ago, never again.</p></section>
</main>
<footer><p>© The Pier {2020 + around}. All rights reserved.</p></footer></body></html>
""".encode()


class Clock:
    """Time as a test sets it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Ear:
    """A channel that hears."""

    def __init__(self) -> None:
        self.heard: list[Delivery] = []

    async def send(self, delivery: Delivery) -> Receipt:
        self.heard.append(delivery)
        return Receipt(outcome=Outcome.DELIVERED)

    async def probe(self) -> Receipt:
        return Receipt(outcome=Outcome.DELIVERED)

    async def aclose(self) -> None:
        pass

    def data(self) -> list[dict[str, Any]]:
        """What was heard, read as JSON, oldest first."""
        return [json.loads(row.payload or b"{}") for row in self.heard]


@dataclass(kw_only=True)
class Paper:
    """The site: pages by path; a page that is a number answers with that status."""

    site: Server
    pages: dict[str, bytes | int]
    clock: Clock = field(default_factory=Clock)
    ear: Ear = field(default_factory=Ear)

    def publish(self, *slugs: str, title: str = HEADLINE, text: str = "") -> None:
        """A feed of these articles, dated now."""
        entries = "".join(
            f"<item><title>{title}</title><link>{self.site.url(f'/{slug}')}</link>"
            f"<pubDate>{format_datetime(self.clock.now)}</pubDate>"
            f"<description>{text}</description></item>"
            for slug in slugs
        )
        self.pages["/feed"] = (
            "<?xml version='1.0'?><rss version='2.0'><channel><title>The Pier</title>"
            f"{entries}</channel></rss>"
        ).encode()

    def asked(self, path: str) -> list[Request]:
        """The requests for a path so far."""
        return [one for one in self.site.requests if one.path == path]


@asynccontextmanager
async def desk(
    paper: Paper,
    store: Store,
    *,
    article: ArticlePolicy = ArticlePolicy.AUTO,
    topics: Sequence[Topic] = TOPICS[:1],
) -> AsyncIterator[Jobs]:
    """The jobs of one process on that paper."""
    clock = paper.clock
    fetcher = Fetcher(
        user_agent="test", allow=("127.0.0.0/8",), clock=clock, min_gap_s=0.0
    )
    pool = ParserPool()
    hook = channel("hook")
    source = Source(
        name="pier",
        kind=Kind.FEED,
        url=paper.site.url("/feed"),
        article=article,
        language="en",
    )
    setup = Setup(
        watch=replace(watch(hook, topics=topics), sources={"pier": source}),
        sources={"pier": source},
        channels={"hook": hook},
        senders={"hook": paper.ear},
    )
    jobs = Jobs(
        store=store,
        collector=Collector(fetcher=fetcher, pool=pool, scraper=None, clock=clock),
        setup=setup,
        clock=clock,
    )
    try:
        await jobs.adopt(setup, spread=False)
        yield jobs
    finally:
        await jobs.aclose()
        await pool.aclose()
        await fetcher.aclose()


async def step(jobs: Jobs, paper: Paper, after: timedelta) -> int:
    """Let time pass; read again what is due, send what came of it."""
    paper.clock.now += after
    looked = await jobs.recheck()
    await jobs.deliver()
    return looked


def told(
    folder: Path,
    story: Callable[[Jobs, Paper], Any],
    **options: Any,
) -> tuple[Paper, Store]:
    """Run a story: the item has alerted and its first look is over when it begins."""
    pages: dict[str, bytes | int] = {"/a": page()}

    def answer(request: Request) -> Reply:
        found = pages.get(request.path, 404)
        if isinstance(found, int):
            return Reply(status=found)
        tag = f'"{hashlib.md5(found).hexdigest()}"'  # noqa: S324 - an ETag
        kind = "application/rss+xml" if request.path == "/feed" else "text/html"
        if request.header("if-none-match") == tag:
            return Reply(status=304, headers={"ETag": tag})
        return Reply(body=found, headers={"ETag": tag, "Content-Type": kind})

    async def run(paper: Paper, store: Store) -> None:
        async with desk(paper, store, **options) as jobs:
            await jobs.collect("pier")
            await jobs.evaluate()
            await step(jobs, paper, timedelta(0))
            await story(jobs, paper)

    with serve(answer) as site, Store.open(folder / "s.db") as store:
        paper = Paper(site=site, pages=pages)
        paper.publish("a")
        asyncio.run(run(paper, store))
    return paper, Store.open(folder / "s.db")
