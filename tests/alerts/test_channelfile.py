from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.channelfile import KIND_KEYS, REQUIRED_KEYS, read_channels
from alerts.model import Channel, Limit, Quiet
from crawler.secrets import Secret

FOLDER = Path("/etc/vedette")
EMAIL = {
    "kind": "email",
    "to": ["desk@mail.test"],
    "from": "vedette@mail.test",
    "server": "smtp://user@mail.test:587",
}
HOOK = {
    "kind": "webhook",
    "url": "https://hooks.test/x",
    "secret": {"env": "HOOK_SECRET"},
}

CHAT = {"kind": "chat", "url": {"env": "CHAT_URL"}}


def channel(entry: dict[str, Any], *, allow: tuple[str, ...] = ()) -> Channel:
    channels, found = read_channels({"c": entry}, folder=FOLDER, allow=allow)
    assert found == []
    return channels["c"]


def mistakes(entry: dict[str, Any], *, allow: tuple[str, ...] = ()) -> dict[str, str]:
    channels, found = read_channels({"c": entry}, folder=FOLDER, allow=allow)
    assert channels == {}
    return {".".join(map(str, each.path[2:])): each.message for each in found}


def test_a_mail_channel_arrives_whole() -> None:
    found = channel(
        {
            **EMAIL,
            "to": ["a@mail.test", "b@mail.test", "a@mail.test"],
            "password": {"file": "smtp.secret"},
            "digest": ["18:00", "08:00", "18:00"],
            "timezone": "Europe/Brussels",
            "quiet": {"from": "22:00", "to": "06:30"},
            "limit": "30/10m",
        }
    )
    assert found == Channel(
        name="c",
        kind="email",
        recipients=("a@mail.test", "b@mail.test"),
        timezone="Europe/Brussels",
        digest=(time(8), time(18)),
        quiet=Quiet(start=time(22), end=time(6, 30)),
        limit=Limit(most=30, span=timedelta(minutes=10)),
        sender="vedette@mail.test",
        server="smtp://user@mail.test:587",
        password=Secret(file=FOLDER / "smtp.secret"),
    )


def test_a_webhook_is_told_by_its_name_and_its_secrets_rotate() -> None:
    """The recipient of a webhook is the channel's name, never its URL."""
    secrets = [{"env": "NEW"}, {"env": "OLD"}]
    found = channel({"kind": "webhook", "url": {"env": "HOOK_URL"}, "secret": secrets})
    assert found.recipients == ("c",)
    assert found.url == Secret(env="HOOK_URL")
    assert found.secrets == (Secret(env="NEW"), Secret(env="OLD"))


def test_a_file_channel_writes_beside_the_config() -> None:
    found = channel({"kind": "file", "path": "data/alerts.jsonl"})
    assert found.path == "/etc/vedette/data/alerts.jsonl"
    assert channel({"kind": "file", "path": "/var/x.jsonl"}).path == "/var/x.jsonl"


def test_a_console_needs_nothing() -> None:
    assert channel({"kind": "console"}).recipients == ("c",)


@pytest.mark.parametrize(
    "address",
    [
        "a@b.org\r\nBcc: x@y.org",
        "a@b.org\n",
        "a>@b.org",
        "a b@c.org",
        "<a@b.org>",
        "Desk <a@b.org>",
        "a@b.org, c@d.org",
        "a@b@c.org",
        "@b.org",
        "a@",
        "a@-b.org",
        "a@b..org",
        "a\u2028@b.org",
        "a\u00a0b@c.org",
        "a\x00@b.org",
        "a" * 65 + "@b.org",
        "a@" + "b." * 130 + "org",
    ],
)
def test_a_recipient_that_could_carry_a_header_is_refused(address: str) -> None:
    """A46."""
    said = "expected one mail address such as desk@yourdomain.org"
    assert mistakes({**EMAIL, "to": [address]}) == {"to.0": said}
    assert mistakes({**EMAIL, "from": address}) == {"from": said}


@pytest.mark.parametrize(
    "address", ["a@b.org", "a+b@localhost", "desk@пример.рф", "é.x_y@sub.d-e.org"]
)
def test_plain_and_international_addresses_are_taken(address: str) -> None:
    assert channel({**EMAIL, "to": address}).recipients == (address,)


@pytest.mark.parametrize(
    "server",
    [
        "smtp://mail.test",
        "smtp://user@mail.test:587",
        "smtp://user%40mail.test@mail.test:2525",
        "smtps://mail.test:465",
        "smtp+plain://127.0.0.1:25",
        "smtp+plain://127.9.9.9:25",
        "smtp+plain://[::1]:25",
        "smtp+plain://localhost:1025",
    ],
)
def test_a_server_that_keeps_mail_private_is_taken(server: str) -> None:
    assert channel({**EMAIL, "server": server}).server == server


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ("mail.test:587", "expected smtp://user@mail.yourdomain.org:587"),
        ("http://mail.test", "expected smtp://"),
        ("smtp://", "expected smtp://"),
        ("smtp://mail.test:port", "expected smtp://"),
        ("smtp://mail.test/x", "nothing after the port"),
        ("smtp://u:canary-7731@mail.test", "use password: {env: NAME}"),
        ("smtp+plain://mail.test:25", "smtp+plain sends in the open"),
        ("smtp+plain://10.0.0.5:25", "smtp+plain sends in the open"),
    ],
)
def test_a_server_that_would_leak_is_refused(server: str, said: str) -> None:
    """A65: what is told never repeats the password."""
    found = mistakes({**EMAIL, "server": server})
    assert list(found) == ["server"]
    assert said in found["server"]
    assert "canary" not in found["server"]


def test_plain_ways_open_only_to_allowed_networks() -> None:
    allow = ("10.0.0.0/24",)
    plain = {**EMAIL, "server": "smtp+plain://10.0.0.5:25"}
    assert channel(plain, allow=allow).server
    assert mistakes({**plain, "server": "smtp+plain://10.0.1.5:25"}, allow=allow)
    hook = {**HOOK, "url": "http://10.0.0.5:8080/x"}
    assert channel(hook, allow=allow).url == "http://10.0.0.5:8080/x"
    assert "url" in mistakes(hook)
    assert "url" in mistakes({**HOOK, "url": "http://127.0.0.1/"}, allow=allow)
    assert "url" in mistakes({**HOOK, "url": "http://hooks.test/"}, allow=allow)


def test_a_container_name_is_left_to_the_check_at_connection() -> None:
    allow = ("172.16.0.0/12",)
    assert channel({**HOOK, "url": "http://receiver:8080/"}, allow=allow).url
    assert mistakes({**HOOK, "url": "http://receiver:8080/"})


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("hooks.test/x", "expected an address such as https://"),
        ("https://u:canary-7731@hooks.test/", "use url: {env: NAME}"),
        ("https://hooks.test/a b", "expected an address"),
    ],
)
def test_a_webhook_address_that_cannot_be_right_is_refused(url: str, said: str) -> None:
    """A65."""
    found = mistakes({**HOOK, "url": url})
    assert said in found["url"]
    assert "canary" not in found["url"]


@pytest.mark.parametrize(
    "secret", ["whsec_canary7731", ["whsec_canary7731"], {"value": "canary7731"}, 7731]
)
def test_a_literal_secret_is_refused_and_never_repeated(secret: Any) -> None:
    """A65."""
    found = mistakes({**HOOK, "secret": secret})
    assert list(found) == ["secret.0"]
    assert "expected {env: NAME} or {file: PATH}" in found["secret.0"]
    assert "7731" not in found["secret.0"]
    (said,) = mistakes({**EMAIL, "password": secret}).values()
    assert "7731" not in said


@pytest.mark.parametrize(
    ("entry", "path", "said"),
    [
        (
            {"kind": "mail"},
            "kind",
            "email, webhook, console, file, chat.",
        ),
        ({**EMAIL, "to": []}, "to", "expected at least one"),
        ({**HOOK, "secret": []}, "secret", "expected at least one"),
        ({**HOOK, "secret": [{"env": "A"}] * 3}, "secret", "at most 2"),
        ({**HOOK, "to": ["a@b.org"]}, "to", "`kind: webhook` does not take this key"),
        ({"kind": "console", "path": "x"}, "path", "`kind: console` does not take"),
        ({"kind": "console", "form": "x"}, "form", "unknown key. Did you mean from?"),
        ({**EMAIL, "digest": ["8:00"]}, "digest.0", "expected a time of day such as"),
        ({**EMAIL, "digest": ["24:00"]}, "digest.0", "expected a time of day such as"),
        ({**EMAIL, "timezone": "CEST"}, "timezone", "expected a time zone"),
        ({**EMAIL, "quiet": {"from": "22:00"}}, "quiet.to", "required and missing"),
        ({**EMAIL, "limit": "30"}, "limit", "messages per duration such as 30/10m"),
        ({**EMAIL, "limit": "30/10"}, "limit", "expected a duration such as"),
        ({**EMAIL, "limit": "30/8d"}, "limit", "at most 7d"),
        ({**EMAIL, "quiet": {"from": "22:00", "to": "22:00"}}, "quiet", "the same"),
        ({**CHAT, "url": "slack://a/b/c"}, "url", "holds its password"),
        ({**CHAT, "on_ambiguous": "drop"}, "on_ambiguous", "one of resend, hold"),
        ({**HOOK, "on_ambiguous": "hold"}, "on_ambiguous", "does not take this key"),
        ({**EMAIL, "fallback": "c"}, "fallback", "cannot stand in for itself"),
        ({**EMAIL, "fallback": "hoook"}, "fallback", "there is no channel 'hoook'"),
    ],
)
def test_a_wrong_channel_is_told_by_path(
    entry: dict[str, Any], path: str, said: str
) -> None:
    found = mistakes(entry)
    assert list(found) == [path]
    assert said in found[path]


@pytest.mark.parametrize(
    ("kind", "key"),
    [(kind, key) for kind, keys in REQUIRED_KEYS.items() for key in keys],
)
def test_a_key_that_its_kind_needs_is_missed(kind: str, key: str) -> None:
    wholes: dict[str, dict[str, Any]] = {
        "email": EMAIL,
        "webhook": HOOK,
        "file": {"kind": "file", "path": "x"},
        "chat": CHAT,
    }
    entry = {name: value for name, value in wholes[kind].items() if name != key}
    assert mistakes(entry) == {key: f"`kind: {kind}` needs this key"}


def test_what_a_kind_needs_it_also_takes() -> None:
    for kind, keys in REQUIRED_KEYS.items():
        assert set(keys) <= set(KIND_KEYS[kind])


def test_a_chat_resends_what_may_have_arrived_unless_told_to_hold_it() -> None:
    assert channel(CHAT).hold_ambiguous is False
    assert channel({**CHAT, "on_ambiguous": "hold"}).hold_ambiguous is True
    assert channel(CHAT).recipients == ("c",)
