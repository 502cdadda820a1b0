"""What a receipt may say: nothing secret, nothing that moves a terminal."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from alerts.rendering.clean import cut, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

LIMIT = 2000
"""Code points of a receipt's detail."""
_SHORTEST = 4
"""A path or query part shorter than this is a word, not a secret."""


def shown(text: str, secrets: Sequence[str] = ()) -> str:
    """The text for people: secrets blotted out, controls visible, at most 2,000 long.

    A secret is found as it is, percent-encoded and in base64, since servers echo
    what they were sent.
    """
    bare = {secret.removeprefix("whsec_") for secret in secrets} | set(secrets)
    forms = {form for secret in bare if secret for form in _forms(secret)}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, "•••")
    return cut(visible(text), limit=LIMIT)


def url_secrets(url: str) -> list[str]:
    """The parts of a webhook's URL that may be its password: all but the host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return [url]
    pieces = [*parts.path.split("/"), *parts.query.replace("=", "&").split("&")]
    whole = [url, parts.path, parts.query]
    return [piece for piece in whole + pieces if len(piece) >= _SHORTEST]


def _forms(secret: str) -> set[str]:
    raw = secret.encode(errors="replace")
    return {
        secret,
        quote(secret, safe=""),
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode(),
    }
