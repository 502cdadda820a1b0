"""What a follow-up says: the change, who reported it when, and nothing twice."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest

from alerts.messages import render
from alerts.model import (
    Changed,
    Difference,
    Fact,
    Link,
    MessageType,
    Reason,
    Report,
    Severity,
)
from tests.alerts.letters import (
    DESK,
    HOOK,
    HOSTILE,
    NOW,
    SCREEN,
    alert,
    item,
    letter,
    telling,
)

if TYPE_CHECKING:
    from alerts.model import Alert, Letter, Telling

HOUR = timedelta(hours=1)


def report(owner: str, hours: int, **more: Any) -> Report:
    values: dict[str, Any] = {
        "owners": (owner,),
        "languages": ("en",),
        "url": f"https://www.{owner}.test/a",
        "title": f"{owner} writes",
        "source": owner,
        "seen": NOW + hours * HOUR,
    }
    return Report(**(values | more))


FIVE = tuple(report(owner, n) for n, owner in enumerate("abcde"))


def milestone(reason: Reason, value: str = "", **more: Any) -> Alert:
    key = f"{reason.value}:{value}" if value else reason.value
    return dataclasses.replace(alert(reason=reason, milestone=key), **more)


def follow(*alerts: Alert, about: Any = None, **story: Any) -> Telling:
    plain = telling(about or item("The newest report"))
    values: dict[str, Any] = {
        "reports": FIVE,
        "independent": 5,
        "languages": ("en", "ko", "ru"),
    }
    return dataclasses.replace(
        plain,
        alert=alerts[0],
        also=alerts[1:],
        story=dataclasses.replace(plain.story, headline="Talks", **(values | story)),
    )


def of(told: Telling, channel: Any = DESK) -> Letter:
    return letter(channel, told, type=MessageType.UPDATED)


def halves(one: Letter) -> tuple[str, str]:
    message = message_from_bytes(render(one), policy=policy.default)
    plain, html = (
        str(part.get_content()).replace("\r\n", "\n") for part in message.iter_parts()
    )
    return plain, html


def test_a_level_says_how_many_and_in_which_languages() -> None:
    copied = (*FIVE[:4], report("e", 4, owners=("e", "f", "g")))
    wide = follow(
        milestone(Reason.WIDE),
        milestone(Reason.CONFIRMED),
        milestone(Reason.CORROBORATED),
        reports=copied,
    )
    said = "now 5 independent reports (7 outlets carried it) in 3 languages: en, ko, ru"
    plain, page = halves(of(wide))
    assert plain.count(said) == 1
    # Once more in what a list of mails shows beside the subject.
    preview, _, shown = page.partition("</div>")
    assert preview.lower().count(said) == shown.lower().count(said) == 1
    assert render(of(wide, SCREEN)).decode().count(said) == 1


def test_a_number_is_told_with_the_one_before() -> None:
    facts = (
        Fact(unit="toll", value="12", owners=("a",), seen=NOW),
        Fact(unit="toll", value="47", owners=("b", "c"), seen=NOW + HOUR),
    )
    toll = follow(milestone(Reason.DEVELOPMENT, "toll=47"), facts=facts)
    assert "* toll 12 → 47\n" in halves(of(toll))[0]
    named = follow(milestone(Reason.DEVELOPMENT, "entity=kim+lee"))
    assert "* also named now: kim, lee\n" in halves(of(named))[0]


def test_a_revision_is_told_with_what_was_and_what_is() -> None:
    difference = (
        Difference(what=Changed.HEADLINE, old="Talks on", new="Talks over"),
        Difference(what=Changed.NUMBER, old="12", new="47", context="It hit 47."),
        Difference(what=Changed.QUOTE, old="We will go", new=""),
        Difference(what=Changed.DELETED, old="Talks <b>on</b>", new=""),
    )
    alert = milestone(Reason.REVISED, "0a1b2c3d", difference=difference)
    about = item("Talks on", url="https://www.herald.test/1")
    plain, html = halves(of(follow(alert, about=about)))
    assert "* headline changed by herald.test: “Talks on” → “Talks over”\n" in plain
    assert "* number changed by herald.test: 12 → 47 in “It hit 47.”\n" in plain
    assert "* quote taken out by herald.test: “We will go”\n" in plain
    assert "* deleted by herald.test: “Talks <b>on</b>”\n" in plain
    assert "“Talks &lt;b&gt;on&lt;/b&gt;”" in html
    shown = render(of(follow(alert, about=about), SCREEN)).decode()
    assert "number changed by herald.test: 12 → 47" in shown
    data = json.loads(render(of(follow(alert, about=about), HOOK)))["data"]
    assert data["difference"][1] == {
        "what": "number",
        "old": "12",
        "new": "47",
        "context": "It hit 47.",
    }


def test_an_official_word_is_told_with_its_site_and_time() -> None:
    spoke = report(
        "m", 1, source="ministry", url="https://www.mofa.go.kr/1", official=True
    )
    told = follow(milestone(Reason.OFFICIAL), reports=(*FIVE, spoke))
    assert "* officially confirmed by mofa.go.kr 16:05\n" in halves(of(told))[0]


def test_an_official_word_is_put_into_no_other_mouth() -> None:
    tied = report("m", 1, official=True, items=3)
    inside = item("The ministry's own", url="https://www.mofa.go.kr/1")
    own = follow(milestone(Reason.OFFICIAL), about=inside, reports=(*FIVE, tied))
    assert "* officially confirmed by mofa.go.kr 14:30\n" in halves(of(own))[0]
    paper = item("A newspaper", url=FIVE[0].url)
    other = follow(milestone(Reason.OFFICIAL), about=paper, reports=(*FIVE, tied))
    assert "* officially confirmed\n" in halves(of(other))[0]
    unknown = follow(milestone(Reason.OFFICIAL))
    assert "* officially confirmed\n" in halves(of(unknown))[0]


def test_a_denial_is_told_with_its_title() -> None:
    denial = item("Minister denies the talks", seen=NOW + timedelta(days=1))
    told = follow(milestone(Reason.DISPUTED), about=denial)
    said = "* denied: Minister denies the talks 2026-11-23 15:05\n"
    assert said in halves(of(told))[0]


def test_the_timeline_shows_the_newest_six_oldest_first() -> None:
    reports = tuple(report(f"site{n}", n) for n in range(8))
    plain, page = halves(of(follow(milestone(Reason.WIDE), reports=reports)))
    assert "Reports, without the 2 oldest:" in plain
    lines = [line for line in plain.splitlines() if " writes" in line]
    assert [line.rpartition(": ")[2] for line in lines] == [
        f"site{n} writes" for n in range(2, 8)
    ]
    assert "  2026-11-22 17:05 CET  site2 [en]: site2 writes" in plain
    assert page.count("https://www.site") == 6


def test_only_the_change_is_told() -> None:
    """No score, no evidence: the reader knows why this story is theirs."""
    told = of(follow(milestone(Reason.CORROBORATED)))
    for text in (
        *halves(told),
        render(of(follow(milestone(Reason.WIDE)), SCREEN)).decode(),
    ):
        assert "score" not in text
        assert "Why" not in text


def test_the_item_is_shown_unless_the_timeline_holds_it() -> None:
    inside = follow(milestone(Reason.WIDE), about=item("Inside", url=FIVE[0].url))
    assert "Title: Inside" not in halves(of(inside))[0]
    assert "Title: The newest report" in halves(of(follow(milestone(Reason.WIDE))))[0]


def test_the_wire_names_the_reason_and_the_other_topics() -> None:
    told = follow(
        milestone(Reason.OFFICIAL),
        milestone(Reason.CORROBORATED),
        milestone(Reason.OFFICIAL, topic="kursk", severity=Severity.LOW),
    )
    message = json.loads(render(of(told, HOOK)))
    assert message["type"] == "alert.updated"
    data = message["data"]
    assert (data["reason"], data["also"]) == ("official", ["kursk"])
    assert data["story"]["independent"] == 5


def test_a_merger_joins_the_threads() -> None:
    """I11: whoever was told of the other story finds both in one thread."""
    others = tuple(Link(id=f"story-{n}", headline="Another") for n in range(9))
    told = follow(milestone(Reason.DEVELOPMENT, "merged=story-0"))
    told = dataclasses.replace(told, merged=others)
    data = render(of(told))
    message = message_from_bytes(data, policy=policy.default)
    *joined, root = message["References"].split()
    assert root == message["In-Reply-To"] == f"<{told.story.id}@example.org>"
    assert joined == [f"<story-{n}@example.org>" for n in range(5)]
    assert f"References: {message['References']}\r\n".encode() in data


def test_a_mail_threads_under_the_first() -> None:
    first, update = letter(DESK), of(follow(milestone(Reason.WIDE)))
    roots = {
        message_from_bytes(render(one), policy=policy.default)["References"]
        for one in (first, update)
    }
    assert len(roots) == 1


def test_a_first_alert_names_what_it_may_belong_to_and_who_carried_it() -> None:
    plain = telling(related=(Link(id="s2", headline="Talks in Seoul"),))
    told = dataclasses.replace(plain, story=dataclasses.replace(plain.story, carried=3))
    for text in (*halves(letter(DESK, told)), render(letter(SCREEN, told)).decode()):
        assert "May belong to: Talks in Seoul" in text
        assert "carried by 3" in text


SAME = milestone(Reason.DEVELOPMENT, "merged=4f9a01bc")
OTHER = Link(id="4f9a01bc-0000-5000-8000-000000000000", headline="Late\nferry")


def test_two_stories_that_are_one_are_named_to_those_who_heard_of_both() -> None:
    told = dataclasses.replace(follow(SAME), merged=(OTHER,))
    said = "he same story as “Late ferry”, which you were told of before"
    for text in (*halves(of(told)), render(of(told, SCREEN)).decode()):
        assert said in " ".join(text.split())
    assert "“4f9a01bc”" in " ".join(halves(of(follow(SAME)))[0].split())


def test_a_webhook_names_other_stories_only_if_there_are_any() -> None:
    near = Link(id="s2", headline="Talks in Seoul")
    told = dataclasses.replace(follow(SAME), related=(near,), merged=(OTHER,))
    story = json.loads(render(of(told, HOOK)))["data"]["story"]
    assert story["related"] == [{"id": "s2", "headline": "Talks in Seoul"}]
    assert story["merged"] == [{"id": OTHER.id, "headline": OTHER.headline}]
    plain = json.loads(render(of(follow(SAME), HOOK)))["data"]["story"]
    assert not {"related", "merged"} & set(plain)


def test_a_held_alert_says_that_nobody_joined() -> None:
    alone = dataclasses.replace(alert(), note=Reason.HELD)
    said = "no second report within 10 minutes"
    assert said in halves(letter(DESK, telling(alert=alone)))[0]
    few = dataclasses.replace(alone, covers=("corroborated",))
    assert "no further report" in halves(letter(DESK, telling(alert=few)))[0]


def test_a_digest_tells_the_first_word_and_the_changes() -> None:
    told = follow(alert(), milestone(Reason.CONFIRMED))
    digest = letter(DESK, told, type=MessageType.DIGEST, period=(NOW, NOW))
    plain, page = halves(digest)
    assert "* first report in your sources\n  * now 5 independent" in plain
    assert "now 5 independent" in page


@pytest.mark.parametrize("title", HOSTILE)
def test_nothing_untrusted_gets_out_of_its_line(title: str) -> None:
    """A48, A57: reports, facts and outlets are strangers' words as titles are."""
    bad = report("x", 1, title=title, source=title, languages=(title,), official=True)
    facts = (
        Fact(unit=title, value=title, owners=("a",), seen=NOW),
        Fact(unit=title, value="1", owners=("a", "b"), seen=NOW + HOUR),
    )
    told = follow(
        *(milestone(reason, "x") for reason in (Reason.DISPUTED, Reason.OFFICIAL)),
        milestone(Reason.DEVELOPMENT, f"{title}=1"),
        reports=(*FIVE, dataclasses.replace(bad, items=1)),
        facts=facts,
    )
    plain, page = halves(of(told))
    lines = render(of(told, SCREEN)).decode().splitlines()
    assert all(line.isprintable() for line in plain.replace("\u200b", "").splitlines())
    assert len(lines) < 30
    for tag in ("<script", "<img", "<svg", "<meta http", "<base"):
        assert tag not in page
