"""Independent reports: what ties voices, what counts, what stays bounded."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from alerts.model import Byline, Fact, Report
from alerts.stories.bylines import byline
from alerts.stories.reports import (
    MOST_FACTS,
    MOST_NAMES,
    MOST_REPORTS,
    facts_told,
    independent_owners,
    joined,
)
from tests.alerts.newsstand import NOW, article, shipped, voice

OWNERS = st.sampled_from("abcdefgh")
WIRES = st.frozensets(st.sampled_from("abwxyz"), max_size=2)
VOICES = st.builds(lambda owner, wires: voice(owner, wires=wires), OWNERS, WIRES)


def told(*voices: Byline) -> tuple[Report, ...]:
    reports: tuple[Report, ...] = ()
    for n, one in enumerate(voices):
        item = article(f"Ferry {n}", language="en", url=f"https://x.example/{n}")
        reports = joined(reports, item, one, NOW + timedelta(minutes=n))
    return reports


def test_two_owners_with_words_of_their_own_are_two_reports() -> None:
    assert len(told(voice("a"), voice("b"))) == 2


def test_a_second_article_of_an_owner_confirms_nothing() -> None:
    (only,) = told(voice("a"), voice("a"))
    assert (only.items, only.owners) == (2, ("a",))


def test_one_agency_behind_two_outlets_is_one_report() -> None:
    assert len(told(voice("a", wires="w"), voice("b", wires="w"))) == 1


def test_the_agency_and_who_prints_it_are_one_report_in_either_order() -> None:
    assert len(told(voice("w"), voice("a", wires="w"))) == 1
    assert len(told(voice("a", wires="w"), voice("w"))) == 1


def test_news_taken_from_an_outlet_of_the_story_is_no_new_report() -> None:
    assert len(told(voice("a"), voice("b", cites="a"))) == 1
    assert len(told(voice("a"), voice("b", cites="c"))) == 2


def test_copied_words_are_no_new_report() -> None:
    assert len(told(voice("a"), voice("b", copies="a"))) == 1


def test_an_item_that_ties_reports_makes_them_one_and_the_count_falls() -> None:
    before = told(voice("a"), voice("b"), voice("c"))
    after = told(voice("a"), voice("b"), voice("c"), voice("d", copies="bc"))
    assert (len(before), len(after)) == (3, 2)
    assert after[0] == before[0]
    assert after[1].owners == ("b", "c", "d")
    assert (after[1].title, after[1].items) == ("Ferry 1", 3)


def test_a_report_keeps_the_face_of_its_first_item() -> None:
    (only,) = told(
        voice("a", country="KR", wires="w"), voice("b", country="DE", wires="w")
    )
    assert (only.title, only.url, only.seen) == ("Ferry 0", "https://x.example/0", NOW)
    assert only.countries == ("DE", "KR")
    assert only.languages == ("en",)


def test_one_official_voice_makes_the_report_official() -> None:
    (only,) = told(voice("a"), voice("a", official=True), voice("a"))
    assert only.official


def test_state_media_of_one_country_are_one_report() -> None:
    known = shipped()
    items = [article("Ferry", source=s) for s in ("tass-ru", "ria-ru", "kremlin-ru")]
    assert len(told(*(byline(one, known) for one in items))) == 1


@given(st.lists(VOICES, max_size=12), st.data())
def test_joining_an_item_again_only_counts_it(
    voices: list[Byline], data: st.DataObject
) -> None:
    if not voices:
        return
    again = data.draw(st.sampled_from(voices))
    once, twice = told(*voices), told(*voices, again)
    assert [r.owners for r in once] == [r.owners for r in twice]
    assert [r.wires for r in once] == [r.wires for r in twice]
    assert sum(r.items for r in twice) == len(voices) + 1


@given(
    st.lists(VOICES, max_size=12).flatmap(
        lambda some: st.tuples(st.just(some), st.permutations(some))
    )
)
def test_the_order_of_arrival_changes_no_count(
    orders: tuple[list[Byline], list[Byline]],
) -> None:
    one, other = (told(*order) for order in orders)
    assert {r.owners for r in one} == {r.owners for r in other}


@given(st.lists(VOICES, max_size=12))
def test_an_owner_is_in_one_report_only(voices: list[Byline]) -> None:
    owners = [owner for report in told(*voices) for owner in report.owners]
    assert sorted(owners) == sorted({one.owner for one in voices})


@given(st.lists(VOICES, max_size=12), st.sets(OWNERS, min_size=1))
def test_a_fact_has_no_more_independent_tellers_than_owners(
    voices: list[Byline], tellers: set[str]
) -> None:
    fact = Fact(unit="toll", value="47", owners=tuple(sorted(tellers)), seen=NOW)
    reports = told(*voices)
    assert independent_owners(fact, reports) <= min(len(tellers), len(reports))


def test_two_owners_of_one_report_tell_a_fact_once() -> None:
    reports = told(voice("a", wires="w"), voice("b", wires="w"), voice("c"))
    fact = Fact(unit="toll", value="47", owners=("a", "b", "c"), seen=NOW)
    assert independent_owners(fact, reports) == 2


def test_a_story_of_hundreds_of_items_stays_bounded() -> None:
    assert (
        len(told(*(voice(f"o{n}") for n in range(MOST_REPORTS + 20)))) == MOST_REPORTS
    )
    (only,) = told(*(voice(f"o{n}", wires="w") for n in range(MOST_NAMES + 20)))
    assert len(only.owners) == MOST_NAMES
    assert only.items == MOST_NAMES + 20


def test_a_fact_gathers_the_owners_that_tell_it() -> None:
    facts = facts_told((), [("toll", "12"), ("toll", "47")], "b", NOW)
    later = NOW + timedelta(hours=1)
    facts = facts_told(facts, [("toll", "47")], "a", later)
    assert [(f.value, f.owners, f.seen) for f in facts] == [
        ("12", ("b",), NOW),
        ("47", ("a", "b"), NOW),
    ]


def test_telling_a_fact_again_changes_nothing() -> None:
    facts = facts_told((), [("toll", "47")], "a", NOW)
    assert facts_told(facts, [("toll", "47")], "a", NOW + timedelta(1)) == facts


def test_facts_that_one_owner_told_are_forgotten_first() -> None:
    shared = facts_told((), [("toll", "1")], "a", NOW)
    shared = facts_told(shared, [("toll", "1")], "b", NOW)
    facts = shared
    for n in range(MOST_FACTS + 5):
        at = NOW + timedelta(minutes=n)
        facts = facts_told(facts, [("km", str(n))], "a", at)
    assert len(facts) == MOST_FACTS
    assert facts[0] == shared[0]
    assert ("km", "0") not in {(f.unit, f.value) for f in facts}
    assert facts[-1].value == str(MOST_FACTS + 4)


def test_a_byline_says_all_of_it_and_never_cites_itself() -> None:
    text = (
        "(서울=연합뉴스) 김철수 기자 = 조선중앙통신은 2일 보도를 부인했다. "
        "사고로 47명이 숨졌다고 조선중앙통신이 보도했다. 연합뉴스에 따르면 흐리다."
    )
    known = shipped()
    own = byline(article("여객선", text, "ko", source="yonhap-ko"), known)
    assert own == Byline(
        owner="yonhap",
        country="KR",
        cites=frozenset({"state:KP"}),
        denies=True,
        facts=(("toll", "47"),),
    )
    other = byline(article("여객선", text, "ko", source="donga-ko"), known)
    assert other.owner == "donga"
    assert other.wires == {"yonhap"}
