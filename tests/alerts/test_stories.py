"""Exact duplicates: what is one story, and what only looks like one."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from alerts.stories import fingerprint
from tests.alerts.desk import Desk, item, topic

LONG = "The ferry between the two islands stays in port because of a broken engine."


def test_the_same_page_from_two_sources_is_one_story() -> None:
    desk = Desk()
    first, second = (
        item("Ferry stays in port", url="https://a.test/n/1?utm_source=x", source="a"),
        item("Ferry stays in port!", url="https://a.test/n/1", source="b"),
    )
    one, two = desk.see(first, second).judgements
    assert two.move.duplicate_of == first.id
    assert two.move.story_id == one.move.story_id


def test_the_same_words_under_another_address_are_one_story() -> None:
    desk = Desk()
    desk.see(first := item("Ferry broken", text=LONG, source="a"))
    moved = desk.see(item("FERRY  broken", text=LONG, source="b")).judgements[0].move
    assert moved.duplicate_of == first.id
    assert not moved.opened


def test_a_headline_of_few_words_recurs_without_being_the_same_story() -> None:
    desk = Desk()
    desk.see(item("Morning briefing", url="https://a.test/1"))
    verdict = desk.see(item("Morning briefing", url="https://a.test/2"))
    assert verdict.judgements[0].move.opened


def test_items_that_link_to_a_home_page_are_not_one_story() -> None:
    desk = Desk()
    desk.see(item("Ferry stays in port", url="https://a.test/"))
    verdict = desk.see(item("Strike at the station", url="https://a.test/"))
    assert verdict.judgements[0].move.opened


def test_equal_words_after_more_than_seven_days_open_a_new_story() -> None:
    desk = Desk(topics=(topic("other", "lighthouse"),))
    desk.see(item("Ferry broken", text=LONG, source="a"))
    later = item("Ferry broken", text=LONG, source="b")
    assert desk.see(later, after=timedelta(days=8)).judgements[0].move.opened


def test_a_story_counts_its_items_and_languages() -> None:
    desk = Desk()
    desk.see(item("Ferry broken", text=LONG, source="a"))
    story = desk.see(item("Ferry broken", text=LONG, source="b")).stories[0]
    assert story.items == 2
    assert story.languages == ("en",)


@given(st.lists(st.sampled_from([LONG, LONG.upper(), "short", "ferry strike"])))
def test_seeing_the_same_items_twice_changes_no_story(texts: list[str]) -> None:
    desk = Desk()
    items = [item(f"{n}", text=t, source=f"s{n}") for n, t in enumerate(texts)]
    first = {j.item_id: j.move.story_id for j in desk.see(*items).judgements}
    again = desk.see(*items)
    assert {j.item_id: j.move.story_id for j in again.judgements} == first
    assert not again.alerts


def test_a_fingerprint_ignores_case_and_spacing_but_not_words() -> None:
    base = fingerprint(item("Ferry broken", text=LONG))
    loud = fingerprint(item("Ferry  BROKEN", text=f" {LONG}\n"))
    other = fingerprint(item("Ferry mended", text=LONG))
    assert base.content_hash == loud.content_hash != other.content_hash
