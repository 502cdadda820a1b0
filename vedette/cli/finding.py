"""The command that looks for sources: discover."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from vedette.cli.app import USAGE, AsJson, app, emit_json, shown, stop

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.discover import Discovery
    from crawler.sources import SourceBook


@app.command()
def discover(
    ctx: typer.Context,
    url: Annotated[
        str, typer.Argument(help="A page of the site, best one that lists its news.")
    ],
    json: AsJson = False,
) -> None:
    """Look for feeds, news sitemaps and lists on a site; print them as YAML to paste.

    Example: `vedette discover https://www.eeas.europa.eu/eeas/press-material_en`

    What is printed was read once. It is polite: robots.txt and the pause between
    requests hold, so it may take a minute. Nothing is stored.
    """
    from crawler.sources import load_sources
    from crawler.sourceyaml import write_sources

    if not url.startswith(("http://", "https://")):
        stop("expected an address such as https://news.example.org/", USAGE)
    config: Path = ctx.obj.config
    book = load_sources(config) if config.exists() else None
    found = asyncio.run(_discovered(url, book))
    for trouble in found.troubles:
        print(f"vedette: {shown(trouble)}", file=sys.stderr)
    if not found.offers:
        stop(f"{url}: no feed, news sitemap or list found")
    if json:
        emit_json(
            {
                "name": each.source.name,
                "kind": each.source.kind.value,
                "url": each.source.url,
                "entries": len(each.entries),
                "remark": each.remark,
                "yaml": write_sources([(each.source, "")]),
            }
            for each in found.offers
        )
        return
    sys.stdout.write(write_sources((each.source, each.remark) for each in found.offers))


async def _discovered(url: str, book: SourceBook | None) -> Discovery:
    from crawler.discover import discover as look_for
    from crawler.fetcher import Fetcher, user_agent
    from crawler.pool import ParserPool

    fetcher = Fetcher(
        user_agent=user_agent(book.contact if book else None),
        allow=book.allow if book else (),
    )
    pool = ParserPool(workers=1)
    try:
        return await look_for(url, fetcher=fetcher, pool=pool)
    finally:
        await pool.aclose()
        await fetcher.aclose()
