"""Near-duplicates on real articles: floors under the benchmark's figures."""

from __future__ import annotations

import pytest

from benchmarks.neardup import DATA, quality, trapped

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.exists(), reason=f"{DATA} is not shipped"),
]


def test_copies_of_real_articles_are_found_and_strangers_are_not() -> None:
    got = quality(every=5)
    assert got.queries == 399
    assert len(got.asked) == 8
    assert got.macro >= 0.97
    assert got.found["edit20"] >= 0.9 * got.asked["edit20"]
    assert got.strange == 0
    assert got.false <= 0.01 * got.queries
    assert got.natural >= 0.95


@pytest.mark.parametrize("words", [20, 60])
def test_a_footer_makes_no_copies_of_unrelated_articles(words: int) -> None:
    wrong, articles = trapped(words, articles=150)
    assert articles == 150
    assert wrong == 0
