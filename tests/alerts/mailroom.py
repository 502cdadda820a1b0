"""A desk's mails of one day, to be looked at; every text is our own.

``python -m tests.alerts.mailroom FOLDER`` writes each as an .html, a .txt and an .eml,
made by the product's own code. ``docs/make_mail_pictures.sh`` takes pictures of them.
"""

from __future__ import annotations

import dataclasses
import email
import sys
from datetime import UTC, datetime, timedelta
from email import policy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alerts import notices, outages
from alerts.messages import render
from alerts.model import (
    Alert,
    Channel,
    Fact,
    Letter,
    Link,
    MessageType,
    Reason,
    Report,
    Severity,
    Story,
    Telling,
)
from alerts.notices import Pulse
from alerts.outages import Outage
from alerts.sourcewatch import Changes, Episode
from crawler.diagnosis import Ailment, Aspect
from crawler.items import Item, stable_id
from tests.alerts.letters import evidence

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 11, 27, 14, 5, tzinfo=UTC)
DESK = Channel(
    name="desk",
    kind="email",
    recipients=("desk@yourdomain.org",),
    timezone="Europe/Brussels",
    sender="vedette@yourdomain.org",
)
TITLES = {
    "dprk-russia": "North Korea–Russia military and political cooperation",
    "dprk-troops": "North Korean troops abroad",
    "inter-korean": "Relations between the two Koreas",
    "eu-rok": "The European Union and the Republic of Korea",
    "kursk": "Fighting in the Kursk region",
    "dprk": "North Korea",
}
ENGLISH = (
    "BRUSSELS. Kaja Kallas and the South Korean minister signed a partnership on "
    "defence after a day of talks. The text names the deployment of North Korean "
    "troops to Russia's Kursk region a threat to both continents, and asks for an "
    "exchange of what each side knows. President Yoon Sul Yeol had announced the step "
    "on Monday; Pyongyang has not answered. A second round follows in Seoul in spring."
)
KOREAN = (
    "국가정보원은 금요일 국회에 북한 병력 1천500명이 러시아 쿠르스크 지역으로 "
    "추가 이동했다고 보고했다. 정부는 유럽연합과 정보를 나누고 대응을 논의하겠다고 "
    "밝혔다. 위원들은 포로 두 명의 면담 결과도 함께 들었다고 전했다."
)
RUSSIAN = (
    "Министерство обороны сообщило в пятницу, что инженерные подразделения из Северной "
    "Кореи помогут разминировать приграничные районы Курской области. По словам "
    "представителя ведомства, работы начнутся в декабре и продлятся до весны."
)


def told(
    title: str,
    text: str,
    *,
    source: str,
    owner: str,
    language: str,
    found: Sequence[tuple[str, str, str, str]],
    **more: Any,
) -> Telling:
    """One alert; ``found`` holds (topic, entity, surface, how), the main one first."""
    number = more.get("number", title)
    severity = more.get("severity", Severity.HIGH)
    story_id, item_id = stable_id("story", str(number)), stable_id("item", title)
    alerts: dict[str, Alert] = {}
    for topic, entity, surface, how in found:
        place = "title" if surface in title else "text"
        within = title if place == "title" else text
        piece = evidence(
            topic, surface, entity=entity, how=how, field=place, within=within
        )
        known = alerts.get(topic)
        alerts[topic] = Alert(
            id=stable_id("alert", topic, title),
            story_id=story_id,
            topic=topic,
            kind="opened",
            milestone=more.get("milestone", "first"),
            reason=more.get("reason", Reason.FIRST),
            severity=severity if not alerts or known else Severity.NORMAL,
            item_id=item_id,
            score=84,
            threshold=60.0,
            created=NOW,
            evidence=(*(known.evidence if known else ()), piece),
        )
    main, *also = alerts.values()
    return Telling(
        alert=main,
        story=Story(
            id=story_id,
            headline=more.get("headline", title),
            first_seen=NOW - timedelta(hours=3),
            last_seen=NOW,
            **more.get("story", {"languages": (language,)}),
        ),
        item=Item(
            id=item_id,
            source=source,
            url=f"https://www.{source}.example/2026/11/27/{stable_id(title)[:8]}",
            canonical_url=None,
            guid=None,
            title=title,
            text=text,
            summary=text[:120],
            language=language,
            authors=(),
            published=NOW - timedelta(minutes=40),
            seen=NOW - timedelta(minutes=4),
        ),
        topic_title=TITLES[main.topic],
        owner=owner,
        also=tuple(also),
        related=more.get("related", ()),
    )


def _english() -> Telling:
    return told(
        "EU and South Korea sign defence partnership over North Korean troops in Kursk",
        ENGLISH,
        source="eunews",
        owner="withub",
        language="en",
        found=[
            ("dprk-russia", "dprk", "North Korean", "exact"),
            ("dprk-russia", "russia", "Russia's", "form"),
            ("dprk-troops", "dprk", "North Korean troops", "exact"),
            ("eu-rok", "eu", "EU", "exact"),
            ("eu-rok", "yoon-suk-yeol", "Yoon Sul Yeol", "fuzzy(d=1)"),
            ("kursk", "kursk", "Kursk", "exact"),
        ],
        related=(Link(id="x", headline="Seoul weighs sending observers to Ukraine"),),
    )


def _korean() -> Telling:
    return told(
        "국정원 “북한군 1천500명, 러시아 쿠르스크로 추가 이동”",
        KOREAN,
        source="yonhap-ko",
        owner="yonhap",
        language="ko",
        severity=Severity.CRITICAL,
        found=[
            ("dprk-troops", "dprk", "북한군", "glued"),
            ("dprk-troops", "russia", "러시아", "exact"),
            ("kursk", "kursk", "쿠르스크", "exact"),
            ("dprk-russia", "nis", "국가정보원", "exact"),
        ],
    )


def _russian() -> Telling:
    return told(
        "Минобороны сообщило о планах привлечь инженерные подразделения Северной Кореи "
        "к разминированию приграничных районов Курской области уже в декабре",
        RUSSIAN,
        source="interfax",
        owner="interfax",
        language="ru",
        severity=Severity.NORMAL,
        found=[
            ("dprk-russia", "dprk", "Северной Кореи", "form"),
            ("kursk", "kursk", "Курской области", "form"),
        ],
    )


def _report(source: str, title: str, language: str, hours: int, **more: Any) -> Report:
    return Report(
        owners=(source,),
        languages=(language,),
        title=title,
        source=source,
        url=f"https://www.{source}.example/{stable_id(title)[:8]}",
        seen=NOW - timedelta(hours=hours),
        **more,
    )


REPORTS = (
    _report("yonhap", "국정원 “북한군 추가 이동”", "ko", 9),
    _report("eunews", "Brussels alarmed by report of more troops", "en", 7),
    _report("interfax", "В Москве не комментируют сообщения", "ru", 5),
    _report("eeas", "Statement on the situation in Kursk", "en", 1, official=True),
)


def _follow_up() -> Telling:
    first = told(
        "Statement on the situation in Kursk",
        ENGLISH,
        source="eeas",
        owner="eeas",
        language="en",
        number="moved",
        headline="More North Korean troops moved to Kursk, Seoul's spy agency says",
        reason=Reason.OFFICIAL,
        milestone="official",
        found=[("dprk-troops", "dprk", "North Korean troops", "exact")],
        story={
            "languages": ("en", "ko", "ru"),
            "items": 11,
            "independent": 4,
            "carried": 6,
            "official": True,
            "reports": REPORTS,
            "facts": (Fact(unit="troops", value="1500", owners=("yonhap",), seen=NOW),),
        },
    )
    more = (
        (Reason.WIDE, "wide"),
        (Reason.DEVELOPMENT, "development:toll=47"),
    )
    also = [
        dataclasses.replace(
            first.alert, reason=reason, milestone=milestone, id=milestone
        )
        for reason, milestone in more
    ]
    kursk = dataclasses.replace(first.alert, topic="kursk", severity=Severity.NORMAL)
    return dataclasses.replace(first, also=(*also, kursk))


def _short(number: int, topic: str, title: str, language: str = "en") -> Telling:
    source = ("eunews", "tass", "yonhap", "euractiv")[number % 4]
    return told(
        title,
        title,
        source=source,
        owner=source,
        language=language,
        number=number,
        severity=(Severity.LOW, Severity.NORMAL, Severity.HIGH)[number % 3],
        found=[(topic, topic, title.split(maxsplit=1)[0], "exact")],
    )


def _digest(*tellings: Telling) -> Letter:
    period = (NOW - timedelta(hours=14), NOW)
    return letter("digest", *tellings, type=MessageType.DIGEST, period=period)


def letter(name: str, *tellings: Telling, **more: Any) -> Letter:
    """A letter to the desk, its id from its name."""
    values: dict[str, Any] = {"type": MessageType.OPENED, "period": None}
    return Letter(
        id=stable_id("letter", name),
        channel=DESK,
        recipient=DESK.recipients[0],
        created=NOW,
        tellings=tellings,
        **(values | more),
    )


def mails() -> dict[str, bytes]:
    """Every mail by name, those about the watch itself included."""
    since = NOW - timedelta(hours=9)
    silent = Episode(
        aspect=Aspect.ARRIVAL,
        name="yonhap-ko",
        since=since,
        opened=NOW,
        ailment=Ailment.SILENT,
        detail="usually something new within 38 minutes",
    )
    dead = Outage(
        channel="hook",
        recipient="",
        since=since,
        reason="paused",
        detail="HTTP 403 forbidden",
    )
    hook = Channel(name="hook", kind="webhook", recipients=("hook",), fallback="desk")
    pulse = Pulse(healthy=149, sources=150, alerts=12)
    rows = {
        "warning": notices.tell(Changes(opened=(silent,)), [DESK], NOW)[0],
        "dead": outages.tell([dead], {"hook": hook, "desk": DESK}, NOW)[0],
        "heartbeat": notices.beat(DESK, DESK.recipients[0], NOW, pulse, NOW),
    }
    told = {name: render(one) for name, one in letters().items()}
    return told | {name: row.payload or b"" for name, row in rows.items()}


def letters() -> dict[str, Letter]:
    """The mails about news by name, and the test message."""
    few = (
        _english(),
        _korean(),
        _follow_up(),
        _russian(),
        _short(1, "inter-korean", "Loudspeakers fall silent along the border"),
        _short(4, "inter-korean", "군사분계선 확성기 방송 중단", "ko"),
        _short(3, "dprk", "Harvest reported to be the best in ten years"),
    )
    many = [
        _short(n, tuple(TITLES)[n % 6], f"Report {n} on what was said in the capital")
        for n in range(40)
    ]
    return {
        "alert": letter("alert", _english()),
        "korean": letter("korean", _korean()),
        "russian": letter("russian", _russian()),
        "follow-up": letter("follow-up", _follow_up(), type=MessageType.UPDATED),
        "digest": _digest(*few),
        "digest-40": _digest(*many),
        "test": letter("test", type=MessageType.TEST),
    }


def halves(data: bytes) -> tuple[str, str]:
    """The plain text and the page of a mail."""
    message = email.message_from_bytes(data, policy=policy.default)
    found = (message.get_body((kind,)) for kind in ("plain", "html"))
    text, page = (
        part.get_content().replace("\r\n", "\n") if part else "" for part in found
    )
    return text, page


def main(folder: str) -> None:
    """Write every mail into the folder."""
    out = Path(folder)
    for name, data in mails().items():
        text, page = halves(data)
        (out / f"{name}.eml").write_bytes(data)
        (out / f"{name}.txt").write_text(text, encoding="utf-8")
        (out / f"{name}.html").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
