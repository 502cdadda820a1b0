"""The figures of stories by hand, before anything is measured with them."""

from __future__ import annotations

from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.bcubed import bcubed
from benchmarks.stories import Outcome, Report, Told, outcome


@pytest.mark.parametrize(
    ("gold", "found", "precision", "recall"),
    [
        ("aabb", "1122", 1.0, 1.0),
        ("aabb", "2211", 1.0, 1.0),  # labels are names only
        ("aabb", "1111", 1 / 2, 1.0),
        ("aabb", "1234", 1.0, 1 / 2),
        # A lone b swallowed: three items meet 2, 2 and 1 of their cluster of three.
        ("aab", "111", (2 / 3 + 2 / 3 + 1 / 3) / 3, 1.0),
        # An a beside the b: precision 1, 1/2, 1/2; recall 1/2, 1/2, 1.
        ("aab", "122", 2 / 3, 2 / 3),
        # Five a and a b against three a and then two a with the b.
        ("aaaaab", "111222", (3 + 4 / 3 + 1 / 3) / 6, (9 / 5 + 4 / 5 + 1) / 6),
    ],
)
def test_the_hand_computed_agreements_come_out(
    gold: str, found: str, precision: float, recall: float
) -> None:
    got = bcubed(gold, found)
    assert got.precision == pytest.approx(precision)
    assert got.recall == pytest.approx(recall)
    harmonic = 2 * precision * recall / (precision + recall)
    assert got.f1 == pytest.approx(harmonic)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1))
def test_it_is_the_mean_over_items_of_what_each_meets(
    pairs: list[tuple[int, int]],
) -> None:
    gold, found = zip(*pairs, strict=True)
    got = bcubed(gold, found)
    clusters = {
        key: [label for _, label in each]
        for key, each in groupby(
            sorted((cluster, label) for label, cluster in pairs), key=lambda one: one[0]
        )
    }
    shares = [clusters[c].count(label) / len(clusters[c]) for label, c in pairs]
    assert got.precision == pytest.approx(sum(shares) / len(shares))
    turned = bcubed(found, gold)
    assert (turned.precision, turned.recall) == (got.recall, got.precision)


def test_clusterings_of_different_items_are_refused() -> None:
    with pytest.raises(ValueError, match="argument 2"):
        bcubed("aab", "11")
    with pytest.raises(ValueError, match="of no item"):
        bcubed("", "")


def told(*rows: str) -> Outcome:
    """The outcome of rows "language label story", "+" after a story's first item.

    A word after the plus is the label of the report that the story is related to.
    """
    seen = []
    for row in rows:
        language, label, story, *more = row.replace("+", " + ").split()
        report = Report(line="", language=language, story=label)
        seen.append(
            Told(
                report=report,
                story=story,
                opened=bool(more),
                related=more[1] if len(more) > 1 else "",
            )
        )
    return outcome(seen)


def test_a_story_swallowed_whole_is_one_never_alerted() -> None:
    got = told("en flood 1+", "en storm 1", "en storm 1", "en flood 1")
    assert (got.stories, got.alerts, got.alerted) == (2, 1, 1)
    assert (got.never, got.duplicates) == (1 / 2, 0)


def test_every_alert_beyond_a_storys_first_is_a_duplicate() -> None:
    got = told("en flood 1+", "en flood 2+", "en flood 3+", "en storm 1", "en fire 4+")
    assert (got.alerts, got.alerted) == (4, 2)
    assert got.never == pytest.approx(1 / 3)
    assert got.duplicates == pytest.approx(2 / 3)


def test_a_link_is_right_if_it_leads_to_a_report_of_the_same_story() -> None:
    got = told("en flood 1+", "en flood 2+flood", "en storm 3+flood", "en fire 4+")
    assert (got.related, got.right) == (2, 1)


def test_a_language_joins_another_where_that_opened_the_story() -> None:
    got = told("en flood 1+", "ko flood 1", "ko fire 2+", "en fire 2", "en flood 1")
    assert got.elsewhere == {"en": pytest.approx(1 / 3), "ko": pytest.approx(1 / 2)}
