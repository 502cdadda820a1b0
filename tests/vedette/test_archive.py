"""A replay must decide as the daemon does: the archive answers as the store."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.evaluate import evaluate
from alerts.memory import Memory
from alerts.model import Fact, Neighbours
from alerts.stories import fingerprint
from crawler.items import Harvest, Item, SourceState
from crawler.reasons import FetchReason
from tests.alerts.desk import NOW, Desk, channel, item, watch
from tests.alerts.growing import Growth, voices
from vedette.archive import Archive
from vedette.store import Store

if TYPE_CHECKING:
    from alerts.model import Verdict

TEXTS = (
    "The ferry is late again this morning, says the harbour office.",
    "The ferry is late because of a strike, says the harbour office.",
    "The port was built in a hurry long before the war, say historians.",
    "Ferry late",
)
LONG = (
    "The only ferry between the two islands stayed in port on Tuesday after its main"
    " engine broke down shortly before the first crossing. The harbour office said a"
    " spare part had been ordered and would not arrive before the weekend. Pupils were"
    " told to stay at home, and a fisherman offered to carry the mail in his own boat."
)
FOOTER = (
    "\nAll rights reserved by the publisher, who does not answer for what others write"
    " on pages that this page links to, and who asks for a letter if you find an error."
)
WORDS = tuple(LONG.split())
NEAR = (
    LONG,
    LONG[:200],
    LONG[150:],
    LONG + FOOTER,
    " ".join((*WORDS[20:], *WORDS[:20])),
    LONG.replace("two", "2").replace("first", "7th"),
    LONG.replace("two", "3").replace("first", "8th"),
    " ".join(reversed(WORDS)) + FOOTER,
    " ".join(sorted(WORDS)) + FOOTER,
)

steps = st.lists(
    st.lists(
        st.tuples(
            st.integers(0, 5), st.sampled_from(TEXTS + NEAR), st.sampled_from("abc")
        ),
        min_size=1,
        max_size=3,
    ).map(tuple),
    max_size=6,
)


def add(store: Store, items: list[Item], at: datetime) -> None:
    state = SourceState(name="wire", url="https://wire.test/", adopted=NOW)
    store.add_items(
        Harvest(
            source="wire",
            at=at,
            reason=FetchReason.OK,
            detail="",
            items=tuple(items),
            dropped=(),
            records=(),
            state=state,
        )
    )


def through_store(
    store: Store, items: list[Item], number: int, at: timedelta
) -> Verdict:
    add(store, items, NOW + at)
    pending = store.pending(100).items
    now = NOW + at
    known = store.neighbours([fingerprint(one) for one in pending], now)
    verdict = evaluate(pending, known, watch(channel("hook")), now)
    store.record(verdict)
    return verdict


@settings(max_examples=40, deadline=None)
@given(steps, st.integers(0, 90))
def test_archive_and_store_lead_to_equal_verdicts(
    batches: list[tuple[tuple[int, str, str], ...]], hours: int
) -> None:
    desk = Desk(channel("hook"))
    with (
        tempfile.TemporaryDirectory() as folder,
        Store.open(Path(folder, "s.db")) as store,
    ):
        seen: set[str] = set()
        for number, batch in enumerate(batches):
            at = timedelta(hours=hours * number)
            items = [
                replace(
                    item(
                        "News",
                        text=text,
                        source=source,
                        url=f"https://{'xy'[n % 2]}.test/{n}",
                    )
                )
                for n, text, source in batch
            ]
            new = {one.id: one for one in items if one.id not in seen}
            seen |= set(new)
            stored = through_store(store, list(new.values()), number, at)
            desk.now = NOW
            replayed = desk.see(*new.values(), after=at)
            prints = [fingerprint(one) for one in new.values()]
            held = store.neighbours(prints, NOW + at)
            kept = desk.archive.neighbours(prints, NOW + at)
            assert held.alerted == kept.alerted
            assert held.followed == kept.followed
            assert replayed.judgements == stored.judgements
            assert replayed.alerts == stored.alerts
            assert replayed.deliveries == stored.deliveries


def test_both_know_what_was_told_of_a_story_that_grew() -> None:
    """Deferred, capped and covered milestones included."""
    growth, archive = Growth(channel("hook")), Archive()
    with (
        tempfile.TemporaryDirectory() as folder,
        Store.open(Path(folder, "s.db")) as store,
    ):
        told = Neighbours()
        for number in range(1, 7):
            about = item("The ferry is late", source=f"s{number}", url=None)
            add(store, [about], growth.now)
            verdict = growth.join(
                about=about,
                after=timedelta(minutes=10),
                official=number > 3,
                facts=tuple(
                    Fact(
                        unit="toll",
                        value=str(n),
                        owners=("a", "b"),
                        seen=NOW + timedelta(minutes=n),
                    )
                    for n in range(number)
                ),
                **voices(*"abcdef"[:number]),
            )
            store.record(verdict)
            archive.apply(verdict)
            told = store.neighbours([fingerprint(about)], growth.now)
            kept = archive.neighbours([fingerprint(about)], growth.now)
            assert told.alerted == kept.alerted
            assert told.followed == kept.followed
            assert told.stories == kept.stories == {"story": growth.story}
        assert any(one.at > growth.now for one in told.followed["story", "ferry"])
        (row,) = store.stories(9)
        assert row.topics == ("ferry",)
        assert [a.milestone for a in row.alerts] == [m for _, _, m in growth.told]
        assert store.stories(9, "story") == (row,)
        assert store.stories(9, "nobody") == ()
        # Judged once more by a fresh process: nothing is left to tell.
        growth.memory = Memory(told)
        assert not growth.join("Boats").alerts
