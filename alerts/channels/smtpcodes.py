"""What an SMTP server's answer, or its silence, means at each step."""

from __future__ import annotations

import ssl
from enum import StrEnum
from typing import TYPE_CHECKING

import aiosmtplib

from alerts.channels.detail import shown
from alerts.model import Outcome, Receipt
from crawler.errors import FetchError
from crawler.reasons import FetchReason

if TYPE_CHECKING:
    from collections.abc import Sequence


class Step(StrEnum):
    """How far a transaction got; DOT means that the whole message was written."""

    CONNECT = "connecting"
    GREETING = "the greeting"
    EHLO = "EHLO"
    STARTTLS = "STARTTLS"
    AUTH = "AUTH"
    MAIL = "MAIL FROM"
    RCPT = "RCPT TO"
    DATA = "DATA"
    DOT = "the final dot"


class Fault(Exception):  # noqa: N818 - reads as the fact it states
    """A fault found on our side of the wire, with its outcome."""

    def __init__(self, outcome: Outcome, detail: str) -> None:
        super().__init__(detail)
        self.outcome = outcome


_OF_THE_MESSAGE = {Step.RCPT, Step.DATA, Step.DOT}
_AUTHENTICATION = {530, 534, 535, 538}
"""Authentication wanted or refused, at whatever verb (RFC 4954 section 6)."""


def outcome_of(step: Step, code: int) -> Outcome:
    """The outcome of a reply code at a step (RFC 5321 section 4.2.1).

    A 5xx is the recipient's or message's from RCPT on, the channel's before.
    """
    if 400 <= code < 500:
        return Outcome.TEMPORARY
    if 500 <= code < 600:
        ours = step not in _OF_THE_MESSAGE or code in _AUTHENTICATION
        return Outcome.PAUSED if ours else Outcome.PERMANENT
    if step is Step.DOT:
        return Outcome.DELIVERED if 200 <= code < 300 else Outcome.AMBIGUOUS
    return Outcome.TEMPORARY


def judge(step: Step, error: Exception, *, secrets: Sequence[str]) -> Receipt:
    """The receipt of a transaction that ended in an exception.

    No answer is TEMPORARY before the final dot and AMBIGUOUS after it; a certificate
    that does not verify is PAUSED; an address that cannot be put on the wire is
    PERMANENT for a recipient and PAUSED for a sender.

    Raises:
        Exception: the error itself, when it is none that a wire can cause.
    """
    return Receipt(
        outcome=_outcome(step, error),
        detail=shown(f"at {step.value}: {_words(error)}", secrets),
    )


def _outcome(step: Step, error: Exception) -> Outcome:
    if isinstance(error, Fault):
        return error.outcome
    if isinstance(error, FetchError):
        refused = error.reason is FetchReason.ADDRESS_REFUSED
        return Outcome.PAUSED if refused else Outcome.TEMPORARY
    if _certificate(error):
        return Outcome.PAUSED
    if isinstance(error, ValueError):
        return Outcome.PERMANENT if step is Step.RCPT else Outcome.PAUSED
    if isinstance(error, aiosmtplib.SMTPResponseException) and error.code > 0:
        return outcome_of(step, error.code)
    if isinstance(error, aiosmtplib.SMTPException | OSError | TimeoutError):
        return Outcome.AMBIGUOUS if step is Step.DOT else Outcome.TEMPORARY
    raise error


def _certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__
    return False


def _words(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {error.message}" if error.code > 0 else error.message
    return str(error) or type(error).__name__
