"""Where a source's polls led: addresses it moved to, runs of 304, files of an index.

Pure life cycle rules (CRAWLING 4.3: 4, 6, 12, 13); what they remember of a source is
its ``Trail``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

MOVED_POLLS = 3
MOVED_FOR = timedelta(hours=24)
"""A permanent redirect is believed after so many polls over so much time."""

QUIET_FOR = timedelta(hours=24)
"""A run of 304 this long from a source that should have posted is looked into."""

EXPECTED = 5.0
"""Items that should have come in the run before a 304 is doubted."""

NOT_FOUND_FAILURES = 30
NOT_FOUND_FOR = timedelta(days=14)
"""A source that is not found so often or so long is dead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One file of a sitemap index as it was last read; validators as received."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """What is remembered of a source's ways; all times aware UTC.

    ``validated`` is the final URL, masked, that the state's validators came from,
    ``shape`` the request they answer. ``moved_to`` is where permanent redirects lead,
    since ``moved_since``, seen in ``moved_polls`` polls; once believed it is
    ``settled`` and asked directly. ``quiet_since`` is the first 304 of an unbroken
    run, ``probed`` the last time one was doubted, ``distrusted`` that its validators
    proved wrong. ``failing_since`` is the first failure of an unbroken run. ``pages``
    are the files of a sitemap index.
    """

    validated: str | None = None
    shape: str = ""
    moved_to: str | None = None
    moved_since: datetime | None = None
    moved_polls: int = 0
    settled: str | None = None
    quiet_since: datetime | None = None
    probed: datetime | None = None
    distrusted: bool = False
    failing_since: datetime | None = None
    pages: tuple[Page, ...] = ()


def walked(trail: Trail, moved_to: str | None, now: datetime) -> Trail:
    """The trail after a good poll that ended at ``moved_to`` by permanent redirects.

    None: it was not redirected, or only for now.
    """
    trail = replace(trail, failing_since=None)
    if moved_to is None:
        return replace(trail, moved_to=None, moved_since=None, moved_polls=0)
    if moved_to != trail.moved_to or trail.moved_since is None:
        return replace(trail, moved_to=moved_to, moved_since=now, moved_polls=1)
    polls = trail.moved_polls + 1
    if polls >= MOVED_POLLS and now - trail.moved_since >= MOVED_FOR:
        return replace(
            trail, settled=moved_to, moved_to=None, moved_since=None, moved_polls=0
        )
    return replace(trail, moved_polls=polls)


def stumbled(trail: Trail, now: datetime, *, lost: bool) -> Trail:
    """The trail after a failed poll; ``lost``: the address leads nowhere any more.

    A settled address that is lost is given up: the user's own is asked again.
    """
    since = trail.failing_since or now
    if lost and trail.settled is not None:
        return replace(trail, settled=None, failing_since=since)
    return replace(trail, failing_since=since)


def is_dead(trail: Trail, *, failures: int, now: datetime) -> bool:
    """Whether a source that is not found again is to be given up.

    ``failures`` counts this one.
    """
    since = trail.failing_since or now
    return failures >= NOT_FOUND_FAILURES or now - since >= NOT_FOUND_FOR


def doubts(trail: Trail, *, rate: float, now: datetime) -> bool:
    """Whether a run of 304 is to be checked by one request without validators.

    At most once in 24 hours, and only while the source's rate (items a day) lets
    expect five items in the run.
    """
    if trail.quiet_since is None:
        return False
    quiet = now - trail.quiet_since
    if quiet < QUIET_FOR or rate * (quiet / timedelta(days=1)) < EXPECTED:
        return False
    return trail.probed is None or now - trail.probed >= QUIET_FOR
