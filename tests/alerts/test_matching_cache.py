from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from alerts.matching import Matcher, cache
from alerts.model import Alias, Document, Entity, Topic

ENTITIES = {
    "dprk": Entity(
        id="dprk", kind="place", aliases=(Alias(text="Северная Корея", lang="ru"),)
    )
}
TOPICS = {"t": Topic(name="t", title="t", query="@dprk OR kursk*^3")}
DOCUMENT = Document(title="Северной Корее", text="Kursk")

WARM = """
import sys
from pathlib import Path
from alerts.matching import Matcher
from alerts.model import Alias, Entity, Topic
alias = Alias(text="Северная Корея", lang="ru")
entities = {"dprk": Entity(id="dprk", kind="place", aliases=(alias,))}
topics = {"t": Topic(name="t", title="t", query="@dprk OR kursk*^3")}
Matcher.compile(entities, topics, cache=Path(sys.argv[1]))
print(sorted({"lark", "pymorphy3"} & set(sys.modules)))
"""


def test_a_warm_start_gives_the_same_matches(tmp_path: Path) -> None:
    cold = Matcher.compile(ENTITIES, TOPICS, cache=tmp_path)
    warm = Matcher.compile(ENTITIES, TOPICS, cache=tmp_path)
    assert cold.match(DOCUMENT) == warm.match(DOCUMENT) != ()
    assert cold.patterns == warm.patterns


def test_a_warm_start_loads_neither_parser_nor_dictionary(tmp_path: Path) -> None:
    Matcher.compile(ENTITIES, TOPICS, cache=tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", WARM, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.strip() == "[]"


def test_a_damaged_cache_only_costs_time(tmp_path: Path) -> None:
    Matcher.compile(ENTITIES, TOPICS, cache=tmp_path)
    for number, path in enumerate(tmp_path.glob("*.json")):
        path.write_text(('{"t": ["Leaf"', '{"t": ["Nothing"]}')[number % 2])
    for content in ("[]", '{"@dprk OR kursk*^3": ["Nothing"]}', '{"dprk": [[1]]}'):
        for path in tmp_path.glob("*.json"):
            path.write_text(content)
        matcher = Matcher.compile(ENTITIES, TOPICS, cache=tmp_path)
        assert matcher.match(DOCUMENT) != ()


def test_a_folder_that_cannot_be_written_is_no_obstacle(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert Matcher.compile(ENTITIES, TOPICS, cache=blocked).match(DOCUMENT) != ()


def test_other_definitions_have_another_name(tmp_path: Path) -> None:
    assert cache.digest("a") != cache.digest("b")
    for number in range(9):
        cache.save(tmp_path, "forms", str(number) * 40, [number])
    assert len(list(tmp_path.iterdir())) == 6
    assert cache.load(tmp_path, "forms", "8" * 40) == [8]
