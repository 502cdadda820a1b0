"""Bombs through a whole poll of every kind, their cost measured from outside.

``test_bombs.py`` throws the same at the Fetcher alone.
"""

from __future__ import annotations

import functools
import gzip
import json
import os
import subprocess
import sys
import zlib
from pathlib import Path
from typing import NamedTuple

import pytest

from crawler.limits import ENTRIES, TEXT, TITLE
from tests.servers.http import Answer, Reply, Request, Routes, endless, serve

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not Path("/proc/self/clear_refs").exists(), reason="measures by Linux's /proc"
    ),
]

ROOT = Path(__file__).parents[2]
MIB = 1024 * 1024
GROWTH = 15
"""MiB a process may grow by one bomb, at its peak."""

PACKED = {"Content-Encoding": "gzip"}
OK = b"HTTP/1.1 200 OK\r\n"
HTML = {"Content-Type": "text/html"}
ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
LAUGHS = f'<!DOCTYPE r [<!ENTITY a0 "ha">{ENTITIES}]>'
QUADRATIC = f'<!DOCTYPE r [<!ENTITY a "{"x" * 100_000}">]>'


class Cost(NamedTuple):
    """What a poll cost, as the child tells it."""

    word: str
    reason: str
    grown: float
    seconds: float
    items: int
    title: int
    text: int


def rss(*items: str, head: str = "") -> bytes:
    inner = "".join(f"<item>{item}</item>" for item in items)
    return f"{head}<rss version='2.0'><channel>{inner}</channel></rss>".encode()


def urls(inner: str, head: str = "") -> bytes:
    return f"{head}<urlset>{inner}</urlset>".encode()


def costs(bombs: Routes) -> dict[str, Cost]:
    """Poll each bomb ("kind=/path") once in one fresh process, after a good poll."""
    good: Routes = {
        "feed=/rss": Reply(body=rss("<title>t</title><link>/a</link>")),
        "listing=/html": Reply(
            body=b"<li><a href=/a>A title</a></li>" + bytes(4 * MIB), headers=HTML
        ),
        "sitemap=/map": Reply(body=urls("<url><loc>/a</loc></url>")),
    }
    routes = {word.partition("=")[2]: it for word, it in {**good, **bombs}.items()}

    def answer(request: Request) -> Answer:
        found = routes.get(request.path, Reply(status=404))
        return found(request) if callable(found) else found

    with serve(answer) as site:
        at = "=" + site.url("")
        done = subprocess.run(
            [
                *(sys.executable, "tests/crawler/polling_child.py", "127.0.0.0/8"),
                *(word.replace("=", at) for word in (*good, "--", *bombs)),
            ],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
    lines = [Cost(*json.loads(line)) for line in done.stdout.splitlines()]
    assert len(lines) == len(bombs), done.stderr
    print(*lines, sep="\n")  # noqa: T201 - the figures, with -s
    return {cost.word.replace(at, "="): cost for cost in lines}


@functools.cache
def zeros(mib: int, wbits: int) -> bytes:
    pack = zlib.compressobj(6, wbits=wbits)
    return b"".join(pack.compress(bytes(MIB)) for _ in range(mib)) + pack.flush()


def bounded(found: dict[str, Cost], seconds: float) -> None:
    assert [cost for cost in found.values() if cost.grown >= GROWTH] == []
    assert [cost for cost in found.values() if cost.seconds >= seconds] == []


def test_no_compressed_body_grows_a_poll_of_any_kind() -> None:
    """A13-A16: 200 MiB in gzip, zlib and bare deflate, twice packed, cut, doubled."""
    gz, zlibbed, bare = (
        zeros(mib, bits) for mib, bits in ((200, 31), (50, 15), (50, -15))
    )
    deflate = {"Content-Encoding": "deflate"}
    bodies = {
        "gz": Reply(body=gz, headers=PACKED),
        "zlib": Reply(body=zlibbed, headers=deflate),
        "bare": Reply(body=bare, headers=deflate),
        "twice": Reply(body=gzip.compress(gz), headers=PACKED),
        "stacked": Reply(body=gz, headers={"Content-Encoding": "gzip, gzip"}),
        "zstd": Reply(body=b"\x28\xb5\x2f\xfd", headers={"Content-Encoding": "zstd"}),
        "brotli": Reply(body=b"\x0b" * 317, headers={"Content-Encoding": "br"}),
        "members": Reply(body=gzip.compress(bytes(MIB)) * 200, headers=PACKED),
        "cut": Reply(body=gzip.compress(bytes(4 * MIB))[:-9], headers=PACKED),
    }
    found = costs(
        {
            f"{kind}=/{kind}-{name}": reply
            for kind in ("feed", "listing", "sitemap")
            for name, reply in bodies.items()
        }
        | {"sitemap=/map.xml.gz": Reply(body=gz)}
    )
    bounded(found, 5)
    told = {word: cost.reason for word, cost in found.items()}
    for kind in ("feed", "listing", "sitemap"):
        reasons = {name: told.pop(f"{kind}=/{kind}-{name}") for name in bodies}
        for name in ("gz", "zlib", "bare"):
            assert reasons.pop(name) == "too_large"
        # One layer is undone; what is inside is no feed. A sitemap may be a .gz file.
        assert reasons.pop("twice") in {"not_a_feed", "too_few_items", "too_large"}
        assert set(reasons.values()) == {"bad_encoding"}
    assert told == {"sitemap=/map.xml.gz": "too_large"}


def test_no_endless_body_grows_a_poll_of_any_kind() -> None:
    """A17, A23, A30: endless bodies, pages behind and heads; 50 MB that are honest."""
    head = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    big = b"<rss version='2.0'><channel><item><title>" + b"x" * (50 * MIB)
    bodies: Routes = {
        "endless": lambda _: endless(b" " * 65536),
        "chunked": lambda _: endless(chunk, head=head),
        "big": Reply(body=big),
    }
    found = costs(
        {
            f"{kind}=/{kind}-{name}": answer
            for kind in ("feed", "listing", "sitemap")
            for name, answer in bodies.items()
        }
        | {
            "article=/packed": Reply(body=rss("<title>t</title><link>/gz</link>")),
            "article=/behind": Reply(
                body=rss("<title>t</title><link>/feed-endless</link>")
            ),
            "feed=/gz": Reply(body=zeros(200, 31), headers=PACKED | HTML),
            "feed=/lines": lambda _: endless(b"X: " + b"y" * 60_000 + b"\r\n", head=OK),
            "feed=/line": lambda _: endless(b"y" * 60_000, head=OK + b"X: "),
            "feed=/status": lambda _: endless(b"y" * 60_000, head=b"HTTP/1.1 200 "),
            "feed=/extension": lambda _: endless(b"y" * 60_000, head=head + b"5;"),
            "feed=/trailers": lambda _: endless(
                b"X: y\r\n" * 999, head=head + b"0\r\n"
            ),
        }
    )
    bounded(found, 5)
    for name in ("lines", "line", "status", "extension", "trailers"):
        assert found.pop(f"feed=/{name}").reason == "protocol_error", name
    for word in ("article=/packed", "article=/behind"):
        told = found.pop(word)  # the page is left out, the entry is not
        assert (told.reason, told.items, told.text) == ("ok", 1, 0)
    assert {cost.reason for cost in found.values()} == {"too_large"}


def test_no_document_grows_the_process_that_reads_it() -> None:
    """A26, A27, A30-A32: what parsers blow up stays in a worker, fields are cut."""
    title, text = "<title>t</title>", "<description>{}</description>"
    big = "слово " * 250_000
    found = costs(
        {
            "feed=/laughs": Reply(body=rss("<title>&a9;</title>", head=LAUGHS)),
            "feed=/quadratic": Reply(
                body=rss(*[title + text.format("&a;" * 30)] * 900, head=QUADRATIC)
            ),
            "sitemap=/laughs": Reply(body=urls("<url><loc>&a9;</loc></url>", LAUGHS)),
            "feed=/item": Reply(body=rss(title + text.format(big))),
            "feed=/items": Reply(
                body=rss(*(f"<title>{n}</title>" for n in range(100_000)))
            ),
            "feed=/title": Reply(body=rss(f"<title>{'word ' * 400_000}</title>")),
            "feed=/tags": Reply(
                body=rss(title + "<category>c</category>" * 10_000 + "<link>/a</link>")
            ),
            "listing=/links": Reply(
                body=b"<li><a href=/a>A title</a></li>" * 10_000, headers=HTML
            ),
            "sitemap=/blanks": Reply(body=urls(" " * (9 * MIB))),
            "sitemap=/packed": Reply(
                body=gzip.compress(urls(" " * (49 * MIB)), 1), headers=PACKED
            ),
        }
    )
    bounded(found, 5)
    assert found["feed=/item"].text == TEXT
    assert found["feed=/title"].title <= TITLE
    assert found["feed=/tags"].items == 1
    assert found["feed=/items"].items == ENTRIES
    assert found["sitemap=/packed"].reason == found["sitemap=/blanks"].reason == "ok"
