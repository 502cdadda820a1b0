"""What holds in an item, as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from alerts.model import Evidence, Match, Reason
from vedette.store.rows.values import as_json

if TYPE_CHECKING:
    from collections.abc import Iterable

_EVIDENCE = (
    "topic",
    "clause",
    "entity",
    "surface",
    "field",
    "start",
    "end",
    "how",
)


def evidence_json(evidence: Iterable[Evidence]) -> list[dict[str, Any]]:
    """Evidence as plain objects."""
    return [{name: getattr(one, name) for name in _EVIDENCE} for one in evidence]


def evidence_from(raw: Iterable[dict[str, Any]]) -> tuple[Evidence, ...]:
    """Read evidence; keys of a newer version are passed over."""
    return tuple(Evidence(**{name: one[name] for name in _EVIDENCE}) for one in raw)


def matches_json(matches: Iterable[Match]) -> str:
    """An item's matches as JSON."""
    return as_json(
        [
            {
                "topic": match.topic,
                "hit": match.hit,
                "score": match.score,
                "threshold": match.threshold,
                "gate": match.gate,
                "evidence": evidence_json(match.evidence),
                "parts": match.parts,
                "stopped_by": match.stopped_by,
            }
            for match in matches
        ]
    )


def matches_from(raw: str) -> tuple[Match, ...]:
    """Read an item's matches."""
    return tuple(
        Match(
            topic=one["topic"],
            hit=one["hit"],
            score=one["score"],
            threshold=one["threshold"],
            gate=Reason(one["gate"]),
            evidence=evidence_from(one["evidence"]),
            parts=tuple((what, points) for what, points in one["parts"]),
            stopped_by=one["stopped_by"],
        )
        for one in json.loads(raw)
    )


def gates_from(raw: str) -> tuple[tuple[str, Reason], ...]:
    """Read the gate of each topic that hit."""
    return tuple((topic, Reason(gate)) for topic, gate in json.loads(raw))
