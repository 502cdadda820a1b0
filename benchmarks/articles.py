"""How much of real article pages is read, and in what time, beside trafilatura alone.

172 pages of 100 publishers with hand-checked text, title, time and authors, one after
the other in this process; both read the same bytes. "seen" are pages of the half of
the publishers that the rules were made on, "unseen" of the others. trafilatura runs
with ``favor_precision`` and its own metadata; its dates have no time.

Run: ``python benchmarks/articles.py``.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import warnings
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.figures import Figure, emit  # noqa: E402
from crawler.articles import extract_article  # noqa: E402
from crawler.dates import parse_date  # noqa: E402
from crawler.items import Article  # noqa: E402
from tests.crawler.fundus import DATA, best_score, pages, tuned_on  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.crawler.fundus import Page, Score

ASKED = {"text F1": 0.95, "title": 0.95, "time to the minute": 0.95}


def ours(page: Page) -> Article:
    """What the crawler reads."""
    return extract_article(
        page.body, url=page.url, content_type="text/html", timezone=page.zone
    )


def trafilatura_alone(page: Page) -> Article:
    """What its own one call reads."""
    from trafilatura import extract

    found = extract(
        page.body,
        url=page.url,
        favor_precision=True,
        include_comments=False,
        with_metadata=True,
        output_format="json",
    )
    data = json.loads(found) if found else {}
    return Article(
        url=data.get("url"),
        title=data.get("title") or "",
        text=data.get("text") or "",
        summary="",
        published=parse_date(data.get("date") or "", timezone=page.zone),
        language=data.get("language"),
        authors=tuple((data.get("author") or "").split("; ")),
    )


def measures(scores: list[Score]) -> dict[str, float]:
    """The mean of each measure over some pages."""
    named = [one.authors for one in scores if one.authors is not None]
    return {
        "text F1": mean(one.f1 for one in scores),
        "title": mean(one.title for one in scores),
        "title, every character": mean(one.same_characters for one in scores),
        "title, letters alone": mean(one.same_letters for one in scores),
        "time to the minute": mean(one.minute for one in scores),
        "day": mean(one.day for one in scores),
        "authors found": mean(named),
    }


def run(reader: Callable[[Page], Article], name: str, *, asked: bool) -> None:
    """Read every page and print the figures."""
    reader(next(pages()))  # imports and word lists are not part of a page
    scores: list[tuple[str, Score]] = []
    spent: list[float] = []
    for page in pages():
        started = time.process_time()
        article = reader(page)
        spent.append((time.process_time() - started) * 1000)
        scores.append((page.publisher, best_score(article, page)))
    seen = tuned_on()
    groups = {
        "all": [one for _, one in scores],
        "seen": [one for who, one in scores if who in seen],
        "unseen": [one for who, one in scores if who not in seen],
    }
    for group, some in groups.items():
        for what, value in measures(some).items():
            emit(
                Figure(
                    bench="articles",
                    what=f"{name}, {what}, {group} ({len(some)} pages)",
                    value=value,
                    unit="",
                    least=ASKED.get(what) if asked and group == "all" else None,
                )
            )
    spent.sort()
    for what, ms in (("mean", mean(spent)), ("p95", spent[len(spent) * 95 // 100])):
        emit(
            Figure(
                bench="articles",
                what=f"{name}, CPU a page, {what}",
                value=ms,
                unit="ms",
            )
        )


def main() -> int:
    """Both readers, one after the other."""
    if not DATA.is_dir():
        print(f"articles: left out, {DATA} is not shipped", file=sys.stderr)
        return 0
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    run(ours, "Vedette", asked=True)
    run(trafilatura_alone, "trafilatura", asked=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
