from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.configfile import did_you_mean, load_document
from crawler.errors import ConfigError
from crawler.overlay import Layer, join, lay_over
from crawler.packfiles import pack_names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write(folder: Path, **files: str) -> Path:
    """Files by name (`_` before the ending); gives config.yaml."""
    for name, text in files.items():
        path = folder / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / "config.yaml"


def problems(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_document(path)
    return [str(each) for each in caught.value.problems]


def test_an_including_entry_is_laid_over_key_by_key(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        config=(
            "include: [more.yaml]\n"
            "topics:\n"
            "  kursk: {alert: off, any: [z]}\n"
            "  gone: null\n"
            "  new: {query: n}\n"
        ),
        more=(
            "topics:\n"
            "  kursk: {query: q, any: [x, y], scope: {tags: [a], sources: [b]}}\n"
            "  gone: {query: g}\n"
            "  kept: {query: k}\n"
        ),
    )
    assert load_document(path).data == {
        "topics": {
            "kursk": {
                "query": "q",
                "any": ["z"],
                "scope": {"tags": ["a"], "sources": ["b"]},
                "alert": "off",
            },
            "kept": {"query": "k"},
            "new": {"query": "n"},
        }
    }


def test_null_inside_an_entry_gives_back_the_default(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        config="include: more.yaml\nsources: {a: {owner: null, tags: null}}\n",
        more="sources: {a: {url: u, owner: o}}\n",
    )
    assert load_document(path).data == {"sources": {"a": {"url": "u"}}}


def test_a_secret_from_elsewhere_replaces_the_whole_secret(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        config="include: more.yaml\nchannels: {a: {password: {file: f}}}\n",
        more="channels: {a: {kind: email, password: {env: E}}}\n",
    )
    channel = load_document(path).data["channels"]["a"]
    assert channel == {"kind": "email", "password": {"file": "f"}}


def test_an_emptied_section_removes_nothing(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        config="include: more.yaml\ntopics:\n#  mine: {query: x}\n",
        more="topics: {kursk: {query: q}}\n",
    )
    assert load_document(path).data == {"topics": {"kursk": {"query": "q"}}}


def test_the_same_name_in_two_included_files_is_an_error(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        config="include: [one.yaml, two.yaml]\n",
        one="topics:\n  a: {query: q}\nweb: {listen: x}\n",
        two="\n\ntopics:\n  a: {query: q}\n  b: {query: q}\nweb: {listen: x}\n",
    )
    beside = "which is included beside it"
    assert problems(path) == [
        f"{tmp_path}/two.yaml:4: topics.a: also set by one.yaml:2, {beside}",
        f"{tmp_path}/two.yaml:6: web: also set by one.yaml:3, {beside}",
    ]


def test_a_null_that_removes_nothing_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path, config="topics:\n  kursk:\n  b: {query: q}\n")
    (said,) = problems(path)
    assert said.startswith(f"{path}:2: topics.kursk: the entry is empty")


def test_a_glob_includes_in_order_of_names_and_each_file_once(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        **{
            "config": "include: [conf.d/*.yaml, conf.d/b.yaml, config.yaml]\n",
            "conf.d/a": "sources: {a: {}}\n",
            "conf.d/b": "sources: {b: {}}\n",
        },
    )
    document = load_document(path)
    assert list(document.data["sources"]) == ["a", "b"]
    names = [each.name for each in document.files]
    assert names == ["config.yaml", "a.yaml", "b.yaml"]


def test_a_glob_that_matches_nothing_is_only_remarked(tmp_path: Path) -> None:
    path = write(tmp_path, config="include: [conf.d/*.yaml]\n")
    (note,) = load_document(path).notes
    assert note.message == "no file matches conf.d/*.yaml"
    assert note.line == 1


@pytest.mark.parametrize(
    "entry", ["/etc/hostname", "../x.yaml", "a/../../x.yaml", "~/x", "**/../*.yaml"]
)
def test_an_include_outside_of_the_folder_is_refused(
    tmp_path: Path, entry: str
) -> None:
    """A64."""
    (said,) = problems(write(tmp_path, config=f'include: ["{entry}"]\n'))
    assert "inside the config file's folder" in said


@pytest.mark.parametrize("entry", ["link.yaml", "l*.yaml"])
def test_a_link_out_of_the_folder_is_refused(tmp_path: Path, entry: str) -> None:
    """A64."""
    outside = tmp_path / "secret.yaml"
    outside.write_text("sources: {}\n")
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "link.yaml").symlink_to(outside)
    (said,) = problems(write(folder, config=f"include: [{entry}]\n"))
    assert "leads out of the config file's folder" in said


def test_a_config_folder_that_is_itself_a_link_works(tmp_path: Path) -> None:
    """Config maps of containers are links."""
    write(tmp_path / "real", config="include: [a.yaml]\n", a="sources: {a: {}}\n")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    document = load_document(tmp_path / "link" / "config.yaml")
    assert document.data == {"sources": {"a": {}}}
    assert document.folder == tmp_path / "link"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("missing.yaml", "missing.yaml cannot be read: No such file or directory"),
        ("folder", "folder cannot be read: not a regular file"),
        ("pipe", "pipe cannot be read: not a regular file"),
        ("pack:eu-korea-rusia", "Did you mean eu-korea-russia?"),
        ("pack:../x", "there is no pack '..'"),
        ("pack:eu-korea-russia/channels", "expected pack:eu-korea-russia/sources"),
        ("12", "expected pack:NAME or a relative file name"),
    ],
)
def test_an_include_that_leads_nowhere_is_told_at_its_line(
    tmp_path: Path, entry: str, said: str
) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    path = write(tmp_path, config=f"store: x\ninclude:\n  - {entry}\n")
    (problem,) = problems(path)
    assert said in problem
    assert problem.startswith(f"{path}:3: include.0: ")


def test_every_broken_file_is_told_at_once(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        config="include: [one.yaml, two.yaml, three.yaml]\n",
        one="a: 1\na: 2\n",
        two="- just\n- a list\n",
        three="a: !!python/name:os.system x\n",
    )
    one, two, three = problems(path)
    assert one.startswith(f"{tmp_path}/one.yaml:2: the key 'a' stands twice")
    assert two == f"{tmp_path}/two.yaml:1: expected keys such as `sources:` at the top"
    assert three.startswith(f"{tmp_path}/three.yaml:1: the tag !!python/name")


def test_a_missing_config_file_is_a_config_error(tmp_path: Path) -> None:
    (said,) = problems(tmp_path / "config.yaml")
    assert said.endswith("config.yaml: cannot be read: No such file or directory")


def test_a_value_is_placed_in_the_file_that_set_it(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        config="include: more.yaml\ntopics:\n  a:\n    threshold: 60\n",
        more="topics:\n  a:\n    query: q\n    any:\n      - {query: x, points: 1}\n",
    )
    document = load_document(path)
    more = str(tmp_path / "more.yaml")
    assert document.place(("topics", "a", "threshold")) == (str(path), 4)
    assert document.place(("topics", "a", "query")) == (more, 3)
    assert document.place(("topics", "a", "any", 0, "points")) == (more, 5)
    assert document.place(("topics", "a", "any", 7, "points")) == (more, 4)
    assert document.place(("topics", "a", "title")) == (str(path), 3)
    assert document.place(("nothing",)) == (str(path), 0)


def test_the_version_changes_with_any_byte_of_any_file(tmp_path: Path) -> None:
    """I14: an alert names the config version it was matched under."""
    path = write(tmp_path, config="include: more.yaml\n", more="sources: {a: {}}\n")
    first = load_document(path).digest
    assert load_document(path).digest == first
    write(tmp_path, more="sources: {a: {}}\n# a remark\n")
    assert load_document(path).digest != first


def test_a_file_that_everyone_may_change_is_remarked(tmp_path: Path) -> None:
    """A64: a warning only, bind mounts are common."""
    path = write(tmp_path, config="sources: {}\n")
    path.chmod(0o644)
    assert load_document(path).notes == ()
    path.chmod(0o666)
    (note,) = load_document(path).notes
    assert note.file == str(path)
    assert note.message == "everyone on this machine may change this file"


def test_the_shipped_pack_is_known_by_name() -> None:
    assert "eu-korea-russia" in pack_names()


def test_a_near_word_is_proposed_and_a_far_one_is_not() -> None:
    assert (
        did_you_mean("treshold", ["threshold", "title"]) == " Did you mean threshold?"
    )
    assert did_you_mean("Title", ["threshold", "title"]) == " Did you mean title?"
    assert did_you_mean("xyz", ["threshold", "title"]) == ""
    assert did_you_mean("x", []) == ""


# --- the law of overlaying -------------------------------------------------------


def layer(data: Mapping[str, object]) -> Layer:
    def marks(value: object) -> object:
        if isinstance(value, dict):
            return 1, {key: marks(part) for key, part in value.items()}
        if isinstance(value, list):
            return 1, [marks(part) for part in value]
        return 1

    found = marks(data)
    assert isinstance(found, tuple)
    return Layer(dict(data), found)


def shape(marks: object) -> object:
    children = marks[1] if isinstance(marks, tuple) else None
    if isinstance(children, dict):
        return {key: shape(part) for key, part in children.items()}
    if isinstance(children, list):
        return [shape(part) for part in children]
    return None


def bare(data: object) -> object:
    if isinstance(data, dict):
        return {key: bare(part) for key, part in data.items()}
    if isinstance(data, list):
        return [bare(part) for part in data]
    return None


_SCALARS = st.sampled_from(["x", 1, True])
_ENTRY = st.dictionaries(
    st.sampled_from("kqtz"),
    st.recursive(
        _SCALARS | st.lists(_SCALARS, max_size=2),
        lambda inner: st.dictionaries(st.sampled_from("kqtz"), inner, max_size=3),
        max_leaves=6,
    ),
    max_size=3,
)
_FILES = st.dictionaries(
    st.sampled_from(["topics", "sources"]),
    st.dictionaries(st.sampled_from("abc"), _ENTRY, max_size=3),
)


@given(_FILES, _FILES)
def test_marks_keep_the_shape_of_the_data_they_place(
    below: dict[str, object], above: dict[str, object]
) -> None:
    merged = lay_over(layer(below), layer(above))
    assert shape(merged.marks) == bare(merged.data)


@given(_FILES)
def test_laying_a_file_over_itself_or_over_nothing_changes_nothing(
    data: dict[str, object],
) -> None:
    assert lay_over(layer(data), layer(data)).data == data
    assert lay_over(layer({}), layer(data)).data == data
    assert lay_over(layer(data), layer({})).data == data


@given(_FILES)
def test_a_file_beside_itself_clashes_on_every_name(
    data: dict[str, dict[str, object]],
) -> None:
    _, clashes = join([layer(data), layer(data)])
    names = {(section, name) for section, names in data.items() for name in names}
    assert {clash.path for clash in clashes} == names
