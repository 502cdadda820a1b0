"""Article extraction on real pages. Floors stand a little under what was measured."""

from __future__ import annotations

import warnings
from statistics import mean
from typing import TYPE_CHECKING

import pytest

from crawler.articles import extract_article
from tests.crawler.fundus import DATA, Score, best_score, pages, tuned_on

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.items import Article


@pytest.fixture(scope="module")
def read() -> dict[str, tuple[str, Article, Score]]:
    """Page to publisher, what was read, and how well."""
    if not DATA.is_dir():
        pytest.skip(f"the page corpus is not at {DATA}")
    found = {}
    for page in pages():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            article = extract_article(
                page.body, url=page.url, content_type="text/html", timezone=page.zone
            )
        found[page.name] = page.publisher, article, best_score(article, page)
    return found


@pytest.mark.corpus
@pytest.mark.slow
class TestFundusPages:
    @pytest.mark.parametrize(
        ("what", "floor"),
        [
            (lambda one: one.f1, 0.97),
            (lambda one: one.title, 0.87),
            (lambda one: one.same_letters, 0.885),
            (lambda one: one.minute, 0.965),
            (lambda one: one.day, 0.985),
        ],
        ids=["text", "title", "letters of the title", "minute", "day"],
    )
    def test_all_pages(
        self,
        read: dict[str, tuple[str, Article, Score]],
        what: Callable[[Score], float],
        floor: float,
    ) -> None:
        assert len(read) == 172
        assert mean(what(score) for _, _, score in read.values()) >= floor

    def test_texts_of_publishers_that_no_rule_was_made_on(
        self, read: dict[str, tuple[str, Article, Score]]
    ) -> None:
        seen = tuned_on()
        held = [score.f1 for name, _, score in read.values() if name not in seen]
        assert 80 <= len(held) <= 92
        assert mean(held) >= 0.97

    def test_authors(self, read: dict[str, tuple[str, Article, Score]]) -> None:
        recalls = [score.authors for _, _, score in read.values()]
        assert mean(one for one in recalls if one is not None) >= 0.88

    def test_every_page_has_its_language_and_its_own_link(
        self, read: dict[str, tuple[str, Article, Score]]
    ) -> None:
        for name, (_, article, _) in read.items():
            assert article.language, name
            assert article.url, name
