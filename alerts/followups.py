"""When a story that was alerted has changed enough to be told again.

A milestone is judged by how the story stands after an item, against what was told of
it, so that one crossed while nobody could be told is neither lost nor told twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.model import Fact, Reason, Report, Story, Told

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from alerts.model import Alert

# Every threshold below is from the story study (STORIES, "What an alert says").
CONFIRMED_BY = 3
WIDE_REPORTS, WIDE_LANGUAGES = 5, 3
CONFIRMED_FACT = 2
"""Independent reports that make a number or a name more than one outlet's word."""
NEW_NAMES, MOST_NAMES = 2, 8
QUIET = timedelta(hours=48)
"""A story silent for longer comes back as news."""

AGENCIES = frozenset(
    {
        "afp",
        "ansa",
        "ap",
        "associated-press",
        "belga",
        "bloomberg",
        "dpa",
        "efe",
        "interfax",
        "jiji",
        "kyodo",
        "news1",
        "newsis",
        "pap",
        "reuters",
        "ukrinform",
        "unian",
        "yonhap",
    }
)
"""Owners that are news agencies themselves; state media are left out on purpose."""

WEIGHT = {
    reason: weight
    for weight, reason in enumerate(
        (
            Reason.DISPUTED,
            Reason.OFFICIAL,
            Reason.DEVELOPMENT,
            Reason.REVISED,
            Reason.WIDE,
            Reason.CONFIRMED,
            Reason.CORROBORATED,
            Reason.REOPENED,
        )
    )
}
"""The reasons of follow-ups; the lowest number speaks for a message of several."""

MERGED = "merged"
SHORT_ID = 8
"""Digits by which a milestone names a story."""
_ENTITY = "entity"
_NAMES = f"{Reason.DEVELOPMENT.value}:{_ENTITY}="


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """Something reached; ``key`` is unique per story and topic, and holds the value."""

    reason: Reason
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What a topic told of a story so far.

    ``keys`` are the milestones told or covered, ``told`` its alerts, oldest first.
    """

    keys: frozenset[str] = frozenset()
    told: tuple[Told, ...] = ()

    @property
    def since(self) -> datetime | None:
        """When the topic first spoke of the story."""
        return min((t.at for t in self.told if not is_followup(t)), default=None)

    @property
    def followups(self) -> tuple[Told, ...]:
        """The follow-ups among what it told; an escalation tells no change."""
        escalated = f"{Reason.ESCALATED}:"
        return tuple(
            t
            for t in self.told
            if is_followup(t) and not t.milestone.startswith(escalated)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A unit whose value is another than it was; ``before`` is the one it replaced."""

    before: Fact
    now: Fact


@dataclass(frozen=True, slots=True)
class _Voices:
    """The reports of a story by owner, for counting who stands behind a fact."""

    reports: tuple[Report, ...]
    of: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, report in enumerate(self.reports):
            self.of.update(dict.fromkeys(report.owners, number))

    def behind(self, fact: Fact) -> int:
        """How many independent reports tell it."""
        return len({self.of[one] for one in fact.owners if one in self.of})


def is_followup(told: Told) -> bool:
    """Whether it told a change, not the story itself (as the first, or a topic)."""
    return told.milestone not in {"first", "topic"}


def milestones(
    before: Story | None, after: Story, now: datetime
) -> tuple[Milestone, ...]:
    """All that holds once an item has joined, told or not, the weightiest first.

    ``before`` is the story without the item, None if the item opened it; only
    whether it is reopened depends on that. A level brings the lower ones with it.
    New names and merged stories are not among them: they are new to a topic, see
    ``untold``.
    """
    found = [*_flags(after), *_numbers(after), *_levels(after)]
    if before is not None and now - before.last_seen > QUIET:
        found.append(_of(Reason.REOPENED, f"{now:%Y-%m-%d}"))
    return _sorted(found)


def untold(
    before: Story | None, after: Story, now: datetime, past: Past
) -> tuple[Milestone, ...]:
    """The milestones that a topic with this past has still to tell."""
    found = [
        *milestones(before, after, now),
        *_names(after, past),
        *_merged(after, past),
    ]
    return _sorted(one for one in found if one.key not in past.keys)


def says_merged(alerts: Iterable[Alert], story_id: str) -> bool:
    """Whether these alerts tell that this story is one with theirs."""
    # The first part alone settles it for nearly all; there are thousands of stories.
    told = [one.milestone for one in alerts if MERGED in one.milestone]
    return bool(told) and merging(story_id).key in told


def changes(story: Story) -> tuple[Change, ...]:
    """Units whose value, told by two independent reports, differs from an earlier one.

    Of several such values of a unit only the one first told last counts: the others
    are the past by now. The one it replaced is the last told before it.
    """
    voices, units = _Voices(story.reports), dict[str, list[Fact]]()
    for fact in story.facts:
        if fact.unit != _ENTITY:
            units.setdefault(fact.unit, []).append(fact)
    found = []
    for facts in units.values():
        sure = [f for f in facts if voices.behind(f) >= CONFIRMED_FACT]
        if not sure:
            continue
        newest = max(sure, key=_age)
        earlier = [f for f in facts if f.seen < newest.seen and f.value != newest.value]
        if earlier:
            found.append(Change(before=max(earlier, key=_age), now=newest))
    return tuple(found)


def _age(fact: Fact) -> tuple[datetime, int, str]:
    return (fact.seen, len(fact.value), fact.value)


def _flags(story: Story) -> Iterator[Milestone]:
    if story.disputed:
        yield _of(Reason.DISPUTED)
    if story.official:
        yield _of(Reason.OFFICIAL)


def _numbers(story: Story) -> Iterator[Milestone]:
    for change in changes(story):
        yield _of(Reason.DEVELOPMENT, f"{change.now.unit}={change.now.value}")


def _levels(story: Story) -> Iterator[Milestone]:
    languages = {one for report in story.reports for one in report.languages}
    level = 0
    if story.independent >= CONFIRMED_FACT:
        level = 1
        if story.independent >= CONFIRMED_BY or _by_agency_and_abroad(story.reports):
            level = 2
    if story.independent >= WIDE_REPORTS and len(languages) >= WIDE_LANGUAGES:
        level = 3
    yield from map(_of, (Reason.CORROBORATED, Reason.CONFIRMED, Reason.WIDE)[:level])


def _by_agency_and_abroad(reports: tuple[Report, ...]) -> bool:
    """One agency's report, and one of somebody's own from another country."""
    agency = [r for r in reports if _is_agency(r)]
    own = [r for r in reports if not _is_agency(r)]
    return any(
        wire.countries and one.countries and not {*wire.countries} & {*one.countries}
        for wire in agency
        for one in own
    )


def _is_agency(report: Report) -> bool:
    return bool(report.wires) or not AGENCIES.isdisjoint(report.owners)


def _names(story: Story, past: Past) -> Iterator[Milestone]:
    """New names that two independent reports have, if there are at least two."""
    since = past.since
    if since is None:
        return
    told = {
        name
        for key in past.keys
        if key.startswith(_NAMES)
        for name in key.removeprefix(_NAMES).split("+")
    }
    voices = _Voices(story.reports)
    fresh = sorted(
        fact.value
        for fact in story.facts
        if fact.unit == _ENTITY
        and fact.seen > since
        and fact.value not in told
        and voices.behind(fact) >= CONFIRMED_FACT
    )
    if len(fresh) >= NEW_NAMES:
        yield _of(Reason.DEVELOPMENT, f"{_ENTITY}={'+'.join(fresh[:MOST_NAMES])}")


def merging(story_id: str) -> Milestone:
    """That this story, told before, is part of another one told before."""
    return _of(Reason.DEVELOPMENT, f"{MERGED}={story_id[:SHORT_ID]}")


def _merged(story: Story, past: Past) -> Iterator[Milestone]:
    """Stories that the topic told of by themselves, and that are this one by now.

    DESIGN's list of reasons is closed and has none for it: what a reader learns is a
    development of both. Of two stories one of which was never told nothing is said,
    as that one never gave the other its name (``alerts.stories.merging.elder``).
    """
    for other in sorted({one.story_id for one in past.told} - {story.id}):
        yield merging(other)


def _of(reason: Reason, value: str = "") -> Milestone:
    return Milestone(
        reason=reason, key=f"{reason.value}:{value}" if value else reason.value
    )


def _sorted(found: Iterable[Milestone]) -> tuple[Milestone, ...]:
    return tuple(sorted(found, key=lambda one: (WEIGHT[one.reason], one.key)))
