"""What one evaluation reads and all that it decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from alerts.model.matching import Evidence, Match
    from alerts.model.messages import Delivery
    from alerts.model.reasons import Reason, Severity
    from alerts.model.revisions import Difference, Recheck, Rereading, Version
    from alerts.model.stories import (
        Fingerprint,
        Known,
        Link,
        Posted,
        Recent,
        Story,
        StoryMove,
    )
    from alerts.outages import Outage
    from alerts.sourcewatch import Episode
    from crawler.items import FetchRecord, Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One fact to tell about one story for one topic; made once, told to many.

    ``evidence`` is empty (and ``score`` 0) for a follow-up whose item the topic does
    not match itself. ``due`` is when a follow-up may leave (None: at once);
    ``covers`` are the milestones that held already when a topic first spoke, which
    are told with it and never again; ``difference`` is what a revision changed.
    """

    id: str
    story_id: str
    topic: str
    kind: str
    milestone: str
    reason: Reason
    severity: Severity
    item_id: str
    score: int
    threshold: float
    created: datetime
    evidence: tuple[Evidence, ...]
    config: str = ""
    note: Reason | None = None
    due: datetime | None = None
    covers: tuple[str, ...] = ()
    difference: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A topic or story that stays quiet until ``until`` (aware UTC)."""

    target: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One alert a topic made of a story: its milestone, and when it may leave.

    ``at`` (aware UTC) is in the future for what came too early after another one.
    ``story_id`` is the story it was told of, which may have been merged since.
    """

    milestone: str
    at: datetime
    story_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A first alert about ``item`` that waits for a second report, until ``until``."""

    alert: Alert
    item: Item
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """An alert about ``item`` that others hear of if nobody acknowledged it by then.

    ``alert.story_id`` is the story as it is now, also after it was merged.
    """

    alert: Alert
    item: Item
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """All that earlier batches left behind and this one needs, read before thinking.

    ``by_url``/``by_content`` hold the oldest known item per key; ``posted`` the items
    that share words, oldest first, ``postings`` which of them holds a shingle,
    ``habits`` how many articles of a host hold a shingle, by (host, shingle);
    ``recents`` those that may report the same events, oldest first, by item, and
    ``alike`` which of them to compare with, by new item;
    ``stories`` every story they name, ``links`` those that these are related to, by
    the id they know them by; ``alerted`` the (story, topic, kind, milestone)
    already made, or covered by one that was; ``followed`` what each (story, topic)
    told so far, by when it leaves; ``holds`` the first alerts of these stories that
    wait for a second report, by (story, topic), and every other that is due;
    ``escalations`` those that nobody acknowledged in time;
    ``told`` the highest severity each (story, channel, recipient) heard, ``roused``
    the same of escalations alone;
    ``planned`` when the alerts of late and those to come leave for each (channel,
    recipient), as far as a limit counts them; ``caught_up`` when a catching-up message
    last left for a topic.
    """

    by_url: Mapping[str, Known] = field(default_factory=dict)
    by_content: Mapping[str, Known] = field(default_factory=dict)
    posted: Mapping[str, Posted] = field(default_factory=dict)
    postings: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    habits: Mapping[tuple[int, int], int] = field(default_factory=dict)
    recents: Mapping[str, Recent] = field(default_factory=dict)
    alike: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stories: Mapping[str, Story] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)
    alerted: frozenset[tuple[str, str, str, str]] = frozenset()
    followed: Mapping[tuple[str, str], tuple[Told, ...]] = field(default_factory=dict)
    holds: Mapping[tuple[str, str], Hold] = field(default_factory=dict)
    escalations: tuple[Escalation, ...] = ()
    told: Mapping[tuple[str, str, str], Severity] = field(default_factory=dict)
    roused: Mapping[tuple[str, str, str], Severity] = field(default_factory=dict)
    planned: Mapping[tuple[str, str], tuple[datetime, ...]] = field(
        default_factory=dict
    )
    silences: tuple[Silence, ...] = ()
    caught_up: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What waits to be thought about: items for evaluation, oldest first.

    ``held_until`` is when the first of the held alerts must be let go, ``escalate_at``
    when the first unacknowledged one goes on to others, ``reread_at`` when the first
    page is to be read again (aware UTC); ``rereadings`` are the pages
    whose time has come, if they were asked for.
    """

    items: tuple[Item, ...]
    held_until: datetime | None = None
    escalate_at: datetime | None = None
    reread_at: datetime | None = None
    rereadings: tuple[Rereading, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What became of one item: its matches, its story, and the gate per topic.

    ``gates`` maps a topic that hit to FIRST/TOPIC or a milestone's reason (an alert
    was made), or to the reason why none was; a topic that it follows up without
    matching stands there too.
    """

    item_id: str
    fingerprint: Fingerprint
    move: StoryMove
    matches: tuple[Match, ...]
    gates: tuple[tuple[str, Reason], ...]
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Everything one evaluation decided; recorded in one transaction.

    ``stories`` are whole rows to write over the old ones, ``deliveries`` new outbox
    rows; a digest row may exist already and then only gains its alerts. ``holds``
    are new, ``released`` the (story, topic) of those that wait no longer; so are
    ``escalations`` and ``escalated``, the ids of alerts. ``watched``
    are pages to be read again (one that is watched already stays as it is),
    ``rechecks`` those that were read and when they are next, ``unwatched`` the items
    whose page is read no more, ``versions`` what is new on them, ``records`` the
    requests made for it. ``episodes`` are whole rows: what began or ended to be wrong
    with the sources; so are ``outages``, of the channels.
    """

    at: datetime
    judgements: tuple[Judgement, ...] = ()
    stories: tuple[Story, ...] = ()
    alerts: tuple[Alert, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    caught_up: tuple[tuple[str, datetime], ...] = ()
    holds: tuple[Hold, ...] = ()
    released: tuple[tuple[str, str], ...] = ()
    escalations: tuple[Escalation, ...] = ()
    escalated: tuple[str, ...] = ()
    watched: tuple[Recheck, ...] = ()
    rechecks: tuple[Recheck, ...] = ()
    unwatched: tuple[str, ...] = ()
    versions: tuple[Version, ...] = ()
    records: tuple[FetchRecord, ...] = ()
    episodes: tuple[Episode, ...] = ()
    outages: tuple[Outage, ...] = ()
