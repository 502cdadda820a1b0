from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.errors import ConfigError
from crawler.items import ArticlePolicy, Kind, ListingRules, Source
from crawler.secrets import Secret
from crawler.shapes import read_duration, write_duration
from crawler.sources import load_sources, read_book, read_sources

FEED = {"kind": "feed", "url": "https://news.example.org/feed"}
JSON = {"kind": "json", "url": "https://news.example.org/api", "items": "data"}
LISTING = {"kind": "listing", "url": "https://news.example.org/", "item": "li"}


def source(**keys: Any) -> Source:
    sources, mistakes = read_sources({"a": {**FEED, **keys}}, Path("/etc/vedette"))
    assert mistakes == []
    return sources["a"]


def mistakes(entry: Any) -> dict[str, str]:
    """Path below the source -> message."""
    sources, found = read_sources({"a": entry}, Path("/etc/vedette"))
    assert sources == {}
    return {".".join(map(str, each.path[2:])): each.message for each in found}


def test_a_source_of_two_keys_has_the_documented_defaults() -> None:
    assert source() == Source(
        name="a", kind=Kind.FEED, url="https://news.example.org/feed"
    )


def test_every_key_of_a_source_arrives() -> None:
    found = source(
        language="pt-BR",
        timezone="Europe/Rome",
        every={"min": "90s", "max": "2h"},
        priority=2,
        tags=["eu", "media"],
        owner="withub",
        country="IT",
        official=True,
        state_controlled=True,
        status="dead",
        why="closed in 2024",
        article="never",
        headers={"Cookie": {"env": "SUBSCRIPTION"}, "Accept-Language": "it"},
        proxy={"file": "proxy.txt"},
        obey_robots=False,
        body="div.text",
        min_items=3,
    )
    assert found == Source(
        name="a",
        kind=Kind.FEED,
        url="https://news.example.org/feed",
        language="pt-BR",
        timezone="Europe/Rome",
        every_min=timedelta(seconds=90),
        every_max=timedelta(hours=2),
        priority=2.0,
        tags=("eu", "media"),
        owner="withub",
        country="IT",
        official=True,
        state_controlled=True,
        status="dead",
        why="closed in 2024",
        article=ArticlePolicy.NEVER,
        headers={"Cookie": Secret(env="SUBSCRIPTION"), "Accept-Language": "it"},
        proxy=Secret(file=Path("/etc/vedette/proxy.txt")),
        obey_robots=False,
        body="div.text",
        min_items=3,
    )
    assert not found.enabled


def test_a_listing_gets_its_rules() -> None:
    entry = {
        **LISTING,
        "link": "a::attr(href)",
        "title": "xpath://h3/text()",
        "date": {"select": "time", "order": "dmy", "formats": "%d.%m.%Y"},
        "allow": ["/news/[a-z0-9-]{20,}$"],
        "deny": "/video/",
        "max_items": 10,
        "min_items": 2,
    }
    sources, found = read_sources({"a": entry}, Path())
    assert found == []
    assert sources["a"].listing == ListingRules(
        item="li",
        link="a::attr(href)",
        title="xpath://h3/text()",
        date="time",
        date_order="dmy",
        date_formats=("%d.%m.%Y",),
        allow=("/news/[a-z0-9-]{20,}$",),
        deny=("/video/",),
        max_items=10,
        min_items=2,
    )
    assert sources["a"].min_items == 2


def test_a_listing_that_finds_nothing_is_an_error_by_default() -> None:
    sources, _ = read_sources({"a": LISTING}, Path())
    assert sources["a"].min_items == 1
    assert source().min_items == 0


def test_one_duration_is_a_fixed_interval() -> None:
    assert source(every="5m").fixed
    assert source(every="5m").every_min == timedelta(minutes=5)


@pytest.mark.parametrize(
    ("keys", "path", "said"),
    [
        ({"langauge": "en"}, "langauge", "unknown key. Did you mean language?"),
        ({"xyz": 1}, "xyz", "unknown key. Known here: allow, article, "),
        ({"kind": "fed"}, "kind", "expected one of feed, sitemap, listing, json. Did"),
        ({"kind": []}, "kind", "expected one of feed, sitemap, listing, json."),
        ({"kind": "json"}, "items", "kind: json needs the path to its list"),
        ({**JSON, "items": "data..list"}, "items", "expected a dotted path such as"),
        ({**JSON, "link": "/news/{slug"}, "link", "a path, or an address such as"),
        ({**JSON, "date": "a b."}, "date", "expected a dotted path such as"),
        ({**JSON, "item": "li"}, "item", "only `kind: listing` has this key"),
        ({**LISTING, "text": "p"}, "text", "only `kind: json` has this key"),
        ({"link": "a"}, "link", "only `kind: listing` and `kind: json` have this key"),
        ({**LISTING, "pages": 0}, "pages.max", ""),
        ({**LISTING, "date": {"select": "a[["}}, "date.select", "not a CSS selector"),
        ({"url": "ftp://x.org/"}, "url", "expected an address such as https://"),
        ({"url": "https://"}, "url", "expected an address"),
        ({"url": "https://x.org:99999/"}, "url", "expected an address"),
        ({"url": "https://u:p@x.org/"}, "url", "no user:password@ here"),
        ({"url": "https://x.org/a b"}, "url", "expected an address"),
        ({"url": {"env": "FEED"}}, "url", "expected text, got a mapping"),
        ({"every": "5"}, "every", "expected a duration such as 90s, 10m, 2h or"),
        ({"every": 5}, "every", "expected a mapping of keys, got the number 5"),
        ({"every": "0m"}, "every", "above 0"),
        ({"every": "9000w"}, "every", "at most 3660d"),
        ({"every": {"min": "2h"}}, "every", "min is longer than max"),
        ({"every": {"mni": "2h"}}, "every.mni", "unknown key. Did you mean min?"),
        ({"timezone": "Europe/Roma"}, "timezone", "Did you mean Europe/Rome?"),
        ({"timezone": "../../etc/passwd"}, "timezone", "expected a time zone"),
        ({"language": "english"}, "language", "expected a language code such as en"),
        ({"tags": [1]}, "tags.0", "expected text, got the number 1: put it in quotes"),
        ({"tags": {"a": 1}}, "tags.0", "expected text, got a mapping"),
        ({"owner": "a\nb"}, "owner", "one line of text without control characters"),
        ({"owner": " "}, "owner", "expected text, got nothing"),
        ({"priority": 0}, "priority", "expected a number above 0"),
        ({"priority": "1"}, "priority", "expected a number, got text"),
        ({"official": "yes"}, "official", "expected true or false, got text"),
        ({"min_items": 1.5}, "min_items", "expected a whole number, got the number"),
        ({"article": "allways"}, "article", "Did you mean always?"),
        ({"item": "li"}, "item", "only `kind: listing` has this key"),
        ({"headers": {"Host": "x"}}, "headers.Host", "set by the fetcher itself"),
        ({"headers": {"a b": "x"}}, "headers.a b", "no name of a request header"),
        ({"headers": {"X-A": "a\r\nB: c"}}, "headers.X-A", "control characters"),
        ({"headers": {"X-A": 1}}, "headers.X-A", "expected text, {env: NAME}"),
        ({"proxy": "socks5://x:1"}, "proxy", "expected a proxy such as http://"),
        ({"proxy": "http://u:p@x:1"}, "proxy", "a password is never written here"),
        ({"body": "div["}, "body", "not a CSS selector"),
    ],
)
def test_a_wrong_key_is_told_by_path_with_what_was_expected(
    keys: dict[str, Any], path: str, said: str
) -> None:
    found = mistakes({**FEED, **keys})
    assert list(found) == [path]
    assert said in found[path]


@pytest.mark.parametrize(
    ("keys", "path", "said"),
    [
        ({"item": "a["}, "item", "not a CSS selector"),
        ({"item": ""}, "item", "expected a CSS selector or xpath://"),
        ({"allow": ["(a"]}, "allow.0", "not a regular expression"),
        ({"date": {"order": "dmy"}}, "date.select", "required and missing"),
        ({"date": {"select": "a", "order": "ydm"}}, "date.order", "one of dmy, mdy"),
    ],
)
def test_a_wrong_selector_is_told_at_load_and_not_at_the_first_poll(
    keys: dict[str, Any], path: str, said: str
) -> None:
    found = mistakes({**LISTING, **keys})
    assert list(found) == [path]
    assert said in found[path]


def test_a_listing_without_an_item_selector_is_refused() -> None:
    said = "a listing needs the selector of one entry, `item`"
    assert mistakes({"kind": "listing", "url": "https://x.org/"}) == {"item": said}


@pytest.mark.parametrize(
    "header",
    [
        *("Cookie", "authorization", "Proxy-Authorization", "X-Api-Key", "APIKEY"),
        *("X-Auth-Token", "X-Client-Secret", "X-Password"),
    ],
)
def test_a_literal_secret_is_refused_with_the_remedy_and_never_repeated(
    header: str,
) -> None:
    """A65."""
    found = mistakes({**FEED, "headers": {header: "canary-7731"}})
    said = f"a secret is never written here; use {header}: {{env: NAME}}"
    assert found == {f"headers.{header}": said}


@pytest.mark.parametrize(
    "secret",
    [{}, {"env": "A", "file": "b"}, {"env": ""}, {"env": "A B"}, {"vault": "x"}],
)
def test_a_malformed_secret_reference_is_refused(secret: dict[str, str]) -> None:
    (said,) = mistakes({**FEED, "headers": {"Cookie": secret}}).values()
    assert said.startswith("expected {env: NAME} or {file: PATH}")


@pytest.mark.parametrize("entry", [None, "feed", 7, ["a"]])
def test_an_entry_that_is_no_mapping_is_refused(entry: Any) -> None:
    (said,) = mistakes(entry).values()
    assert said.startswith("expected a mapping of keys, got")


@pytest.mark.parametrize("name", ["a b", "", "é", "a/b", "a\n", "x" * 81])
def test_a_name_that_cannot_be_typed_in_a_query_is_refused(name: str) -> None:
    _, (found,) = read_sources({name: FEED}, Path())
    assert "a name may hold" in found.message


def test_sources_that_are_no_mapping_are_one_mistake() -> None:
    _, (found,) = read_sources([FEED], Path())
    assert found.message == "expected names with their settings below, got a list"


@pytest.mark.parametrize(
    "contact",
    ["mailto:desk@yourdomain.org", "https://yourdomain.org/about", None],
)
def test_a_contact_may_be_a_mail_or_a_page(contact: str | None) -> None:
    book, found = read_book({"contact": contact} if contact else {}, Path())
    assert found == []
    assert book.contact == contact


@pytest.mark.parametrize(
    ("contact", "said"),
    [
        ("desk@yourdomain.org", "Did you mean mailto:desk@yourdomain.org?"),
        ("mailto:desk", "expected mailto:you@yourdomain.org"),
        ("http://yourdomain.org", "expected mailto:you@yourdomain.org"),
        ("mailto:desk@example.org", "example.org is a placeholder"),
        ("mailto:desk@mail.example.com", "mail.example.com is a placeholder"),
        ("https://example.net/x", "example.net is a placeholder"),
        ("mailto:a@b.org\r\nX: y", "control characters"),
        ("mailto:é@b.org", "plain ASCII"),
        ("mailto:a@b.org, c@d.org", "expected mailto:"),
        (7, "expected text, got the number 7"),
    ],
)
def test_a_contact_nobody_reads_is_refused(contact: Any, said: str) -> None:
    _, (found,) = read_book({"contact": contact}, Path())
    assert said in found.message
    assert found.path == ("contact",)


def test_networks_are_kept_in_their_plain_form() -> None:
    book, found = read_book({"network": {"allow": ["127.0.0.0/8", "::1"]}}, Path())
    assert found == []
    assert book.allow == ("127.0.0.0/8", "::1/128")


@pytest.mark.parametrize(
    ("network", "said"),
    [
        ("127.0.0.1/8", "Did you mean 127.0.0.0/8?"),
        ("localhost", "expected addresses such as"),
        (127, "expected text, got the number 127"),
    ],
)
def test_a_network_that_is_none_is_refused(network: Any, said: str) -> None:
    _, (found,) = read_book({"network": {"allow": [network]}}, Path())
    assert said in found.message
    assert found.path == ("network", "allow", 0)


def test_loading_sources_does_not_look_at_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        "topics: {a: {qery: x}}\nchannels: 7\n"
        "sources: {a: {kind: feed, url: 'https://x.org/f'}}\n"
    )
    book = load_sources(path)
    assert list(book.sources) == ["a"]
    assert book.contact is None
    assert book.allow == ()


def test_every_mistake_of_every_source_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        "sources:\n  a:\n    kind: fead\n    url: https://x.org/f\n"
        "  b:\n    kind: feed\n"
    )
    with pytest.raises(ConfigError) as caught:
        load_sources(path)
    assert [(each.line, each.path) for each in caught.value.problems] == [
        (3, "sources.a.kind"),
        (5, "sources.b.url"),
    ]


@pytest.mark.parametrize("text", ["1s", "90s", "10m", "2h", "30d", "2w", "90 m"])
def test_a_duration_written_back_means_the_same(text: str) -> None:
    assert read_duration(write_duration(read_duration(text))) == read_duration(text)
