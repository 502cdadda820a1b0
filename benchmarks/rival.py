"""The `reader` package (PyPI) updating feeds, for ``collecting.py``.

Runs in a virtual environment of its own, which ``make bench-collecting`` makes: it is
no dependency of ours, so nothing of ours is imported here either. Told a line, it
updates all feeds once and tells in JSON how long that took and what it holds.
Run: ``python rival.py DATABASE WORKERS URLS.json``.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from reader import make_reader


def main() -> None:
    """Obey until stdin is closed."""
    database, workers, urls = sys.argv[1:]
    with make_reader(database) as reader:
        for url in json.loads(Path(urls).read_text(encoding="utf-8")):
            reader.add_feed(url)
        print("{}", flush=True)
        while sys.stdin.readline():
            began = time.perf_counter()
            reader.update_feeds(scheduled=False, workers=int(workers))
            wall_s = time.perf_counter() - began
            items = reader.get_entry_counts().total
            failed = reader.get_feed_counts().broken
            told = {"wall_s": wall_s, "items": items, "failed": failed}
            print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
