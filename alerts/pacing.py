"""When follow-ups may leave: spaced, a few a day, and the urgent ones at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from alerts.model import Reason, Told

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from alerts.followups import Milestone

# Limits from the story study (STORIES, "What an alert says").
PER_DAY = 4
"""Follow-ups per story and topic and UTC day; the urgent count but never wait."""
APART = timedelta(minutes=30)
DEVELOPMENTS_APART = timedelta(hours=2)

URGENT = frozenset({Reason.OFFICIAL, Reason.DISPUTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Milestones told in one message, and when; ``capped``: in the next digest."""

    milestones: tuple[Milestone, ...]
    due: datetime
    capped: bool = False


def turns(
    found: Sequence[Milestone], told: Sequence[Told], now: datetime
) -> tuple[Turn, ...]:
    """How milestones crossed together by one item leave: most often in one turn.

    ``told`` are the follow-ups the topic made of the story before. A development too
    soon after the last one gets a turn of its own, so that it holds up nothing.
    """
    last = max((one.at for one in told), default=None)
    due = now if last is None else max(now, last + APART)
    if any(one.reason in URGENT for one in found):
        due = now
    later = _development_due(told, due)
    rest, waiting = [*found], [*found[:0]]
    if later > due:
        waiting = [m for m in found if m.reason is Reason.DEVELOPMENT]
        rest = [m for m in found if m.reason is not Reason.DEVELOPMENT]
        if rest:
            later = max(later, due + APART)
    # One message is one moment, however many milestones it told.
    days = [moment.astimezone(UTC).date() for moment in {one.at for one in told}]
    return tuple(_turns(((rest, due), (waiting, later)), days, now))


def _turns(
    groups: Sequence[tuple[list[Milestone], datetime]],
    days: list[date],
    now: datetime,
) -> Iterator[Turn]:
    for group, due in groups:
        if not group:
            continue
        day = due.astimezone(UTC).date()
        urgent = any(one.reason in URGENT for one in group)
        capped = days.count(day) >= PER_DAY and not urgent
        days.append(day)
        yield Turn(milestones=tuple(group), due=now if capped else due, capped=capped)


def _development_due(told: Sequence[Told], due: datetime) -> datetime:
    name = Reason.DEVELOPMENT.value
    earlier = [one.at for one in told if one.milestone.startswith(name)]
    return max((*(at + DEVELOPMENTS_APART for at in earlier), due))
