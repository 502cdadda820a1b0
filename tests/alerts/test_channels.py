"""The contract every kind of channel keeps, told to all of them alike."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import io
import json
import logging
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from alerts.channels import LONGEST_SEND_S, open_channel, probe
from alerts.channels.detail import shown, url_secrets
from alerts.errors import ChannelError
from alerts.model import Channel, MessageType, Outcome, Receipt
from crawler.clock import utc_now
from crawler.secrets import Secret
from tests.alerts.letters import (
    DESK,
    HOOK,
    HOSTILE,
    LOG,
    ROOM,
    SCREEN,
    delivery,
    item,
    letter,
    telling,
)
from tests.servers.http import Reply, serve
from tests.servers.receiver import receive
from tests.servers.smtp import serve_mail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from alerts.model import Delivery

CANARY = "whsec_Y2FuYXJ5LXNlY3JldC1jYW5hcnktc2VjcmV0"
PASSWORD = "canary-password-Q7"
ALLOW = ("127.0.0.0/8",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A channel and what has arrived at its far end, as stored payloads."""

    channel: Channel
    arrived: Callable[[], list[bytes]]


def send_all(channel: Channel, *rows: Delivery) -> list[Receipt]:
    """Send one after the other through one open sender."""

    async def work() -> list[Receipt]:
        sender = open_channel(channel, allow=ALLOW, clock=utc_now)
        try:
            return [await sender.send(row) for row in rows]
        finally:
            await sender.aclose()

    return asyncio.run(work())


@pytest.fixture(params=["email", "webhook", "console", "file", "chat"])
def way(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Way]:
    monkeypatch.setenv("CANARY", CANARY)
    monkeypatch.setenv("PASSWORD", PASSWORD)
    with contextlib.ExitStack() as stack:
        yield _WAYS[request.param](request, stack)


def _email(_: pytest.FixtureRequest, stack: contextlib.ExitStack) -> Way:
    post = stack.enter_context(
        serve_mail(logins={"user": PASSWORD}, auth_in_clear=True)
    )
    channel = dataclasses.replace(
        DESK,
        server=f"smtp+plain://user@127.0.0.1:{post.port}",
        password=Secret(env="PASSWORD"),
    )
    return Way(channel=channel, arrived=lambda: [mail.content for mail in post.mails])


def _webhook(_: pytest.FixtureRequest, stack: contextlib.ExitStack) -> Way:
    hook = stack.enter_context(receive(secrets=[CANARY]))
    channel = dataclasses.replace(
        HOOK, url=f"{hook.url}?token=canary-token", secrets=(Secret(env="CANARY"),)
    )
    return Way(channel=channel, arrived=lambda: [m.body for m in hook.messages])


def _console(request: pytest.FixtureRequest, _: contextlib.ExitStack) -> Way:
    screen: pytest.CaptureFixture[str] = request.getfixturevalue("capsys")
    return Way(
        channel=SCREEN,
        arrived=lambda: [
            f"{block}\n\n".encode()
            for block in screen.readouterr().out.split("\n\n")[:-1]
        ],
    )


def _file(request: pytest.FixtureRequest, _: contextlib.ExitStack) -> Way:
    folder: Path = request.getfixturevalue("tmp_path")
    path = folder / "new" / "alerts.jsonl"
    return Way(
        channel=dataclasses.replace(LOG, path=str(path)),
        arrived=lambda: path.read_bytes().splitlines(),
    )


def _chat(request: pytest.FixtureRequest, stack: contextlib.ExitStack) -> Way:
    pytest.importorskip("apprise", reason="the extra `chat` is not installed")
    site = stack.enter_context(serve(lambda _: Reply()))
    patch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
    patch.setenv("CHAT", f"json://127.0.0.1:{site.port}/canary-token")
    return Way(
        channel=dataclasses.replace(ROOM, url=Secret(env="CHAT")),
        arrived=lambda: [
            json.loads(request.body)["message"].encode() for request in site.requests
        ],
    )


_WAYS = {
    "email": _email,
    "webhook": _webhook,
    "console": _console,
    "file": _file,
    "chat": _chat,
}


def test_a_delivery_arrives_once_and_byte_for_byte(way: Way) -> None:
    """I4, I5."""
    row = delivery(letter(way.channel))
    (receipt,) = send_all(way.channel, row)
    assert receipt.outcome is Outcome.DELIVERED
    assert way.arrived() == [row.payload]


def test_a_repeat_carries_the_same_id_and_the_same_bytes(way: Way) -> None:
    """I3, I5."""
    row = delivery(letter(way.channel))
    receipts = send_all(way.channel, row, row)
    assert [receipt.outcome for receipt in receipts] == [Outcome.DELIVERED] * 2
    first, second = way.arrived()
    assert first == second == row.payload
    assert row.id.encode() in first


def test_many_at_once_all_arrive_whole(way: Way) -> None:
    rows = [delivery(letter(way.channel, id=f"delivery-{n}")) for n in range(12)]

    async def work() -> list[Receipt]:
        sender = open_channel(way.channel, allow=ALLOW, clock=utc_now)
        try:
            return list(await asyncio.gather(*map(sender.send, rows)))
        finally:
            await sender.aclose()

    receipts = asyncio.run(work())
    assert {receipt.outcome for receipt in receipts} == {Outcome.DELIVERED}
    assert sorted(way.arrived()) == sorted(row.payload or b"" for row in rows)


def test_hostile_titles_arrive_whole(way: Way) -> None:
    """A41, A44, A45, A47, A57."""
    letters = [
        letter(way.channel, telling(item(title, text=f"\r.\r\n.\n{title}")), id=f"d{n}")
        for n, title in enumerate(HOSTILE)
    ]
    rows = [delivery(of) for of in letters]
    receipts = send_all(way.channel, *rows)
    assert {receipt.outcome for receipt in receipts} == {Outcome.DELIVERED}
    assert way.arrived() == [row.payload for row in rows]


def test_a_test_message_goes_the_same_way(way: Way) -> None:
    of = letter(way.channel, type=MessageType.TEST)
    row = delivery(dataclasses.replace(of, tellings=()))
    assert send_all(way.channel, row)[0].outcome is Outcome.DELIVERED
    assert way.arrived() == [row.payload]


def test_a_row_without_a_payload_is_refused_and_nothing_is_sent(way: Way) -> None:
    good = delivery(letter(way.channel))
    empty = dataclasses.replace(good, payload=None)
    receipts = send_all(way.channel, empty, good)
    assert receipts[0].outcome is Outcome.PERMANENT
    assert way.arrived() == [good.payload]


def test_no_secret_is_in_a_receipt_or_a_log(
    way: Way, caplog: pytest.LogCaptureFixture
) -> None:
    """A65, I20: also with every library at its most talkative, but httpx's own."""
    caplog.set_level(logging.DEBUG)
    row = delivery(letter(way.channel))
    receipts = send_all(way.channel, row)
    said = repr(receipts) + caplog.text + repr(asyncio.run(_probed(way.channel)))
    for secret in (CANARY, CANARY.removeprefix("whsec_"), PASSWORD, "canary-token"):
        assert secret not in said


async def _probed(channel: Channel) -> Receipt:
    return await probe(channel, allow=ALLOW)


def test_a_probe_reaches_the_channel_and_sends_nothing(way: Way) -> None:
    assert asyncio.run(_probed(way.channel)).outcome is Outcome.DELIVERED
    if way.channel.kind != "file":
        assert way.arrived() == []


def test_an_unknown_kind_cannot_be_opened() -> None:
    pigeon = dataclasses.replace(DESK, kind="pigeon")
    with pytest.raises(ChannelError, match=r"pigeon.*console, email, file, webhook"):
        open_channel(pigeon, allow=())


def test_the_longest_send_leaves_ten_minutes_after_the_final_dot() -> None:
    assert LONGEST_SEND_S == 720


# --- the console's own ------------------------------------------------------------


def test_a_closed_terminal_is_a_temporary_failure() -> None:
    """A40."""
    out = io.StringIO()
    out.close()
    with contextlib.redirect_stdout(out):
        (receipt,) = send_all(SCREEN, delivery(letter(SCREEN)))
        assert asyncio.run(_probed(SCREEN)).outcome is Outcome.TEMPORARY
    assert receipt.outcome is Outcome.TEMPORARY


def test_a_terminal_without_unicode_still_shows_the_alert() -> None:
    raw = io.BytesIO()
    with contextlib.redirect_stdout(io.TextIOWrapper(raw, encoding="ascii")):
        (receipt,) = send_all(SCREEN, delivery(letter(SCREEN)))
        sys.stdout.flush()
        assert receipt.outcome is Outcome.DELIVERED
        assert b"\\xabYoon Sul Yeol\\xbb" in raw.getvalue()


# --- the file's own ---------------------------------------------------------------


def test_a_torn_last_line_is_left_and_a_new_line_begun(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    path.write_bytes(b'{"whole":1}\n{"torn":')
    channel = dataclasses.replace(LOG, path=str(path))
    row = delivery(letter(channel))
    assert send_all(channel, row, row)[0].outcome is Outcome.DELIVERED
    lines = path.read_bytes().split(b"\n")
    assert lines == [b'{"whole":1}', b'{"torn":', row.payload, row.payload, b""]
    assert json.loads(lines[2])["data"]["id"] == row.id


def test_a_file_that_cannot_be_written_is_a_temporary_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "file" / "alerts.jsonl"):
        channel = dataclasses.replace(LOG, path=str(path))
        (receipt,) = send_all(channel, delivery(letter(channel)))
        assert receipt.outcome is Outcome.TEMPORARY
        assert receipt.detail
        assert asyncio.run(_probed(channel)).outcome is Outcome.TEMPORARY


def test_a_full_disk_is_a_temporary_failure() -> None:
    """A38: /dev/full answers every write with ENOSPC."""
    channel = dataclasses.replace(LOG, path="/dev/full")
    (receipt,) = send_all(channel, delivery(letter(channel)))
    assert receipt.outcome is Outcome.TEMPORARY
    assert "No space left" in receipt.detail


def test_a_file_channel_needs_a_path() -> None:
    with pytest.raises(ChannelError, match="path"):
        open_channel(LOG, allow=())


# --- what a receipt may say -------------------------------------------------------


def test_a_detail_hides_secrets_in_every_spelling() -> None:
    """A65: plain, percent-encoded, base64 (as AUTH PLAIN echoes it)."""
    said = "no: p@ss/word p%40ss%2Fword cEBzcy93b3Jk end"
    assert shown(said, ["p@ss/word"]) == "no: ••• ••• ••• end"


def test_a_detail_shows_controls_and_is_cut() -> None:
    """A57, A58."""
    assert shown("a\r\n\x1b[31mb\u202e") == "a\\x0d\\x0a\\x1b[31mb\\u202e"
    assert len(shown("x" * 9000)) == 2000


def test_the_secret_parts_of_a_url_are_all_but_its_host() -> None:
    url = "https://hooks.example.org/services/T0KEN?key=value9&x=1"
    said = shown(
        f"cannot reach {url} nor T0KEN nor value9 at hooks.example.org",
        url_secrets(url),
    )
    assert said == "cannot reach ••• nor ••• nor ••• at hooks.example.org"
