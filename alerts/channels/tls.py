"""The certificate authorities that outgoing messages trust."""

from __future__ import annotations

import os
import ssl

import certifi


def tls_context() -> ssl.SSLContext:
    """A verifying client context, TLS 1.2 or later.

    Trusts the system's authorities and certifi's, for images that ship without any;
    ``SSL_CERT_FILE`` replaces both, as OpenSSL defines it.
    """
    context = ssl.create_default_context()
    if not os.environ.get("SSL_CERT_FILE"):
        context.load_verify_locations(cafile=certifi.where())
    return context
