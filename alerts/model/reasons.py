"""Why an answer was yes or no, and how urgent a topic is."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """How urgent a topic is; ``rank`` orders them."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for low up to 3 for critical."""
        return list(Severity).index(self)


class Reason(StrEnum):
    """Why the answer was yes or no, at every gate of this floor."""

    # matching
    HIT = "hit"
    QUERY_NOT_MET = "query_not_met"
    BELOW_THRESHOLD = "below_threshold"
    NONE_CLAUSE = "none_clause"
    OUT_OF_SCOPE = "out_of_scope"
    # alerting
    FIRST = "first"
    TOPIC = "topic"
    CORROBORATED = "corroborated"
    CONFIRMED = "confirmed"
    WIDE = "wide"
    OFFICIAL = "official"
    DISPUTED = "disputed"
    DEVELOPMENT = "development"
    REVISED = "revised"
    REOPENED = "reopened"
    ESCALATED = "escalated"
    # staying quiet
    HELD = "held"
    CAPPED = "capped"
    DUPLICATE = "duplicate"
    ALREADY_ALERTED = "already_alerted"
    ALREADY_TOLD = "already_told"
    SHADOW = "shadow"
    SILENCED = "silenced"
    OLD = "old"
    UNDATED_FIRST_POLL = "undated_first_poll"
    NO_CHANNEL = "no_channel"
    QUIET = "quiet"
    LIMITED = "limited"
    ACKNOWLEDGED = "acknowledged"
    FAILED = "failed"
    # delivering
    DROPPED = "dropped"
    EXHAUSTED = "exhausted"
    REFUSED = "refused"
    GONE = "gone"
    UNKNOWN_CHANNEL = "unknown_channel"
    FAILING = "failing"
