"""The key behind a webhook secret, and what it signs (Standard Webhooks 1.0)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

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


def signed_headers(
    message: str, now: datetime, body: bytes, keys: list[bytes]
) -> dict[str, str]:
    """The three headers of Standard Webhooks 1.0, one v1 signature per key."""
    stamp = str(int(now.timestamp()))
    content = b".".join((message.encode(), stamp.encode(), body))
    signatures = (hmac.new(key, content, hashlib.sha256).digest() for key in keys)
    return {
        "webhook-id": message,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(
            f"v1,{base64.b64encode(signature).decode()}" for signature in signatures
        ),
    }
