"""How the nouns are written into columns and read back.

Times are whole microseconds since 1970, UTC. Every reader raises ``ValueError``,
``TypeError`` or ``KeyError`` on a row it cannot make sense of (``UNREADABLE``); the
caller sets that row aside and goes on with the others.
"""

from vedette.store.rows.alerts import (
    ALERT_COLUMNS,
    alert_from,
    alert_json,
    alert_row,
    covered,
)
from vedette.store.rows.collected import (
    ADD_REQUEST,
    ITEM_COLUMNS,
    REQUEST_COLUMNS,
    STATE_COLUMNS,
    item_from,
    item_row,
    request_from,
    request_row,
    state_from,
    state_row,
)
from vedette.store.rows.matches import (
    evidence_from,
    evidence_json,
    gates_from,
    matches_from,
    matches_json,
)
from vedette.store.rows.outbox import DELIVERY_COLUMNS, delivery_from, delivery_row
from vedette.store.rows.stories import STORY_COLUMNS, story_from, story_row
from vedette.store.rows.values import (
    TICK,
    UNREADABLE,
    as_json,
    clean,
    maybe_clean,
    maybe_ticks,
    maybe_when,
    readable,
    ticks,
    when,
)

__all__ = [
    "ADD_REQUEST",
    "ALERT_COLUMNS",
    "DELIVERY_COLUMNS",
    "ITEM_COLUMNS",
    "REQUEST_COLUMNS",
    "STATE_COLUMNS",
    "STORY_COLUMNS",
    "TICK",
    "UNREADABLE",
    "alert_from",
    "alert_json",
    "alert_row",
    "as_json",
    "clean",
    "covered",
    "delivery_from",
    "delivery_row",
    "evidence_from",
    "evidence_json",
    "gates_from",
    "item_from",
    "item_row",
    "matches_from",
    "matches_json",
    "maybe_clean",
    "maybe_ticks",
    "maybe_when",
    "readable",
    "request_from",
    "request_row",
    "state_from",
    "state_row",
    "story_from",
    "story_row",
    "ticks",
    "when",
]
