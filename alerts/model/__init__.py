"""The nouns of alerting, one frozen type per stage of an item's trip.

    watch -> matching -> stories -> deciding -> messages -> sending

Declarations without behaviour; every room of this floor takes its nouns from here.
"""

from alerts.model.deciding import (
    Alert,
    Escalation,
    Hold,
    Judgement,
    Neighbours,
    Pending,
    Silence,
    Told,
    Verdict,
)
from alerts.model.matching import Document, Evidence, Match, Matched
from alerts.model.messages import (
    Delivery,
    DeliveryState,
    Letter,
    MessageType,
    Notice,
    Telling,
)
from alerts.model.reasons import Reason, Severity
from alerts.model.revisions import Changed, Difference, Recheck, Rereading, Version
from alerts.model.sending import Outcome, Receipt
from alerts.model.stories import (
    Byline,
    Fact,
    Fingerprint,
    Gist,
    Known,
    Link,
    Posted,
    Recent,
    Report,
    Sketch,
    Story,
    StoryMove,
)
from alerts.model.watch import (
    Alias,
    Channel,
    Clause,
    Entity,
    Escalate,
    Limit,
    Quiet,
    Scope,
    Topic,
)

__all__ = [
    "Alert",
    "Alias",
    "Byline",
    "Changed",
    "Channel",
    "Clause",
    "Delivery",
    "DeliveryState",
    "Difference",
    "Document",
    "Entity",
    "Escalate",
    "Escalation",
    "Evidence",
    "Fact",
    "Fingerprint",
    "Gist",
    "Hold",
    "Judgement",
    "Known",
    "Letter",
    "Limit",
    "Link",
    "Match",
    "Matched",
    "MessageType",
    "Neighbours",
    "Notice",
    "Outcome",
    "Pending",
    "Posted",
    "Quiet",
    "Reason",
    "Receipt",
    "Recent",
    "Recheck",
    "Report",
    "Rereading",
    "Scope",
    "Severity",
    "Silence",
    "Sketch",
    "Story",
    "StoryMove",
    "Telling",
    "Told",
    "Topic",
    "Verdict",
    "Version",
]
