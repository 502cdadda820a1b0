from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.decode import codec_for, to_utf8

KOREAN = "김정은 위원장이 러시아 대사를 만나 양국의 협력을 논의했다고 통신이 전했다"
CP949 = "똠방각하와 펲시맨이 평양에서 만났다고 통신이 전했다, 쌰쌰"
RUSSIAN = "Президент прибыл в Пхеньян для переговоров о сотрудничестве двух стран"
UKRAINIAN = "Військові заявили про нові удари в Курській області, її мешканці їдуть"
FRENCH = "Le président à l'Élysée: «coopération» très élargie, où ça? Là-bas"
CHINESE = "中国外交部发言人就朝鲜半岛局势回答记者提问时表示各方应保持冷静"
JAPANESE = "北朝鮮の兵士がロシアに派遣されたと韓国の情報機関が発表しました"


def feed(text: str, declared: str | None = None) -> str:
    declaration = f' encoding="{declared}"' if declared else ""
    item = (
        f"<item><title>{text}</title><description>{text}. {text}!</description></item>"
    )
    channel = f'<rss version="2.0"><channel>{item}</channel></rss>'
    return f'<?xml version="1.0"{declaration}?>{channel}'


def one_bad_byte(text: str) -> bytes:
    body = feed(text, "utf-8").encode()
    return body.replace(b"<description>", b"<description>\xff", 1)


HTTP = "text/xml; charset="
MATRIX = {
    "utf-8 declared": (KOREAN, feed(KOREAN, "utf-8").encode(), None),
    "utf-8 undeclared": (KOREAN, feed(KOREAN).encode(), None),
    "utf-8 with BOM": (RUSSIAN, codecs.BOM_UTF8 + feed(RUSSIAN).encode(), None),
    "utf-8 with one bad byte": (RUSSIAN, one_bad_byte(RUSSIAN), None),
    "utf-8 with one bad byte, header cp1251": (
        RUSSIAN,
        one_bad_byte(RUSSIAN * 9),
        HTTP + "windows-1251",
    ),
    "utf-8 declared windows-1251": (
        RUSSIAN,
        feed(RUSSIAN, "windows-1251").encode(),
        None,
    ),
    "utf-8 declared latin-1 in the header": (
        KOREAN,
        feed(KOREAN).encode(),
        HTTP + "iso-8859-1",
    ),
    "euc-kr declared": (KOREAN, feed(KOREAN, "euc-kr").encode("euc-kr"), None),
    "euc-kr declared, CP949 letters": (
        CP949,
        feed(CP949, "euc-kr").encode("cp949"),
        None,
    ),
    "ks_c_5601-1987 declared": (
        CP949,
        feed(CP949, "ks_c_5601-1987").encode("cp949"),
        None,
    ),
    "cp949 declared": (CP949, feed(CP949, "cp949").encode("cp949"), None),
    "euc-kr header only": (KOREAN, feed(KOREAN).encode("euc-kr"), HTTP + "EUC-KR"),
    "euc-kr undeclared": (KOREAN, feed(KOREAN).encode("euc-kr"), None),
    "euc-kr declared utf-8": (KOREAN, feed(KOREAN, "utf-8").encode("euc-kr"), None),
    "windows-1251 declared": (
        RUSSIAN,
        feed(RUSSIAN, "windows-1251").encode("cp1251"),
        None,
    ),
    "windows-1251 header only": (
        UKRAINIAN,
        feed(UKRAINIAN).encode("cp1251"),
        HTTP + "cp1251",
    ),
    "windows-1251 undeclared": (RUSSIAN, feed(RUSSIAN).encode("cp1251"), None),
    "windows-1251 declared, header latin-1": (
        RUSSIAN,
        feed(RUSSIAN, "windows-1251").encode("cp1251"),
        HTTP + "ISO-8859-1",
    ),
    "koi8-r declared": (RUSSIAN, feed(RUSSIAN, "koi8-r").encode("koi8-r"), None),
    "koi8-r undeclared": (RUSSIAN, feed(RUSSIAN).encode("koi8-r"), None),
    "latin-1 declared": (FRENCH, feed(FRENCH, "iso-8859-1").encode("latin-1"), None),
    "latin-1 header only": (FRENCH, feed(FRENCH).encode("latin-1"), HTTP + "latin1"),
    "latin-1 undeclared": (FRENCH, feed(FRENCH).encode("latin-1"), None),
    "latin-1 declared, C1 quotes": (
        "“Où?”",
        feed("“Où?”", "iso-8859-1").encode("cp1252"),
        None,
    ),
    "gb2312 declared, GBK letters": (
        CHINESE,
        feed(CHINESE, "gb2312").encode("gbk"),
        None,
    ),
    "shift_jis declared": (JAPANESE, feed(JAPANESE, "shift_jis").encode("cp932"), None),
    "iso-2022-jp declared": (
        JAPANESE,
        feed(JAPANESE, "iso-2022-jp").encode("iso2022_jp"),
        None,
    ),
    "utf-16 with BOM": (KOREAN, feed(KOREAN, "utf-16").encode("utf-16"), None),
    "utf-16be with BOM": (
        RUSSIAN,
        codecs.BOM_UTF16_BE + feed(RUSSIAN, "utf-16").encode("utf-16-be"),
        None,
    ),
    "utf-16le without BOM": (KOREAN, feed(KOREAN, "utf-16").encode("utf-16-le"), None),
    "utf-16be without BOM": (KOREAN, feed(KOREAN).encode("utf-16-be"), None),
    "utf-32 with BOM": (KOREAN, feed(KOREAN).encode("utf-32"), None),
    "ascii declared utf-16": (
        "Kim in Kursk",
        feed("Kim in Kursk", "utf-16").encode(),
        None,
    ),
    "unknown label": (KOREAN, feed(KOREAN, "x-nonsense").encode("euc-kr"), None),
    "declaration after blank lines": (
        RUSSIAN,
        b"\n\n " + feed(RUSSIAN, "windows-1251").encode("cp1251"),
        None,
    ),
}


@pytest.mark.parametrize("case", MATRIX)
def test_the_encoding_matrix_gives_the_title_back(case: str) -> None:
    """A41, CRAWLING 3.2 and 3.4."""
    title, body, content_type = MATRIX[case]
    text = to_utf8(body, content_type).decode("utf-8")
    assert f"<title>{title}" in text
    assert not text.startswith("<?xml")


def test_the_matrix_survives_the_feed_parser_too() -> None:
    """A41: the right title also comes out of the whole chain."""
    from crawler.feeds import parse_feed

    for case, (title, body, content_type) in MATRIX.items():
        (entry,) = parse_feed(
            body,
            url="https://feeds.example/rss",
            content_type=content_type,
            timezone="UTC",
            language="ko",
        )
        assert entry.title.startswith(title), case


def test_controls_and_noncharacters_are_taken_out() -> None:
    """A41: NUL, noncharacters, what XML 1.0 forbids."""
    body = "<a>x\x00\x08y\ufffe\uffff\tz\n</a>".encode()
    assert to_utf8(body, None) == b"<a>xy\tz\n</a>"


def test_overlong_utf8_becomes_a_replacement_character_not_a_slash() -> None:
    """A41."""
    text = to_utf8("<a>북한 평양 서울".encode() + b"\xc0\xaf</a>", None).decode()
    assert text.startswith("<a>북한 평양 서울\ufffd")
    assert "/" not in text.removesuffix("</a>")


def test_utf7_and_escape_codecs_are_never_used() -> None:
    """A28: +ADw- must not turn into a tag."""
    body = b"<a>+ADw-script+AD4- \\u003c</a>"
    assert to_utf8(body, "text/xml; charset=utf-7") == body
    assert to_utf8(body, "text/xml; charset=unicode_escape") == body
    for label in ("utf-7", "idna", "punycode", "unicode_escape", "rot13", "base64", ""):
        assert codec_for(label) is None


def test_html_is_read_by_its_meta_charset() -> None:
    page = f'<html><head><meta charset="euc-kr"></head><body>{KOREAN}</body></html>'
    assert KOREAN in to_utf8(page.encode("cp949"), "text/html").decode()


@given(
    st.binary(max_size=400),
    st.sampled_from([None, "text/xml; charset=euc-kr", "x;charset=\x00"]),
)
def test_any_bytes_become_clean_utf8(body: bytes, content_type: str | None) -> None:
    """A41: never an exception, never a control character."""
    text = to_utf8(body, content_type).decode("utf-8")
    assert not set(text) & {"\x00", "\x07", "\x1b", "\ufffe", "\uffff"}
