"""The watch for revisions, from the alert to the message that tells of a change."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alerts.model import Reason
from crawler.items import ArticlePolicy
from tests.alerts.desk import NOW
from tests.vedette.newspaper import HEADLINE, PARAGRAPHS, Paper, page, step, told
from vedette.engine import Engine
from vedette.why import sentences, why

if TYPE_CHECKING:
    from pathlib import Path

    from vedette.jobs import Jobs
    from vedette.store import Store

HOUR = timedelta(hours=1)
EDITED = (
    PARAGRAPHS[0].replace("12 people", "31 people"),
    PARAGRAPHS[1].replace("far too late to turn away", "and could do nothing"),
    *PARAGRAPHS[2:],
)
NEW_HEADLINE = "Ferry that ran aground was off course, 31 hurt"


def revised(store: Store) -> list[str]:
    with store:
        rows = store.alerts(9)
    return [one.alert.milestone for one in rows if one.alert.reason is Reason.REVISED]


def test_an_edited_page_is_told_once_with_what_changed(tmp_path: Path) -> None:
    async def story(jobs: Jobs, paper: Paper) -> None:
        assert not jobs.has_due_recheck(paper.clock.now)
        paper.pages["/a"] = page(NEW_HEADLINE, EDITED, around=2)
        assert await step(jobs, paper, HOUR) == 1
        assert await step(jobs, paper, 5 * HOUR) == 1  # nothing since: silent

    paper, store = told(tmp_path, story)
    assert len(revised(store)) == 1
    first, message = paper.ear.data()
    assert first["data"]["reason"] == "first"
    assert "difference" not in first["data"]
    assert message["type"] == "alert.updated"
    assert message["data"]["reason"] == "revised"
    found = {one["what"]: one for one in message["data"]["difference"]}
    assert (found["headline"]["old"], found["headline"]["new"]) == (
        HEADLINE,
        NEW_HEADLINE,
    )
    assert (found["number"]["old"], found["number"]["new"]) == ("12", "31")
    assert "31 people were hurt" in found["number"]["context"]
    assert "too late" in found["quote"]["old"]
    assert "could do nothing" in found["quote"]["new"]


def test_all_that_surrounds_a_report_may_change_in_silence(tmp_path: Path) -> None:
    async def story(jobs: Jobs, paper: Paper) -> None:
        for visit, gap in enumerate((1, 5, 18, 48, 96), start=2):
            paper.pages["/a"] = page(around=visit)
            assert await step(jobs, paper, gap * HOUR) == 1
        assert jobs.reread_at is None  # seven days are over

    paper, store = told(tmp_path, story)
    assert revised(store) == []
    assert len(paper.asked("/a")) == 6


def test_looks_come_after_1_6_24_72_hours_and_a_week(tmp_path: Path) -> None:
    due: list[float] = []

    async def story(jobs: Jobs, paper: Paper) -> None:
        while jobs.reread_at is not None:
            due.append((jobs.reread_at - NOW) / HOUR)
            await step(jobs, paper, jobs.reread_at - paper.clock.now)

    paper, _ = told(tmp_path, story)
    assert due == [1, 6, 24, 72, 168]
    later = paper.asked("/a")[1:]
    assert len(later) == 5
    assert all(one.header("if-none-match") for one in later)


def test_the_poll_that_read_the_page_spares_the_first_look(tmp_path: Path) -> None:
    async def story(jobs: Jobs, paper: Paper) -> None:
        assert len(paper.asked("/a")) == 1

    told(tmp_path, story)


def test_a_deleted_page_is_told_once_and_watched_no_more(tmp_path: Path) -> None:
    async def story(jobs: Jobs, paper: Paper) -> None:
        paper.pages["/a"] = 410
        await step(jobs, paper, HOUR)
        assert jobs.reread_at is None
        assert await step(jobs, paper, 5 * HOUR) == 0

    paper, store = told(tmp_path, story)
    assert len(revised(store)) == 1
    (difference,) = paper.ear.data()[1]["data"]["difference"]
    assert difference["what"] == "deleted"
    assert difference["old"] == HEADLINE


def test_pages_of_a_source_that_was_switched_off_are_let_go(tmp_path: Path) -> None:
    """It is known still, by its alerts; asked it must not be, nor stop the others."""

    async def story(jobs: Jobs, paper: Paper) -> None:
        jobs.setup = replace(jobs.setup, sources={})
        assert await step(jobs, paper, HOUR) == 1
        assert jobs.reread_at is None
        assert len(paper.asked("/a")) == 1

    told(tmp_path, story)


def test_a_rereading_that_breaks_is_not_tried_each_second(tmp_path: Path) -> None:
    """Whatever broke it: else the log fills with it, a tick after the other."""

    async def story(jobs: Jobs, paper: Paper) -> None:
        good = jobs.setup
        jobs.setup = replace(good, sources=None)  # type: ignore[arg-type]
        with pytest.raises(AttributeError):
            await step(jobs, paper, HOUR)
        now = paper.clock.now
        assert not jobs.has_due_recheck(now + timedelta(minutes=1))
        assert jobs.has_due_recheck(now + HOUR)
        jobs.setup = good
        assert await step(jobs, paper, HOUR) == 1

    told(tmp_path, story)


def test_a_wall_is_no_deletion_and_no_change(tmp_path: Path) -> None:
    wall = page("Just a moment", ["Please wait while we check your browser. Thanks."])

    async def story(jobs: Jobs, paper: Paper) -> None:
        for answer, gap in ((403, 1), (wall, 5), (503, 18), (402, 48)):
            paper.pages["/a"] = answer
            await step(jobs, paper, gap * HOUR)
        paper.pages["/a"] = page(NEW_HEADLINE, EDITED)
        await step(jobs, paper, 96 * HOUR)

    paper, store = told(tmp_path, story)
    assert len(revised(store)) == 1
    assert len(paper.ear.data()[1]["data"]["difference"]) == 3


SALE = [
    "The town council sold its last ferry to a museum. The price was 40,000 crowns.",
    "The mayor called it fair. A shipyard had offered half, the minutes show.",
    "The ship was built in 1931 and carried sheep. Children may visit it for nothing.",
    "A retired stoker will show the engine. He worked beside it for most of his life.",
]
STRIKE = [
    "Crews of the southern ferry walked out at noon. Their union wants more sailors.",
    "Night shifts have grown longer every winter. Nobody had asked the crews.",
    "Lorries stood in line by the evening. The company promised talks, but no day.",
    "Islanders brought soup to the drivers. The school stayed shut on both shores.",
]


def test_a_page_that_breaks_stops_no_other(tmp_path: Path) -> None:
    async def story(jobs: Jobs, paper: Paper) -> None:
        paper.pages |= {"/b": page("Ferry sold", SALE), "/c": page("Strike", STRIKE)}
        paper.publish("b", "c", title="A ferry is talked of", text="Short.")
        await jobs.collect("pier")
        while await jobs.evaluate():
            pass
        assert await step(jobs, paper, 0 * HOUR) == 2
        price = [SALE[0].replace("40,000", "90,000"), *SALE[1:]]
        paper.pages |= {"/a": b"\x00\xff", "/b": page("Ferry sold", price), "/c": 500}
        assert await step(jobs, paper, HOUR) == 3
        paper.pages["/c"] = page("Strike is over", STRIKE)
        assert await step(jobs, paper, 5 * HOUR) == 3  # the failed ones are tried again

    paper, store = told(tmp_path, story)
    assert len(revised(store)) == 2
    price, strike = (one["data"]["difference"][0] for one in paper.ear.data()[-2:])
    assert (price["old"], price["new"]) == ("40,000", "90,000")
    assert (strike["old"], strike["new"]) == ("Strike", "Strike is over")


def test_the_engine_reads_a_page_again_within_a_tick(tmp_path: Path) -> None:
    async def story(jobs: Jobs, paper: Paper) -> None:
        day = timedelta(days=1)
        engine = Engine(jobs, clock=paper.clock, items=90 * day, texts=30 * day)
        engine.start()
        paper.pages["/a"] = page(NEW_HEADLINE, EDITED)
        paper.clock.now += HOUR
        async with asyncio.timeout(20):
            while len(paper.ear.heard) < 2:
                await asyncio.sleep(0.05)
        await engine.stop()

    _, store = told(tmp_path, story)
    assert len(revised(store)) == 1


def test_why_and_the_terminal_say_what_was_revised(tmp_path: Path) -> None:
    lines: list[str] = []

    async def story(jobs: Jobs, paper: Paper) -> None:
        paper.pages["/a"] = page(paragraphs=EDITED)
        await step(jobs, paper, HOUR)
        answer = why(jobs.store, jobs.setup.watch, paper.site.url("/a"), None)
        lines.extend(sentences(answer))

    told(tmp_path, story)
    assert "  number: 12 → 31" in lines
    assert any("follow-up for ferry: revised:" in line for line in lines)


def test_no_page_of_a_source_that_forbids_it_is_read(tmp_path: Path) -> None:
    async def story(jobs: Jobs, paper: Paper) -> None:
        assert jobs.reread_at is None

    paper, _ = told(tmp_path, story, article=ArticlePolicy.NEVER)
    assert len(paper.ear.heard) == 1
    assert paper.asked("/a") == []
