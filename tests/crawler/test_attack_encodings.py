"""Charsets, code points and strings that break programs, up to the stored item."""

from __future__ import annotations

import codecs
import html
import json
from typing import TYPE_CHECKING

import pytest

from crawler.items import ArticlePolicy, Harvest, Kind, ListingRules
from tests.crawler.desk import Desk, Start, entry, feed, rss
from tests.servers.http import Reply, Server

if TYPE_CHECKING:
    from crawler.items import Item

KOREAN = "김정은 위원장이 러시아 대사를 만나 양국의 협력을 논의했다"
WIDER = "똠방각하와 펲시맨이 평양에서 만났다고 통신이 전했다"
RUSSIAN = "Президент прибыл в Пхеньян для переговоров о сотрудничестве"
SENTENCES = " ".join([RUSSIAN] * 12)

CHARSETS = {
    # declared label, codec of the bytes, title, byte order mark
    "utf-8": ("utf-8", "utf-8", KOREAN, b""),
    "utf-8 with a BOM": ("utf-8", "utf-8", RUSSIAN, codecs.BOM_UTF8),
    "utf-8 that says euc-kr, with a BOM": ("euc-kr", "utf-8", KOREAN, codecs.BOM_UTF8),
    "utf-8 that says windows-1251": ("windows-1251", "utf-8", KOREAN, b""),
    "euc-kr": ("euc-kr", "euc_kr", KOREAN, b""),
    "euc-kr with letters of cp949": ("euc-kr", "cp949", WIDER, b""),
    "euc-kr that says utf-8": ("utf-8", "euc_kr", KOREAN, b""),
    "windows-1251": ("windows-1251", "cp1251", RUSSIAN, b""),
    "koi8-r": ("koi8-r", "koi8-r", RUSSIAN, b""),
    "utf-16": ("utf-16", "utf-16", KOREAN, b""),
    "utf-16 without a BOM": ("utf-16", "utf-16-le", RUSSIAN, b""),
    "utf-16, big end, without a BOM": ("utf-16", "utf-16-be", RUSSIAN, b""),
}


def document(kind: Kind, title: str, label: str, link: str) -> str:
    declared = f'<?xml version="1.0" encoding="{label}"?>'
    if kind is Kind.LISTING:
        return (
            f'<html><head><meta charset="{label}"><title>{title}</title></head><body>'
            f"<ul><li><a href='{link}'>{title}</a></li></ul></body></html>"
        )
    if kind is Kind.SITEMAP:
        return (
            f"{declared}<urlset xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>"
            f"<url><loc>{link}</loc><n:news><n:title>{title}</n:title></n:news></url>"
            "</urlset>"
        )
    return declared + rss(entry(link, title=title)).decode().partition("?>")[2]


def poll(desk: Desk, site: Server, kind: Kind) -> Harvest:
    rules = ListingRules(item="li") if kind is Kind.LISTING else None
    return desk.poll(feed(site, kind=kind, listing=rules))


@pytest.mark.parametrize("kind", [Kind.FEED, Kind.LISTING, Kind.SITEMAP])
@pytest.mark.parametrize("case", CHARSETS)
def test_a_title_comes_out_of_every_charset_and_kind(
    desk: Desk, site_of: Start, case: str, kind: Kind
) -> None:
    """A41: declared rightly, wrongly, by a BOM, by nothing but its looks."""
    label, codec, title, bom = CHARSETS[case]
    body = bom + document(kind, title, label, "/a").encode(codec)
    (item,) = poll(desk, site_of({"/feed": Reply(body=body)}), kind).items
    assert item.title == title


@pytest.mark.parametrize("header", ["iso-8859-1", "utf-8", "x-none", '"', "utf-7"])
def test_a_header_that_is_wrong_loses_no_title(
    desk: Desk, site_of: Start, header: str
) -> None:
    """A41: servers that add one charset to everything."""
    headers = {"Content-Type": f"text/xml; charset={header}"}
    for label, codec, title in (
        ("windows-1251", "cp1251", RUSSIAN),
        ("euc-kr", "cp949", WIDER),
        ("utf-8", "utf-8", KOREAN),
    ):
        body = document(Kind.FEED, title, label, "/a").encode(codec)
        site = site_of({"/feed": Reply(body=body, headers=headers)})
        (item,) = desk.poll(feed(site)).items
        assert item.title == title


def test_the_page_behind_is_read_in_its_own_charset(desk: Desk, site_of: Start) -> None:
    """A41."""
    page = (
        "<html><head><meta charset=koi8-r></head><body><article>"
        f"<h1>{RUSSIAN}</h1><p>{SENTENCES}</p></article></body></html>"
    )
    routes = {
        "/feed": Reply(body=rss(entry("/a", title="Reise"))),
        "/a": Reply(body=page.encode("koi8-r"), headers={"Content-Type": "text/html"}),
    }
    site = site_of(routes)
    (item,) = desk.poll(feed(site, article=ArticlePolicy.ALWAYS)).items
    assert RUSSIAN in item.text


POISON = {
    "overlong slash": b"\xc0\xaf",
    "overlong NUL": b"\xc0\x80",
    "a surrogate in bytes": b"\xed\xa0\x80",
    "two surrogates in bytes": b"\xed\xa0\xbd\xed\xb8\x80",
    "beyond Unicode": b"\xf4\x90\x80\x80",
    "five bytes": b"\xf8\x88\x80\x80\x80",
    "NUL": b"\x00",
    "noncharacters": "\ufffe\uffff\ufdd0\U0001ffff".encode(),
    "surrogate references": b"&#xD800;&#xDC00;&#55296;",
    "references beyond Unicode": b"&#99999999999;&#x110000;&#x0FFFFFFFF;",
    "references escaped twice": b"&amp;#xD800;&amp;#99999999999;",
    "NUL references": b"&#0;&#x0;&#8;&#x1b;&#x9b;",
    "bidi": "\u202e\u2066\u2069\u202c".encode(),
    "C1": "\x85\x9b\x90".encode(),
    "line ends": "\u2028\u2029\x0b\x0c\r\n".encode(),
    "a BOM inside": "\ufeff".encode(),
}
BANNED = {
    *map(chr, range(32)),
    *map(chr, range(127, 160)),
    "\u202e",
    "\u2066",
    "\ufeff",
}


def sound(item: Item) -> None:
    """Every text of the item can be stored, sent and shown on one line."""
    for line in (item.title, item.guid or "", item.url or "", *item.authors):
        line.encode("utf-8")
        assert not BANNED & set(line)
        assert not {"\u2028", "\u2029", "\ufffe", "\uffff"} & set(line)
    json.dumps([item.title, item.text, item.summary], ensure_ascii=False).encode()
    assert not (BANNED - {"\n"}) & set(item.text + item.summary)


@pytest.mark.parametrize("case", POISON)
def test_no_poisonous_code_point_reaches_an_item(
    desk: Desk, site_of: Start, case: str
) -> None:
    """A33, A41: in every field of an entry; what stands around it stays."""
    bad = b"be" + POISON[case] + b"fore"
    body = rss(
        f"<title>{KOREAN}</title>" * 5,  # one bad byte in ten does not make it Latin
        "<item><title>@@ 북한 평양</title><link>/a</link><guid>@@</guid>"
        "<author>@@ (@@)</author><category>@@</category><description>@@</description>"
        "</item>",
    ).replace(b"@@", bad)
    (item,) = desk.poll(feed(site_of({"/feed": Reply(body=body)}))).items
    sound(item)
    assert item.title.startswith("be")
    assert item.title.endswith("fore 북한 평양")


def test_no_poisonous_code_point_reaches_an_item_of_json(
    desk: Desk, site_of: Start
) -> None:
    """A41: JSON can say what XML forbids."""
    bad = "be\ud800\x00\x1b\u202e\ufffe\u2028fore"
    one = {"id": bad, "title": bad, "content_text": bad, "authors": [{"name": bad}]}
    document = {"version": "https://jsonfeed.org/version/1.1", "items": [one]}
    body = json.dumps(document).encode()
    (item,) = desk.poll(feed(site_of({"/feed": Reply(body=body)}))).items
    sound(item)
    assert item.title in {"before", "be fore"}


# Ours, after the kinds of the big list of naughty strings.
NAUGHTY = (
    *("undefined", "null", "None", "NaN", "true", "-0", "1e1000", "0x7f", "007"),
    *("' OR 1=1 --", '"; DROP TABLE item; --', "${jndi:ldap://x}", "{{7*7}}", "%s%n"),
    *("../../etc/passwd", "C:\\CON", "`id`", "$(id)", "|| id", "=cmd()", "@SUM(1)"),
    *("北朝鮮・平壌", "عاجل: بيونغ يانغ", "ק״ם ג׳ונג און", "สวัสดี", "🇰🇵👩‍👩‍👧🏽"),
    *("Z̶̡̛a̷͘l̸͝g̵̛o̶͘", "ﷺ", "ß ſ İ ı ŉ", "Ⅷ ½ ﬁ ﷽", "𝕂𝕚𝕞 𝖪𝗂𝗆", "К\u0456м", "Kim\u200bJong"),
    *("<3 hearts", "a < b > c", "AT&T", "&", "]]>", "<속보> 평양", "\\u0000", "\\"),
)


@pytest.mark.parametrize("naughty", NAUGHTY)
def test_a_naughty_string_is_a_title_like_any_other(
    desk: Desk, site_of: Start, naughty: str
) -> None:
    """A42, A43: as title, author, tag and text, as it was."""
    said = html.escape(html.escape(naughty))  # titles of RSS are markup
    body = rss(
        f"<item><title>{said}</title><link>/a</link><guid>{said}</guid>"
        f"<author>{said}</author><category>{said}</category>"
        f"<description>{said}</description></item>",
        f"<item><title><![CDATA[{html.escape(naughty)}]]></title><link>/b</link></item>",
    )
    one, two = desk.poll(feed(site_of({"/feed": Reply(body=body)}))).items
    assert one.title == two.title == one.text == " ".join(naughty.split())
    sound(one)
