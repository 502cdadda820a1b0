"""How one attempt to send ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta


class Outcome(StrEnum):
    """How one attempt ended; never a bool.

    AMBIGUOUS means the last byte was written and no answer came: it is sent again
    with the same id. PAUSED is a fault of the channel's own config (authentication,
    a missing secret): the row keeps its turn and the operator must act.
    """

    DELIVERED = "delivered"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    GONE = "gone"
    AMBIGUOUS = "ambiguous"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a channel says of one attempt.

    ``detail`` is safe to show (no secrets, at most 2,000 characters);
    ``retry_after`` is the receiver's wish, already clamped to [0, 7 days].
    """

    outcome: Outcome
    detail: str = ""
    retry_after: timedelta | None = None
