"""What a letter becomes on each kind of channel."""

from __future__ import annotations

import dataclasses
import email
import json
from datetime import UTC, datetime, timedelta
from email import policy
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from alerts.errors import AlertError
from alerts.messages import headline, render
from alerts.model import MessageType, Reason, Severity
from alerts.rendering.mail import header_names
from tests.alerts.letters import (
    DESK,
    HOOK,
    HOSTILE,
    LOG,
    NOW,
    SCREEN,
    alert,
    evidence,
    item,
    letter,
    telling,
)

if TYPE_CHECKING:
    from email.message import EmailMessage

    from alerts.model import Letter

PARTS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "References",
    "In-Reply-To",
    "Auto-Submitted",
    "List-Id",
    "List-Unsubscribe",
    "MIME-Version",
    "Content-Type",
]
ALLOWED_TAGS = frozenset(
    {"html", "head", "meta", "title", "body", "div", "p", "h1", "h2", "h3"}
    | {"span", "b", "a", "mark", "ul", "li", "bdi", "br"}
)
ALLOWED_NAMES = frozenset(
    {"style", "href", "rel", "lang", "dir", "charset", "name", "content"}
)


def parsed(of: Letter) -> EmailMessage:
    return email.message_from_bytes(render(of), policy=policy.SMTP)


def halves(of: Letter) -> tuple[str, str]:
    message = parsed(of)
    plain, page = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert page is not None
    return (
        plain.get_content().replace("\r\n", "\n"),
        page.get_content().replace("\r\n", "\n"),
    )


def posted(of: Letter) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads(render(of)))


# --- the JSON ---------------------------------------------------------------------


def test_a_webhook_body_is_the_object_of_the_design() -> None:
    body = posted(letter(HOOK))
    assert body == {
        "type": "alert.opened",
        "timestamp": "2026-11-22T14:05:00Z",
        "data": {
            "id": letter(HOOK).id,
            "reason": "first",
            "severity": "high",
            "topic": {"name": "dprk-russia", "title": "North Korea and Russia"},
            "score": 78,
            "threshold": 60,
            "story": {
                "id": telling().story.id,
                "headline": "Briefing in Seoul",
                "first_seen": "2026-11-22T14:05:00Z",
                "items": 7,
                "independent": 3,
                "languages": ["en", "ko"],
                "official": False,
                "disputed": False,
            },
            "item": {
                "id": "item-1",
                "url": "https://news.example.org/briefing?id=1&lang=en",
                "title": "Briefing in Seoul",
                "summary": "The ministry gave a briefing.",
                "language": "en",
                "source": "eunews",
                "owner": "withub",
                "published": "2026-11-22T13:00:00Z",
                "seen": "2026-11-22T13:30:07Z",
            },
            "evidence": [
                vars_of(evidence("dprk-russia", "북한", entity="dprk")),
                vars_of(
                    evidence(
                        "eu-rok",
                        "Yoon Sul Yeol",
                        entity="yoon-suk-yeol",
                        how="fuzzy(d=1)",
                    )
                ),
            ],
            "also": ["eu-rok", "kursk"],
        },
    }


def vars_of(piece: object) -> dict[str, object]:
    return dataclasses.asdict(piece)  # type: ignore[call-overload, no-any-return]


def test_json_is_compact_utf8_on_one_line() -> None:
    body = render(letter(HOOK))
    assert "북한".encode() in body
    assert b"\n" not in body
    assert b'", "' not in body


def test_a_file_line_is_the_webhook_body() -> None:
    channel = dataclasses.replace(HOOK, kind="file")
    assert render(letter(channel)) == render(letter(HOOK))


def test_also_is_ordered_by_severity_then_score_then_name() -> None:
    riders = (
        alert("b", severity=Severity.LOW, score=99),
        alert("d", severity=Severity.NORMAL, score=60),
        alert("c", severity=Severity.NORMAL, score=60),
        alert("a", severity=Severity.NORMAL, score=70),
        alert("c", severity=Severity.NORMAL, score=60, milestone="wide"),
        alert("dprk-russia", milestone="official"),
    )
    body = posted(letter(HOOK, telling(also=riders)))
    assert body["data"]["also"] == ["a", "c", "d", "b"]


def test_a_summary_travels_with_at_most_500_characters() -> None:
    body = posted(letter(HOOK, telling(item(summary="가" * 600))))
    summary = body["data"]["item"]["summary"]
    assert len(summary) == 500
    assert summary.endswith("가…")


def test_a_digest_holds_its_alerts_each_with_its_own_id() -> None:
    start = NOW - timedelta(days=1)
    second = telling(alert=alert("nis-briefings", severity=Severity.LOW))
    of = letter(HOOK, telling(), second, type=MessageType.DIGEST, period=(start, NOW))
    data = posted(of)["data"]
    assert data["id"] == of.id
    assert data["period"] == {
        "from": "2026-11-21T14:05:00Z",
        "to": "2026-11-22T14:05:00Z",
    }
    assert [one["topic"]["name"] for one in data["alerts"]] == [
        "dprk-russia",
        "nis-briefings",
    ]
    assert [one["id"] for one in data["alerts"]] == [
        telling().alert.id,
        second.alert.id,
    ]
    assert set(data["alerts"][0]) == set(posted(letter(HOOK))["data"])


def test_a_test_message_needs_no_tellings() -> None:
    for channel in (DESK, HOOK, SCREEN):
        of = letter(channel, type=MessageType.TEST)
        of = dataclasses.replace(of, tellings=())
        assert render(of)
        assert headline(of).startswith("[test] ")
    assert posted(
        dataclasses.replace(letter(HOOK), type=MessageType.TEST, tellings=())
    )["data"] == {"id": letter(HOOK).id, "channel": "hook"}


@pytest.mark.parametrize("title", HOSTILE)
def test_hostile_titles_arrive_whole_in_valid_json(title: str) -> None:
    """A41, A54: lone surrogates are replaced, everything else is kept."""
    body = posted(letter(HOOK, telling(item(title))))
    kept = body["data"]["item"]["title"]
    assert len(kept) == len(title)
    assert all(a in (b, "\ufffd") for a, b in zip(kept, title, strict=True))


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " java\tscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "//evil.example.net/x",
        "https://",
        "https:///x",
        "http://[::1",
        'https://a.example/"onclick=alert(1)',
        "https://a.example/\r\nx",
        None,
    ],
)
def test_only_web_links_are_linked(url: str | None) -> None:
    """A49."""
    about = telling(item(url=url))
    assert posted(letter(HOOK, about))["data"]["item"]["url"] is None
    plain, page = halves(letter(DESK, about))
    assert "Link:" not in plain
    assert "href" not in page
    assert b"script:" not in render(letter(SCREEN, about))


# --- the mail ---------------------------------------------------------------------


def test_a_mail_has_the_headers_readers_and_robots_need() -> None:
    of = letter()
    message = parsed(of)
    assert message.keys() == PARTS
    assert message["Subject"] == "[high] Briefing in Seoul (dprk-russia)"
    assert message["From"] == "Vedette <vedette@example.org>"
    assert message["To"] == "desk@example.org"
    assert message["Date"].datetime == NOW
    assert message["Message-ID"] == f"<{of.id}@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Id"] == "<desk.vedette.example.org>"
    assert message.get_content_type() == "multipart/alternative"


def test_follow_ups_thread_under_a_root_that_was_never_sent() -> None:
    """I11: References names the story, on one unfolded line."""
    first, later = letter(), letter(type=MessageType.UPDATED, id="another-id")
    root = f"<{telling().story.id}@example.org>"
    for of in (first, later):
        assert parsed(of)["References"] == root
        assert parsed(of)["In-Reply-To"] == root
        assert f"References: {root}\r\n".encode() in render(of)


def test_a_digest_does_not_thread() -> None:
    of = letter(DESK, telling(), type=MessageType.DIGEST, period=(NOW, NOW))
    assert "References" not in parsed(of)


@pytest.mark.parametrize("title", HOSTILE)
def test_no_title_changes_the_headers_of_a_mail(title: str) -> None:
    """A44, A45: CVE-2024-6923 is open in Python 3.11.7; names are compared as read
    by the parser that mail servers resemble, not by the policy that wrote them."""
    owner = telling(
        item(title, source=title or "s", language=title[:40] or None),
        owner=title,
        topic_title=title,
        alert=alert(title[:60] or "t"),
    )
    sender = dataclasses.replace(DESK, sender=f'"{_quoted(title)}" <v@example.org>')
    data = render(letter(sender, owner))
    assert email.message_from_bytes(data, policy=policy.compat32).keys() == PARTS
    assert b"evil@example.net\r\n" not in data.partition(b"\r\n\r\n")[0]
    message = email.message_from_bytes(data, policy=policy.SMTP)
    assert not message.defects
    for part in message.walk():
        assert not part.defects


def _quoted(text: str) -> str:
    return "".join(c for c in text if c.isprintable() and c not in '"\\<>')[:100]


@given(st.text(max_size=120), st.text(max_size=60))
def test_no_text_at_all_changes_the_headers_of_a_mail(title: str, owner: str) -> None:
    data = render(letter(DESK, telling(item(title), owner=owner)))
    assert header_names(data) == PARTS


def test_the_header_check_sees_what_the_library_lets_through() -> None:
    planted = (
        b"From: a@example.org\r\nSubject: a\r\nBcc: evil@example.net\r\n\r\nbody\r\n"
    )
    assert header_names(planted) == ["From", "Subject", "Bcc"]


def test_a_title_reaches_the_subject_in_its_own_script() -> None:
    """A41."""
    title = "북한 병력 в Курске 🇰🇷"
    message = parsed(letter(DESK, telling(item(title))))
    assert message["Subject"] == f"[high] {title} (dprk-russia)"
    plain, page = halves(letter(DESK, telling(item(title))))
    assert title in plain
    assert title in page


@pytest.mark.parametrize("title", HOSTILE)
def test_every_mail_parses_without_defects_and_says_who_it_is(title: str) -> None:
    """I16, A47: no line of the wire is a lone dot, none is over 998 octets."""
    about = telling(item(title, text="\r.\r\n.\n\n.\r\n.\r" + title))
    data = render(letter(DESK, about))
    lines = data.split(b"\r\n")
    assert all(b"\r" not in line and b"\n" not in line for line in lines)
    assert b"." not in lines
    assert max(map(len, lines)) <= 998
    assert data.isascii()
    assert letter().id in halves(letter(DESK, about))[0]


@pytest.mark.parametrize("title", HOSTILE)
def test_untrusted_text_is_text_in_the_html(title: str) -> None:
    """A48, A51: only our own tags, no handlers, no remote loads."""
    about = telling(
        item(title, text=title + " 북한 " + title, source=title, language=title[:9]),
        owner=title,
        topic_title=title,
        alert=alert(title[:50] or "t", found=[_found(title + " 북한 " + title)]),
    )
    digest = letter(DESK, about, about, type=MessageType.DIGEST, period=(NOW, NOW))
    for of in (letter(DESK, about), digest):
        page = html.document_fromstring(halves(of)[1])
        tags = list(page.iter())
        assert {tag.tag for tag in tags} <= ALLOWED_TAGS
        names = {name for tag in tags for name in tag.attrib}
        assert names <= ALLOWED_NAMES
        assert all("url(" not in tag.get("style", "") for tag in tags)
        assert page.find("body") is not None


def _found(text: str) -> Any:
    return evidence("t", "북한", within=text)


def test_links_carry_rel_and_nothing_else_is_linked() -> None:
    page = html.document_fromstring(halves(letter())[1])
    links = list(page.iter("a"))
    assert [link.get("href") for link in links] == [item().url]
    assert links[0].get("rel") == "noopener noreferrer nofollow"


def test_evidence_is_marked_in_both_halves() -> None:
    plain, page = halves(letter())
    assert "President «Yoon Sul Yeol» had met" in plain
    assert "«Yoon Sul Yeol» (yoon-suk-yeol, 1 edit away)" in plain
    marks = html.document_fromstring(page).xpath("//mark/text()")
    assert marks == ["Yoon Sul Yeol", "북한"]


def test_evidence_in_the_title_is_marked_with_its_language_tag() -> None:
    title = "Kim Jong Un speaks"
    found = evidence("dprk-russia", "Kim Jong Un", field="title", within=title)
    about = telling(item(title), alert=alert(found=[found]), also=())
    plain, page = halves(letter(DESK, about))
    assert "Title: «Kim Jong Un» speaks [en]" in plain
    assert html.document_fromstring(page).xpath("//a//mark/text()") == ["Kim Jong Un"]


def test_evidence_of_another_item_of_the_story_marks_nothing_here() -> None:
    other = dataclasses.replace(alert(found=[_found("x 북한")]), item_id="item-2")
    plain, page = halves(letter(DESK, telling(alert=other, also=())))
    assert "In the text" not in plain
    assert "<mark" not in page
    assert "«북한»" in plain


def test_times_are_in_the_channels_zone() -> None:
    plain, _ = halves(letter())
    assert "Published: 2026-11-22 14:00 CET" in plain
    summer = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    plain, _ = halves(letter(DESK, telling(item(published=summer))))
    assert "Published: 2026-07-01 14:00 CEST" in plain


def test_an_undated_item_says_so() -> None:
    plain, page = halves(letter(DESK, telling(item(published=None))))
    assert "Published: no time given" in plain
    assert "no time given" in page


def test_a_digest_is_grouped_by_topic_then_story() -> None:
    low = alert("aaa", severity=Severity.LOW)
    first, second = telling(also=()), telling(alert=low, also=())
    follow = telling(
        alert=alert(reason=Reason.DEVELOPMENT, milestone="development:toll=47"), also=()
    )
    of = letter(DESK, second, first, follow, type=MessageType.DIGEST, period=(NOW, NOW))
    plain, _ = halves(of)
    assert plain.count("== ") == 2
    assert plain.index("(dprk-russia)\n") < plain.index("(aaa)\n")
    group = plain[plain.index("== ") : plain.rindex("== ")]
    assert group.count("Briefing in Seoul\n  7 items") == 1
    assert "* first report in your sources" in group
    assert "* toll 47" in group
    assert headline(of) == "[digest] 3 alerts in 1 story (aaa, dprk-russia)"


def test_a_mail_to_an_international_address_is_written_for_smtputf8() -> None:
    channel = dataclasses.replace(DESK, recipients=("홍길동@예시.한국",))
    data = render(letter(channel))
    assert "To: 홍길동@xn--vv4b11d.xn--3e0b707e\r\n".encode() in data


def test_an_international_domain_alone_needs_no_smtputf8() -> None:
    channel = dataclasses.replace(DESK, recipients=("desk@faß.example",))
    data = render(letter(channel))
    assert b"To: desk@xn--fa-hia.example\r\n" in data
    assert data.isascii()


# --- the console ------------------------------------------------------------------


def test_a_console_block_tells_the_alert() -> None:
    text = render(letter(SCREEN)).decode()
    assert text.startswith("[high] Briefing in Seoul (dprk-russia)\n")
    assert "https://news.example.org/briefing?id=1&lang=en" in text
    assert "«Yoon Sul Yeol» yoon-suk-yeol, 1 edit away" in text
    assert "also: eu-rok, kursk" in text
    assert letter(SCREEN).id in text
    assert text.endswith("\n\n")


@pytest.mark.parametrize("title", HOSTILE)
def test_nothing_in_a_console_block_moves_the_terminal(title: str) -> None:
    """A57: escapes are shown, never sent; a title cannot forge a line."""
    about = telling(item(title, source=title), owner=title)
    digest = letter(SCREEN, about, type=MessageType.DIGEST, period=(NOW, NOW))
    harmless = len(render(letter(SCREEN, telling(item("t")))).splitlines())
    for of in (letter(SCREEN, about), digest):
        text = render(of).decode()
        assert all(c == "\n" or c.isprintable() or c in "\u200b\u200d" for c in text)
    assert len(render(letter(SCREEN, about)).splitlines()) <= harmless + 1


# --- all of them ------------------------------------------------------------------


@pytest.mark.parametrize("channel", [DESK, HOOK, SCREEN, LOG])
def test_the_same_letter_gives_the_same_bytes(channel: Any) -> None:
    """I5."""
    assert render(letter(channel)) == render(letter(channel))


def test_a_headline_is_one_line_with_severity_and_topic() -> None:
    assert headline(letter()) == "[high] Briefing in Seoul (dprk-russia)"
    long = headline(letter(DESK, telling(item("word " * 100))))
    assert len(long) < 200
    assert long.endswith("… (dprk-russia)")
    blank = item("\r\n\t")
    assert headline(letter(DESK, telling(blank))) == f"[high] {blank.url} (dprk-russia)"
    nothing = dataclasses.replace(blank, url=None)
    assert headline(letter(DESK, telling(nothing))) == "[high] (no title) (dprk-russia)"


def test_an_unknown_kind_has_no_message() -> None:
    with pytest.raises(AlertError, match="pigeon"):
        render(letter(dataclasses.replace(DESK, kind="pigeon")))
