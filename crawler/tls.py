"""How certificates are checked, and what was wrong with one."""

from __future__ import annotations

import ssl

import certifi


def tls_context() -> ssl.SSLContext:
    """Verifies against the system's authorities and those of certifi."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def trusting_context() -> ssl.SSLContext:
    """Believes any certificate: for a site whose operator lets his lapse."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def tls_cause(error: BaseException | None) -> str:
    """The first cause in the chain that names what failed."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message
        if isinstance(error, ssl.SSLError) and error.reason:
            return error.reason.replace("_", " ").lower()
        error = error.__cause__ or error.__context__  # the pool raises "from None"
    return "handshake broken off"
