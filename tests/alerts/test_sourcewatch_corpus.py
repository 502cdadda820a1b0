"""Faults in a replayed week of real posting times: the short form of the benchmark.

Floors stand a little under what ``benchmarks/sourcewatch.py`` measures on 150 sources.
"""

from __future__ import annotations

import pytest

from benchmarks.sourcewatch import DATA, load, measure


@pytest.mark.corpus
@pytest.mark.slow
@pytest.mark.skipif(not DATA.exists(), reason="../shared/data is not here")
def test_faults_are_told_in_time_and_healthy_sources_are_left_alone() -> None:
    figures = measure(load(150)[::25], "some", misses=False, turns=1)
    found = {one.what: one.value for one in figures}
    assert found["some: told in time, all"] >= 93
    assert found["some: told in time, challenge"] == 100
    assert found["some: false alarms a week, 150 sources, days 8-10"] == 0
    assert found["some: alarms for ten hours without a network"] == 1
