"""The nouns of alerting, one frozen type per stage of an item's trip.

Longer than other files on purpose: they are declarations without behaviour, read from
the top as the trip goes, and every room of this floor takes its nouns from here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alerts.outages import Outage
    from alerts.sourcewatch import Episode
    from crawler.items import FetchRecord, Item
    from crawler.secrets import Secret


class Severity(StrEnum):
    """How urgent a topic is; ``rank`` orders them."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for low up to 3 for critical."""
        return list(Severity).index(self)


class Reason(StrEnum):
    """Why the answer was yes or no, at every gate of this floor."""

    # matching
    HIT = "hit"
    QUERY_NOT_MET = "query_not_met"
    BELOW_THRESHOLD = "below_threshold"
    NONE_CLAUSE = "none_clause"
    OUT_OF_SCOPE = "out_of_scope"
    # alerting
    FIRST = "first"
    TOPIC = "topic"
    CORROBORATED = "corroborated"
    CONFIRMED = "confirmed"
    WIDE = "wide"
    OFFICIAL = "official"
    DISPUTED = "disputed"
    DEVELOPMENT = "development"
    REVISED = "revised"
    REOPENED = "reopened"
    ESCALATED = "escalated"
    # staying quiet
    HELD = "held"
    CAPPED = "capped"
    DUPLICATE = "duplicate"
    ALREADY_ALERTED = "already_alerted"
    ALREADY_TOLD = "already_told"
    SHADOW = "shadow"
    SILENCED = "silenced"
    OLD = "old"
    UNDATED_FIRST_POLL = "undated_first_poll"
    CATCHING_UP = "catching_up"
    NO_CHANNEL = "no_channel"
    QUIET = "quiet"
    LIMITED = "limited"
    ACKNOWLEDGED = "acknowledged"
    FAILED = "failed"
    # delivering
    DROPPED = "dropped"
    EXHAUSTED = "exhausted"
    REFUSED = "refused"
    GONE = "gone"
    UNKNOWN_CHANNEL = "unknown_channel"


# --- the watch, as declared ------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """One spelling of an entity.

    ``boundary`` is "start", "word", "none" or None (the script's default);
    ``inflect`` "noun", "name", "none" or None (by language and kind); ``fuzzy``
    "auto", "off" or a number of edits; ``when`` a query that must hold in the same
    item; ``not_near`` a (query, within n words) that cancels this mention only.
    """

    text: str
    lang: str | None = None
    case: bool = False
    boundary: str | None = None
    inflect: str | None = None
    fuzzy: str | int | None = None
    when: str | None = None
    not_followed_by: tuple[str, ...] = ()
    not_preceded_by: tuple[str, ...] = ()
    not_near: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """Someone or something watched, with every spelling declared for it."""

    id: str
    kind: str
    aliases: tuple[Alias, ...]
    fuzzy: str | int | None = None
    deny: tuple[str, ...] = ()
    aliases_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A query that adds ``points`` to the score when it hits."""

    query: str
    points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where a topic looks; an empty tuple means everywhere."""

    tags: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalate:
    """Which channels hear of an alert that nobody acknowledged within ``after``."""

    after: timedelta
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A watch topic. ``to`` is None for every channel; ``off`` makes it a shadow."""

    name: str
    title: str
    query: str
    severity: Severity = Severity.NORMAL
    any: tuple[Clause, ...] = ()
    none: tuple[str, ...] = ()
    threshold: float = 50
    scope: Scope = field(default_factory=Scope)
    to: tuple[str, ...] | None = None
    off: bool = False
    first: int = 1
    escalate: Escalate | None = None
    hits: tuple[str, ...] = ()
    misses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Local times between which a channel's messages are held, maybe past midnight."""

    start: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most so many messages to one recipient in any ``span``."""

    most: int
    span: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One way out, as declared.

    ``recipients`` are the mail addresses, or the channel's own name for every other
    kind (never its URL). ``digest`` holds local times in ``timezone``, sorted; empty
    means at once. ``fallback`` names the channel told when this one goes dead. The
    options of other kinds stay None. ``server`` is the SMTP URL
    without a password, ``path`` absolute. Two secrets rotate: the first signs first.
    ``hold_ambiguous`` keeps a chat from getting twice what it may have got once.
    """

    name: str
    kind: str
    recipients: tuple[str, ...]
    timezone: str = "UTC"
    digest: tuple[time, ...] = ()
    quiet: Quiet | None = None
    limit: Limit | None = None
    fallback: str | None = None
    sender: str | None = None
    server: str | None = None
    password: Secret | None = None
    url: str | Secret | None = None
    secrets: tuple[Secret, ...] = ()
    path: str | None = None
    hold_ambiguous: bool = False


# --- matching --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What the matcher reads of an item; text exactly as stored, never normalised.

    ``source_names`` are the source's name, owner and tags (the ``source:`` field).
    """

    title: str
    text: str
    language: str | None = None
    url: str | None = None
    source: str = ""
    tags: tuple[str, ...] = ()
    source_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One place in an item that made a clause hold.

    ``start``/``end`` count code points of ``field`` ("title" or "text") of the item
    as stored, so ``field[start:end] == surface``. ``clause`` is "query" or "any[i]",
    ``how`` exact, form, glued, fuzzy(d=n), gated or regex.
    """

    topic: str
    clause: str
    entity: str | None
    surface: str
    field: str
    start: int
    end: int
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A topic whose query holds in an item, and whether that is enough.

    ``parts`` is the sum behind ``score`` as (what, points) in the order of DESIGN
    section 4; ``gate`` is HIT, or the first gate that stopped it; ``stopped_by`` the
    text of the ``none`` clause that did. Evidence is in text order, at most 20.
    """

    topic: str
    hit: bool
    score: int
    threshold: float
    gate: Reason
    evidence: tuple[Evidence, ...]
    parts: tuple[tuple[str, float], ...] = ()
    stopped_by: str | None = None


# --- stories ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """What is kept of a text's words, by which copies of it are told.

    ``hashes`` are the 63-bit hashes of its shingles that lie under ``limit``;
    ``host`` is the site it came from as 31 bits (0: nowhere), ``linked`` whether a
    link of its own says so; ``title``, ``lead`` and ``numbers`` are 32-bit hashes of
    the title's words, of the shingles of the first 20 words, and of all numbers.
    """

    hashes: frozenset[int]
    limit: int
    host: int
    linked: bool
    title: frozenset[int]
    lead: frozenset[int]
    numbers: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gist:
    """What a text is about, by which its story is told.

    ``words`` are terms of its language, ``anchors`` what needs none (names, numbers,
    countries, concepts): 32-bit hashes with whole weights, heaviest first, of length
    65,535 together, or less for a short text. ``language`` is the base language, empty
    if unknown; ``days`` are 32 x month + day, ``numbers`` 16-bit hashes. ``keys`` are
    the 63-bit hashes it is looked up by; empty in one read back from the store.
    """

    language: str
    words: Mapping[int, int]
    anchors: Mapping[int, int]
    years: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()
    numbers: frozenset[int] = frozenset()
    keys: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """The keys by which an item may be recognised again.

    ``url_key`` is None for home pages and link-less items, ``content_hash``,
    ``sketch`` and ``gist`` for texts too short to be told apart by their words.
    """

    item_id: str
    url_key: str | None
    content_hash: str | None
    sketch: Sketch | None = None
    gist: Gist | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Byline:
    """Who speaks in an item: what independence is counted by.

    ``owner`` is never empty: the outlet's owner, else its site, else the item itself;
    all state media of a country are one owner. ``wires`` are agencies credited for
    the text, ``cites`` owners that the news is attributed to, ``copies`` owners of
    earlier items of the story whose words it shares (containment >= .35).
    ``denies`` says that the report itself is of a denial; ``facts`` are
    (unit, value) pairs such as ("toll", "47").
    """

    owner: str
    country: str | None = None
    official: bool = False
    wires: frozenset[str] = frozenset()
    cites: frozenset[str] = frozenset()
    copies: frozenset[str] = frozenset()
    denies: bool = False
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One independent voice in a story: owners tied by text, credit or attribution.

    ``url``, ``title``, ``source`` and ``language`` are of its first item, seen at
    ``seen`` (aware UTC). ``countries``, ``languages`` and ``owners`` are sorted.
    """

    owners: tuple[str, ...]
    wires: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    official: bool = False
    items: int = 1
    url: str | None = None
    title: str = ""
    source: str = ""
    seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A number or name a story tells, and the owners that told it (sorted).

    ``unit`` is what is counted ("toll", "injured", "usd", "entity" ...), ``value``
    digits, or an entity id; ``seen`` is when it was first told (aware UTC).
    """

    unit: str
    value: str
    owners: tuple[str, ...]
    seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What is known of a story. Times aware UTC; languages sorted.

    ``items`` counts every item, ``carried`` those among them that repeat another's
    words; ``independent`` is the number of ``reports`` (oldest first). ``related``
    are ids of stories it may be one with; a story that turned out to be another's
    names it in ``merged_into`` and gets no further items.
    """

    id: str
    headline: str
    first_seen: datetime
    last_seen: datetime
    items: int = 1
    independent: int = 1
    languages: tuple[str, ...] = ()
    official: bool = False
    disputed: bool = False
    matched: bool = False
    carried: int = 0
    reports: tuple[Report, ...] = ()
    facts: tuple[Fact, ...] = ()
    related: tuple[str, ...] = ()
    merged_into: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Another story, as a story or a message names it."""

    id: str
    headline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An earlier item recognised by a fingerprint; ``owner`` is its byline's."""

    item_id: str
    story_id: str
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """An earlier item with its sketch, its site's boilerplate left out."""

    known: Known
    sketch: Sketch


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """An earlier item with its gist, evaluated at ``at`` (aware UTC)."""

    known: Known
    gist: Gist
    at: datetime


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
    ``told`` the highest severity each (story, channel, recipient) heard;
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
    planned: Mapping[tuple[str, str], tuple[datetime, ...]] = field(
        default_factory=dict
    )
    silences: tuple[Silence, ...] = ()
    caught_up: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryMove:
    """Where one item went. ``duplicate_of`` is the first item with the same words.

    ``boilerplate`` are the shingles of its sketch that are its site's habit.
    ``posted`` is false if its own site carried it before: its words then count for
    no second article. ``nearest`` is the earlier item most like it, ``like`` how much
    (0 to about 1.2): the reason why it joined, or the story its own is related to.
    ``merged`` is a story that it showed to be one with its own, which takes it in.
    ``mixed`` says that it tells several stories, so that no other is placed by it.
    """

    item_id: str
    story_id: str
    duplicate_of: str | None
    opened: bool
    boilerplate: frozenset[int] = frozenset()
    posted: bool = True
    nearest: str | None = None
    like: float = 0.0
    merged: str | None = None
    mixed: bool = False

    @property
    def guides(self) -> bool:
        """Whether later items may join its story for being like it."""
        return self.duplicate_of is None and not self.mixed


# --- deciding --------------------------------------------------------------------


class MessageType(StrEnum):
    """The ``type`` of a message (DESIGN section 6)."""

    OPENED = "alert.opened"
    UPDATED = "alert.updated"
    DIGEST = "digest"
    SOURCE_SILENT = "source.silent"
    CHANNEL_DEAD = "channel.dead"
    HEARTBEAT = "heartbeat"
    TEST = "test"


class Changed(StrEnum):
    """What of a report its outlet changed after it had alerted."""

    HEADLINE = "headline"
    NUMBER = "number"
    QUOTE = "quote"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing a revised page says otherwise than before.

    ``old`` and ``new`` are as written, empty for what was not there (a quote that was
    taken out, a number that came in) or is no more; the old of a deletion is the
    headline. ``context`` is the sentence a number now stands in.
    """

    what: Changed
    old: str
    new: str
    context: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What a page said at ``at`` (aware UTC): the first time, or other than before.

    ``sha256`` (hex) is of title and text; both are empty for a page that was deleted.
    """

    item_id: str
    at: datetime
    sha256: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    """When the page of an item that alerted is read again, and how to ask for it.

    ``step`` counts the looks so far, missed ones too; the validators are of the last
    version. ``failures`` counts the looks in a row that brought nothing.
    """

    item_id: str
    due: datetime
    step: int = 0
    etag: str | None = None
    last_modified: str | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rereading:
    """A page to be read again now; ``last`` is the newest version kept of it."""

    recheck: Recheck
    item: Item
    story_id: str
    last: Version | None = None


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


class DeliveryState(StrEnum):
    """Where an outbox row stands."""

    PENDING = "pending"
    LEASED = "leased"
    DELIVERED = "delivered"
    DEAD = "dead"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One outbox row: one message to one recipient of one channel.

    ``payload`` is rendered once and never changes; None only for a digest that is
    still being filled. ``due`` is the next attempt (aware UTC), ``attempts`` counts
    claims, ``first_due`` anchors the retry schedule. ``alert_ids`` are the alerts it
    covers, in order of creation.
    """

    id: str
    channel: str
    recipient: str
    type: MessageType
    severity: Severity
    story_id: str | None
    alert_ids: tuple[str, ...]
    headline: str
    payload: bytes | None
    state: DeliveryState
    reason: Reason | None
    created: datetime
    due: datetime
    first_due: datetime
    attempts: int = 0
    detail: str = ""
    settled: datetime | None = None
    period_from: datetime | None = None
    period_to: datetime | None = None


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
class Matched:
    """An item with every topic whose query holds in it."""

    item: Item
    matches: tuple[Match, ...]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One alert as a reader meets it: with its story, its item, its topic's title.

    ``also`` are the other alerts of the same story that ride in the same message,
    ``related`` are stories it may be one with, ``merged`` those that the message says
    it is one with.
    """

    alert: Alert
    story: Story
    item: Item
    topic_title: str
    owner: str | None = None
    also: tuple[Alert, ...] = ()
    related: tuple[Link, ...] = ()
    merged: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a message says of the watch itself: one line, more lines, facts as JSON.

    All of it is safe to show: plain text, one line each.
    """

    title: str
    lines: tuple[str, ...]
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message before it is rendered: what, to whom, by which channel.

    ``tellings`` holds one for an alert, any number (oldest first) for a digest,
    none for a test; ``period`` is a digest's (from, to), aware UTC; ``notice`` is for
    messages about the watch itself.
    """

    id: str
    type: MessageType
    channel: Channel
    recipient: str
    created: datetime
    tellings: tuple[Telling, ...] = ()
    period: tuple[datetime, datetime] | None = None
    notice: Notice | None = None


# --- delivering ------------------------------------------------------------------


class Outcome(StrEnum):
    """How one attempt ended; never a bool.

    AMBIGUOUS means the last byte was written and no answer came: it is sent again
    with the same id. PAUSED is a fault of the channel's own config (authentication,
    a missing secret): the row keeps its turn and the operator must act.
    """

    DELIVERED = "delivered"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    GONE = "gone"
    AMBIGUOUS = "ambiguous"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a channel says of one attempt.

    ``detail`` is safe to show (no secrets, at most 2,000 characters);
    ``retry_after`` is the receiver's wish, already clamped to [0, 7 days].
    """

    outcome: Outcome
    detail: str = ""
    retry_after: timedelta | None = None


EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""Where a replay's clock starts (DESIGN section 5)."""
