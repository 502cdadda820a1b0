"""What an item and a story are known by, and where an item went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


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
