"""A real browser without a window, and everything it would ask the network for."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
from html import escape, unescape
from typing import TYPE_CHECKING, Any, cast

from tests.servers.http import Reply, serve

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    None,
)
_QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
)


def measure(
    pages: Iterable[str], folder: Path, *, width: int, script: str
) -> tuple[list[Any], list[str]]:
    """Each page shown ``width`` pixels wide: what ``script`` makes of its ``view``.

    ``view`` is the page's window. Beside it the targets of all requests that went out
    meanwhile, but for the browser's own.
    """
    frames = "".join(
        f'<iframe width="{width}" height="700" srcdoc="{escape(page)}"></iframe>'
        for page in pages
    )
    body = f"""<!doctype html><meta charset="utf-8">{frames}<pre></pre><script>
    addEventListener("load", () => {{
      const made = [...document.querySelectorAll("iframe")].map(frame => {{
        const view = frame.contentWindow;
        return {script};
      }});
      document.querySelector("pre").textContent = JSON.stringify(made);
    }});
    </script>"""
    (folder / "pages.html").write_text(body, encoding="utf-8")
    assert BROWSER is not None
    with serve(lambda _: Reply(status=404)) as net:
        done = subprocess.run(
            [
                BROWSER,
                *_QUIET,
                f"--user-data-dir={folder / 'profile'}",
                f"--proxy-server=http://127.0.0.1:{net.port}",
                "--proxy-bypass-list=<-loopback>",
                "--virtual-time-budget=2000",
                "--dump-dom",
                f"file://{folder / 'pages.html'}",
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        asked = [request.target for request in net.requests]
    with contextlib.suppress(OSError):
        shutil.rmtree(folder / "profile")
    made = re.search(r"<pre>(.*?)</pre>", done.stdout, re.DOTALL)
    assert made is not None
    own = re.compile(r"google|gstatic|gvt1", re.IGNORECASE)
    return cast("list[Any]", json.loads(unescape(made[1]))), [
        target for target in asked if not own.search(target)
    ]
