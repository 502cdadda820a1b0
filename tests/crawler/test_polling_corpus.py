"""Adaptive polling on posting times of real feeds, half of them, at equal polls."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.polling import adaptive, fixed, made_up_posts, read_posts

SHARED = Path(__file__).parents[2].parent / "shared"
POSTS = SHARED / "data" / "feeds" / "posting_times.csv.gz"


@pytest.mark.corpus
@pytest.mark.slow
@pytest.mark.skipif(not POSTS.exists(), reason="the posting times are not here")
def test_news_of_real_feeds_comes_sooner_for_the_same_number_of_polls() -> None:
    posts = dict(list(read_posts(POSTS).items())[::2])
    ours = adaptive(posts)
    theirs = fixed(posts, polls=ours.polls)
    assert ours.mean <= 0.75 * theirs.mean
    assert ours.at(0.95) <= theirs.at(0.95)
    assert ours.at(0.99) <= 2 * theirs.at(0.99)


@pytest.mark.slow
def test_news_of_made_up_feeds_does_too_within_the_budget() -> None:
    posts = made_up_posts(sources=30)
    ours = adaptive(posts)
    assert 0.95 <= ours.polls / (30 * 3 * 48) <= 1.02
    assert ours.mean <= 0.75 * fixed(posts, polls=ours.polls).mean
