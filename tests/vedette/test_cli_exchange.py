"""Finding sources, and exchanging feeds and items with other programs."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from tests.vedette.test_once import FERRY, TOPICS
from vedette.exchange import COLUMNS, defused

if TYPE_CHECKING:
    from tests.vedette.lab import Lab

OPML = """<opml version="2.0"><body><outline text="Sea"><outline text="Harbour News"
xmlUrl="https://h.test/feed"/><outline text="Again" xmlUrl="http://www.h.test/feed/"/>
<outline text="Wire" xmlUrl="{wire}"/><outline text="연합뉴스" xmlUrl="https://y.test/r"/>
<outline text="Broken" xmlUrl="ftp://x.test/"/></outline></body></opml>"""


def test_a_list_of_feeds_becomes_sources(lab: Lab) -> None:
    config = lab.write(TOPICS)
    (lab.folder / "feeds.opml").write_text(
        OPML.replace("{wire}", lab.site.url("/feed.xml")), encoding="utf-8"
    )
    done = lab.run("import-opml", "feeds.opml", "--to", "feeds.yaml")
    assert "2 sources" in done.stdout
    assert "a duplicate of harbour-news" in done.stderr
    assert "a duplicate of wire" in done.stderr
    assert "'Broken': no address to read" in done.stderr
    config.write_text(f"include: [feeds.yaml]\n{config.read_text()}")
    rows = {row["name"]: row for row in lab.rows("sources")}
    assert set(rows) == {"wire", "harbour-news", "y-test"}
    lab.run("import-opml", "feeds.opml", "--to", "feeds.yaml", code=2)
    assert lab.run("import-opml", "feeds.opml", code=1).stdout == ""


def test_the_feeds_of_the_config_come_back_as_a_list(lab: Lab) -> None:
    lab.write(TOPICS)
    done = lab.run("export-opml")
    assert f'xmlUrl="{lab.site.url("/feed.xml")}"' in done.stdout
    (lab.folder / "back.opml").write_text(done.stdout, encoding="utf-8")
    (lab.folder / "config.yaml").unlink()
    out = lab.run("import-opml", "back.opml").stdout
    assert f'url: "{lab.site.url("/feed.xml")}"' in out
    assert 'tags: ["sea"]' in out


@pytest.mark.parametrize("code_file", [("missing.opml", 2), ("junk.opml", 1)])
def test_a_file_that_is_no_list_of_feeds_is_told(
    lab: Lab, code_file: tuple[str, int]
) -> None:
    lab.write(TOPICS)
    (lab.folder / "junk.opml").write_text("hello")
    file, code = code_file
    assert "opml" in lab.run("import-opml", file, code=code).stderr


def test_stored_items_are_exported_and_can_be_replayed(lab: Lab) -> None:
    lab.write(TOPICS)
    assert "no store" in lab.run("export", code=1).stderr
    lab.feed(FERRY, {"title": "=1+1 is a formula", "slug": "f"})
    lab.run("once")
    lines = lab.run("export").stdout
    items = [json.loads(line) for line in lines.splitlines()]
    assert {item["title"] for item in items} == {FERRY["title"], "=1+1 is a formula"}
    assert all(tuple(item) == COLUMNS for item in items)
    assert all(item["story"] for item in items)
    (lab.folder / "items.jsonl").write_text(lines, encoding="utf-8")
    verdicts = lab.run("replay", "items.jsonl").stdout.splitlines()
    assert [json.loads(line)["id"] for line in verdicts] == [i["id"] for i in items]


def test_a_spreadsheet_runs_nothing_of_what_is_exported(lab: Lab) -> None:
    """A55."""
    lab.write(TOPICS)
    lab.feed({"title": '=HYPERLINK("http://evil.test")', "slug": "f"})
    lab.run("once")
    (row,) = csv.DictReader(io.StringIO(lab.run("export", "--format", "csv").stdout))
    assert row["title"] == '\'=HYPERLINK("http://evil.test")'
    assert row["seen"].endswith("Z")
    lab.run("export", "--format", "xml", code=2)


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\uff1d1"])
def test_a_cell_that_begins_like_a_formula_is_defused(cell: str) -> None:
    assert defused(cell) == f"'{cell}"
    assert defused(f"a{cell}") == f"a{cell}"


def test_discover_prints_sources_to_paste(lab: Lab) -> None:
    config = lab.write(TOPICS)
    lab.feed(FERRY)
    head = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    lab.pages["/"] = f"<html lang=en><head>{head}</head><p>News</p></html>".encode()
    done = lab.run("discover", lab.site.url("/"))
    assert f'url: "{lab.site.url("/feed.xml")}"' in done.stdout
    assert "1 entries, newest" in done.stdout
    found = lab.folder / "found.yaml"
    found.write_text(done.stdout, encoding="utf-8")
    config.write_text(f"include: [found.yaml]\n{config.read_text()}")
    assert len(lab.rows("sources")) == 2
    (row,) = lab.rows("discover", lab.site.url("/"))
    assert (row["kind"], row["entries"]) == ("feed", 1)


def test_discover_says_when_there_is_nothing(lab: Lab) -> None:
    lab.write(TOPICS)
    lab.pages["/"] = b"<html><p>Nothing</p></html>"
    assert "no feed" in lab.run("discover", lab.site.url("/"), code=1).stderr
    assert "404" in lab.run("discover", lab.site.url("/gone"), code=1).stderr
    lab.run("discover", "news.example.org", code=2)


def test_preview_of_json_guesses_its_list_or_takes_the_paths_of_a_source(
    lab: Lab,
) -> None:
    data = {"rows": [{"title": f"A long report {n}", "url": f"/{n}"} for n in range(3)]}
    (lab.folder / "news.json").write_text(json.dumps(data))
    base = ("--base-url", "https://site.test/")
    words = ("preview", "--kind", "json", "news.json", *base)
    rows = [json.loads(line) for line in lab.run(*words).stdout.splitlines()]
    assert [row["url"] for row in rows] == [f"https://site.test/{n}" for n in range(3)]
    lab.write(
        TOPICS,
        sources="  api: {kind: json, url: 'https://site.test/', items: rows, "
        "link: '/n/{title}', max_items: 1}\n",
    )
    (line,) = lab.run(
        "preview", "--source", "api", "news.json", *base
    ).stdout.splitlines()
    assert json.loads(line)["url"] == "https://site.test/n/A%20long%20report%200"
