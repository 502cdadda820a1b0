"""A story that grows as a test says, judged by the real desk.

Where an item goes and who stands behind it is another room's business; here a story
is whatever the test makes of it, and everything after that is real.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from alerts.deciding import Desk
from alerts.evaluate import match
from alerts.memory import Memory
from alerts.model import Fact, Neighbours, Report, Story, StoryMove, Verdict
from alerts.stories import fingerprint
from tests.alerts.desk import NOW, TOPICS, item, watch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alerts.model import Channel, Delivery, Topic
    from crawler.items import Item

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
STORY = Story(id="story", headline="Ferry is late", first_seen=NOW, last_seen=NOW)


def report(owner: str, **more: Any) -> Report:
    """One voice; ``seen`` is an aware time, default NOW."""
    values: dict[str, Any] = {
        "owners": (owner,),
        "languages": ("en",),
        "url": f"https://{owner}.test/1",
        "title": f"{owner} on the ferry",
        "source": owner,
        "seen": NOW,
    }
    return Report(**(values | more))


def voices(*owners: str, **more: Any) -> dict[str, Any]:
    """The fields of a story that these owners report, independently."""
    reports = tuple(report(owner, **more) for owner in owners)
    return {"reports": reports, "independent": len(reports)}


def fact(unit: str, value: str, *owners: str, seen: datetime = NOW) -> Fact:
    return Fact(unit=unit, value=value, owners=owners, seen=seen)


class Growth:
    """One story, joined by item after item; ``grown`` is how it stands."""

    def __init__(self, *channels: Channel, topics: Sequence[Topic] = TOPICS) -> None:
        self.watch = watch(*channels, topics=topics)
        self.memory = Memory(Neighbours())
        self.now = NOW
        self.story = STORY
        self.rows: list[Delivery] = []
        self.told: list[tuple[str, str, str]] = []
        self._count = 0

    def join(
        self,
        title: str = "The ferry is late again this morning",
        *,
        after: timedelta = timedelta(),
        repeats: bool = False,
        about: Item | None = None,
        more: dict[str, Any] | None = None,
        **changes: Any,
    ) -> Verdict:
        """Judge one more item after which the story has these ``changes``."""
        self.now += after
        self._count += 1
        one = about or item(
            title, source=f"outlet{self._count}", seen=self.now, **(more or {})
        )
        opened = self._count == 1
        self.story = replace(
            self.story, items=self._count, last_seen=self.now, **changes
        )
        desk = Desk(self.watch, self.memory, self.now)
        desk.judge(
            match([one], self.watch)[0],
            fingerprint(one),
            StoryMove(
                item_id=one.id,
                story_id=self.story.id,
                duplicate_of="earlier" if repeats else None,
                opened=opened,
            ),
            self.story,
            "",
        )
        verdict = desk.verdict()
        (self.story,) = verdict.stories
        self.rows += verdict.deliveries
        self.told += [(a.topic, a.kind, a.milestone) for a in verdict.alerts]
        return verdict


def keys(verdict: Verdict) -> list[str]:
    """The milestones told, in order of name, each once."""
    return sorted({alert.milestone for alert in verdict.alerts})
