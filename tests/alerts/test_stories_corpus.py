"""Stories on real reports: floors a little under the benchmark's figures."""

from __future__ import annotations

import pytest

from benchmarks.stories import DATA, ecbplus, in_time, outcome, shuffled, tell

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.exists(), reason=f"{DATA} is not shipped"),
]


def test_english_reports_of_one_event_become_one_story() -> None:
    """Measured in this order: F1 .91, never .06, duplicates .44, 27 of 37 right."""
    got = outcome(list(tell(shuffled(ecbplus(), 0))))
    assert (got.items, got.stories) == (772, 66)
    assert got.agreement.f1 >= 0.88
    assert got.never <= 0.1
    assert got.duplicates <= 0.55
    assert got.right >= 0.5 * got.related > 0


def test_reports_in_other_languages_join_the_story_that_is_there() -> None:
    """Measured: F1 .891, never .043, duplicates .53; ko .77, en .72, ru .63."""
    got = in_time()
    assert (got.items, got.stories) == (581, 92)
    assert got.agreement.f1 >= 0.86
    assert got.never <= 0.08
    assert got.duplicates <= 0.65
    low = {name: got.elsewhere[name] for name in ("en", "ko", "ru", "uk", "zh", "fr")}
    assert all(share >= 0.5 for share in low.values()), low
