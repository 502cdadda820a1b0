"""From a feed of any charset and spelling to the letter that tells of it (A41, A42)."""

from __future__ import annotations

import email
import email.policy
import json
import unicodedata
from typing import TYPE_CHECKING

from tests.servers.http import Reply, serve
from tests.vedette.lab import rss

if TYPE_CHECKING:
    from tests.vedette.lab import Lab

KOREAN = "똠방각하와 펲시맨이 평양에서 회담했다고 통신이 보도했다"
RUSSIAN = "Президент прибыл в Пхеньян для переговоров о сотрудничестве"
FEEDS = {
    # path: title, codec of the feed
    "cp949": (KOREAN, "cp949"),
    "koi8": (RUSSIAN, "koi8-r"),
    "utf16": ("Аэропорт Владивостока закрыт из-за тумана до утра", "utf-16-le"),
    "full": ("Ａ ｆｅｒｒｙ ran aground at Colne on Monday night", "utf-8"),
    "nfd": (unicodedata.normalize("NFD", "Zürich votes on its trams again"), "utf-8"),
    "zero": ("Dock work\u200bers of Inver walked out over their pay", "utf-8"),
    "alike": ("The lighth\u043euse of Jura goes dark for repairs", "utf-8"),
}
WORDS = ("평양", "Пхеньян", "Владивостока", "ferry", "Zürich", "workers", "lighthouse")
# A first poll sends one message a topic.
TOPICS = "topics:\n" + "".join(
    f"  t{n}: {{title: T, query: {word}}}\n" for n, word in enumerate(WORDS)
)


def feeds() -> dict[str, Reply]:
    made = {}
    for name, (title, codec) in FEEDS.items():
        text = rss({"title": title, "slug": name}).decode()
        declared = text.replace("UTF-8", codec.removesuffix("-le"))
        made[f"/{name}"] = Reply(body=declared.encode(codec))
    return made


def test_titles_of_every_charset_match_and_are_told_as_they_were(lab: Lab) -> None:
    """A41, A42: in the subject, the plain text, the HTML and the JSON of an alert."""
    with serve(feeds(), host="0.0.0.0") as site:
        sources = "".join(
            f"  {name}: {{kind: feed, url: {url}, article: never}}\n"
            for n, name in enumerate(FEEDS, 1)
            for url in [site.url(f"/{name}", host=f"127.4.1.{n}")]
        )
        lab.write(TOPICS, sources=sources)
        lab.run("once")
    told = {json.loads(m.body)["data"]["item"]["title"] for m in lab.hook.messages}
    assert told == {title for title, _ in FEEDS.values()}
    mails = [
        email.message_from_bytes(mail.content, policy=email.policy.default)
        for mail in lab.post.mails
    ]
    for title, _ in FEEDS.values():
        (mail,) = [mail for mail in mails if title in str(mail["Subject"])]
        for kind in ("plain", "html"):
            part = mail.get_body((kind,))
            assert part is not None
            assert title in part.get_content()
