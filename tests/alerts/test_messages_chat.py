"""What a chat shows: short, plain, nobody called."""

from __future__ import annotations

import dataclasses

import pytest

from alerts.messages import render
from alerts.model import MessageType, Notice
from alerts.rendering.chat import LIMIT, defused
from crawler.items import stable_id
from tests.alerts.letters import HOSTILE, NOW, ROOM, item, letter, telling


def test_an_alert_says_what_why_from_whom_when_and_where() -> None:
    head, *rest = render(letter(ROOM)).decode().splitlines()
    assert head == "[high] Briefing in Seoul (dprk-russia)"
    assert "eunews (withub), published 2026-11-22 13:00 UTC" in rest
    assert "https://news.example.org/briefing?id=1&lang=en" in rest
    assert "why: «북한» dprk; «Yoon Sul Yeol» yoon-suk-yeol, 1 edit away" in rest
    assert "also: eu-rok, kursk" in rest
    assert rest[-1] == f"message {letter(ROOM).id}"


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_stays_one_short_line_of_text(title: str) -> None:
    """A53, A57."""
    one = telling(item(title, text=title, url=f"https://x.example.org/{'a' * 3000}"))
    data = render(letter(ROOM, one)).decode()
    assert len(data) <= LIMIT
    assert "@everyone" not in data
    assert "<" not in data.replace("<\u200b", "")
    assert data.splitlines()[-1].startswith("message ")
    assert not [c for c in data if c != "\n" and ord(c) < 32]


def test_what_does_not_fit_is_counted_with_the_command_that_shows_it() -> None:
    """I13: also a link that alone would fill the message."""
    at_length = item(url=f"https://x.example.org/{'a' * 3000}")
    text = render(letter(ROOM, telling(at_length))).decode()
    assert len(text) <= LIMIT
    assert "and 4 more lines: `vedette why`" in text


def test_a_long_digest_counts_the_stories_it_leaves_out() -> None:
    """I13."""
    tellings = [
        dataclasses.replace(
            telling(item(f"Report number {n} about the briefing in the capital")),
            story=dataclasses.replace(
                telling().story, id=stable_id(f"s{n}"), headline=f"Report number {n}"
            ),
        )
        for n in range(40)
    ]
    of = letter(ROOM, *tellings, type=MessageType.DIGEST, period=(NOW, NOW))
    text = render(of).decode()
    shown = text.count("[high] Report number")
    assert 10 <= shown < 40
    assert f"and {40 - shown} more: `vedette stories`" in text
    assert len(text) <= LIMIT


def test_a_notice_is_told_whole() -> None:
    title, told = "[warning] eunews is silent", ("No item since", "Monday")
    notice = Notice(title=title, lines=told, facts={})
    of = letter(ROOM, type=MessageType.SOURCE_SILENT, notice=notice)
    text = render(dataclasses.replace(of, tellings=())).decode()
    assert text.splitlines()[:3] == [notice.title, "No item since", "Monday"]


def test_a_link_stays_a_link() -> None:
    link = "https://x.example.org/@minister/post?a=1&b=[2]"
    assert defused(link) == "https://x.example.org/%40minister/post?a=1&b=[2]"
    assert defused("see @all") == "see @\u200ball"
