"""deploy/ is held to the program: the commands it calls exist, the unit is valid."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests import program
from tests.program import ROOT

DEPLOY = ROOT / "deploy"
UNIT = (DEPLOY / "vedette.service").read_text(encoding="utf-8")
CONTAINER = (DEPLOY / "Containerfile").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def commands() -> set[str]:
    return set(program.commands())


@pytest.fixture(scope="module")
def unit() -> configparser.ConfigParser:
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(UNIT)
    return unit


@pytest.fixture(scope="module")
def service(unit: configparser.ConfigParser) -> configparser.SectionProxy:
    return unit["Service"]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    loaded = YAML(typ="safe").load(text)
    assert isinstance(loaded, dict)
    return loaded


def instructions(word: str) -> list[str]:
    """What stands behind a word in the Containerfile, long lines joined."""
    joined = CONTAINER.replace("\\\n", " ")
    return re.findall(rf"^{word} +(.*)$", joined, flags=re.MULTILINE)


def exec_form(text: str) -> list[str]:
    """The words of the last ``["a", "b"]`` in an instruction."""
    words = YAML(typ="safe").load(text[text.index("[") :])
    assert isinstance(words, list)
    return words


def test_the_unit_runs_a_command_that_exists(
    service: configparser.SectionProxy, commands: set[str]
) -> None:
    binary, *words = shlex.split(service["ExecStart"])
    assert Path(binary).name == "vedette"
    assert words == ["-c", "/etc/vedette/config.yaml", "run"]
    assert words[-1] in commands


def test_the_unit_listens_to_what_the_daemon_says(
    service: configparser.SectionProxy,
) -> None:
    from vedette.daemon import LONGEST_STOP_S, TICK_SILENCE_S
    from vedette.systemd import WATCHDOG_S

    assert service["Type"] == "notify"
    # sd_notify(3) advises to feed at half the time or more often.
    assert 2 * max(WATCHDOG_S, TICK_SILENCE_S) <= float(service["WatchdogSec"])
    assert float(service["TimeoutStopSec"]) >= LONGEST_STOP_S
    assert shlex.split(service["ExecReload"]) == ["/bin/kill", "-HUP", "$MAINPID"]


def test_the_unit_does_not_restart_what_will_not_heal(
    service: configparser.SectionProxy,
) -> None:
    from vedette.cli.app import USAGE

    assert service["RestartPreventExitStatus"].split() == [str(USAGE)]


def test_the_unit_never_gives_up(unit: configparser.ConfigParser) -> None:
    """It dies silently is what users forgive least; systemd's own limit is 5 starts."""
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"
    assert unit["Service"]["Restart"] == "always"


def test_the_unit_can_write_its_state_and_nothing_else(
    service: configparser.SectionProxy,
) -> None:
    assert service["ProtectSystem"] == "strict"
    assert service["NoNewPrivileges"] == "yes"
    assert service["StateDirectory"] == "vedette"
    assert "ReadWritePaths" not in service
    assert service["User"] != "root"


def test_systemd_finds_no_fault_in_the_unit(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not here: the unit was parsed, not verified")
    # It insists that programs exist, so ours is stood in for by one that does.
    text = UNIT.replace("/opt/vedette/bin/vedette", sys.executable)
    path = tmp_path / "vedette.service"
    path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [analyze, "verify", str(path)], capture_output=True, text=True, check=False
    )
    about_us = [line for line in done.stderr.splitlines() if "vedette.service" in line]
    assert (done.returncode, about_us) == (0, [])


def test_the_container_runs_commands_that_exist(commands: set[str]) -> None:
    assert exec_form(instructions("ENTRYPOINT")[0]) == ["vedette"]
    (command,) = exec_form(instructions("CMD")[0])
    assert command in commands
    binary, check = exec_form(instructions("HEALTHCHECK")[0])
    assert binary == "vedette"
    assert check in commands


def test_the_container_copies_what_is_there() -> None:
    for line in instructions("COPY"):
        if not line.startswith("--from="):
            *sources, _ = line.split()
            for source in sources:
                assert (ROOT / source).exists(), source


def test_the_container_is_not_root_and_keeps_its_data() -> None:
    (user,) = instructions("USER")
    assert user != "root"
    assert instructions("VOLUME") == ["/watch/data"]
    assert "--constraint constraints.txt" in CONTAINER


def test_compose_runs_commands_that_exist(
    compose: dict[str, Any], commands: set[str]
) -> None:
    service = compose["services"]["vedette"]
    assert set(service["command"]) <= commands
    marker, binary, check = service["healthcheck"]["test"]
    assert (marker, binary) == ("CMD", "vedette")
    assert check in commands
    build = service["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()


def test_compose_keeps_the_data_in_a_volume(compose: dict[str, Any]) -> None:
    service = compose["services"]["vedette"]
    assert "data:/watch/data" in service["volumes"]
    assert "data" in compose["volumes"]
    # Handed through from the caller's environment, never written down.
    assert all("=" not in name for name in service["environment"])
