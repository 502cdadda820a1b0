"""What the evaluate job reads and writes: pending items, neighbours, verdicts."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from alerts.model import (
    Fingerprint,
    Known,
    Neighbours,
    Pending,
    Story,
)
from vedette.nearby import POSTING_LIFE
from vedette.store import (
    acknowledging,
    holds,
    rows,
    telling,
    verdicts,
    versions,
)
from vedette.store.handling import running_silences

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from alerts.model import Verdict
    from vedette.store.connection import Connections
    from vedette.store.gists import Gists
    from vedette.store.postings import Postings

log = logging.getLogger(__name__)


class Evaluating:
    """The evaluate job's share of the store; one caller at a time, everywhere."""

    _db: Connections
    _postings: Postings
    _gists: Gists

    def pending(self, limit: int, *, reread: datetime | None = None) -> Pending:
        """At most ``limit`` items that wait for evaluation, in order of arrival.

        A row that cannot be read is set aside (``StoreHealth.unreadable``, and
        ``item`` says why) and does not hold up the others.

        It also says until when the first of the held alerts may wait, when the first
        unacknowledged one goes on, and when the first page is to be read again. With
        ``reread``, the time it is, it gives these pages instead, at most ``limit``, and
        no items.

        Reads one snapshot; setting a row aside is a transaction of its own.
        """
        if reread is not None:
            return self._rereadings(limit, reread)
        with self._db.reading() as db:
            found = db.execute(
                f"SELECT seq, {rows.ITEM_COLUMNS} FROM item"  # noqa: S608
                " JOIN pending ON pending.item = item.seq"
                " WHERE pending.unreadable IS NULL ORDER BY pending.item LIMIT ?",
                (limit,),
            ).fetchall()
            until = holds.first_until(db)
            escalate_at = acknowledging.first_at(db)
            reread_at = versions.first_due(db)
        items = []
        broken: list[tuple[str, int]] = []
        for row in found:
            try:
                items.append(rows.item_from(row))
            except rows.UNREADABLE as error:
                log.exception("Item is unreadable", extra={"item": row["id"]})
                broken.append((f"{type(error).__name__}: {error}", row["seq"]))
        if broken:
            self._db.write(
                lambda db: db.executemany(
                    "UPDATE pending SET unreadable = ? WHERE item = ?", broken
                )
            )
            if not items:
                return self.pending(limit)
        return Pending(
            items=tuple(items),
            held_until=until,
            escalate_at=escalate_at,
            reread_at=reread_at,
        )

    def _rereadings(self, limit: int, now: datetime) -> Pending:
        with self._db.reading() as db:
            found, broken = versions.due(db, now, limit)
            until, first = holds.first_until(db), versions.first_due(db)
        if broken:
            self._db.write(lambda db: versions.let_go(db, broken))
            if not found:
                return self._rereadings(limit, now)
        return Pending(items=(), held_until=until, reread_at=first, rereadings=found)

    def neighbours(
        self,
        fingerprints: Sequence[Fingerprint],
        now: datetime,
        *,
        about: Iterable[str] = (),
        counted_since: datetime | None = None,
    ) -> Neighbours:
        """All that earlier batches left behind and these fingerprints touch.

        Per URL key the oldest known item, per content hash the oldest judged within
        the last 7 days, of these days the items that share words, and those that may
        report the same events (30 days if their stories matched); the stories
        they name, and those in ``about``, with their alerts and with what each
        recipient heard (rows that
        wait, are under way or were delivered; a dead or suppressed one was not
        heard); the held alerts of these stories and all that are due, the latter with
        their stories; the alerts nobody acknowledged in time, with theirs; silences
        still running; every topic's last catching-up message;
        with ``counted_since`` when each recipient's alerts leave, from then on.
        The cost follows the number of fingerprints, not the size of the store.

        Reads one snapshot.
        """
        urls = [one.url_key for one in fingerprints if one.url_key is not None]
        hashes = [
            one.content_hash for one in fingerprints if one.content_hash is not None
        ]
        with self._db.reading() as db:
            by_url = _by_url(db, urls)
            by_content = _by_content(db, hashes, now - POSTING_LIFE)
            near, posted = self._postings.look(db, fingerprints, now - POSTING_LIFE)
            recents, alike = self._gists.look(db, fingerprints, now)
            ids = {number: one.known.item_id for number, one in posted.items()}
            exact = (*by_url.values(), *by_content.values())
            known = (
                *exact,
                *(one.known for one in posted.values()),
                *(one.known for one in recents.values()),
            )
            wanted = {one.story_id for one in known} | {*about}
            held = holds.look(db, wanted, now)
            wanted |= {one.alert.story_id for one in held}
            late = acknowledging.look(db, now)
            wanted |= {one.alert.story_id for one in late}
            stories = _stories(db, wanted)
            whose = telling.whose(db, stories)
            alerted, followed = telling.alerted(db, whose)
            told, roused = telling.told(db, whose)
            return Neighbours(
                # An item whose story cannot be read is no neighbour: better a second
                # alert than an evaluation that fails for ever.
                by_url={k: one for k, one in by_url.items() if one.story_id in stories},
                by_content={
                    k: one for k, one in by_content.items() if one.story_id in stories
                },
                posted={one.known.item_id: one for one in posted.values()},
                postings=near.postings(ids),
                habits=near.habits,
                recents=recents,
                alike=alike,
                stories=stories,
                links=telling.links(
                    db, (s for o in stories.values() for s in o.related)
                ),
                alerted=alerted,
                followed=followed,
                holds={
                    (one.alert.story_id, one.alert.topic): one
                    for one in held
                    if one.alert.story_id in stories
                },
                escalations=tuple(o for o in late if o.alert.story_id in stories),
                told=told,
                roused=roused,
                planned=telling.planned(db, counted_since) if counted_since else {},
                silences=running_silences(db, now),
                caught_up=dict(
                    rows.readable(
                        db.execute("SELECT topic, at FROM caught_up"),
                        lambda row: (str(row["topic"]), rows.when(row["at"])),
                        "caught_up",
                    )
                ),
            )

    def record(self, verdict: Verdict) -> None:
        """Write down everything one evaluation decided; this fills the outbox.

        Stories overwrite their old rows; those merged into one that is now merged
        itself point to its survivor. An alert whose (story, topic, kind,
        milestone) exists already is left out, and so is a message to a recipient who
        has a row for every alert it covers. A digest row that still gathers takes
        the alerts in; one that is under way or gone is followed by a second row of
        the same period, with an id derived from the first.

        Atomic: one transaction, durable on return (I7b).

        Raises:
            AlreadyEvaluated: a judged item does not wait; nothing was recorded.
            Acknowledged: what goes on to others was acknowledged since it was read;
                nothing was recorded.
            StoreError: nothing was recorded.
        """
        self._db.write(lambda db: verdicts.write(db, verdict))
        self._postings.save(self._db)
        self._gists.save(self._db)


def _by_url(db: sqlite3.Connection, keys: Sequence[str]) -> dict[str, Known]:
    found = db.execute(
        "SELECT j.url_key, i.id, coalesce(s.merged_into, s.id), j.owner FROM"
        " (SELECT min(item) AS first FROM judgement WHERE url_key IN"
        "  (SELECT value FROM json_each(?)) GROUP BY url_key) AS oldest"
        " JOIN judgement j ON j.item = oldest.first JOIN item i ON i.seq = j.item"
        " JOIN story s ON s.id = j.story",
        (rows.as_json(keys),),
    )
    return {
        key: Known(item_id=item, story_id=story, owner=owner)
        for key, item, story, owner in found
    }


def _by_content(
    db: sqlite3.Connection, keys: Sequence[str], since: datetime
) -> dict[str, Known]:
    found = db.execute(
        "SELECT j.content_hash, i.id, coalesce(s.merged_into, s.id), j.owner FROM"
        " (SELECT min(item) AS first FROM judgement WHERE content_hash IN"
        "  (SELECT value FROM json_each(?)) AND at >= ? GROUP BY content_hash)"
        " AS oldest"
        " JOIN judgement j ON j.item = oldest.first JOIN item i ON i.seq = j.item"
        " JOIN story s ON s.id = j.story",
        (rows.as_json(keys), rows.ticks(since)),
    )
    return {
        key: Known(item_id=item, story_id=story, owner=owner)
        for key, item, story, owner in found
    }


def _stories(db: sqlite3.Connection, wanted: set[str]) -> dict[str, Story]:
    found = db.execute(
        f"SELECT {rows.STORY_COLUMNS} FROM story"  # noqa: S608 - our own names
        " WHERE id IN (SELECT value FROM json_each(?))",
        (rows.as_json(sorted(wanted)),),
    )
    return {one.id: one for one in rows.readable(found, rows.story_from, "story")}
