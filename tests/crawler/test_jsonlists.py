"""JSON that lists news: paths in, entries out, and errors where nothing is found."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from crawler.errors import ParseError
from crawler.items import Entry, JsonRules
from crawler.jsonfinding import guess_rules
from crawler.jsonlists import parse_json
from crawler.jsonpaths import check_template, fill, find, read_path
from crawler.reasons import FetchReason

URL = "https://site.test/api/news?page=1"
NEWS = [
    {
        "slug": "talks/ferry line",
        "headline": "Ministers speak of a ferry line",
        "when": 1772366400,
        "body": [
            {"p": "The line may open in May."},
            {"p": "Tickets are <b>cheap</b>."},
        ],
        "meta": {"author.name": "Kim"},
    },
    {"slug": "grain", "headline": "Grain ships leave the port", "when": "1 March 2026"},
    {"slug": "", "headline": ""},
    "an advertisement",
    {"slug": "video/ferry", "headline": "Watch the ferry"},
]
DATA = {"data": {"list": NEWS}, "version": 3}
RULES = JsonRules(
    items="data.list",
    link="/news/{slug}",
    title="headline",
    date="when",
    text="body.*.p",
    deny=("/video/",),
)


def read(rules: JsonRules = RULES, data: Any = DATA, **hints: str) -> tuple[Entry, ...]:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return parse_json(body, url=URL, content_type=None, rules=rules, **hints)


def refusal(rules: JsonRules, data: Any = DATA) -> ParseError:
    with pytest.raises(ParseError) as caught:
        read(rules, data)
    return caught.value


def test_items_are_read_along_their_paths() -> None:
    talks, grain = read(language="en")
    assert talks.url == "https://site.test/news/talks/ferry%20line"
    assert talks.title == "Ministers speak of a ferry line"
    assert talks.text == "The line may open in May.\nTickets are cheap."
    assert talks.published == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert grain.published == datetime(2026, 3, 1, tzinfo=UTC)
    assert grain.language == "en"


def test_a_path_that_leads_nowhere_is_an_error_that_names_it() -> None:
    error = refusal(replace(RULES, items="data.articles"))
    assert error.reason is FetchReason.TOO_FEW_ITEMS
    assert "'data.articles' leads to 0" in error.detail
    assert read(replace(RULES, items="data.articles", min_items=0)) == ()


def test_no_more_items_than_asked_for() -> None:
    assert len(read(replace(RULES, max_items=1))) == 1


@pytest.mark.parametrize(
    ("path", "values"),
    [
        (".", [DATA]),
        ("version", [3]),
        ("data.list.1.slug", ["grain"]),
        ("data.list.*.slug", ["talks/ferry line", "grain", "", "video/ferry"]),
        ('data.list.0.meta."author.name"', ["Kim"]),
        ("data.list.9.slug", []),
        ("version.x", []),
        ("data.*.0.slug", ["talks/ferry line"]),
    ],
)
def test_a_path_leads_to(path: str, values: list[Any]) -> None:
    assert find(DATA, path) == values


@pytest.mark.parametrize("path", ["", "a..b", ".a", "a.", 'a."b', "a{b}"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="dotted path"):
        read_path(path)


@pytest.mark.parametrize("text", ["/x/{a", "/x/a}", "/x/{}", "/{a..b}", "/{{a}}"])
def test_what_is_no_address_with_paths_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="path"):
        check_template(text)


def test_an_address_with_a_part_missing_is_none() -> None:
    assert fill({"a": 1, "b": "x y"}, "/{a}/{b}?id={a}") == "/1/x%20y?id=1"
    assert fill({"a": 1}, "/{a}/{b}") == ""


STATE = json.dumps({"page": {"posts": [{"url": f"/{n}"} for n in range(3)]}})


LINKED = f'<script type="application/ld+json">{STATE}</script>'


@pytest.mark.parametrize(
    ("script", "items", "markup"),
    [
        (
            "__NEXT_DATA__",
            "page.posts",
            f'<script id="__NEXT_DATA__" type="application/json">{STATE}</script>',
        ),
        (
            "window.__STATE__",
            "page.posts",
            f"<script>let x = 1; window.__STATE__ = {STATE}; run();</script>",
        ),
        (
            "window.__STATE__",
            "page.posts",
            f"<script>window.__STATE__=JSON.parse({json.dumps(STATE)})</script>",
        ),
        (
            "ld+json",
            "*.page.posts.*",
            f'<script type="application/ld+json">{{</script>{LINKED}',
        ),
    ],
)
def test_json_is_read_out_of_a_page(script: str, items: str, markup: str) -> None:
    page = f"<!doctype html><html><body><p>News</p>{markup}</body></html>".encode()
    rules = JsonRules(items=items, script=script)
    assert [entry.url for entry in read(rules, page)] == [
        f"https://site.test/{n}" for n in range(3)
    ]


@pytest.mark.parametrize(
    ("script", "body", "said"),
    [
        (None, b"<html><p>Hello", "a page or XML; `script:` names JSON"),
        (None, b"{broken", "the body cannot be read"),
        (None, b"[" * 100_000, "RecursionError"),
        ("__NEXT_DATA__", b"<p>Hello</p>", "no script is or assigns"),
        ("state", b"<script>notstate = {}; state = run()</script>", "no script is"),
        ("x", b"<script id=x>{broken</script>", "the script #x cannot be read"),
    ],
)
def test_what_is_not_json_is_told(script: str | None, body: bytes, said: str) -> None:
    error = refusal(replace(RULES, script=script), body)
    assert error.reason is FetchReason.NOT_JSON
    assert said in error.detail


def test_a_page_of_lists_in_lists_stays_bounded() -> None:
    wide = [[[{"title": "x"}] * 100] * 100] * 100
    assert len(find(wide, "*.*.*")) == 10_000


# Guessing, for `discover` and a bare `preview` -------------------------------


def guess(data: Any) -> JsonRules:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return guess_rules(body, None)


def articles(count: int, **more: Any) -> list[dict[str, Any]]:
    return [
        {"title": f"Report number {n}", "url": f"/news/{n}", **more}
        for n in range(count)
    ]


def test_the_longest_list_of_titles_and_links_is_guessed() -> None:
    menu = [{"name": f"Section number {n}", "href": f"/s/{n}"} for n in range(4)]
    news = articles(6, date="2026-03-01", summary="w " * 40)
    tags = [{"title": "All one name", "url": "/same"} for _ in range(9)]
    found = guess({"menu": menu, "a.b": {"news": news}, "tags": tags})
    assert found == JsonRules(
        items='"a.b".news', link="url", title="title", date="date", text="summary"
    )
    assert len(read(found, {"a.b": {"news": news}})) == 6


def test_a_list_of_wrapped_elements_in_a_page_is_guessed() -> None:
    elements = [{"position": n, "item": one} for n, one in enumerate(articles(3))]
    listed = json.dumps({"@type": "ItemList", "itemListElement": elements})
    page = f'<p>x</p><script type="application/ld+json">{listed}</script>'.encode()
    found = guess(page)
    assert (found.script, found.items) == ("ld+json", "0.itemListElement")
    assert (found.title, found.link) == ("item.title", "item.url")
    assert len(read(found, page)) == 3


@pytest.mark.parametrize("data", [{"a": articles(2)}, [1, 2, 3], b"<p>no scripts</p>"])
def test_no_list_of_news_is_no_guess(data: Any) -> None:
    with pytest.raises(ParseError) as caught:
        guess(data)
    assert caught.value.reason is FetchReason.NOT_JSON
