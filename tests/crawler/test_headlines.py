"""Which title is the article's."""

from __future__ import annotations

import json

import pytest

from crawler.articles import extract_article

HEADING = "Ministers meet in harbour town"


def title_of(
    *, og: str = "", window: str = "", heading: str = "", headline: str = "", site: str
) -> str:
    ld = json.dumps({"@type": "NewsArticle", "headline": headline})
    page = f"""<html><head><title>{window}</title>
<meta property="og:site_name" content="{site}">
<meta property="og:title" content="{og}">
<script type="application/ld+json">{ld}</script></head>
<body><h1>{heading}</h1><p>Text.</p></body></html>"""
    return extract_article(
        page.encode(), url="https://site.test/a", content_type="text/html"
    ).title


@pytest.mark.parametrize(
    ("og", "heading"),
    [
        (f"{HEADING} | The Site", HEADING),
        (f"{HEADING} - The Site", ""),
        (f"{HEADING} | News | The Site", HEADING),
        (f"{HEADING}-Politics\N{HANGUL LETTER I}The Site", ""),
        (f"{HEADING}: The Site", HEADING),
        (f"{HEADING} – SITE – 30.01.2024", HEADING),
    ],
)
def test_a_tail_that_is_the_sites_goes(og: str, heading: str) -> None:
    assert title_of(og=og, heading=heading, site="The Site") == HEADING


@pytest.mark.parametrize(
    ("og", "heading", "title"),
    [
        (
            "It's 'done', say ministers | S",
            "It’s ‘done’, say ministers",
            "It's 'done', say ministers",
        ),
        ("Talks: «the end of it» | S", "Talks: «the end of it»", "it»"),
        ("Is this the end of it? - S", "Is this the end of it?", "it?"),
    ],
)
def test_what_is_left_keeps_its_own_spelling(og: str, heading: str, title: str) -> None:
    assert title_of(og=og, heading=heading, site="S").endswith(title)


def test_a_dash_inside_a_title_is_no_tail() -> None:
    og = "Talks in town - a market trader looks back"
    assert title_of(og=og, heading="Another heading", site="The Site") == og


def test_the_title_that_search_engines_get_yields_to_the_newsrooms() -> None:
    assert (
        title_of(
            og=HEADING,
            window=f"{HEADING} | The Site",
            heading=HEADING,
            headline="Five ministers, one harbour and no result",
            site="The Site",
        )
        == "Five ministers, one harbour and no result"
    )


def test_the_shared_title_stands_where_the_other_two_agree() -> None:
    assert (
        title_of(
            og="Five ministers, one harbour and no result",
            window=f"{HEADING} | The Site",
            heading=HEADING,
            headline=HEADING,
            site="The Site",
        )
        == "Five ministers, one harbour and no result"
    )


def test_a_page_with_nothing_but_a_window_title_has_that_one() -> None:
    assert title_of(window=f"{HEADING} | The Site", site="The Site") == HEADING
