"""Mails in a real browser, as wide as a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alerts.messages import render
from tests.alerts.letters import DESK, HOSTILE, item, letter, telling
from tests.alerts.mailroom import halves, mails
from tests.servers.browser import BROWSER, measure

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(BROWSER is None, reason="there is no chromium here")

LOADS = (
    '<img src="http://evil.test/a.png"><link rel=stylesheet href="http://evil.test/b">'
)
LOOK = """{
  width: view.document.documentElement.scrollWidth,
  shown: view.document.body.innerText.length,
  scripts: view.document.scripts.length,
  images: view.document.images.length,
}"""


def pages() -> list[str]:
    hostile = [
        letter(DESK, telling(item(title, text=f"{title} {LOADS}", source=title[:90])))
        for title in (*HOSTILE, LOADS, "가" * 900, f"https://x.test/{'a' * 900}")
    ]
    return [halves(data)[1] for data in (*mails().values(), *map(render, hostile))]


def test_no_mail_scrolls_sideways_on_a_phone_and_none_loads_anything(
    tmp_path: Path,
) -> None:
    """A48, A51: 375 pixels, the narrowest phone that is still sold."""
    looks, asked = measure(pages(), tmp_path, width=375, script=LOOK)
    assert len(looks) > 25
    assert [look["width"] for look in looks] == [375] * len(looks)
    assert min(look["shown"] for look in looks) > 80
    assert {look["scripts"] for look in looks} == {0}
    assert {look["images"] for look in looks} == {0}
    assert asked == []


def test_the_browser_sees_what_is_too_wide_and_what_is_loaded(tmp_path: Path) -> None:
    """The measure measures."""
    wide = f"<!doctype html><p>{'x' * 5000}</p>{LOADS}"
    (look,), asked = measure([wide], tmp_path, width=375, script=LOOK)
    assert look["width"] > 375
    assert look["images"] == 1
    assert sorted(asked) == ["http://evil.test/a.png", "http://evil.test/b"]
