"""The small web page under attack: hosts, paths, methods, and what it tells."""

from __future__ import annotations

import http.client
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.vedette.test_daemon import eventually, fast
from tests.vedette.test_once import TOPICS

if TYPE_CHECKING:
    from tests.vedette.lab import Lab

pytestmark = pytest.mark.slow

PROBE = "<script>alert(1)</script>\"'onx=y"
PATHS = (
    "/static/%2e%2e/%2e%2e/config.yaml",
    "/..%5c..%5cconfig.yaml",
    "/../../../../etc/hostname",
    "//etc/hostname",
    "/metrics/../../config.yaml",
    "/config.yaml",
    "/data/vedette.db",
    "/%00",
    "/healthz/%2e%2e/config.yaml",
    "/<script>alert(1)</script>",
    "/%3Cscript%3Ealert(1)%3C/script%3E?q=%3Cscript%3E",
    "/x?next=//evil.test/&q=<script>",
    "http://evil.test/healthz2",
)


def ask(
    page: str, target: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body; the target goes out as it is written."""
    parts = urlsplit(page)
    assert parts.hostname is not None
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
    try:
        connection.putrequest(
            method, target, skip_host="Host" in headers, skip_accept_encoding=True
        )
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, found, answer.read()
    finally:
        connection.close()


def test_the_web_page_answers_its_own_name_only_and_echoes_nothing(lab: Lab) -> None:
    """A52, A60, A68, A75: error pages, traversal, rebinding, and what metrics tell."""
    lab.feed({"title": "The canarytitle ferry is late", "slug": "canaryslug"})
    lab.write(TOPICS, sources=fast(lab))
    with lab.daemon() as (_, health):
        eventually(lambda: lab.hook.messages and lab.post.mails)
        for host in ("evil.test", "127.0.0.1.evil.test", "evil.test:8321", "", "a@b"):
            status, _, body = ask(health, "/healthz", Host=host)
            assert status in {400, 421}, host
            assert b"evil" not in body
        for host in ("localhost", "127.0.0.1:1", "[::1]:8321"):
            assert ask(health, "/healthz", Host=host)[0] == 200, host
        for path in PATHS:
            status, headers, body = ask(health, path)
            assert status in {400, 404}, path
            assert "text/html" not in headers.get("content-type", "")
            assert b"script" not in body
            assert b"evil" not in body
            assert len(body) < 100
            assert "location" not in headers
        for method in ("POST", "PUT", "DELETE", "TRACE", "OPTIONS", "BREW"):
            status, headers, body = ask(
                health, "/metrics", method, Origin="https://evil.test", X=PROBE
            )
            assert status in {400, 404, 405}, method
            assert b"alert(1)" not in body
            assert "access-control-allow-origin" not in headers
        for path in ("/healthz", "/metrics"):
            status, headers, body = ask(health, path, Origin="https://evil.test")
            assert status == 200
            text = body.decode()
            for told in (
                "canarytitle",
                "canaryslug",
                "http://",
                str(lab.folder),
            ):
                assert told not in text, (path, told)
            assert not re.search(r"(?i)python|uvicorn|starlette|vedette/\d", text)
            assert not re.search(r"\d", headers.get("server", ""))
            assert "access-control-allow-origin" not in headers
