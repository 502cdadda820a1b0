"""Articles out of pages: text, title, time, link, language, hostile pages."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from crawler.articles import extract_article
from crawler.errors import ParseError
from crawler.reasons import FetchReason

if TYPE_CHECKING:
    from crawler.items import Article

URL = "https://site.test/world/talks?from=feed"
SENTENCES = [
    (
        "Ministers from five countries met in the harbour town on Tuesday to discuss"
        " grain, fuel and the repair of two bridges."
    ),
    (
        "The host said the talks were frank and that a second round would follow before"
        " the end of the month."
    ),
    (
        "Delegates left without a joint statement, but officials described the mood as"
        " better than a year ago."
    ),
    "A market trader near the hall said she had not noticed anything but the traffic.",
]


def page(
    *,
    head: str = "",
    ld: object = None,
    title: str = "Ministers meet in harbour town",
    body: str | None = None,
) -> bytes:
    script = (
        f"<script type='application/ld+json'>{json.dumps(ld)}</script>" if ld else ""
    )
    paragraphs = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
    return f"""<!doctype html><html lang="en-GB"><head><title>{title} | The Site</title>
<meta charset="utf-8">{head}{script}</head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li></ul></nav>
<main><article><h1>{title}</h1>{paragraphs if body is None else body}</article></main>
<footer>All rights reserved. <a href="/imprint">Imprint</a></footer>
</body></html>""".encode()


def read(body: bytes, **hints: str) -> Article:
    return extract_article(
        body, url=URL, content_type="text/html; charset=utf-8", **hints
    )


def test_the_text_is_the_articles_and_not_the_pages() -> None:
    article = read(page())
    assert all(sentence in article.text for sentence in SENTENCES)
    assert "Sport" not in article.text
    assert "rights reserved" not in article.text
    assert article.extractor == "structure"


def test_the_sources_own_selector_comes_first() -> None:
    body = "<div class='lede'>Short but ours.</div><p>" + " ".join(SENTENCES) + "</p>"
    for selector in ("div.lede", "xpath://div[@class='lede']"):
        article = read(page(body=body), body_selector=selector)
        assert article.text == "Short but ours."
        assert article.extractor == "selector"


def test_a_selector_that_finds_nothing_falls_through() -> None:
    assert SENTENCES[0] in read(page(), body_selector="div.gone").text


def test_a_body_that_lives_in_json_is_found() -> None:
    ld = {"@type": "NewsArticle", "headline": "x", "articleBody": " ".join(SENTENCES)}
    article = read(page(ld=ld, body="<div id='app'></div>"))
    assert article.text == " ".join(SENTENCES)
    assert article.extractor == "json-ld"


@pytest.mark.parametrize("depth", [1, 2])
def test_a_body_that_lives_in_a_script_is_found(depth: int) -> None:
    value: object = {"content": "".join(f"<p class='x'>{s}</p>" for s in SENTENCES)}
    for _ in range(depth):
        value = {"data": json.dumps(value).replace("<", "\\u003c")}
    head = f"<script>self.__next_f.push([1,{json.dumps(value)}])</script>"
    article = read(page(head=head, body="<div id='app'></div>"))
    assert article.text == "\n".join(SENTENCES)
    assert article.extractor == "embedded"


@pytest.mark.parametrize(
    "script", ["<script>Fusion.globalContent=({});</script>", "<script>{}</script>"]
)
def test_a_body_that_is_a_list_of_pieces_is_found(script: str) -> None:
    texts = [{"type": "text", "content": f"<b>{one}</b>"} for one in SENTENCES]
    elements = [
        *texts[:2],
        {"type": "header", "level": 2, "content": "The bridges"},
        {"type": "interstitial_link", "content": "Read another article", "url": "/x"},
        *texts[2:],
    ]
    story = {"taxonomy": [{"text": "a"}] * 9, "content_elements": elements}
    head = script.replace("{}", json.dumps({"story": story}))
    article = read(page(head=head, body="<div id='app'></div>"))
    assert article.text == "\n".join([*SENTENCES[:2], "The bridges", *SENTENCES[2:]])
    assert article.extractor == "embedded"


def test_a_page_without_text_gives_an_empty_article_not_an_error() -> None:
    article = read(page(body=""))
    assert len(article.text) < 100
    assert bool(article.text) == bool(article.extractor)


LD = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "WebPage", "datePublished": "2020-01-01T00:00:00Z", "name": "x"},
        {
            "@type": ["Thing", "NewsArticle"],
            "headline": "Ministers meet",
            "datePublished": "2026-03-01T10:15:30+01:00",
            "author": [{"@type": "Person", "name": "Ana Lima"}, {"name": "Bo Ek"}],
        },
    ],
}
META = "<meta property='article:published_time' content='2026-03-02T08:00:00Z'>"
TIME = "<time datetime='2026-03-03 09:30'>yesterday</time>"


def test_the_time_of_the_json_comes_first_and_is_exact() -> None:
    article = read(page(head=META, ld=LD))
    assert article.published == datetime(2026, 3, 1, 9, 15, 30, tzinfo=UTC)
    assert article.authors == ("Ana Lima", "Bo Ek")


def test_without_json_the_meta_tag_gives_the_time() -> None:
    assert read(page(head=META)).published == datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_without_either_the_time_element_does_in_the_sources_zone() -> None:
    body = TIME + "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
    article = read(page(body=body), timezone="Asia/Seoul")
    assert article.published == datetime(2026, 3, 3, 0, 30, tzinfo=UTC)


def test_broken_json_is_passed_over() -> None:
    head = "<script type='application/ld+json'>{\"@type\": </script>" + META
    assert read(page(head=head)).published == datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_line_breaks_inside_json_strings_are_forgiven() -> None:
    head = (
        "<script type='application/ld+json'>"
        '{"@type":"Article","headline":"a\nb","datePublished":"2026-03-01T10:00Z"}'
        "</script>"
    )
    assert read(page(head=head)).published == datetime(2026, 3, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "og",
    [
        "Ministers meet in harbour town",
        "Ministers meet in harbour town | The Site",
        "Ministers meet in harbour town – SITE – 01.03.2026",
    ],
)
def test_the_sites_name_is_no_part_of_the_title(og: str) -> None:
    assert read(page(head=f"<meta property='og:title' content='{og}'>")).title == (
        "Ministers meet in harbour town"
    )


def test_the_heading_is_the_title_of_last_resort_but_one() -> None:
    assert read(page()).title == "Ministers meet in harbour town"


def test_the_canonical_link_is_resolved_and_a_bad_one_refused() -> None:
    head = "<link rel='canonical' href='/world/talks'>"
    assert read(page(head=head)).url == "https://site.test/world/talks"
    head = "<link rel='canonical' href='javascript:alert(1)'>"
    assert read(page(head=head)).url is None
    assert read(page()).url is None


def test_the_language_is_the_declared_then_the_pages_then_the_texts() -> None:
    assert read(page(), language="fr").language == "fr"
    assert read(page()).language == "en"
    bare = page().replace(b' lang="en-GB"', b"")
    assert read(bare).language == "en"


def test_markup_in_titles_and_authors_is_text() -> None:
    """A48: nothing a page says leaves as markup."""
    ld = {
        "@type": "Article",
        "headline": "x",
        "author": "<script>alert(1)</script>Ana\r\nBcc: x",
    }
    og = "&lt;script&gt;alert(1)&lt;/script&gt;Harbour &lt;b&gt;news&lt;/b&gt; today"
    article = read(page(head=f"<meta property='og:title' content='{og}'>", ld=ld))
    assert "<" not in article.title
    assert all("<" not in name and "\n" not in name for name in article.authors)


@pytest.mark.parametrize(
    "refresh",
    [
        "<meta http-equiv='refresh' content='0;url=http://127.0.0.1:9/'>",
        "<?xml-stylesheet href='http://127.0.0.1:9/x.xsl'?>",
        "<link rel='stylesheet' href='http://127.0.0.1:9/x.css'>",
        "<iframe src='http://127.0.0.1:9/'></iframe>",
    ],
)
def test_nothing_a_page_points_to_is_opened(refresh: str) -> None:
    """A12: parsing makes no request, so the page is read as it stands."""
    assert SENTENCES[0] in read(page(head=refresh)).text


def test_twenty_thousand_nested_blocks_end_in_bounded_time() -> None:
    """A29."""
    deep = b"<html><body>" + b"<div>" * 20_000 + b"text" + b"</div>" * 20_000
    start = time.monotonic()
    read(deep)
    assert time.monotonic() - start < 5


def test_a_page_of_a_million_elements_is_refused() -> None:
    """A31."""
    with pytest.raises(ParseError) as caught:
        read(b"<html><body>" + b"<b>x</b>" * 300_000)
    assert caught.value.reason is FetchReason.TOO_LARGE


def test_deep_json_is_passed_over() -> None:
    """A29: JSON nested 100,000 deep."""
    script = "[" * 100_000 + "]" * 100_000
    head = f"<script type='application/ld+json'>{script}</script>" + META
    assert read(page(head=head)).published == datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize("body", [b"", b" \n ", b"\x00"])
def test_nothing_is_not_a_page(body: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        read(body)
    assert caught.value.reason is FetchReason.NOT_A_PAGE
