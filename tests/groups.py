"""Runs the tests in groups side by side: half of the time most of them wait.

Run: ``python tests/groups.py [PYTEST OPTIONS]``; ``make test`` does. Each group prints
when it has ended. Many tests hold programs to the clock, so what fails beside the
others is run once more alone, and named; only what fails then fails.
"""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
NO_FAILED_TESTS = 5
"""What pytest exits with when it was given nothing to run again."""


def groups() -> dict[str, list[str]]:
    """All test files, by the group they run in; none is left out."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        found.setdefault(_group(path), []).append(str(path.relative_to(ROOT)))
    return found


def _group(path: Path) -> str:
    if path.parent.name != "vedette":
        return "crawler" if path.parent.name == "crawler" else "alerts"
    if "crash" in path.name:
        return "crash"
    whole = ("daemon", "once", "sourcewatch", "operating", "disk", "attack")
    return "programs" if any(word in path.name for word in whole) else "shell"


def run(name: str, files: list[str], options: list[str]) -> tuple[int, str]:
    """Exit code and output of one group."""
    cache = ["-o", f"cache_dir=.pytest_cache/{name}"]
    command = [sys.executable, "-m", "pytest", "-q", *cache, *options, *files]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def main() -> int:
    begun = time.monotonic()
    options = sys.argv[1:]
    chosen = groups()
    print("groups:", ", ".join(f"{n} ({len(f)} files)" for n, f in chosen.items()))
    failed = {}
    with ThreadPoolExecutor(len(chosen)) as pool:
        waiting = {n: pool.submit(run, n, f, options) for n, f in chosen.items()}
        for name, result in waiting.items():
            code, output = result.result()
            print(f"=== {name}: {time.monotonic() - begun:.0f} s", output, sep="\n")
            if code:
                failed[name] = chosen[name]
    code = 0
    for name, files in failed.items():
        print(f"=== {name}: what failed, once more and alone", flush=True)
        again, output = run(name, files, ["--last-failed", *options])
        print(output)
        code = code or (again if again != NO_FAILED_TESTS else 1)
    print(f"{time.monotonic() - begun:.0f} s in all; exit {code}")
    return code


if __name__ == "__main__":
    sys.exit(main())
