"""A stage for attacks on addresses: one allowed site, traps beside it, ways in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from crawler.address import AddressGuard
from crawler.collect import Collector
from crawler.crawl import Scraper
from crawler.fetcher import Fetcher
from crawler.items import ArticlePolicy, Harvest, Kind, ListingRules, Source
from crawler.pool import ParserPool
from tests.crawler.desk import Desk, Watch, rss
from tests.servers.http import Answer, Reply, Request, Server, redirect, serve

HOST = "127.9.1.1"

NAMES = {
    "good.test": (HOST,),
    "inside.test": ("127.0.0.1",),
    "half.test": (HOST, "127.0.0.1"),
    "mapped.test": ("::ffff:127.0.0.1",),
}


@dataclass(kw_only=True)
class Stage:
    """A desk, its one allowed site, and the traps."""

    desk: Desk
    site: Server
    traps: Server
    asked: list[str]
    pages: dict[str, Answer] = field(default_factory=dict)

    def feed(self, url: str, **changes: object) -> Harvest:
        return self.poll(Kind.FEED, url, **changes)

    def poll(self, kind: Kind, url: str, **changes: object) -> Harvest:
        rules = ListingRules(item="li") if kind is Kind.LISTING else None
        given = {"article": ArticlePolicy.NEVER, "listing": rules, **changes}
        return self.desk.poll(Source(name="site", kind=kind, url=url, **given))  # type: ignore[arg-type]

    def inside(self, host: str) -> str:
        """A URL of that host that would be answered, were it asked."""
        return f"http://{host}:{self.site.port}/feed"


@contextmanager
def stage_set() -> Iterator[Stage]:
    """The stage while the block lasts."""
    pages: dict[str, Answer] = {}
    asked: list[str] = []

    def answer(request: Request) -> Answer:
        return pages.get(request.path, Reply(status=404))

    def lookup(host: str, port: int) -> tuple[str, ...]:
        asked.append(host)
        if host == "flip.test":  # the site first, then a trap
            return (HOST,) if asked.count(host) % 2 else ("127.0.0.1",)
        if host not in NAMES:
            raise OSError
        return NAMES[host]

    with ExitStack() as stack:
        site = stack.enter_context(serve(answer, host=HOST))
        caught = serve({"/feed": Reply(body=rss())}, port=site.port)
        traps = stack.enter_context(caught)
        runner = stack.enter_context(asyncio.Runner())
        watch = Watch()

        async def build() -> tuple[Fetcher, ParserPool, Scraper]:
            guard = AddressGuard((HOST,), lookup=lookup)
            fetcher = Fetcher(
                user_agent="test", guard=guard, clock=watch, min_gap_s=0, deadline_s=5
            )
            pool = ParserPool(workers=1)
            return fetcher, pool, Scraper(fetcher=fetcher, pool=pool)

        fetcher, pool, scraper = runner.run(build())
        desk = Desk(
            runner=runner,
            collector=Collector(
                fetcher=fetcher, pool=pool, scraper=scraper, clock=watch
            ),
            watch=watch,
        )
        yield Stage(desk=desk, site=site, traps=traps, asked=asked, pages=pages)
        for part in (scraper, pool, fetcher):
            runner.run(part.aclose())


def by_address(stage: Stage, url: str) -> Harvest:
    return stage.feed(url)


def by_list_page(stage: Stage, url: str) -> Harvest:
    return stage.poll(Kind.LISTING, url)


def by_sitemap(stage: Stage, url: str) -> Harvest:
    return stage.poll(Kind.SITEMAP, url)


def by_redirect(stage: Stage, url: str) -> Harvest:
    stage.pages["/go"] = redirect(url.encode().decode("latin-1"))
    return stage.feed(stage.site.url("/go"))


def by_redirect_of_a_list_page(stage: Stage, url: str) -> Harvest:
    stage.pages["/go"] = redirect(url.encode().decode("latin-1"), 307)
    return stage.poll(Kind.LISTING, stage.site.url("/go"))


def by_second_redirect(stage: Stage, url: str) -> Harvest:
    stage.pages["/first"] = redirect("/go", 308)
    stage.pages["/go"] = redirect(url.encode().decode("latin-1"))
    return stage.feed(stage.site.url("/first"))


def by_index(stage: Stage, url: str) -> Harvest:
    index = f"<sitemapindex><sitemap><loc>{url}</loc></sitemap></sitemapindex>"
    stage.pages["/map"] = Reply(body=index.encode())
    return stage.poll(Kind.SITEMAP, stage.site.url("/map"))


def by_proxy(stage: Stage, url: str) -> Harvest:
    stage.pages["/feed"] = Reply(body=rss())
    return stage.feed(stage.site.url("/feed"), proxy=url.removesuffix("/feed"))


WAYS = [
    by_address,
    by_list_page,
    by_sitemap,
    by_redirect,
    by_redirect_of_a_list_page,
    by_second_redirect,
    by_index,
    by_proxy,
]
Way = Callable[[Stage, str], Harvest]
"""Polls something that names the URL, and tells what came of it."""
