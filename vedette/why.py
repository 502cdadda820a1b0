"""Why an item alerted, or which gate stopped it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from alerts.evaluate import document
from alerts.followups import WEIGHT
from alerts.model import DeliveryState, Match, Reason
from crawler.urls import canonical_url
from vedette.replay import match_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from alerts.evaluate import Watch
    from alerts.model import Alert
    from vedette.store import Store
    from vedette.store.records import StoredItem

ALERTED = {Reason.FIRST, Reason.TOPIC, *WEIGHT}


def why(store: Store, watch: Watch, key: str, topic: str | None) -> dict[str, Any]:
    """The story of one item, by its id or URL, as one JSON object.

    ``gate`` is "alerted", or the gate that stopped it: not_fetched, waiting,
    no_topic, or that of its nearest topic. ``topics`` has one entry per topic whose
    query held, or exactly the one asked for, judged by today's topics in full.
    """
    stored = store.item(key)
    if stored is None and "://" in key:
        stored = store.item(canonical_url(key))
    if stored is None:
        return _not_fetched(store, watch, key)
    answers = [_topic(stored, match) for match in stored.matches]
    rows = store.stories(1, stored.story.id) if stored.story else ()
    related = rows[0].related if rows else ()
    if topic is not None:
        match = watch.matcher.explain(document(stored.item, watch.sources), topic)
        answers = [_topic(stored, match)]
    return {
        "item": stored.item.id,
        "url": stored.item.url,
        "title": stored.item.title,
        "source": stored.item.source,
        "published": stored.item.published,
        "seen": stored.item.seen,
        "freshness": stored.item.freshness.value,
        "story": stored.story.id if stored.story else None,
        "related": [{"id": one.id, "headline": one.headline} for one in related],
        "duplicate_of": stored.duplicate_of,
        "gate": _gate(stored, answers),
        "topics": answers,
        "alerts": [
            {
                "topic": alert.topic,
                "reason": alert.reason.value,
                "milestone": alert.milestone,
                "note": alert.note.value if alert.note else None,
                "due": alert.due,
                **difference_json(alert),
            }
            for alert in stored.alerts
        ],
        "deliveries": [
            {
                "id": row.id,
                "channel": row.channel,
                "recipient": row.recipient,
                "state": row.state.value,
                "reason": row.reason.value if row.reason else None,
                "due": row.due,
                "detail": row.detail,
            }
            for row in stored.deliveries
        ],
    }


def difference_json(alert: Alert) -> dict[str, Any]:
    """What a revision changed; absent in every other alert."""
    found = [
        {"what": one.what.value, "old": one.old, "new": one.new}
        for one in alert.difference
    ]
    return {"difference": found} if found else {}


def _not_fetched(store: Store, watch: Watch, key: str) -> dict[str, Any]:
    host = urlsplit(key).hostname
    states = store.states()
    near = [
        {
            "source": name,
            "state": states[name].state if name in states else "new",
            "reason": r.value
            if name in states and (r := states[name].reason)
            else None,
            "last_success": states[name].succeeded if name in states else None,
        }
        for name, source in watch.sources.items()
        if host and urlsplit(source.url).hostname == host
    ]
    return {
        "item": None,
        "url": key,
        "gate": "not_fetched",
        "sources_on_host": near,
        "topics": [],
        "alerts": [],
        "deliveries": [],
    }


def _topic(stored: StoredItem, match: Match) -> dict[str, Any]:
    gates = dict(stored.gates)
    gate = gates.get(match.topic, match.gate)
    if not match.hit:
        gate = match.gate
    if gate is Reason.HELD:  # let go since, perhaps
        gate = next((a.reason for a in stored.alerts if a.topic == match.topic), gate)
    rows = [r for r in stored.deliveries if r.reason is Reason.SILENCED]
    if gate in ALERTED and rows and all(r in rows for r in stored.deliveries):
        gate = Reason.SILENCED
    answer = match_json(match)
    answer["gate"] = gate.value
    answer["stopped_by"] = match.stopped_by
    answer["parts"] = [{"what": w, "points": p} for w, p in match.parts]
    if gate is Reason.BELOW_THRESHOLD:
        answer["below_by"] = match.threshold - match.score
    return answer


def _gate(stored: StoredItem, answers: list[dict[str, Any]]) -> str:
    if stored.evaluated is None:
        return "unreadable" if stored.unreadable else "waiting"
    if ("", Reason.FAILED) in stored.gates:
        return Reason.FAILED.value
    gates = [a["gate"] for a in answers]
    if any(alert.reason in WEIGHT for alert in stored.alerts):
        return "alerted"
    if any(g in {r.value for r in ALERTED} for g in gates):
        return "alerted"
    if stored.duplicate_of is not None and Reason.ALREADY_ALERTED.value in gates:
        return Reason.DUPLICATE.value
    return gates[0] if gates else "no_topic"


_SENTENCES = {
    "alerted": "it alerted",
    "not_fetched": "not fetched: no item with this URL or id is stored",
    "waiting": "it waits for evaluation",
    "unreadable": "its stored row is damaged and was set aside",
    "failed": "judging it failed: a defect of ours, the log has the traceback",
    "no_topic": "no topic's query holds in it",
    "hit": "it hits",
    "first": "alerted, as the first of its story",
    "topic": "alerted, as a further topic of its story",
    **{reason.value: f"followed up: {reason.value}" for reason in WEIGHT},
    "query_not_met": "the query does not hold",
    "none_clause": "silenced by the clause",
    "out_of_scope": "out of the topic's scope (tags, languages, sources)",
    "held": "held for a second independent report, ten minutes at most",
    "already_alerted": "this topic alerted on this story before",
    "shadow": "a shadow topic (alert: off): recorded, never sent",
    "old": "old: published more than 24 h before the source was adopted or last read",
    "undated_first_poll": "undated, and there at the source's first poll",
    "duplicate": "duplicate of an item that alerted before",
}


def sentences(answer: dict[str, Any]) -> Iterator[str]:
    """The answer as lines for a person; the same facts as the JSON."""
    if answer["item"] is None:
        yield f"{answer['url']}: {_SENTENCES['not_fetched']}"
        for near in answer["sources_on_host"]:
            last = near["last_success"] or "never"
            yield (
                f"  source {near['source']} on this host: {near['state']} "
                f"{near['reason'] or ''}, last success {last}"
            )
        return
    yield f"{answer['title'] or '(no title)'}"
    yield f"  item {answer['item']} from {answer['source']}: {answer['url'] or ''}"
    published = _minute(answer["published"]) if answer["published"] else "unknown"
    yield f"  published {published}, seen {_minute(answer['seen'])}"
    if answer["duplicate_of"]:
        yield f"  duplicate of {answer['duplicate_of']}"
    for other in answer["related"]:
        headline = other["headline"] or "(no headline)"
        yield f"  its story may belong to “{headline}” (story {other['id']})"
    yield f"  {_SENTENCES.get(answer['gate'], answer['gate'])}"
    for topic in answer["topics"]:
        yield from _topic_sentences(topic, answer)
    for alert in answer["alerts"]:
        yield from _alert_sentences(alert)
    for row in answer["deliveries"]:
        why_not = f" ({row['detail'] or row['reason']})" if row["reason"] else ""
        yield f"  to {row['recipient']} by {row['channel']}: {row['state']}{why_not}"


def _alert_sentences(alert: dict[str, Any]) -> Iterator[str]:
    """What a follow-up that the item brought was for; first alerts are told above."""
    if Reason(alert["reason"]) in WEIGHT:
        held = f", to leave {_minute(alert['due'])}" if alert["due"] else ""
        if alert["note"] == Reason.CAPPED.value:
            held = ", in a digest: the day's follow-ups were used up"
        yield f"follow-up for {alert['topic']}: {alert['milestone']}{held}"
        for one in alert.get("difference", ()):
            yield f"  {one['what']}: {one['old'] or '–'} → {one['new'] or '–'}"
    elif alert["reason"] == Reason.ESCALATED.value:
        yield f"{alert['topic']}: escalated, as nobody acknowledged it in time"
    elif alert["note"] == Reason.HELD.value:
        yield f"{alert['topic']}: held, then sent without a second report"


def _minute(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%MZ")


def _topic_sentences(topic: dict[str, Any], answer: dict[str, Any]) -> Iterator[str]:
    gate = topic["gate"]
    said = _SENTENCES.get(gate, gate)
    if gate == Reason.BELOW_THRESHOLD.value:
        said = f"below threshold by {topic['below_by']:g}"
    if gate == Reason.NONE_CLAUSE.value:
        said = f"{said} {topic['stopped_by']}"
    if gate == Reason.SILENCED.value:
        silenced = DeliveryState.SUPPRESSED.value
        rows = [r["detail"] for r in answer["deliveries"] if r["state"] == silenced]
        said = rows[0] if rows else "silenced"
    yield f"topic {topic['topic']}: {said}"
    if topic["parts"]:
        parts = " ".join(f"{p['what']} {p['points']:+g}" for p in topic["parts"])
        yield f"  score {topic['score']} of {topic['threshold']:g} needed: {parts}"
    for e in topic["evidence"]:
        who = f"@{e['entity']} " if e["entity"] else ""
        yield (
            f"  {e['clause']}: {who}“{e['surface']}” ({e['how']}) "
            f"{e['field']} {e['start']}-{e['end']}"
        )
