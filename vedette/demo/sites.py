"""Four small news sites on loopback: two feeds, a news sitemap, a list page."""

from __future__ import annotations

import html
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from crawler.clock import utc_now
from vedette.demo.articles import PIECES, Piece

if TYPE_CHECKING:
    from collections.abc import Iterator

SITES = {
    "courier": ("127.0.0.2", "feed", "en"),
    "seoul": ("127.0.0.3", "feed", "ko"),
    "moskva": ("127.0.0.4", "sitemap", "ru"),
    "ministry": ("127.0.0.5", "listing", "en"),
}
"""Site name to (loopback address, kind of source, language); one address each, so
that the per-host pause does not slow the demonstration."""

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


class MiniWeb:
    """The sites, published piece by piece from the moment they start."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._began = utc_now()
        self._servers: dict[str, ThreadingHTTPServer] = {}

    def start(self) -> None:
        """Listen on a free port of each site's address."""
        for site, (address, _, language) in SITES.items():
            handler = self._handler(site, language)
            server = ThreadingHTTPServer((address, 0), handler)
            server.daemon_threads = True
            self._servers[site] = server
            threading.Thread(target=server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Stop listening."""
        for server in self._servers.values():
            server.shutdown()
            server.server_close()

    def url(self, site: str) -> str:
        """Where the site's source is read."""
        path = {"feed": "feed.xml", "sitemap": "news.xml", "listing": "press"}
        return f"{self._base(site)}/{path[SITES[site][1]]}"

    def _base(self, site: str) -> str:
        host, port = self._servers[site].server_address[:2]
        return f"http://{host!s}:{port}"

    def published(self, site: str) -> Iterator[tuple[Piece, datetime]]:
        """What the site shows now, newest first, with its time."""
        elapsed = time.monotonic() - self._started
        for piece in reversed(PIECES):
            if piece.site == site and piece.after_s <= elapsed:
                age = timedelta(hours=2) if piece.after_s == 0 else timedelta()
                yield piece, self._began + timedelta(seconds=piece.after_s) - age

    def _handler(self, site: str, language: str) -> type[BaseHTTPRequestHandler]:
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body, content_type = web.page(site, language, self.path)
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing: the terminal belongs to the alerts."""

        return Handler

    def page(self, site: str, language: str, path: str) -> tuple[bytes, str]:
        """The body (empty: not found) and content type of one path of a site."""
        pieces = list(self.published(site))
        base = self._base(site)
        if path == "/feed.xml":
            return _feed(base, pieces, language).encode(), "application/rss+xml"
        if path == "/news.xml":
            return _sitemap(base, pieces, language).encode(), "application/xml"
        if path == "/press":
            return _listing(pieces, language).encode(), "text/html; charset=utf-8"
        for piece, at in pieces:
            if path == f"/{piece.slug}.html":
                text = _article(piece, at, language)
                return text.encode(), "text/html; charset=utf-8"
        return b"", "text/plain"


def _feed(base: str, pieces: list[tuple[Piece, datetime]], language: str) -> str:
    items = "".join(
        f"<item><title>{html.escape(p.title)}</title>"
        f"<link>{base}/{p.slug}.html</link>"
        f"<description>{html.escape(p.text)}</description>"
        f"<pubDate>{format_datetime(at)}</pubDate></item>"
        for p, at in pieces
    )
    return (
        f'{_HEAD}<rss version="2.0"><channel><title>demo</title>'
        f"<language>{language}</language>{items}</channel></rss>"
    )


def _sitemap(base: str, pieces: list[tuple[Piece, datetime]], language: str) -> str:
    urls = "".join(
        f"<url><loc>{base}/{p.slug}.html</loc><news:news><news:publication>"
        f"<news:name>demo</news:name><news:language>{language}</news:language>"
        f"</news:publication><news:publication_date>{at.isoformat()}"
        f"</news:publication_date><news:title>{html.escape(p.title)}</news:title>"
        f"</news:news></url>"
        for p, at in pieces
    )
    return (
        f'{_HEAD}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>'
    )


def _listing(pieces: list[tuple[Piece, datetime]], language: str) -> str:
    cards = "".join(
        f'<article class="card"><h3><a href="/{p.slug}.html">{html.escape(p.title)}'
        f'</a></h3><time datetime="{at.astimezone(UTC).isoformat()}"></time></article>'
        for p, at in pieces
    )
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f"<title>Press</title></head><body><main>{cards}</main></body></html>"
    )


def _article(piece: Piece, at: datetime, language: str) -> str:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{html.escape(piece.title)}</title>"
        f'<meta property="article:published_time" content="{at.isoformat()}"></head>'
        f"<body><article><h1>{html.escape(piece.title)}</h1>"
        f"<p>{html.escape(piece.text)}</p></article></body></html>"
    )
