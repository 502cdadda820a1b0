"""Near-duplicates: what a copy may change, and what makes two texts strangers."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.stories import fingerprint, pack, unpack
from alerts.stories.shingles import LIMIT, WHOLE
from tests.alerts.desk import Desk, channel, item, topic
from tests.alerts.ferry import FOOTER, OTHER_TITLE, TEXTS, unrelated

if TYPE_CHECKING:
    from crawler.items import Item


def truncated(title: str, text: str, _: str) -> tuple[str, str]:
    return title, text[: len(text) // 2]


def excerpted(title: str, text: str, _: str) -> tuple[str, str]:
    return title, " ".join(text.split()[20:60])


def headlined(_title: str, text: str, language: str) -> tuple[str, str]:
    return OTHER_TITLE[language], text


def signed(title: str, text: str, language: str) -> tuple[str, str]:
    return title, text + FOOTER[language]


def reordered(title: str, text: str, _: str) -> tuple[str, str]:
    sentences = text.split(". ")
    return title, ". ".join([*sentences[3:], *sentences[:3]])


def edited(title: str, text: str, _: str) -> tuple[str, str]:
    """One word in ten is another word."""
    rng = random.Random(4)  # noqa: S311 - a fixed edit
    words = text.split()
    for at in rng.sample(range(len(words)), len(words) // 10):
        words[at] = words[at - 7]
    return title, " ".join(words)


Edit = Callable[[str, str, str], tuple[str, str]]
EDITS: tuple[Edit, ...] = (truncated, excerpted, headlined, signed, reordered, edited)


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("edit", EDITS)
def test_a_copy_joins_the_story_of_its_original(edit: Edit, language: str) -> None:
    title, text = TEXTS[language]
    first = item(title, text=text, url="https://a.test/1", source="a")
    changed, words = edit(title, text, language)
    copy = item(changed, text=words, url="https://b.test/2", source="b")
    desk = Desk()
    one = desk.see(first).judgements[0].move
    two = desk.see(copy).judgements[0].move
    assert (two.duplicate_of, two.story_id) == (first.id, one.story_id)
    together = Desk().see(first, copy)
    assert together.judgements[1].move == two
    assert together.stories[0].items == 2


@pytest.mark.parametrize("language", TEXTS)
def test_the_full_text_after_its_excerpt_is_a_copy_too(language: str) -> None:
    title, text = TEXTS[language]
    desk = Desk()
    short = item(title, text=" ".join(text.split()[:45]), url="https://a.test/1")
    desk.see(short)
    full = desk.see(item(title, text=text, url="https://b.test/2")).judgements[0]
    assert full.move.duplicate_of == short.id


def test_texts_without_spaces_are_compared_by_characters() -> None:
    text = (
        "島と島を結ぶただ一つの渡し船は火曜日の朝に主機関が壊れて港にとどまった。港の事務所は"
        "予備の部品を本土に注文したが週末までは届かないと話した。大きな島の学校に通う九十人ほど"
        "の生徒は家で待つように言われた。漁師の一人は自分の船で郵便を運ぼうと申し出た。"
    )
    desk = Desk()
    first = item("渡し船が港にとどまる", text=text, url="https://a.test/1")
    desk.see(first)
    copy = item("渡し船の故障", text=text[30:], url="https://b.test/2")
    other = item("渡し船が港にとどまる", text=text[::-1], url="https://c.test/3")
    assert desk.see(copy).judgements[0].move.duplicate_of == first.id
    assert desk.see(other).judgements[0].move.opened


def test_a_copy_alerts_nobody_and_is_counted() -> None:
    desk = Desk(channel("hook"))
    title, text = TEXTS["en"]
    first = item(title, text=text, url="https://a.test/1")
    assert desk.see(first).alerts
    copy = item(title, text=text[:500], url="https://b.test/2")
    verdict = desk.see(copy)
    assert verdict.judgements[0].gates
    assert not verdict.alerts
    assert not verdict.deliveries
    assert verdict.stories[0].items == 2


def test_of_several_copies_the_oldest_is_the_original() -> None:
    desk = Desk()
    title, text = TEXTS["en"]
    first = item(title, text=text, url="https://a.test/1")
    desk.see(first, item(title, text=text + FOOTER["en"], url="https://b.test/2"))
    third = item(title, text=f"{text} {FOOTER['en']} Ends.", url="https://c.test/3")
    assert desk.see(third).judgements[0].move.duplicate_of == first.id


def test_a_copy_after_more_than_seven_days_is_a_report_of_a_watched_story() -> None:
    """Postings live seven days; a story with a matched item is open for thirty."""
    desk = Desk()
    title, text = TEXTS["en"]
    story = desk.see(item(title, text=text, url="https://a.test/1")).stories[0]
    assert story.matched
    late = item(title, text=text[:600], url="https://b.test/2")
    move = desk.see(late, after=timedelta(days=8)).judgements[0].move
    assert (move.duplicate_of, move.story_id) == (None, story.id)


def test_a_copy_after_more_than_seven_days_opens_a_story_nobody_watches() -> None:
    desk = Desk(topics=(topic("other", "lighthouse"),))
    title, text = TEXTS["en"]
    desk.see(item(title, text=text, url="https://a.test/1"))
    late = item(title, text=text[:600], url="https://b.test/2")
    assert desk.see(late, after=timedelta(days=8)).judgements[0].move.opened


@pytest.mark.parametrize("words", [15, 40, 60])
@pytest.mark.parametrize("at_once", [1, 10])
def test_articles_that_share_only_a_sites_footer_are_strangers(
    words: int, at_once: int
) -> None:
    desk = Desk()
    footer = " ".join([FOOTER["en"], *TEXTS["en"][1].split()[:40]])
    items = []
    for number in range(30):
        title, body = unrelated(number, words)
        url = f"https://site.test/{number}"
        items.append(item(title, text=f"{body}\n{footer}", url=url))
    for start in range(0, len(items), at_once):
        verdict = desk.see(*items[start : start + at_once])
        assert all(one.move.opened for one in verdict.judgements)


def test_a_footer_learned_hides_no_copy_of_another_site() -> None:
    desk = Desk()
    footer = f"{FOOTER['en']} {FOOTER['ru']}"
    for number in range(4):
        title, body = unrelated(number, 60)
        url = f"https://site.test/{number}"
        desk.see(item(title, text=f"{body}\n{footer}", url=url))
    copy = item("Elsewhere", text=unrelated(3, 60)[1], url="https://b.test/2")
    found = desk.see(copy).judgements[0].move
    assert found.duplicate_of == item("", url="https://site.test/3").id


def test_a_wire_copy_carried_by_many_sites_never_becomes_boilerplate() -> None:
    desk = Desk()
    title, text = TEXTS["en"]
    story = desk.see(item(title, text=text, url="https://a.test/0")).stories[0].id
    for number in range(1, 40):
        copy = item(title, text=text[number:], url=f"https://s{number}.test/1")
        assert desk.see(copy).judgements[0].move.story_id == story


def test_versions_of_one_article_do_not_make_its_words_boilerplate() -> None:
    desk = Desk()
    title, text = TEXTS["en"]
    opened = [
        desk.see(item(title, text=text[n:], url=f"https://a.test/{n}"))
        .judgements[0]
        .move.opened
        for n in range(8)
    ]
    assert opened == [True] + [False] * 7


REPORT = (
    "Situation report of the border guard, day {day}. Over the past twenty-four hours"
    " {n} boats were turned back, {m} people were taken on board and brought to the"
    " harbour, and all of them were seen by a doctor. The guard keeps {k} ships at sea"
    " and asks fishermen to report what they see. The next report follows tomorrow."
)


def report(day: int, url: str) -> Item:
    text = REPORT.format(day=day, n=day % 9 + 11, m=day * 3 % 70 + 100, k=day % 5 + 20)
    return item(f"Border guard: situation report, day {day}", text=text, url=url)


def test_the_daily_report_with_new_numbers_is_a_new_story() -> None:
    desk = Desk()
    for day in range(200, 207):
        one = report(day, f"https://guard.test/{day}")
        verdict = desk.see(one, after=timedelta(days=1))
        assert verdict.judgements[0].move.opened


def test_the_daily_report_copied_elsewhere_joins_that_days_story() -> None:
    desk = Desk()
    for day in (200, 201):
        desk.see(report(day, f"https://guard.test/{day}"))
    copy = report(201, "https://news.test/x")
    found = desk.see(copy).judgements[0].move
    assert found.duplicate_of == report(201, "https://guard.test/201").id


def test_headlines_are_copies_only_if_nearly_every_word_is_the_same() -> None:
    desk = Desk()
    toll = "At least {} hurt as the old mill beside the river bridge burns down again"
    first = item(toll.format(12), url="https://a.test/1")
    desk.see(first)
    same = item(f"Update: {toll.format(12)}", url="https://b.test/2")
    more = item(toll.format(15), url="https://c.test/3")
    assert desk.see(same).judgements[0].move.duplicate_of == first.id
    told = desk.see(more).judgements[0].move
    assert (told.duplicate_of, told.nearest) == (None, first.id)


def test_a_headline_of_a_few_words_has_no_sketch() -> None:
    assert fingerprint(item("Seoul: North fires missile toward the sea")).sketch is None


@given(st.text(), st.text(max_size=3_000))
def test_any_text_has_a_sketch_within_bounds(title: str, text: str) -> None:
    sketch = fingerprint(item(title, text=text)).sketch
    if sketch is not None:
        assert sketch.limit <= WHOLE
        assert all(0 <= one < sketch.limit for one in sketch.hashes)
        assert sketch.limit in {LIMIT, WHOLE} or len(sketch.hashes) == 16
        assert unpack(pack(sketch.hashes)) == sketch.hashes


def test_a_text_without_end_costs_no_more_than_a_long_one() -> None:
    words = " ".join(str(n) for n in range(100_000))
    sketch = fingerprint(replace(item("Ticker"), text=words)).sketch
    assert sketch is not None
    assert len(sketch.hashes) < 700
    assert len(sketch.numbers) <= 64
