"""The password of the web address: HTTP Basic (RFC 7617), any user name."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse

from crawler.errors import SecretMissing

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from crawler.secrets import Secret


class PasswordGuard:
    """Lets nobody in without the password; it is read anew at each request."""

    def __init__(self, app: ASGIApp, *, password: Secret) -> None:
        self.app = app
        self.password = password

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 401."""
        if scope["type"] == "http" and not self._is_known(scope):
            answer = PlainTextResponse(
                "password required", 401, {"WWW-Authenticate": 'Basic realm="vedette"'}
            )
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        given = dict(scope["headers"]).get(b"authorization", b"")
        scheme, _, word = given.partition(b" ")
        if scheme.lower() != b"basic":
            return False
        try:
            _, _, password = base64.b64decode(word, validate=True).partition(b":")
            wanted = self.password.read().encode()
        except (binascii.Error, SecretMissing):
            return False
        return hmac.compare_digest(password, wanted)
