"""What the tests of politeness share: one page of each kind, and polls in turn."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from crawler.items import ArticlePolicy, Kind, ListingRules, Source
from tests.crawler.desk import HOUR, HTML, Desk, always, entry, never, rss
from tests.servers.http import Reply, Request, Server

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crawler.items import Harvest

KINDS = (Kind.FEED, Kind.SITEMAP, Kind.LISTING)
PAGE = "/page"
DAY = timedelta(days=1)


def body_of(kind: Kind, *links: str) -> bytes:
    """A page of the kind that lists these links; one of its own choice by default."""
    names = links or ("/a-first-headline",)
    if kind is Kind.FEED:
        return rss(*(entry(link) for link in names))
    if kind is Kind.SITEMAP:
        urls = "".join(f"<url><loc>{link}</loc></url>" for link in names)
        return f"<urlset>{urls}</urlset>".encode()
    lines = "".join(f"<li><a href='{link}'>About {link}</a></li>" for link in names)
    return f"<html><body><ul>{lines}</ul></body></html>".encode()


def page_of(
    kind: Kind, *links: str, headers: Mapping[str, str] | None = None, status: int = 200
) -> Reply:
    """The same as an answer."""
    head = dict(HTML if kind is Kind.LISTING else {}) | dict(headers or {})
    return Reply(status=status, body=body_of(kind, *links), headers=head)


def source_of(kind: Kind, site: Server, **changes: object) -> Source:
    """A source of the kind at ``PAGE``; articles are left alone."""
    source = Source(
        name=f"the-{kind.value}",
        kind=kind,
        url=site.url(PAGE),
        article=ArticlePolicy.NEVER,
        listing=ListingRules(item="li") if kind is Kind.LISTING else None,
    )
    return replace(source, **changes)  # type: ignore[arg-type]


class Answers:
    """A handler that gives its answers in turn, the last one for ever after."""

    def __init__(self, answers: Iterable[Reply]) -> None:
        self._answers = list(answers)

    def __call__(self, _request: Request) -> Reply:
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def polls(
    desk: Desk,
    source: Source,
    times: int,
    *,
    every: timedelta = HOUR,
    first: Harvest | None = None,
    new: bool = False,
) -> list[Harvest]:
    """So many polls, ``every`` apart, each with the state that the last one left."""
    done: list[Harvest] = [first] if first else []
    for _ in range(times):
        if done:
            desk.watch.now += every
        state = done[-1].state if done else None
        done.append(desk.poll(source, state, known=never if new else always))
    return done[1:] if first else done


def validators(request: Request) -> tuple[str | None, str | None]:
    """If-None-Match and If-Modified-Since as they came."""
    return request.header("if-none-match"), request.header("if-modified-since")
