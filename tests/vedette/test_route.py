"""`vedette route`: who would get what and when, and the user's cases as tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.vedette.lab import Lab

CONFIG = """
  night:
    kind: file
    path: data/night.jsonl
    timezone: Europe/Brussels
    quiet: {from: "22:00", to: "06:30"}
  daily:
    kind: file
    path: data/daily.jsonl
    timezone: Europe/Brussels
    digest: ["02:30"]
topics:
  ferry:
    query: ferry
    severity: high
    alert: {to: [hook, night, daily], escalate: {after: 30m, to: [log]}}
  port: {query: port, alert: {to: [night, daily]}}
  ghost: {query: lighthouse, alert: off}
"""
SPRING, AUTUMN = "2026-03-29T01:45+01:00", "2026-10-25T02:45+02:00"


def routed(lab: Lab, *words: str) -> dict[str, dict[str, Any]]:
    return {row["channel"]: row for row in lab.rows("route", *words)}


@pytest.mark.parametrize(
    ("at", "held", "digest"),
    [
        # 02:30 is skipped that night, and comes twice in the other.
        (SPRING, "2026-03-29T04:30:00Z", "2026-03-29T01:30:00Z"),
        (AUTUMN, "2026-10-25T05:30:00Z", "2026-10-26T01:30:00Z"),
        ("2028-02-29T23:00+01:00", "2028-03-01T05:30:00Z", "2028-03-01T01:30:00Z"),
    ],
)
def test_it_says_who_gets_what_and_when_on_odd_nights(
    lab: Lab, at: str, held: str, digest: str
) -> None:
    lab.write(CONFIG)
    found = routed(lab, "--topic", "ferry", "--at", at)
    assert found["hook"]["way"] == "at once"
    assert (found["night"]["way"], found["night"]["at"]) == ("held", held)
    assert found["night"]["why"].startswith("quiet until")
    assert (found["daily"]["way"], found["daily"]["at"]) == ("digest", digest)
    assert not (lab.folder / "data").exists()


def test_severity_and_recipients_decide(lab: Lab) -> None:
    lab.write(CONFIG)
    critical = ("--severity", "critical", "--at", SPRING)
    found = routed(lab, "--topic", "port", *critical)
    assert found["night"]["way"] == found["daily"]["way"] == "at once"
    assert found["hook"]["way"] == "never"
    assert found["hook"]["at"] is None
    assert "night, daily only" in found["hook"]["why"]
    ghosts = routed(lab, "--topic", "ghost", *critical).values()
    assert {row["way"] for row in ghosts} == {"never"}
    low = routed(lab, "--topic", "ferry", "--severity", "low", "--at", SPRING)
    assert {name for name in low if low[name]["way"] == "digest"} == {
        "hook",
        "night",
        "daily",
    }
    assert low["hook"]["at"] == "2026-03-29T08:00:00Z"


def test_an_escalation_is_foreseen_for_high_and_critical_only(lab: Lab) -> None:
    lab.write(CONFIG)
    words = ("route", "--topic", "ferry", "--at", SPRING)
    mine = [row for row in lab.rows(*words) if row["channel"] == "log"]
    assert [row["way"] for row in mine] == ["escalation"]
    assert mine[0]["at"] == "2026-03-29T01:15:00Z"
    assert mine[0]["why"] == "unless acknowledged within 30m"
    normal = lab.rows(*words, "--severity", "normal")
    assert "escalation" not in {row["way"] for row in normal}


def test_the_cases_of_a_file_are_run_and_a_miss_is_exit_1_with_its_line(
    lab: Lab,
) -> None:
    lab.write(CONFIG)
    (lab.folder / "routes.yaml").write_text(
        f"- topic: ferry\n  at: {SPRING}\n  expect:\n"
        "    hook: at once\n    night: 2026-03-29T06:30+02:00\n    daily: digest\n"
        "    log: escalation\n"
        f"- {{topic: port, severity: low, at: '{SPRING}', expect: {{hook: never}}}}\n"
    )
    done = lab.run("route", "--cases", "routes.yaml")
    assert done.stdout == "2 cases run, 0 expectations missed\n"
    path = lab.folder / "routes.yaml"
    path.write_text(path.read_text().replace("06:30+02:00", "06:30+01:00"))
    done = lab.run("route", "--cases", "routes.yaml", code=1)
    assert (
        "routes.yaml:5: 0.expect.night: expected 2026-03-29T07:30+02:00" in done.stderr
    )
    assert "held 2026-03-29T06:30+02:00 (quiet until" in done.stderr


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("topic: ferry", "", "expected a list of cases"),
        ("", "", "expected a list of cases"),
        ("- {topic: fery, at: T, expect: {hook: never}}", ":1", "a time with its zone"),
        ("- {topic: fery, at: '2026-03-29T02:30', expect: {}}", ":1", "add Z"),
        ("- {topic: fery, at: '2026-03-29T02:30Z', expect: {}}", ":1", "mean ferry"),
        (
            "- topic: ferry\n  at: 2026-03-29T02:30Z\n  expect: {hok: never}",
            ":3",
            "mean hook",
        ),
        (
            "- topic: ferry\n  at: 2026-03-29T02:30Z\n  expect: {hook: soon}",
            ":3",
            "expected `at once`",
        ),
        ("- topic: [", ":1", "not valid YAML"),
    ],
)
def test_a_wrong_cases_file_names_line_and_remedy(
    lab: Lab, text: str, place: str, said: str
) -> None:
    lab.write(CONFIG)
    (lab.folder / "routes.yaml").write_text(text)
    done = lab.run("route", "--cases", "routes.yaml", code=2)
    assert f"routes.yaml{place}" in done.stderr
    assert said in done.stderr


def test_wrong_words_are_refused(lab: Lab) -> None:
    lab.write(CONFIG)
    assert "give --topic" in lab.run("route", code=2).stderr
    assert "mean ferry" in lab.run("route", "--topic", "fery", code=2).stderr
    words = ("route", "--topic", "ferry")
    assert "add Z" in lab.run(*words, "--at", "2026-03-29T02:30", code=2).stderr
    assert "one of low" in lab.run(*words, "--severity", "urgent", code=2).stderr
    assert "cannot be read" in lab.run("route", "--cases", "no.yaml", code=2).stderr
    assert "hook" in lab.run(*words).stdout
