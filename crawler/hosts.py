"""Which part of a host somebody registered."""

from __future__ import annotations

_SECOND = "ac co com edu gob go gouv gov gv mil ne net nhs or org re rep"
SECOND_LEVEL = frozenset(_SECOND.split())
"""What stands between a name and a country's top level."""


def domain(host: str) -> str:
    """The part of a host that somebody registered: ``example.co.kr``, ``example.eu``.

    Told by the common second levels (co, go, com ...) under two-letter countries;
    no public suffix list, which is larger than all else here. An IP address is
    itself.
    """
    labels = host.split(".")
    if len(labels) <= 2 or labels[-1].isdecimal() or ":" in host:
        return host
    return ".".join(labels[-3:] if is_suffix(".".join(labels[-2:])) else labels[-2:])


def is_suffix(host: str) -> bool:
    """Whether it is a second level under a country: ``co.kr``."""
    second, _, top = host.partition(".")
    return len(top) == 2 and second in SECOND_LEVEL
