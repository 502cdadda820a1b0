"""What the answer to an HTTP request means for the message it carried."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from alerts.channels.detail import shown
from alerts.model import Outcome, Receipt
from crawler.reasons import FetchReason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.errors import FetchError

_LONGEST_WAIT = timedelta(days=7)
_FAULTS = {
    FetchReason.BAD_URL,
    FetchReason.BAD_SCHEME,
    FetchReason.BAD_PORT,
    FetchReason.ADDRESS_REFUSED,
}
"""Refusals that only the operator can mend; any other may pass by itself."""


def retry_after(raw: str | None, now: datetime) -> timedelta | None:
    """A Retry-After header as a wait in [0, 7 days]; None when it cannot be read.

    RFC 9110 section 10.2.3: whole seconds or an HTTP date.
    """
    text = (raw or "").strip()
    if re.fullmatch(r"[0-9]+", text):
        seconds = int(text) if len(text) < 10 else _LONGEST_WAIT.total_seconds()
        return min(timedelta(seconds=seconds), _LONGEST_WAIT)
    if not re.match(r"[A-Za-z]{3}", text):
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(moment - now, timedelta(0)), _LONGEST_WAIT)


def refused(error: FetchError, hidden: Sequence[str]) -> Receipt:
    """The receipt of a request that never left: our own guard said no."""
    outcome, words = Outcome.TEMPORARY, str(error)
    if error.reason in _FAULTS:
        outcome = Outcome.PAUSED
    if error.reason is FetchReason.ADDRESS_REFUSED:
        words += "; private addresses, and http:// at all, need network.allow"
    return Receipt(outcome=outcome, detail=shown(words, hidden))
