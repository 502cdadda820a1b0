"""The channels of a config file: what each kind takes, checked and ready to build."""

from __future__ import annotations

import ipaddress
import re
from datetime import time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)

from alerts.model import Channel, Limit, Quiet
from crawler.checking import Mistake, check, check_names
from crawler.configfile import did_you_mean
from crawler.shapes import (
    Line,
    LiteralOrSecret,
    OneOrMany,
    SecretRef,
    StrictModel,
    Zone,
    read_duration,
    split_url,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from crawler.checking import Steps

COMMON_KEYS = ("kind", "timezone", "digest", "quiet", "limit", "fallback")
KIND_KEYS: dict[str, tuple[str, ...]] = {
    "email": ("to", "from", "server", "password"),
    "webhook": ("url", "secret"),
    "console": (),
    "file": ("path",),
    "chat": ("url", "on_ambiguous"),
}
"""What each kind takes beside the common keys."""
REQUIRED_KEYS: dict[str, tuple[str, ...]] = {
    "email": ("to", "from", "server"),
    "webhook": ("url", "secret"),
    "console": (),
    "file": ("path",),
    "chat": ("url",),
}

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])\Z")
_LIMIT = re.compile(r"([1-9][0-9]{0,5})/(\w+)\Z")
_LIMIT_FORM = r"^\s*[1-9][0-9]{0,5}/[0-9]{1,6}[smhdw]\s*$"
_LONGEST_SPAN = timedelta(days=7)
"""A limit is against bursts, and every batch reads the rows of its span."""
# RFC 5321 section 4.1.2 without quoted local parts; letters beyond ASCII need
# SMTPUTF8 from the server (RFC 6531). No CR, LF, `>`, blanks (HARDENING A46).
_ADDRESS = re.compile(
    r"[^\s\x00-\x20\x7f-\xa0@<>()\[\]\",;:\\]{1,64}@"
    r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)*[^\W_](?:[\w-]{0,61}[^\W_])?\Z"
)


# --- field types -----------------------------------------------------------------


def _address(value: str) -> str:
    if not _ADDRESS.match(value) or len(value) > 254:
        raise ValueError("expected one mail address such as desk@yourdomain.org")
    return value


def _clock(value: Any) -> time:
    found = _CLOCK.match(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError('expected a time of day such as "08:00"')
    return time(int(found[1]), int(found[2]))


def _limit(value: Any) -> Limit:
    found = _LIMIT.match(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError("expected messages per duration such as 30/10m")
    span = read_duration(found[2])
    if span > _LONGEST_SPAN:
        raise ValueError("expected messages per duration of at most 7d")
    return Limit(most=int(found[1]), span=span)


Address = Annotated[str, AfterValidator(_address)]
LimitText = Annotated[
    Limit,
    PlainValidator(_limit),
    WithJsonSchema({"type": "string", "pattern": _LIMIT_FORM}),
]
ClockTime = Annotated[
    time,
    BeforeValidator(_clock),
    WithJsonSchema({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}),
]


class QuietModel(StrictModel):
    """Hours during which messages are held, in the channel's zone."""

    start: Annotated[ClockTime, Field(alias="from")]
    end: Annotated[ClockTime, Field(alias="to")]

    @model_validator(mode="after")
    def _is_a_span(self) -> Self:
        if self.start == self.end:
            raise ValueError("from and to are the same: that would be no time or all")
        return self


class ChannelModel(StrictModel):
    """One entry of ``channels:`` of any kind; KIND_KEYS tells which keys it takes."""

    kind: Literal["email", "webhook", "console", "file", "chat"]
    to: Annotated[tuple[Address, ...], OneOrMany()] = ()
    sender: Annotated[Address | None, Field(alias="from")] = None
    server: Line | None = None
    password: SecretRef | None = None
    url: LiteralOrSecret | None = None
    secret: Annotated[tuple[SecretRef, ...], Field(max_length=2), OneOrMany()] = ()
    path: Line | None = None
    on_ambiguous: Literal["resend", "hold"] = "resend"
    timezone: Zone = "UTC"
    digest: Annotated[tuple[ClockTime, ...], OneOrMany()] = ()
    quiet: QuietModel | None = None
    limit: LimitText | None = None
    fallback: Line | None = None


# --- reading ---------------------------------------------------------------------


def read_channels(
    data: Any, *, folder: Path, allow: Iterable[str] = ()
) -> tuple[dict[str, Channel], list[Mistake]]:
    """The channels by name, in the order of the file; wrong ones are left out.

    ``folder`` is what file paths are relative to, ``allow`` the networks of
    ``network.allow``, the only ones that plain HTTP and plain SMTP may go to.
    """
    entries, mistakes = check_names(data, "channels")
    networks = tuple(ipaddress.ip_network(each) for each in allow)
    channels: dict[str, Channel] = {}
    for name, entry in entries.items():
        path = ("channels", name)
        model, wrong = check(ChannelModel, entry, path, folder=folder)
        if isinstance(entry, dict):
            wrong += _keys_wrong(entry, path)
            wrong += _doors_wrong(entry, path, networks)
            wrong += _fallback_wrong(name, entry, path, entries)
        mistakes += wrong
        if model is not None and not wrong:
            channels[name] = _channel(name, model, folder)
    return channels, mistakes


def _keys_wrong(entry: Mapping[str, Any], path: Steps) -> Iterator[Mistake]:
    """Keys that the channel's kind lacks or does not know."""
    kind = entry.get("kind")
    if not isinstance(kind, str) or kind not in KIND_KEYS:
        return
    for key in REQUIRED_KEYS[kind]:
        if key not in entry:
            yield Mistake((*path, key), f"`kind: {kind}` needs this key")
        elif entry[key] == []:
            yield Mistake((*path, key), "expected at least one")
    fitting = KIND_KEYS[kind] + COMMON_KEYS
    known = {key for keys in KIND_KEYS.values() for key in keys}
    for key in entry:
        if key in known and key not in fitting:
            said = f"`kind: {kind}` does not take this key"
            yield Mistake((*path, key), said)


def _fallback_wrong(
    name: str, entry: Mapping[str, Any], path: Steps, channels: Mapping[str, Any]
) -> Iterator[Mistake]:
    fallback = entry.get("fallback")
    if not isinstance(fallback, str):
        return
    if fallback == name:
        yield Mistake((*path, "fallback"), "a channel cannot stand in for itself")
    elif fallback not in channels:
        hint = did_you_mean(fallback, channels)
        said = f"there is no channel {fallback!r}.{hint}"
        yield Mistake((*path, "fallback"), said)


Networks = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]


def _doors_wrong(
    entry: Mapping[str, Any], path: Steps, networks: Networks
) -> Iterator[Mistake]:
    """Servers and addresses that would carry messages in the open."""
    if isinstance(entry.get("server"), str):
        said = _server_wrong(entry["server"], networks)
        if said:
            yield Mistake((*path, "server"), said)
    if isinstance(entry.get("url"), str):
        said = _url_wrong(entry["url"], networks)
        if entry.get("kind") == "chat":
            said = "the address of a chat holds its password; use url: {env: NAME}"
        if said:
            yield Mistake((*path, "url"), said)


def _server_wrong(server: str, networks: Networks) -> str:
    form = "expected smtp://user@mail.yourdomain.org:587 (or smtps://, smtp+plain://)"
    parts = split_url(server)
    if parts is None or not parts.hostname:
        return form
    if parts.scheme not in {"smtp", "smtps", "smtp+plain"}:
        return form
    if parts.password is not None:
        return "a password is never written here; use password: {env: NAME}"
    if parts.path.strip("/") or parts.query or parts.fragment:
        return f"{form}, and nothing after the port"
    if parts.scheme == "smtp+plain" and not _is_near(parts.hostname, networks):
        return (
            "smtp+plain sends in the open: only to a loopback address, or to one in "
            "network.allow, written in numbers; use smtp:// (STARTTLS) or smtps://"
        )
    return ""


def _url_wrong(url: str, networks: Networks) -> str:
    parts = split_url(url)
    if parts is None or not parts.hostname or parts.scheme not in {"http", "https"}:
        return "expected an address such as https://hooks.yourdomain.org/vedette"
    if parts.password is not None:
        return "a password is never written here; use url: {env: NAME}"
    if parts.scheme == "http" and not _is_allowed(parts.hostname, networks):
        return (
            "http:// sends in the open: only to an address in network.allow, written "
            "in numbers; use https://"
        )
    return ""


def _is_near(host: str, networks: Networks) -> bool:
    address = _ip("127.0.0.1" if host == "localhost" else host)
    return (address is not None and address.is_loopback) or _is_allowed(host, networks)


def _is_allowed(host: str, networks: Networks) -> bool:
    """Whether clear text may go there, as far as can be told without asking DNS.

    A name of one word (a container's) is never public; the sender checks the
    address behind it at every connection.
    """
    address = _ip("127.0.0.1" if host == "localhost" else host)
    if address is None:
        return bool(networks) and "." not in host
    return any(address in network for network in networks)


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _channel(name: str, model: ChannelModel, folder: Path) -> Channel:
    return Channel(
        name=name,
        kind=model.kind,
        recipients=tuple(dict.fromkeys(model.to)) or (name,),
        timezone=model.timezone,
        digest=tuple(sorted(set(model.digest))),
        quiet=Quiet(start=model.quiet.start, end=model.quiet.end)
        if model.quiet
        else None,
        limit=model.limit,
        fallback=model.fallback,
        sender=model.sender,
        server=model.server,
        password=model.password,
        url=model.url,
        secrets=model.secret,
        path=str(folder / Path(model.path)) if model.path else None,
        hold_ambiguous=model.on_ambiguous == "hold",
    )
