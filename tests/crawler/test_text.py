from __future__ import annotations

import json
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import crawler.text
from crawler.text import ELLIPSIS, clean_line, clean_text, one_line, plain_text

BLNS = Path(__file__).parents[2].parent / "shared" / "data" / "badinput" / "blns"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        (
            "<p>Hello <b>you</b>\nthere</p><p>two<br/>three",
            "Hello you there\n\ntwo\nthree",
        ),
        ("AT&amp;T &lt; x", "AT&T < x"),
        ("AT&amp;amp;T", "AT&amp;T"),
        ("<p>AT&amp;amp;T</p>", "AT&amp;T"),
        ("<속보> 북한 <b>미사일</b>", "<속보> 북한 미사일"),
        ("if x < y then", "if x < y then"),
        ("I <3 news", "I <3 news"),
        ("a <unknown> b", "a <unknown> b"),
        ("x <script>alert('<b>')</script> y", "x y"),
        ("x <style>p{}</style><!-- no -->y", "x y"),
        ("<![CDATA[inside]]> out", "inside out"),
        ("lost <script> kept", "lost kept"),
        ("lost <!-- kept", "lost kept"),
        ("one\n\n\n\ntwo", "one\n\ntwo"),
        ("<a title='a > b' href=\"x\">link</a>", "link"),
        ("<td>1</td><td>2</td>", "1 2"),
        ("<pre>a\nb</pre>", "a\nb"),
        ('cut <p onclick="', 'cut <p onclick="'),
        ("&#99999999999; &#xD800; &nosuch;", "\ufffd \ufffd &nosuch;"),
    ],
)
def test_markup_becomes_what_a_reader_sees(markup: str, text: str) -> None:
    """A33, A48 among them."""
    assert plain_text(markup, limit=1000) == text


FRAGMENTS = """
<p> </p> <br/> <b> </b> <td> <foo> </foo> <pre> </pre> <script> </script> <!-- -->
<![CDATA[ ]]> <?x?> &amp; & amp; &lt; < > <a'b>c'> word
"""
SPACED = ["<P\n>", "<a\thref='x>y'>", '<a\thref=">">', " ", "\n", "\r\n", "\xa0"]


@given(st.lists(st.sampled_from([*FRAGMENTS.split(), *SPACED])))
def test_the_quick_way_through_markup_leads_where_the_other_does(
    pieces: list[str],
) -> None:
    markup = "".join(pieces)
    assert crawler.text._strip_ordinary(markup) in {
        None,
        crawler.text._strip_any(markup),
    }


def test_what_blogs_write_takes_the_quick_way() -> None:
    markup = "<P>one <a href='x'>two</a> &amp; three<br/>\n</P>"
    assert crawler.text._strip_ordinary(markup) == "\none two & three\n \n"


def test_what_cannot_be_seen_and_harms_is_removed_the_rest_is_kept() -> None:
    """A41, A45: bidi overrides, NUL, ESC, surrogates, noncharacters, line ends."""
    raw = "김\u202e정\x00은\x1b[31m\ufeff\ud800\ufdd0\U0001fffe a\u2028b\x85c\x0bd\re"
    assert clean_text(raw, limit=100) == "김정은[31m a\nb\nc\nd\ne"
    assert clean_line(raw, limit=100) == "김정은[31m a b c d e"


def test_code_points_are_kept_as_published() -> None:
    """A42: NFD, full-width, zero-width and look-alikes stay; matching folds them."""
    raw = unicodedata.normalize("NFD", "김정은 Ü") + " ＤＰＲＫ Ki\u200bm К\u200fИ"
    assert one_line(raw, limit=100) == raw


def test_the_spaces_of_a_title_are_its_authors() -> None:
    title = "«\xa0Oui\xa0» \u3000 dit-il"
    assert one_line(f" {title}\xa0\n", limit=100) == "«\xa0Oui\xa0» dit-il"
    assert one_line("一時調査\u3000巨大地震", limit=100) == "一時調査\u3000巨大地震"
    assert one_line("one \xa0two\t three", limit=100) == "one two three"


def test_a_header_injection_keeps_its_words_but_not_its_lines() -> None:
    """A44: breaking ``=?`` is the renderer's work, the stored title is the source's."""
    raw = "=?utf-8?q?a=0d=0aBcc:_x?=\r\nBcc: y"
    assert one_line(raw, limit=100) == "=?utf-8?q?a=0d=0aBcc:_x?= Bcc: y"


def test_a_long_text_ends_in_a_marker_within_its_limit() -> None:
    """A30, A32."""
    cut = plain_text("word " * 1_000_000, limit=5000)
    assert len(cut) <= 5000
    assert cut.endswith("word" + ELLIPSIS)
    assert one_line("x" * 500, limit=500) == "x" * 500


@pytest.mark.parametrize(
    "unit",
    [
        "<",
        "<script>",
        "<a ",
        "<!--",
        "&",
        '<a "',
        "<p>",
        "<a x='>' ",
        "\"'",
        "]]>",
        "</",
    ],
)
def test_hostile_markup_costs_linear_time(unit: str) -> None:
    """A29: a megabyte of each; 0.1 s here, 5 s is the promise."""
    started = time.perf_counter()
    plain_text(unit * (1_000_000 // len(unit)), limit=1000)
    assert time.perf_counter() - started < 5


@given(st.text(max_size=200), st.integers(min_value=1, max_value=50))
def test_any_text_comes_out_clean_and_short(raw: str, limit: int) -> None:
    """A41."""
    for text in (plain_text(raw, limit=limit), one_line(raw, limit=limit)):
        assert len(text) <= limit
        text.encode("utf-8")
        assert not {"\x00", "\r", "\x1b", "\u202e"} & set(text)
    assert "\n" not in one_line(raw, limit=limit)


@pytest.mark.corpus
@pytest.mark.skipif(not BLNS.is_dir(), reason=f"{BLNS} is absent")
def test_naughty_strings_survive_as_titles() -> None:
    """A43."""
    strings = json.loads((BLNS / "blns.json").read_text(encoding="utf-8"))
    assert len(strings) > 400
    for raw in strings:
        line = one_line(raw, limit=500)
        line.encode("utf-8")
        assert "\n" not in line
        if raw.strip() and "<" not in raw and "&" not in raw and raw.isprintable():
            assert line == " ".join(raw.split())
