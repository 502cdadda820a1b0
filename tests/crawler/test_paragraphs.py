"""The article's paragraphs by the structure of the page."""

from __future__ import annotations

import time

import pytest
from lxml import html

from crawler.blocks import read_blocks
from crawler.paragraphs import by_structure

WORDS = "ministers met in the harbour town and spoke about grain, fuel and bridges"
PARAGRAPHS = [f"Part {n}: {WORDS} on day {n}." for n in range(1, 7)]


def p(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def read(body: str, found: list[str], *, description: str = "") -> list[str]:
    root = html.document_fromstring(f"<html><body>{body}</body></html>")
    text = by_structure(
        root, "\n".join(found), title="Talks in town", description=description
    )
    return [] if text is None else text.split("\n")


def test_paragraphs_behind_an_advertisement_come_back() -> None:
    body = (
        f"<article><h1>Talks in town</h1><div class='chunk-1'>{p(*PARAGRAPHS[:3])}"
        f"</div><div class='ad'><p>Buy now</p></div>"
        f"<div class='chunk-2'>{p(*PARAGRAPHS[3:])}</div></article>"
    )
    assert read(body, PARAGRAPHS[:3]) == PARAGRAPHS


def test_a_box_between_the_paragraphs_goes() -> None:
    box = f"<div class='newsletter'><p>Our letter: {WORDS}</p></div>"
    body = f"<div class='text'>{p(*PARAGRAPHS[:3])}{box}{p(*PARAGRAPHS[3:])}</div>"
    found = [*PARAGRAPHS[:3], f"Our letter: {WORDS}", *PARAGRAPHS[3:]]
    assert read(body, found) == PARAGRAPHS


def test_links_to_other_articles_go_and_lists_of_the_text_stay() -> None:
    links = "<ul><li><a href='/x'>Another article about the talks</a></li></ul>"
    facts = "<ul><li>Two bridges are to be repaired</li></ul>"
    body = f"<div class='text'>{p(*PARAGRAPHS[:3])}{links}{facts}{p(PARAGRAPHS[3])}"
    found = [
        *PARAGRAPHS[:3],
        "- Another article about the talks",
        "- Two bridges are to be repaired",
        PARAGRAPHS[3],
    ]
    assert read(body, found) == [
        *PARAGRAPHS[:3],
        "- Two bridges are to be repaired",
        PARAGRAPHS[3],
    ]


def test_subheads_stay_and_the_title_is_not_repeated() -> None:
    body = (
        f"<h1>Talks in town</h1><div class='text'><h2>Talks in Town</h2>"
        f"{p(*PARAGRAPHS[:3])}<h2>The bridges</h2>{p(PARAGRAPHS[3])}"
        "<h2>Read next</h2></div>"
    )
    assert read(body, PARAGRAPHS[:4]) == [
        *PARAGRAPHS[:3],
        "The bridges",
        PARAGRAPHS[3],
    ]


def test_a_lead_outside_the_text_is_known_by_the_description() -> None:
    lead = "Five ministers, one harbour: what was said about grain and two bridges."
    head = f"<header><h1>Talks in town</h1><div class='lead'>{lead}</div></header>"
    body = f"{head}<div class='text'>{p(*PARAGRAPHS)}</div>"
    assert read(body, PARAGRAPHS, description=lead) == [lead, *PARAGRAPHS]
    assert read(body, PARAGRAPHS) == PARAGRAPHS


def test_another_article_on_the_same_page_is_not_this_one() -> None:
    other = p(*(f"Other {text}" for text in PARAGRAPHS))
    body = (
        f"<article><h1>Talks in town</h1><div class='text'>{p(*PARAGRAPHS)}</div>"
        f"</article><article><h1>More</h1><div class='text'>{other}</div></article>"
    )
    assert read(body, PARAGRAPHS) == PARAGRAPHS


def test_captions_and_posts_of_networks_are_not_the_text() -> None:
    inserted = (
        "<figure><figcaption>The harbour, seen from above by a camera</figcaption>"
        "</figure><blockquote class='twitter-tweet'><p>I was there, says a trader on"
        " a network</p></blockquote>"
    )
    body = f"<div class='text'>{p(*PARAGRAPHS[:3])}{inserted}{p(*PARAGRAPHS[3:])}</div>"
    found = [*PARAGRAPHS[:3], "I was there, says a trader on a network"]
    assert read(body, found) == PARAGRAPHS


def test_a_paragraph_printed_for_two_screens_is_told_once() -> None:
    twice = p(PARAGRAPHS[2], PARAGRAPHS[2])
    body = f"<div class='text'>{p(*PARAGRAPHS[:2])}{twice}{p(*PARAGRAPHS[3:])}</div>"
    assert read(body, PARAGRAPHS) == PARAGRAPHS


@pytest.mark.parametrize(
    ("markup", "pieces"),
    [
        ("<div>one<br>two</div>", ["one\ntwo"]),
        ("<div>one<p>two</p>three</div>", ["one", "two", "three"]),
        ("<div><span>one <b>two</b></span> three</div>", ["one two three"]),
        ("<p>one<script>x()</script> two</p>", ["one two"]),
        ("<div><a href='/'><h2>one</h2></a></div>", ["one"]),
    ],
)
def test_a_page_is_cut_where_a_reader_sees_a_break(
    markup: str, pieces: list[str]
) -> None:
    root = html.document_fromstring(f"<html><body>{markup}</body></html>")
    assert [block.text for block in read_blocks(root)] == pieces


def test_a_page_of_another_make_keeps_what_the_extractor_found() -> None:
    """Prose in table cells, which are no blocks: nothing is thrown away."""
    cells = "".join(f"<tr><td>{text}</td></tr>" for text in PARAGRAPHS)
    assert read(f"<p>{PARAGRAPHS[0]}</p><table>{cells}</table>", PARAGRAPHS) == []


def test_a_large_page_costs_linear_time() -> None:
    """A31: 12,000 pieces, none of them in a text of 200,000 letters; 2 s here."""
    paragraphs = p(*(f"Piece {n}: {WORDS}" for n in range(12_000)), PARAGRAPHS[0])
    started = time.perf_counter()
    read(f"<div class='text'>{paragraphs}</div>", [*PARAGRAPHS, "x" * 200_000])
    assert time.perf_counter() - started < 20
