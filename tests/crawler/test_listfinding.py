"""Lists of news found on a page: what was measured on pages of our own writing."""

from __future__ import annotations

import gzip
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest

from crawler.items import Kind, ListingRules, Source
from crawler.listings import parse_listing
from crawler.listselectors import find_lists
from crawler.markup import read_html
from crawler.urls import canonical_url
from tests.crawler.listpages import DEVELOPMENT, EN, HELD_OUT, Page, framed, page

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from crawler.listselectors import FoundList

    Record = Callable[[str, object], None]

FUNDUS = (
    Path(__file__).parents[2].parent / "shared" / "data" / "pages" / "fundus" / "tests"
)


def lists_of(html: str, url: str = "https://site.test/press/") -> tuple[FoundList, ...]:
    return find_lists(read_html(html.encode(), "text/html; charset=utf-8"), url)


def scores(one: Page) -> tuple[float, float, float | None]:
    """F1 of the links, share of right titles, share of right days, of the best list."""
    found = lists_of(one.html, one.url)
    if not found:
        return 0.0, 0.0, 0.0 if one.days else None
    days: tuple[date | None, ...] = one.days or (None,) * len(one.links)
    keys = [canonical_url(urljoin(one.url, link)) for link in one.links]
    wanted = dict(zip(keys, zip(one.titles, days, strict=True), strict=True))
    # Read as the daemon would read it.
    got = {
        canonical_url(entry.url or ""): entry
        for entry in parse_listing(
            one.html.encode(),
            url=one.url,
            content_type="text/html; charset=utf-8",
            rules=found[0].rules,
        ).entries
    }
    both = got.keys() & wanted.keys()
    titles = sum(got[key].title == wanted[key][0] for key in both)
    dated = [entry.published for key, entry in got.items() if key in both]
    right = sum(
        at is not None and at.date() == wanted[key][1]
        for key, at in zip([key for key in got if key in both], dated, strict=True)
    )
    return (
        2 * len(both) / (len(got) + len(wanted)),
        titles / len(wanted),
        right / len(wanted) if one.days else None,
    )


@pytest.mark.parametrize(
    ("pages", "dates"),
    [
        # Dates as bare text of an item with other words have no selector.
        pytest.param(DEVELOPMENT, 9, id="development"),
        # Nor those of utility classes alone, or beside the item instead of in it.
        pytest.param(HELD_OUT, 9, id="held-out"),
    ],
)
def test_the_best_list_of_a_page_is_its_list_of_news(
    pages: tuple[Page, ...], dates: int, record_property: Record
) -> None:
    """Links F1 >= .95 and titles on all 24; dates on 9 of 10 and 9 of 11."""
    measured = {one.name: scores(one) for one in pages}
    record_property("scores", measured)
    assert len(measured) == 12
    assert {name for name, (links, _, _) in measured.items() if links < 0.95} == set()
    assert {name for name, (_, titles, _) in measured.items() if titles < 1} == set()
    assert sum(days == 1 for _, _, days in measured.values()) == dates


def test_a_page_without_news_has_no_list() -> None:
    assert lists_of(framed("<main><p>We are a port authority.</p></main>")) == ()
    few = page("few", framed("<ul>$rows</ul>"), "<li><a href='$href'>$title</a>",
               EN[:4], href="/news/$slug")  # fmt: skip
    assert lists_of(few.html) == ()


def test_links_to_other_sites_and_in_running_text_are_no_list() -> None:
    rows = "".join(
        f"<li><a href='https://elsewhere.test/{n}/{n}12345'>{title}</a>"
        for n, title in enumerate(EN)
    )
    assert lists_of(framed(f"<ul>{rows}</ul>")) == ()
    text = "".join(
        f"<p>{title} is what <a href='/a/{n}12345'>{title}</a> said, and then {title} "
        f"was said again by {title}</p>"
        for n, title in enumerate(EN)
    )
    assert lists_of(framed(text)) == ()


def test_a_list_in_the_margin_comes_after_the_main_one() -> None:
    sidebar = next(one for one in DEVELOPMENT if "sidebar" in one.name)
    first, second = lists_of(sidebar.html, sidebar.url)
    assert "old" not in (first.entries[0].url or "")
    assert "old" in (second.entries[0].url or "")


def test_a_longer_list_in_the_margin_does_not_come_first() -> None:
    def rows(path: str, titles: tuple[str, ...]) -> str:
        links = (f"<a href='/{path}/{n}12345'>{t}</a>" for n, t in enumerate(titles))
        return "".join(f"<li>{link}</li>" for link in links)

    margin = f"<div class='most-read'><ul>{rows('old', EN)}</ul></div>"
    html = framed(f"<div><ul>{rows('new', EN[:6])}</ul></div>{margin}")
    assert "/new/" in (lists_of(html)[0].entries[0].url or "")


@pytest.mark.parametrize(
    ("tag", "named"),
    [("nav", ""), ("footer", ""), ("header", ""), ("div", "main-menu")],
)
def test_a_menu_of_long_names_is_no_list(tag: str, named: str) -> None:
    links = (f"<li><a href='/t/{n}12345'>{t}</a></li>" for n, t in enumerate(EN))
    menu = f"<{tag} class='{named}'><ul>{''.join(links)}</ul></{tag}>"
    assert lists_of(f"<html><body>{menu}<p>Hello</p>") == ()


def test_proposed_rules_make_a_source() -> None:
    rules = lists_of(DEVELOPMENT[0].html)[0].rules
    source = Source(name="a", kind=Kind.LISTING, url="https://site.test", listing=rules)
    assert source.listing == ListingRules(
        item="article.card",
        title="h3",
        date="time::attr(datetime)",
    )


def test_a_hostile_page_is_looked_over_in_time() -> None:
    """Two hundred classes each, three thousand items, two hundred levels."""
    classes = " ".join(f"c{n}" for n in range(200))
    rows = "".join(
        f"<div class='{classes}'><a href='/n/{n}12345'>A long headline, number {n} of "
        "them all</a></div>"
        for n in range(3000)
    )
    root = read_html(f"{'<div>' * 200}{rows}".encode(), None)
    started = time.process_time()
    find_lists(root, "https://site.test/")
    assert time.process_time() - started < 10


@pytest.mark.corpus
@pytest.mark.slow
@pytest.mark.skipif(not FUNDUS.is_dir(), reason=f"{FUNDUS} is absent")
def test_real_pages_are_looked_over_in_time(record_property: Record) -> None:
    """The corpus has articles only; half of them carry a list of further ones.

    CPU seconds of 172 pages: p50 .02, p95 .11, worst .7.
    """
    spent, found = [], 0
    for path in sorted(FUNDUS.rglob("*.gz")):
        root = read_html(gzip.decompress(path.read_bytes()), None)
        started = time.process_time()
        found += bool(find_lists(root, "https://site.test/"))
        found += bool(find_lists(root, _home(root)))
        spent.append(time.process_time() - started)
    record_property("found", found)
    record_property("worst", max(spent))
    assert len(spent) == 172
    assert found > 60
    assert max(spent) < 5


def _home(root: object) -> str:
    (link,) = root.xpath("//link[@rel='canonical']/@href")[:1] or ["https://a.test/"]  # type: ignore[attr-defined]
    return str(link)
