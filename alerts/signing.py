"""The key inside a webhook secret (Standard Webhooks 1.0)."""

from __future__ import annotations

import base64
import binascii

PREFIX = "whsec_"


def signing_key(secret: str) -> bytes:
    """The bytes behind ``whsec_`` and base64.

    Raises:
        ValueError: it is anything else; the message does not repeat it.
    """
    text = secret.removeprefix(PREFIX)
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key or text == secret:
        raise ValueError(f"a webhook secret is {PREFIX} followed by base64")
    return key
