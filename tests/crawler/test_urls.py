from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import crawler.urls
from crawler.urls import canonical_url, resolve_link

BASE = "https://news.example/en/feed.xml"


@given(st.from_regex(crawler.urls._ORDINARY, fullmatch=True))
def test_ordinary_links_are_what_resolving_would_make_of_them(link: str) -> None:
    assert crawler.urls._joined(BASE, link) == link
    assert crawler.urls._joined(None, link) == link


@pytest.mark.parametrize(
    "link", ["http://a.example/a;", "http://a.example?", "http://a:0/", "http://a@b/"]
)
def test_links_that_resolving_may_change_or_refuse_are_not_ordinary(link: str) -> None:
    assert not crawler.urls._ORDINARY.fullmatch(link)


@pytest.mark.parametrize(
    ("link", "resolved"),
    [
        (
            "https://a.example/x?utm_source=rss#top",
            "https://a.example/x?utm_source=rss#top",
        ),
        ("/world/1", "https://news.example/world/1"),
        ("2", "https://news.example/en/2"),
        ("?id=3", "https://news.example/en/feed.xml?id=3"),
        ("//cdn.example/4", "https://cdn.example/4"),
        (" \n https://a.example/\n5 ", "https://a.example/5"),
        ("https://a.example/기사 6", "https://a.example/기사%206"),
        ("HTTP://A.example/7", "HTTP://A.example/7"),
        ('https://a.example/"><b>', "https://a.example/%22%3E%3Cb%3E"),
        ("http://[2001:db8::1]/8", "http://[2001:db8::1]/8"),
    ],
)
def test_links_resolve_as_in_a_browser(link: str, resolved: str) -> None:
    assert resolve_link(BASE, link) == resolved


@pytest.mark.parametrize(
    "link",
    [
        "",
        "  ",
        "javascript:alert(1)",
        " java\tscript:alert(1)",
        "JaVaScRiPt:1",
        "\x01javascript:1",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://a.example/",
        "mailto:a@b.example",
        "https://",
        "https:///x",
        "http://.",
        "https://good.example@evil.example/",
        "https://u:p@a.example/",
        "https://good.example\\@evil.example/",
        "https://a b.example/",
        "https://a.example:99999/",
        "https://a.example:x/",
        "https://a.example:0/",
        "http://[::1",
        "https://%61.example/",
        "https://a.example/" + "x" * 9000,
    ],
)
def test_what_is_no_plain_web_link_is_none(link: str) -> None:
    """A49, A09."""
    assert resolve_link(BASE, link) is None


def test_without_a_base_only_absolute_links_count() -> None:
    """A49: no host, no link."""
    assert resolve_link(None, "//evil.example/x") is None
    assert resolve_link(None, "/x") is None
    assert resolve_link("not a url", "/x") is None
    assert resolve_link(None, "https://a.example/x") == "https://a.example/x"


@pytest.mark.parametrize(
    "same",
    [
        "http://news.example/a/b?x=1&y=2",
        "https://WWW.News.Example:443/a/b/?y=2&x=1",
        "https://news.example/a/./c/../b?x=1&y=2#comments",
        "https://m.news.example/a/b?utm_source=x&x=1&fbclid=q&y=2&gclid=1&yclid=2",
        "https://amp.news.example/a/b/amp/?x=1&y=2&",
        "https://news.example/%61/b?x=1&y=2",
        " https://news.example./a//b?x=1&y=2 ",
    ],
)
def test_spellings_of_one_page_share_a_key(same: str) -> None:
    assert canonical_url(same) == "https://news.example/a/b?x=1&y=2"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/x", "https://a.example/X"),
        ("https://a.example/x?id=1", "https://a.example/x?id=2"),
        ("https://a.example/x?t=1&t=2", "https://a.example/x?t=2&t=1"),
        ("https://a.example/x", "https://b.example/x"),
        ("https://a.example/#!/x", "https://a.example/#!/y"),
        ("https://a.example:8080/x", "https://a.example/x"),
        ("https://a.example/x%2Fy", "https://a.example/x/y"),
        ("https://m.example/x", "https://example/x"),
    ],
)
def test_different_pages_keep_different_keys(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


def test_international_names_and_letters_have_one_spelling() -> None:
    assert canonical_url("https://Новости.example/путь") == canonical_url(
        "http://xn--b1amnebsh.example/%d0%bf%D1%83%D1%82%D1%8C"
    )


def test_what_is_no_web_address_comes_back_stripped() -> None:
    assert canonical_url(" urn:uuid:1 ") == "urn:uuid:1"
    assert canonical_url("http://[::1") == "http://[::1"


PART = st.text(max_size=12)
URLS = st.builds(
    "{}://{}/{}?{}#{}".format,
    st.sampled_from(["http", "https", "HTTP"]),
    st.sampled_from(
        [
            "a.example",
            "www.m.A.example",
            "한국.example",
            "127.0.0.1:80",
            "[::1]:8",
            "ß.ex",
        ]
    ),
    PART,
    PART,
    PART,
)


@given(URLS | st.text(max_size=60))
@example("https://a.example/x/amp/amp")
@example("https://a.example/%25%32%35")
@example("https://www.www.a.example/..//%2e%2e/b")
@example("https://a.example/?a=%")
@example("https://a.example/#!%41")
def test_canonical_is_idempotent(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once


@given(st.none() | URLS, st.text(max_size=60) | URLS)
def test_a_resolved_link_is_always_a_plain_web_address(
    base: str | None, link: str
) -> None:
    """A49."""
    found = resolve_link(base, link)
    if found is not None:
        assert found.lower().startswith(("http://", "https://"))
        assert not set(found) & set(' \t\r\n"<>\x00')
        assert "@" not in found.split("/")[2]
