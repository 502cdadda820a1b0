"""Addresses of chats, as Apprise spells them: which are taken, with what options."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from alerts.channels.detail import url_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVICES = {
    "slack": "Slack",
    "discord": "Discord",
    "workflow": "Teams",
    "workflows": "Teams",
    "tgram": "Telegram",
    "gchat": "Google Chat",
    "mmost": "Mattermost",
    "mmosts": "Mattermost",
    "rocket": "Rocket.Chat",
    "rockets": "Rocket.Chat",
    "ntfy": "ntfy",
    "ntfys": "ntfy",
    "json": "JSON",
    "jsons": "JSON",
}
"""The schemes that are taken. Apprise knows two hundred more, among them some that run
programs, write files or speak no HTTP, where neither guard nor deadline would hold."""

CONNECT_S = 5
REPLY_S = 10

_SET = {
    "redirect": "no",  # a redirect may lead inside
    "retry": "0",  # the outbox does, with pauses that survive a restart
    "verify": "yes",
    "cto": str(CONNECT_S),
    "rto": str(REPLY_S),
    "overflow": "upstream",  # one post per message, its id at the end
    "format": "text",  # no markup, and no mention read out of it
    "emojis": "no",
    "store": "no",
    "image": "no",
    "avatar": "no",
    "footer": "no",
}
_REFUSED = {"template": "it would be read from this machine"}


class BadChat(Exception):  # noqa: N818 - reads as the fact it states
    """The address cannot be used; the message does not repeat it."""


def hardened(url: str) -> str:
    """The address with our options in the place of its own.

    Raises:
        BadChat: its scheme is not one of SERVICES, or an option is refused.
    """
    scheme, colon, _ = url.partition("://")
    if not colon or scheme.lower() not in SERVICES:
        known = ", ".join(SERVICES)
        raise BadChat(f"expected an address of one of these kinds: {known}")
    if re.search(r"[\s\x00-\x1f\x7f]", url):
        raise BadChat("an address holds no white space")
    base, _, query = url.partition("?")
    kept = []
    # Left encoded: Apprise gives "+", "-" and ":" before a name meanings of their own.
    for part in filter(None, query.split("&")):
        name = unquote(part.partition("=")[0]).lower()
        if name in _REFUSED:
            raise BadChat(f"the option {name} is not taken: {_REFUSED[name]}")
        if name not in _SET:
            kept.append(part)
    kept += [f"{name}={value}" for name, value in _SET.items()]
    return f"{base}?{'&'.join(kept)}"


def chat_secrets(url: str) -> list[str]:
    """The parts of the address that may be its password: all but a host with a dot."""
    return [*url_secrets(url), *_netloc_parts(url)]


def _netloc_parts(url: str) -> Iterator[str]:
    try:
        netloc = urlsplit(url).netloc
    except ValueError:
        return
    user, _, host = netloc.rpartition("@")
    # slack://TOKEN/TOKEN/TOKEN and tgram://123456:TOKEN/CHAT have no host at all.
    pieces = user.split(":") + ([] if "." in host else [host, *host.split(":")])
    for piece in pieces:
        if len(piece) >= 4:
            yield piece
            yield unquote(piece)
