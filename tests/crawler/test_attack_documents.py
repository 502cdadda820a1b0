"""Documents against their readers, through real workers (A26-A29, A33).

Each is read as a feed, a sitemap, a list page and an article, in five encodings. A
canary file and a listener say whether an entity reached out.
"""

from __future__ import annotations

import asyncio
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crawler.errors import ParseError
from crawler.items import ListingRules
from crawler.pool import ParserPool
from crawler.reasons import FetchReason

if TYPE_CHECKING:
    from collections.abc import Iterator

CANARY = "canary-4f1c9a"
SECONDS = 5.0
"""No document may hold a worker longer; its deadline is twice that."""

BAD = Path(__file__).parents[2].parent / "shared" / "data" / "badinput"
KINDS = ("feed", "sitemap", "listing", "article")
ENCODINGS = ("utf-8", "utf-16", "utf-16-be", "utf-32", "cp037", "utf-7")
# A worker that was killed or died would say PARSE_TIMEOUT or PARSE_CRASHED.
HONEST = {
    FetchReason.NOT_A_FEED,
    FetchReason.NOT_A_SITEMAP,
    FetchReason.NOT_A_PAGE,
    FetchReason.PARSE_FAILED,
    FetchReason.TOO_FEW_ITEMS,
    FetchReason.TOO_LARGE,
}


@dataclass(kw_only=True)
class Bench:
    """A pool with one worker, and the way to ask it."""

    runner: asyncio.Runner
    pool: ParserPool

    def read(self, kind: str, body: bytes) -> tuple[Any, float]:
        """What the reader made of it, or the honest reason why not; the seconds."""
        given: dict[str, Any] = {
            "url": "https://a.example/x",
            "content_type": None,
            "timezone": "UTC",
            "language": "en",
        }
        if kind == "listing":
            given["rules"] = ListingRules(item="li")
        if kind == "article":
            given["body_selector"] = None
        begun = time.monotonic()
        try:
            found = self.runner.run(self.pool.run(kind, body, **given))
        except ParseError as error:
            found = error.reason
        assert not isinstance(found, FetchReason) or found in HONEST, (kind, found)
        return found, time.monotonic() - begun


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with asyncio.Runner() as runner:

        async def build() -> ParserPool:
            return ParserPool(workers=1)

        pool = runner.run(build())
        made = Bench(runner=runner, pool=pool)
        for kind in KINDS:  # imports are not what is timed
            made.read(kind, b"<p>warm</p>")
        yield made
        runner.run(pool.aclose())


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """URLs of a canary file and of a listener that nobody may connect to."""
    file = tmp_path_factory.mktemp("canary") / "canary.txt"
    file.write_text(CANARY, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield file.as_uri(), f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        with pytest.raises(BlockingIOError):
            listener.accept()


def bodies(say: str) -> dict[str, str]:
    """A document of each kind that says something where a reader looks."""
    return {
        "feed": f"<rss version='2.0'><channel><item><title>{say}</title>"
        f"<link>/a</link><description>{say}</description></item></channel></rss>",
        "sitemap": "<urlset xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>"
        f"<url><loc>https://a.example/{say}</loc><n:news><n:title>{say}</n:title>"
        "</n:news></url></urlset>",
        "listing": f"<html><body><li><a href='/a'>{say} and words</a></li></body>"
        "</html>",
        "article": f"<html><head><title>{say}</title></head><body><p>{say}</p></body>"
        "</html>",
    }


def entities(file: str, net: str) -> dict[str, tuple[str, str]]:
    """Name: the document type, and what the document says by it."""
    ten = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    include = "<i:include xmlns:i='http://www.w3.org/2001/XInclude' parse='text'"
    return {
        "billion laughs": (f'<!DOCTYPE r [<!ENTITY a0 "ha">{ten}]>', "&a9;"),
        "quadratic": (f'<!DOCTYPE r [<!ENTITY a "{"x" * 50_000}">]>', "&a;" * 5_000),
        "recursive": ('<!DOCTYPE r [<!ENTITY a "&b;"><!ENTITY b "&a;">]>', "&a;"),
        "file": (f'<!DOCTYPE r [<!ENTITY x SYSTEM "{file}">]>', "&x;"),
        "net": (f'<!DOCTYPE r [<!ENTITY x SYSTEM "{net}">]>', "&x;"),
        "public": (f'<!DOCTYPE r [<!ENTITY x PUBLIC "p" "{net}">]>', "&x;"),
        "parameter": (f'<!DOCTYPE r [<!ENTITY % p SYSTEM "{file}">%p;]>', "t"),
        "parameter net": (f'<!DOCTYPE r [<!ENTITY % p SYSTEM "{net}">%p;]>', "t"),
        "external": (f'<!DOCTYPE r SYSTEM "{net}">', "t"),
        "external file": (f'<!DOCTYPE r SYSTEM "{file}">', "&x;"),
        "XInclude": ("", f"{include} href='{file}'/>"),
        "XInclude net": ("", f"{include} href='{net}'/>"),
    }


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("kind", KINDS)
def test_entities_neither_explode_nor_reach_out(
    bench: Bench, outside: tuple[str, str], kind: str, encoding: str
) -> None:
    """A26, A27, A28: twelve documents, four readers, six encodings."""
    for name, (doctype, say) in entities(*outside).items():
        declared = f'<?xml version="1.0" encoding="{encoding}"?>'
        body = (declared + doctype + bodies(say)[kind]).encode(encoding)
        found, took = bench.read(kind, body)
        assert took < SECONDS, name
        assert CANARY not in repr(found), name
        assert len(repr(found)) < 1_000_000, name


DEEP: dict[str, str] = {
    "elements": "<a>" * 10_000,
    "blocks": "<div>" * 20_000 + "x" + "</div>" * 20_000,
    "lists": "<ul><li>" * 4_000,
    "tables": "<table><tr><td>" * 3_000,
    "quotes": "<blockquote>" * 8_000 + "x",
    "inline": "<b><i>" * 4_000 + "x",
    "namespaces": "".join(f"<n{n}:a xmlns:n{n}='u{n}'>" for n in range(3_000)),
    "less-than": "<" * 50_000,
    "ampersands": "&" * 50_000,
    "half tags": "<a href='" * 20_000,
    "comments": "<!--" * 200_000,
    "sections": "<![CDATA[" * 100_000,
    "instructions": "<?x " * 200_000,
    "types": "<!DOCTYPE a [" * 50_000,
    "references": "&#99999999999; &#x110000; &#0; &#xD800; &#-1; &#x;" * 1_000,
    "nameless": "&" + "a" * 1_000_000 + ";",
    "attributes": "<a " + " ".join(f"a{n}='x'" for n in range(5_000)) + ">",
}


@pytest.mark.parametrize("shape", DEEP)
def test_every_hostile_shape_is_read_or_refused_in_time(
    bench: Bench, shape: str
) -> None:
    """A29, A33: bare, and twice inside a document of each kind.

    A sitemap and a feed 100,000 deep: test_sitemaps.py, test_feeds.py.
    """
    for kind in KINDS:
        for body in (DEEP[shape], bodies(DEEP[shape])[kind]):
            _, took = bench.read(kind, body.encode())
            assert took < SECONDS, kind


@pytest.mark.parametrize("deep", ["[" * 200_000, '{"a":' * 100_000, '[{"a":' * 50_000])
def test_deep_json_is_refused(bench: Bench, deep: str) -> None:
    """A29: as a feed, and as the data of a page."""
    head = '{"version": "https://jsonfeed.org/version/1.1", "items": '
    page = f"<script type='application/ld+json'>{deep}</script><p>words</p>"
    for kind, body in (("feed", deep), ("feed", head + deep), ("article", page)):
        assert bench.read(kind, body.encode())[1] < SECONDS


@pytest.mark.corpus
@pytest.mark.slow
@pytest.mark.skipif(not BAD.is_dir(), reason=f"{BAD} is absent")
@pytest.mark.parametrize("kind", KINDS[1:])
def test_every_bad_file_is_survived_by_every_reader(bench: Bench, kind: str) -> None:
    """A28, A33: libxml2's recurse and errors among them; feeds: test_bad_input.py."""
    paths = sorted(path for path in BAD.rglob("*") if path.is_file())
    assert len(paths) > 200
    for path in paths:
        found, took = bench.read(kind, path.read_bytes())
        assert took < SECONDS, path
        assert "root:x:" not in repr(found), path
