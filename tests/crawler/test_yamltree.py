from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.yamltree import MAX_DEPTH, MAX_NODES, YamlFault, place_of, read_tree


def read(text: str) -> object:
    return read_tree(text.encode())[0]


def fault(text: str | bytes) -> YamlFault:
    with pytest.raises(YamlFault) as caught:
        read_tree(text if isinstance(text, bytes) else text.encode())
    return caught.value


def test_scalars_follow_yaml_1_2_and_not_1_1() -> None:
    """A63: `NO` is Norway, `12:30` a time, `off` a word."""
    text = (
        "[NO, off, yes, 12:30, 08:00, 2024-01-01, 1_000, true, null, ~, 12, 0x1f, "
        "0o17, 017, -1.5, 1e3, '12', \"true\", !!str 12, .5, 1.2.3]"
    )
    assert read(text) == [
        *("NO", "off", "yes", "12:30", "08:00", "2024-01-01", "1_000"),
        *(True, None, None, 12, 31, 15, 17, -1.5, 1000.0),
        *("12", "true", "12", 0.5, "1.2.3"),
    ]


def test_a_yaml_1_1_directive_changes_no_country() -> None:
    assert read("%YAML 1.1\n---\ncountry: NO\n") == {"country": "NO"}


def test_keys_are_always_text() -> None:
    assert read("{12: a, no: b, null: c, true: d}") == {
        "12": "a",
        "no": "b",
        "null": "c",
        "true": "d",
    }


def test_an_empty_file_is_nothing() -> None:
    assert read("") is None
    assert read("# only a comment\n") is None


def test_a_byte_order_mark_is_not_part_of_the_first_key() -> None:
    assert read("\ufeffstore: x\n") == {"store": "x"}


def test_every_value_knows_its_line_and_its_file() -> None:
    data, marks = read_tree(b"a:\n  - b\n  - c: 1\n    d: |\n      x\n", file=3)
    assert data == {"a": ["b", {"c": 1, "d": "x\n"}]}
    assert isinstance(marks, tuple)
    assert isinstance(marks[1], dict)
    item = marks[1]["a"][1][1]
    assert place_of(item) == 3 << 24 | 3
    assert place_of(item[1]["d"]) == 3 << 24 | 4


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object/apply:os.system ['true']",
        "!!python/name:os.system x",
        "a: !!binary aGk=",
        "a: !custom {b: 1}",
        "a: !!set {b}",
        "a: !!int '5'",
    ],
)
def test_a_tag_is_refused_before_anything_is_built(text: str) -> None:
    """A61."""
    assert "is not allowed" in fault(text).message


def test_an_alias_bomb_is_refused_by_what_it_would_unfold_to() -> None:
    """A62."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    found = fault("\n".join(lines))
    assert f"{MAX_NODES:,} values" in found.message
    assert found.line == 6


def test_an_alias_stands_for_its_value_and_is_placed_where_it_is_used() -> None:
    data, marks = read_tree(b"a: &x {k: 1}\nb: *x\n")
    assert data == {"a": {"k": 1}, "b": {"k": 1}}
    assert isinstance(marks, tuple)
    assert isinstance(marks[1], dict)
    assert place_of(marks[1]["b"]) == 2


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "'a' stands twice, first on line 1"),
        ("a: &x [*x]\n", 1, "contains itself"),
        ("a: *nowhere\n", 1, "*nowhere is used"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a:\n  <<: {b: 1}\n", 2, "merge keys"),
        ("? [a, b]\n: c\n", 1, "a key must be text"),
        ("a: &k b\n*k : c\n", 2, "a key must be written out"),
        ("a: [1, 2\nb: 3\n", 2, "not valid YAML"),
        ("a: b: c\n", 1, "not valid YAML"),
        ("a:\n\t- b\n", 2, "not valid YAML"),
        ("a: " + "9" * 5000 + "\n", 1, "5000 digits"),
        ("a: 1e999\n", 1, "too large"),
        ("x: 1\na: \x00b\n", 2, "a character"),
        ("'" + "a" * 30, 1, "not valid YAML"),
    ],
)
def test_a_fault_is_told_with_its_line(text: str, line: int, said: str) -> None:
    """A63."""
    found = fault(text)
    assert said in found.message
    assert found.line == line


@pytest.mark.parametrize("pair", ["[]", "{}"])
def test_nesting_of_five_thousand_levels_is_one_clear_error(pair: str) -> None:
    """A63."""
    opened = ("[" if pair == "[]" else "{a: ") * 5000
    assert f"deeper than {MAX_DEPTH}" in fault(opened).message


def test_block_nesting_is_bounded_too() -> None:
    """A63."""
    text = "".join(f"{' ' * n}a:\n" for n in range(1500))
    assert "deeper" in fault(text).message


def test_bytes_that_are_not_utf_8_are_told_with_their_line() -> None:
    found = fault(b"a: 1\nb: \xe9t\xe9\n")
    assert found.line == 2
    assert "UTF-8" in found.message


def test_a_file_too_large_to_be_a_config_is_refused_unread() -> None:
    assert "larger" in fault(b"#" * (8 * 2**20 + 1)).message


# control characters need escapes in YAML that JSON does not write
_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), max_size=12
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | _TEXT,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(_TEXT, _VALUES, max_size=5), st.sampled_from([None, 2]))
def test_json_is_read_as_itself(data: dict[str, object], indent: int | None) -> None:
    """YAML 1.2 holds JSON, so json is an oracle for the builder."""
    text = json.dumps(data, ensure_ascii=False, indent=indent)
    assert read(text) == data


@settings(max_examples=150, deadline=None)
@given(st.text("ab:-[]{}&*!|>'\"#%@`,? \n\t~<\\0.x\u2028", max_size=60) | st.binary())
def test_any_text_gives_data_or_a_fault_and_nothing_else(text: str | bytes) -> None:
    """A63: no other exception leaves the reader, whatever the bytes."""
    raw = text if isinstance(text, bytes) else text.encode()
    with contextlib.suppress(YamlFault):
        read_tree(raw)
