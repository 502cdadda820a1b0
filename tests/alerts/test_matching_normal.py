from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from alerts.matching import Matcher
from alerts.matching.lookalikes import repair
from alerts.matching.normal import cased, key, normalise
from alerts.model import Alias, Document, Entity, Topic

PIECES = st.sampled_from(
    [
        *("&apos;", "&amp;", "&amp;quot;", "&#x27;", "&#44032;", "&nbsp;", "&", "&x"),
        *("㈜", "ß", "ŉ", "ﬁ", "İ", "…", "Ｋ", "ﾎﾟ", "ㅎ", "각", "한국", "北"),
        *("\u200b", "\u202e", "\ufeff", "\u00ad", "\u2066", "\ufe0f"),
        *("e\u0301", "\u0301", "и\u0306", "ё", "е\u0308", "Å", "\u1112\u1161\u11ab"),
        *("經(jīng)", "平（píng）", "北(ke)"),
        *("-", "–", "—", " ", "\n\n", "\xa0", "\t", "'", "’", "・", "·"),
        *("Nоrth", "Кoрея", "EС", "а", "b", "Z", "7", ".", "𝐀", "😀", "🇰🇷"),
    ]
)
RAW = st.lists(PIECES | st.characters(exclude_categories=["Cs"]), max_size=30).map(
    "".join
)

NEEDLES = ("북한", "Straße", "㈜한화", "Северная Корея", "Kim Jong Un", "DPRK", "朝鮮")
MATCHER = Matcher.compile(
    {
        "e": Entity(
            id="e",
            kind="thing",
            aliases=tuple(Alias(text=text, boundary="none") for text in NEEDLES),
        )
    },
    {"t": Topic(name="t", title="t", query="@e OR /[a-z가-힣]{2,4}/")},
)


def spoiled(text: str) -> st.SearchStrategy[str]:
    """Ways in which a page may write the same words."""
    ways = [
        text,
        text.upper(),
        unicodedata.normalize("NFD", text),
        unicodedata.normalize("NFKD", text),
        text.replace(" ", " – "),
        text.replace(" ", "&nbsp;"),
        text.replace("р", "p").replace("е", "e"),
        "\u200b".join(text),
        "\u202e" + text + "\u202c",
        "".join(f"&#{ord(char)};" for char in text),
        "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    ]
    return st.sampled_from(ways)


@given(RAW)
@settings(max_examples=400, deadline=None)
def test_every_range_of_the_normal_form_leads_to_a_range_of_the_original(
    raw: str,
) -> None:
    """A42: entities, NFD, compatibility forms, bidi marks and look-alikes."""
    normal = normalise(raw)
    before = 0
    for position in range(len(normal.text)):
        start, end = normal.span(position, position + 1)
        assert 0 <= start < end <= len(raw)
        assert start >= before
        before = start
    assert normal.span(0, len(normal.text))[1] <= len(raw)


@given(RAW, RAW, st.sampled_from(NEEDLES).flatmap(spoiled))
@settings(max_examples=300, deadline=None)
def test_evidence_is_always_the_slice_of_the_field_it_names(
    before: str, after: str, needle: str
) -> None:
    document = Document(title=before + " " + needle, text=needle + " " + after)
    (match,) = MATCHER.match(document)
    assert {piece.entity for piece in match.evidence} >= {"e"}
    for piece in match.evidence:
        field = document.title if piece.field == "title" else document.text
        assert field[piece.start : piece.end] == piece.surface
        assert piece.surface


@given(RAW)
@settings(max_examples=200, deadline=None)
def test_the_normal_form_of_a_normal_form_is_itself(raw: str) -> None:
    plain = raw.replace("&", "")
    folded = unicodedata.normalize("NFKC", plain).casefold()
    assume(repair(folded) == folded)  # a repaired letter may attract an accent
    once = normalise(plain).text
    assert normalise(once).text == once


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Северный поток-2", "северный поток — 2"),
        ("Королёв", "КОРОЛЕВ"),
        ("Кабinет".replace("in", "ин"), "кабинет"),
        ("Iнтерфакс", "Інтерфакс"),
        ("Мocквa", "Москва"),
        ("Seоul", "Seoul"),
        ("KHДР", "КНДР"),
        ("&apos;북한&apos;", "'북한'"),
        ("ＤＰＲＫ", "dprk"),
        ("㈜한화", "(주)한화"),
        ("キム・ジョンウン", "ｷﾑ･ｼﾞｮﾝｳﾝ"),
        ("Росси\u0301я", "Россия"),
        ("Corée", "CORE\u0301E"),
        ("Straße", "STRASSE"),
        ("Yoon\u200b Suk\u2011yeol", "yoon suk yeol"),
        ("People’s", "people's"),
        ("&amp;quot;북", '"북'),
    ],
)
def test_spellings_that_read_the_same_have_one_key(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(
    "text", ["已經朝(cháo)鮮(xiǎn)說", "朝（cháo）鮮", "朝(cha\u0301o)鮮"]
)
def test_a_reading_between_han_characters_is_passed_over(text: str) -> None:
    (match,) = MATCHER.match(Document(title="", text=text))
    (piece,) = match.evidence[:1]
    assert piece.surface.startswith("朝")
    assert piece.surface.rstrip(")(xiǎn").endswith("鮮")
    assert text[piece.start : piece.end] == piece.surface


def test_what_a_bracket_says_is_kept() -> None:
    for text in ("北韓(DPRK)", "朝(北)鮮", "經(jing)", "Kim (Jīng)"):
        assert "(" in key(text)


@pytest.mark.parametrize(("one", "other"), [("US", "us"), ("EU", "Eu")])
def test_case_is_kept_where_it_counts(one: str, other: str) -> None:
    assert cased(one) != cased(other)
    assert key(one) == key(other)


def test_a_word_of_one_script_is_never_moved_to_another() -> None:
    assert key("Москва") == "москва"
    assert key("Moscow и Seoul") == "moscow и seoul"


def test_five_thousand_combining_marks_stay_cheap_and_correct() -> None:
    raw = "e" + "\u0301" * 5_000
    assert normalise(raw).span(0, 1)[0] == 0
