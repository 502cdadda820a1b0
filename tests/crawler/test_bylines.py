"""Who wrote an article."""

from __future__ import annotations

import json

import pytest

from crawler.articles import extract_article


def authors(*, ld: object = None, head: str = "", body: str = "") -> tuple[str, ...]:
    graph = json.dumps({"@graph": ld if isinstance(ld, list) else [ld or {}]})
    page = f"""<html><head><meta property="og:site_name" content="The Gazette">{head}
<script type="application/ld+json">{graph}</script></head>
<body><h1>Talks in town</h1>{body}<p>Text.</p></body></html>"""
    return extract_article(
        page.encode(), url="https://site.test/a", content_type="text/html"
    ).authors


def article(author: object) -> dict[str, object]:
    return {"@type": "NewsArticle", "headline": "x", "author": author}


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ({"@type": "Person", "name": "Ana Lima"}, ("Ana Lima",)),
        ({"@type": "Person", "byline": "Ana Lima"}, ("Ana Lima",)),
        ([{"name": ["Ana Lima", "Bo Ek"]}, "Cy Dee"], ("Ana Lima", "Bo Ek", "Cy Dee")),
        ("By Ana Lima, Bo Ek and Cy Dee", ("Ana Lima", "Bo Ek", "Cy Dee")),
        ("Ana Lima und Bo Ek, dpa", ("Ana Lima", "Bo Ek", "dpa")),
        ("Lima, Ana", ("Lima, Ana",)),
        ("신현주", ("신현주",)),
        ("AFP, Ana\xa0Lima", ("AFP, Ana\xa0Lima",)),
        ("The Gazette", ("The Gazette",)),
        ("https://site.test/people/1", ()),
    ],
)
def test_the_names_of_the_data(author: object, names: tuple[str, ...]) -> None:
    assert authors(ld=article(author)) == names


def test_a_name_elsewhere_in_the_data_is_followed() -> None:
    person = {"@type": "Person", "@id": "#p1", "name": "Ana Lima"}
    assert authors(ld=[article({"@id": "#p1"}), person]) == ("Ana Lima",)


@pytest.mark.parametrize("house", ["The Gazette", "ana-lima", "AFP"])
@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("<meta name='author' content='Ana Lima'>", ""),
        ("<meta property='article:author' content='Ana Lima'>", ""),
        ("<meta name='parsely-author' content='Ana Lima'>", ""),
        ("", "<a rel='author' href='/p'>Ana Lima</a>"),
        ("", "<div itemprop='author'>By <b itemprop='name'>Ana Lima</b></div>"),
    ],
)
def test_a_person_comes_before_the_house(house: str, head: str, body: str) -> None:
    assert authors(ld=article(house), head=head, body=body) == ("Ana Lima",)


def test_a_description_of_the_author_is_no_name() -> None:
    long = "Ana Lima writes about harbours and has lived in four of them " * 2
    assert authors(body=f"<div itemprop='author'>{long}</div>") == ()
