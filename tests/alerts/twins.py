"""Reports of two events that turn out to be one, in invented words.

The words of a report are all equally rare, so that how alike two reports are is a
matter of how many they share.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from tests.alerts.desk import item

if TYPE_CHECKING:
    from crawler.items import Item


def words(seed: str, count: int = 30) -> list[str]:
    """Words that no language has."""
    pick = random.Random(seed)  # noqa: S311 - a seed, not a secret
    return [
        "".join(
            a + b
            for a, b in zip(
                pick.choices("bdfgklmnprstvz", k=4),
                pick.choices("aeiou", k=4),
                strict=True,
            )
        )
        for _ in range(count)
    ]


def report(name: str, *said: str, **more: Any) -> Item:
    """A report by an outlet of this name, its words in an order of its own."""
    order = list(said)
    random.Random(name).shuffle(order)  # noqa: S311 - a seed, not a secret
    text = " ".join(order)
    url = more.pop("url", f"https://{name}.test/1")
    title = more.pop("title", "Ferry")
    return item(title, text=f"{title} {text}.", url=url, source=name, **more)


ELDER, OTHER = words("elder"), words("other")
SHARES = ((5, 26), (14, 25), (20, 22))
"""How many words the reports of the younger story share with the elder one, and how
many only with each other: it begins apart and comes close."""


def elder() -> list[Item]:
    """Two reports of the elder story."""
    return [report("a", *ELDER), report("b", *ELDER[2:])]


def younger() -> list[Item]:
    """The reports of the younger one; none of them merges the two yet."""
    return [
        report(f"y{n}", *ELDER[:mine], *OTHER[:own])
        for n, (mine, own) in enumerate(SHARES)
    ]


def bridge(name: str = "z") -> Item:
    """The report that is like both, once both are told."""
    return report(name, *ELDER[:24], *OTHER[:18])
