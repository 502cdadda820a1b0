"""What a reader sees of a mail: order, preview, sizes, colours, digests."""

from __future__ import annotations

import dataclasses
import email
import re
from email import policy

import pytest
from lxml import html

from alerts.messages import headline, render
from alerts.model import Letter, MessageType, Reason, Severity, Telling
from alerts.rendering.groups import MOST, by_topic
from crawler.items import stable_id
from tests.alerts.letters import DESK, NOW, alert, evidence, item, letter, telling
from tests.alerts.mailroom import halves, letters, mails

MAILS = letters()
ALL = mails()


def page_of(of: Letter | bytes) -> html.HtmlElement:
    data = of if isinstance(of, bytes) else render(of)
    return html.document_fromstring(halves(data)[1])


def shown(of: Letter) -> str:
    """The page's visible text, without what only a list of mails shows."""
    body = page_of(of).find("body")
    assert body is not None
    body.remove(body[0])
    return " ".join(body.text_content().split())


# --- one alert --------------------------------------------------------------------


def test_what_why_how_sure_and_from_whom_come_in_that_order() -> None:
    text = shown(MAILS["alert"])
    places = [
        text.index("high North Korea–Russia military"),
        text.index("EU and South Korea sign"),
        text.index("[en]"),
        text.index("eunews (withub) · published 2026-11-27 14:25 CET"),
        text.index("First report in your sources."),
        text.index("1 independent report, language en, unconfirmed"),
        text.index("May belong to: Seoul weighs"),
        text.index("Why: score 84, 60 needed"),
        text.index("President Yoon Sul Yeol had announced"),
    ]
    assert places == sorted(places)


def test_a_headline_that_is_the_items_title_is_said_once_and_links() -> None:
    page = page_of(MAILS["korean"])
    (heading,) = page.iter("h1")
    assert heading.get("lang") == "ko"
    assert [link.get("href") for link in heading.iter("a")] == [
        MAILS["korean"].tellings[0].item.url
    ]
    assert [mark.text for mark in heading.iter("mark")] == [
        "북한군",
        "러시아",
        "쿠르스크",
    ]
    assert shown(MAILS["korean"]).count("추가 이동”") == 1


def test_a_headline_of_another_report_stands_above_the_items_own_title() -> None:
    page = page_of(MAILS["follow-up"])
    (heading,) = page.iter("h1")
    assert list(heading.iter("a")) == []
    assert "Statement on the situation in Kursk [en]" in shown(MAILS["follow-up"])


def test_a_list_of_mails_shows_what_the_subject_does_not_say() -> None:
    (preview,) = page_of(MAILS["alert"]).xpath("//body/div[1]")
    assert "display:none" in preview.get("style")
    text = preview.text_content()
    assert text.startswith("First report in your sources. eunews (withub). 1 item")
    assert "EU and South Korea" not in text
    (preview,) = page_of(ALL["warning"]).xpath("//body/div[1]")
    assert preview.text_content().startswith("yonhap-ko: is silent since")


def test_a_subject_has_room_for_the_topic() -> None:
    title = "Ministers agree " * 12
    of = letter(DESK, telling(item(title)))
    subject = email.message_from_bytes(render(of), policy=policy.default)["Subject"]
    assert subject.startswith("[high] Ministers agree Ministers")
    assert subject.endswith("… (dprk-russia)")
    assert len(subject) <= 102
    assert shown(of).count("Ministers agree") >= 10
    assert len(headline(of)) > 150


# --- sizes and colours ------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_nothing_shown_is_smaller_than_14_pixels(name: str) -> None:
    body = page_of(ALL[name]).find("body")
    assert body is not None
    body.remove(body[0])
    sizes = [
        int(size)
        for tag in body.iter()
        for size in re.findall(r"font-size:(\d+)px", tag.get("style", ""))
    ]
    assert min(sizes) >= 14


@pytest.mark.parametrize("name", ALL)
def test_every_text_has_the_contrast_that_wcag_asks(name: str) -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1 between a text and what is behind it."""
    body = page_of(ALL[name]).find("body")
    assert body is not None
    body.remove(body[0])
    worst = min(_contrasts(body, "#000000", "#ffffff"))
    assert worst >= 4.5


def _contrasts(tag: html.HtmlElement, ink: str, paper: str) -> list[float]:
    style = dict(
        rule.split(":", 1) for rule in tag.get("style", "").split(";") if ":" in rule
    )
    ink, paper = style.get("color", ink), style.get("background", paper)
    found = []
    if (tag.text or "").strip():
        given = tag.getparent() if ink == "inherit" else None
        ink = "#1f5fa8" if given is not None and _in_link(tag) else ink
        ink = "#1b1f24" if ink == "inherit" else ink
        low, high = sorted((_light(ink), _light(paper)))
        found.append((high + 0.05) / (low + 0.05))
    for child in tag:
        found += _contrasts(child, ink, paper)
    return found


def _in_link(tag: html.HtmlElement) -> bool:
    return any(above.tag == "a" for above in tag.iterancestors())


def _light(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# --- digests ----------------------------------------------------------------------


def test_a_story_under_two_topics_is_told_once_and_names_both() -> None:
    """I12, I13: under the more severe one."""
    both = telling(
        alert=alert(found=[evidence("dprk-russia", "북한", entity="dprk")]),
        also=(
            alert(
                "kursk",
                severity=Severity.NORMAL,
                found=[evidence("kursk", "Kursk", entity="kursk")],
            ),
        ),
    )
    of = letter(DESK, both, type=MessageType.DIGEST, period=(NOW, NOW))
    plain, _ = halves(render(of))
    assert plain.count("== ") == 1
    assert plain.count("Title: ") == 1
    assert "    dprk-russia: «북한» (dprk)\n    kursk: «Kursk»" in plain
    text = shown(of)
    assert text.count("Briefing in Seoul") == 1
    assert "dprk-russia: «북한» (dprk)" in text
    assert "kursk: «Kursk» (kursk)" in text
    assert headline(of) == "[digest] 2 alerts in 1 story (dprk-russia)"


def test_a_follow_up_in_a_digest_says_what_changed() -> None:
    text = shown(MAILS["digest"])
    assert "Officially confirmed by eeas.example 14:05; toll 47; now 4" in text
    assert "kursk: matched by an earlier report" in text
    plain, _ = halves(render(MAILS["digest"]))
    assert "  * toll 47\n" in plain


def _many(number: int, *topics: str) -> tuple[Telling, ...]:
    found = []
    for n in range(number):
        one = telling(item(f"Report {n} on the talks"), also=())
        story = dataclasses.replace(
            one.story, id=stable_id(str(n)), headline=f"Report {n} on the talks"
        )
        named = alert(topics[min(n, len(topics) - 1)])
        found.append(dataclasses.replace(one, story=story, alert=named))
    return tuple(found)


@pytest.mark.parametrize("number", [MOST, MOST + 1, 3 * MOST])
def test_what_a_digest_has_no_room_for_is_counted(number: int) -> None:
    """I13: no topic is crowded out, and the command lists the rest."""
    tellings = _many(number, "small", "smaller", "large")
    groups = by_topic(tellings)
    assert sum(len(group.stories) for group in groups) == min(number, MOST)
    assert sum(group.left_out for group in groups) == max(0, number - MOST)
    assert {group.topic for group in groups} == {"small", "smaller", "large"}
    assert all(group.left_out == 0 for group in groups if group.topic != "large")
    of = letter(DESK, *tellings, type=MessageType.DIGEST, period=(NOW, NOW))
    plain, page = halves(render(of))
    told = f"and {number - MOST} more in all: `vedette alerts --limit {number}`"
    assert (told in plain) is (told in page) is (number > MOST)
    assert len(page.encode()) < 102_000
    assert f"{number} alerts in {number} stories" in headline(of)


def test_many_topics_each_keep_one_story() -> None:
    tellings = _many(2 * MOST, *(f"topic-{n}" for n in range(2 * MOST)))
    groups = by_topic(tellings)
    assert len(groups) == 2 * MOST
    assert all(len(group.stories) == 1 for group in groups)


def test_two_messages_of_a_story_link_apart() -> None:
    first = telling(also=())
    later = telling(
        item("Talks end without a text", id="item-2"),
        alert=alert(reason=Reason.DEVELOPMENT, milestone="development:toll=47"),
        also=(),
        story=first.story,
    )
    of = letter(DESK, first, later, type=MessageType.DIGEST, period=(NOW, NOW))
    text = shown(of)
    assert text.count("Briefing in Seoul") == 2  # the headline, and the first's title
    assert text.count("Talks end without a text") == 1
