"""What `vedette sources --score NAME` prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from crawler.score import score

if TYPE_CHECKING:
    from crawler.score import Score
    from vedette.store import Store

MOST_ROWS = 100_000
"""The log of the two weeks it is kept, of any source that keeps to its bounds."""


def score_of(store: Store, name: str) -> Score | None:
    """The score of a source; None before its first request."""
    return score(store.requests(name, MOST_ROWS))


def score_json(name: str, found: Score) -> dict[str, Any]:
    """As ``--json`` shows it; gaps in seconds."""
    gap = found.shortest_gap
    return {
        "source": name,
        **asdict(found),
        "shortest_gap": None if gap is None else gap.total_seconds(),
        "polls_a_day": round(found.polls_a_day, 1),
    }


def score_rows(found: Score) -> list[tuple[str, str]]:
    """What was seen, and what it comes to, one line each."""
    gap = found.shortest_gap
    head = found.frowned
    busting = head.get("cache-control", 0) + head.get("pragma", 0)
    bare = f"{found.unconditional}, of which {found.avoidable} had validators at hand"
    answers = ", ".join(f"{n} × {code or 'none'}" for code, n in found.statuses.items())
    return [
        ("seen", f"{found.since:%Y-%m-%d %H:%MZ} to {found.until:%Y-%m-%d %H:%MZ}"),
        ("polls", f"{found.polls}, {found.polls_a_day:.1f} a day"),
        ("all requests", f"{found.requests}, with articles and robots.txt"),
        ("answers", answers),
        ("shortest gap", "none yet" if gap is None else f"{gap.total_seconds():.0f} s"),
        ("unconditional", bare),
        ("bad validators", str(found.bad_validators)),
        ("cookies", str(head.get("cookie", 0))),
        ("referer", str(head.get("referer", 0))),
        (
            "cache-busting",
            str(busting),
        ),
    ]
