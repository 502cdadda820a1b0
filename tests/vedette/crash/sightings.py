"""What receivers logged, read back: one message at one receiver."""

from __future__ import annotations

import base64
import email
import email.policy
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One message as a receiver wrote it down, before it answered.

    ``run`` counts the runs of the program from 0. ``root`` is what a mail refers to,
    ``flaws`` all that is cut or broken about it (I16).
    """

    channel: str
    id: str
    body: bytes
    titles: tuple[str, ...]
    run: int = 0
    root: str | None = None
    flaws: tuple[str, ...] = ()


def of_webhook(line: bytes, channel: str, run: int = 0) -> Sighting:
    """A line of ``tests.servers.receiver``'s log."""
    entry: dict[str, Any] = json.loads(line)
    if "refused" in entry:
        return Sighting(
            channel=channel,
            id="",
            body=entry["refused"].encode(),
            titles=(),
            run=run,
            flaws=("its signature does not verify",),
        )
    return _json(entry["body"].encode(), channel, run, number=entry["id"])


def of_file(line: bytes, channel: str, run: int = 0) -> Sighting:
    """A line that the file channel appended."""
    return _json(line, channel, run)


def of_mail(line: bytes, channel: str, run: int = 0) -> Sighting:
    """A line of ``tests.servers.smtp``'s log."""
    content = base64.b64decode(json.loads(line)["content"])
    mail = email.message_from_bytes(content, policy=email.policy.default)
    title = str(mail["Subject"]).partition("] ")[2].rpartition(" (")[0]
    root = mail["References"]
    return Sighting(
        channel=channel,
        id=str(mail["Message-ID"]).strip("<>").partition("@")[0],
        body=content,
        titles=(title,),
        run=run,
        root=str(root).strip("<>").partition("@")[0] if root else None,
        flaws=tuple(_defects(mail)),
    )


def _json(body: bytes, channel: str, run: int, number: str = "") -> Sighting:
    try:
        data = json.loads(body)["data"]
    except ValueError as error:
        flaws = (f"no JSON: {error}",)
        return Sighting(
            channel=channel, id=number, body=body, titles=(), run=run, flaws=flaws
        )
    return Sighting(
        channel=channel,
        id=number or data["id"],
        body=body,
        titles=tuple(dict.fromkeys(_titles(data))),
        run=run,
        flaws=() if number in {"", data["id"]} else ("its id is another's",),
    )


def _titles(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        if isinstance(data.get("item"), dict):
            yield data["item"]["title"]
        for value in data.values():
            yield from _titles(value)
    elif isinstance(data, list):
        for value in data:
            yield from _titles(value)


def _defects(mail: Message) -> Iterator[str]:
    for part in mail.walk():
        yield from (type(one).__name__ for one in part.defects)
    if mail.get_content_maintype() == "multipart" and len(mail.get_payload()) < 2:
        yield "a part is missing"
