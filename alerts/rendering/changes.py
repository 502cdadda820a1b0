"""What a follow-up says: only what changed, then who reported what when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from alerts.followups import MERGED, WEIGHT, changes
from alerts.model import Reason
from alerts.rendering.clean import one_line, web_link
from alerts.rendering.wording import headline_of, local_time, reason_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from alerts.model import Alert, Report, Story, Telling

MOST_LINES = 6
"""Reports in a timeline (STORIES, "What an alert says")."""

_LEVELS = frozenset({Reason.CORROBORATED, Reason.CONFIRMED, Reason.WIDE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One independent report of a timeline; every text is safe on one line."""

    when: str
    outlet: str
    language: str
    title: str
    link: str | None


def is_followup(telling: Telling) -> bool:
    """Whether the message tells a change of a story that was told before."""
    return telling.alert.reason in WEIGHT


def news(telling: Telling, timezone: str) -> tuple[str, ...]:
    """One sentence (without its full stop) per change the message tells."""
    alerts = (telling.alert, *telling.also)
    told = {one.milestone: one for one in alerts if one.reason in WEIGHT}
    ranked = sorted(told.values(), key=lambda one: (WEIGHT[one.reason], one.milestone))
    lines = (line for one in ranked for line in _said(one, telling, timezone))
    return tuple(dict.fromkeys(lines))


def timeline(story: Story, timezone: str) -> tuple[int, tuple[Entry, ...]]:
    """The independent reports, oldest first, and how many older ones are left out."""
    shown = story.reports[-MOST_LINES:]
    entries = tuple(_entry(report, timezone) for report in shown)
    return len(story.reports) - len(shown), entries


def timeline_holds(telling: Telling) -> bool:
    """Whether the timeline shows the very item the message is about."""
    shown = telling.story.reports[-MOST_LINES:]
    return telling.item.url in {report.url for report in shown}


def spread(story: Story) -> str:
    """How many tell it: "5 independent reports (7 outlets carried it) in 3 …"."""
    outlets = len({owner for report in story.reports for owner in report.owners})
    words = f"{story.independent} independent reports"
    if outlets > story.independent:
        words += f" ({outlets} outlets carried it)"
    if len(story.languages) > 1:
        names = ", ".join(one_line(one, limit=20) for one in story.languages)
        words += f" in {len(story.languages)} languages: {names}"
    return words


def _said(alert: Alert, telling: Telling, timezone: str) -> Iterator[str]:
    story, item = telling.story, telling.item
    if alert.reason in _LEVELS:
        yield f"now {spread(story)}"
    elif alert.reason is Reason.OFFICIAL:
        yield _official(alert, telling, timezone)
    elif alert.reason is Reason.DISPUTED:
        title = one_line(item.title, limit=200) or headline_of(telling)
        yield f"denied: {title} {_clock(item.seen, alert, timezone)}"
    elif alert.reason is Reason.DEVELOPMENT:
        yield _development(alert, telling)
    elif alert.reason is Reason.REOPENED:
        yield "new after more than two days without a report"
    else:
        yield reason_of(alert)


def _development(alert: Alert, telling: Telling) -> str:
    unit, _, value = alert.milestone.partition(":")[2].partition("=")
    if unit == "entity":
        names = ", ".join(one_line(one, limit=60) for one in value.split("+"))
        return f"also named now: {names}"
    if unit == MERGED:
        return _same(value, telling)
    before = {c.now.unit: c.before.value for c in changes(telling.story)}.get(unit)
    old = f"{one_line(before, limit=40)} → " if before else ""
    return f"{one_line(unit, limit=40)} {old}{one_line(value, limit=40)}"


def _same(short: str, telling: Telling) -> str:
    """Two stories are one: by the other's headline, or by its id if that is gone."""
    other = next((one for one in telling.merged if one.id.startswith(short)), None)
    name = one_line(other.headline, limit=160) if other else ""
    return f"the same story as “{name or short}”, which you were told of before"


def _official(alert: Alert, telling: Telling, timezone: str) -> str:
    """Who spoke officially, as a host if there is one, and when; only if it is sure.

    A report keeps the link of its first item, so of a report of several the item at
    hand is the speaker, unless that stands in another report.
    """
    item, reports = telling.item, telling.story.reports
    speakers = [report for report in reports if report.official]
    latest = max(speakers, key=lambda report: report.seen, default=None)
    if latest is None:
        return "officially confirmed"
    who, at = _outlet(latest.url, latest.source), latest.seen
    if latest.items > 1 and latest.url != item.url:
        if item.url in {report.url for report in reports}:
            return "officially confirmed"
        who, at = _outlet(item.url, item.source), item.seen
    return f"officially confirmed by {who} {_clock(at, alert, timezone)}"


def _outlet(url: str | None, source: str) -> str:
    link = web_link(url)
    host = (urlsplit(link).hostname or "") if link else ""
    return one_line(host.removeprefix("www.") or source, limit=80)


def _clock(at: datetime, alert: Alert, timezone: str) -> str:
    """The time of day, with the date when it is not that of the message."""
    zone = ZoneInfo(timezone)
    local, sent = at.astimezone(zone), (alert.due or alert.created).astimezone(zone)
    return (
        f"{local:%H:%M}" if local.date() == sent.date() else f"{local:%Y-%m-%d %H:%M}"
    )


def _entry(report: Report, timezone: str) -> Entry:
    return Entry(
        when=local_time(report.seen, timezone),
        outlet=one_line(report.source or ", ".join(report.owners), limit=80),
        language=one_line(next(iter(report.languages), ""), limit=12),
        title=one_line(report.title, limit=200) or "(no title)",
        link=web_link(report.url),
    )
