"""Whose an item is: owners, searches, states, officials."""

from __future__ import annotations

import pytest

from alerts.stories.outlets import Outlet
from alerts.stories.sites import site
from crawler.hosts import domain
from tests.alerts.newsstand import article, outlets, shipped, source

SEARCH = "https://news.google.com/rss/search?q=harbour+when:1d"


@pytest.mark.parametrize(
    ("name", "url", "owner"),
    [
        ("bbc-ru", "https://www.bbc.com/russian/articles/1", "bbc"),
        ("", "https://www.bbc.co.uk/news/1", "bbc"),
        ("", "https://news.bbc.co.uk/news/1", "bbc"),
        ("", "https://unknown.example/1", "unknown.example"),
        ("", "https://sport.paper.co.kr/1", "paper.co.kr"),
        ("", "https://frontex.europa.eu/1", "frontex.europa.eu"),
        ("my-feed", "", "my-feed"),
        ("", "", "item"),
        ("", "not a link", "item"),
        ("", "https://[broken", "item"),
    ],
)
def test_an_item_belongs_to_its_source_its_site_or_itself(
    name: str, url: str, owner: str
) -> None:
    assert shipped().of_item(article(source=name, url=url)).owner == owner


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("tass-en", "https://tass.com/1"),
        ("ria-ru", "https://ria.ru/1"),
        ("kremlin-ru", "http://kremlin.ru/1"),
        ("", "https://www.rt.com/news/1"),
        ("", "https://sputnikglobe.com/1"),
        ("", "https://tass.ru/1"),
    ],
)
def test_everything_that_a_state_controls_is_one_owner(name: str, url: str) -> None:
    assert shipped().of_item(article(source=name, url=url)).owner == "state:RU"


def test_news_of_north_korea_and_of_russia_are_two_states() -> None:
    found = {
        shipped().of_item(article(source=name)).owner
        for name in ("kcna-watch", "rodong-sinmun", "tass-en")
    }
    assert found == {"state:KP", "state:RU"}


def test_a_private_outlet_of_the_same_country_is_its_own_owner() -> None:
    assert shipped().of_item(article(source="interfax-ru")).owner == "interfax"


@pytest.mark.parametrize("shared", ["feeds.feedburner.com", "harbour.wordpress.com"])
def test_a_site_for_everyone_names_no_owner(shared: str) -> None:
    known = outlets(source("one", f"https://{shared}/one", owner="one"))
    stranger = known.of_item(article(source="two", url=f"https://{shared}/two"))
    assert stranger.owner == "two"


def test_a_site_of_two_owners_names_neither() -> None:
    known = outlets(
        source("one", "https://town.example/one", owner="one"),
        source("two", "https://town.example/two", owner="two"),
    )
    assert known.of_item(article(url="https://town.example/3")).owner == "town.example"


def test_a_search_speaks_for_the_outlet_it_found() -> None:
    known = outlets(
        source("search", SEARCH, owner="google-news"),
        source("daily", "https://daily.example/feed", owner="daily-group"),
    )
    by_link = article("Harbour shut", source="search", url="https://daily.example/1")
    assert known.of_item(by_link).owner == "daily-group"
    hidden = "https://news.google.com/rss/articles/abc"
    by_title = article("Harbour shut - Reuters", source="search", url=hidden)
    assert known.of_item(by_title) == Outlet("reuters", country="GB", agency=True)
    unknown = article("Harbour shut - Port Gazette", source="search", url=hidden)
    assert known.of_item(unknown).owner == "port gazette"
    bare = article("Harbour shut", source="search", url=hidden)
    assert known.of_item(bare).owner == "item"


def test_a_search_without_an_owner_is_a_search_whatever_it_asks_for() -> None:
    known = outlets(source("mine", SEARCH + "+site:reuters.com"))
    hidden = "https://news.google.com/rss/articles/abc"
    found = article("Harbour shut - Reuters", source="mine", url=hidden)
    assert known.of_item(found).owner == "reuters"


def test_a_search_of_one_site_is_that_site() -> None:
    found = article("Harbour shut", source="reuters-gnews", url="https://x.example/1")
    assert shipped().of_item(found).owner == "reuters"
    stray = article(
        "Harbour shut", source="gnews-dprk-russia-en", url="https://x.example/1"
    )
    assert shipped().of_item(stray).owner == "x.example"


def test_official_is_said_by_the_source_or_by_the_site() -> None:
    known = shipped()
    assert known.of_item(article(source="rok-mofa")).official
    assert known.of_item(article(url="http://en.kremlin.ru/events/1")).official
    assert known.of_item(article(url="https://frontex.europa.eu/1")).official
    assert not known.of_item(
        article(source="tass-ru", url="https://tass.ru/1")
    ).official
    assert not known.of_item(article(url="https://news.google.com/1")).official


def test_a_site_is_official_if_all_that_is_watched_on_it_is() -> None:
    office = source("a", "https://town.example/a", owner="office", official=True)
    paper = source("b", "https://town.example/b", owner="paper")
    for order in ((office, paper), (paper, office)):
        assert (
            not outlets(*order).of_item(article(url="https://town.example/1")).official
        )


def test_a_source_knows_its_country_and_whether_it_is_an_agency() -> None:
    yonhap = shipped().of_item(article(source="yonhap-ko"))
    assert (yonhap.country, yonhap.agency) == ("KR", True)
    assert not shipped().of_item(article(source="donga-ko")).agency


def test_a_name_is_found_whole_with_its_particle_and_never_inside_a_word() -> None:
    names = shipped().names
    assert [one.owner for one in names.within("연합뉴스는 Reuters에")] == [
        "yonhap",
        "reuters",
    ]
    assert names.within("dpapers CAPTAIN 북한연합뉴스 ТАССовский Reutersville") == []


def test_the_config_names_the_owner_of_a_well_known_site() -> None:
    known = outlets(source("mine", "https://www.reuters.com/feed", owner="thomson"))
    assert known.of_item(article(url="https://reuters.com/1")).owner == "thomson"
    assert known.names.owner("Reuters") == "thomson"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.a.example/x", "a.example"),
        ("https://rss.dw.com/x", "dw.com"),
        ("https://feeds.bbci.co.uk/x", "bbci.co.uk"),
        ("https://news.google.com/x", "news.google.com"),
        ("https://m.co.kr/x", "m.co.kr"),
        ("", ""),
    ],
)
def test_a_site_is_its_host_without_the_front_door(url: str, expected: str) -> None:
    assert site(url) == expected


def test_a_domain_is_what_somebody_registered() -> None:
    assert domain("world.kbs.co.kr") == "kbs.co.kr"
    assert domain("ec.europa.eu") == "europa.eu"
    assert domain("dw.com") == "dw.com"
