"""When a delivery is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.model import Outcome, Receipt, Severity
from alerts.retries import Wait, due_again, next_attempt

START = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
WEBHOOK = [
    5 * SECOND,
    30 * SECOND,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
]
TEMPORARY = Receipt(outcome=Outcome.TEMPORARY)


def waits(kind: str, receipt: Receipt, *, seed: str = "d") -> list[timedelta]:
    """Every wait of a delivery that never gets through."""
    now, out = START, list[timedelta]()
    for attempts in range(1, 1000):
        due = next_attempt(
            kind,
            attempts=attempts,
            first_due=START,
            now=now,
            delivery_id=seed,
            receipt=receipt,
        )
        if due is None:
            return out
        out.append(due - now)
        now = due
    raise AssertionError("it never ends")


@pytest.mark.parametrize("outcome", [Outcome.TEMPORARY, Outcome.AMBIGUOUS])
@given(seed=st.uuids().map(str))
def test_a_webhook_is_tried_eleven_times_by_the_schedule(
    outcome: Outcome, seed: str
) -> None:
    """I10: within ±10 % of every step."""
    found = waits("webhook", Receipt(outcome=outcome), seed=seed)
    assert len(found) == len(WEBHOOK)
    for wait, planned in zip(found, WEBHOOK, strict=True):
        assert planned * 0.9 <= wait <= planned * 1.1


@given(seed=st.uuids().map(str))
def test_a_mail_is_tried_for_96_hours(seed: str) -> None:
    found = waits("email", TEMPORARY, seed=seed)
    planned = [2 * MINUTE, 10 * MINUTE, 30 * MINUTE, *[HOUR] * 4]
    planned += [4 * HOUR] * (len(found) - 7)
    for wait, plan in zip(found, planned, strict=True):
        assert plan * 0.9 <= wait <= plan * 1.1
    assert 90 * HOUR <= sum(found, timedelta()) <= 96.4 * HOUR


@pytest.mark.parametrize("kind", ["console", "file"])
def test_other_kinds_go_by_the_webhooks_schedule(kind: str) -> None:
    assert waits(kind, TEMPORARY) == waits("webhook", TEMPORARY)


def test_our_own_downtime_does_not_use_up_a_mails_attempts() -> None:
    late = START + timedelta(days=9)
    due = next_attempt(
        "email",
        attempts=1,
        first_due=START,
        now=late,
        delivery_id="d",
        receipt=TEMPORARY,
    )
    assert due is not None
    assert due - late <= 3 * MINUTE


@pytest.mark.parametrize(
    "outcome", [Outcome.PERMANENT, Outcome.GONE, Outcome.DELIVERED]
)
@pytest.mark.parametrize("kind", ["email", "webhook"])
def test_what_is_settled_is_not_tried_again(kind: str, outcome: Outcome) -> None:
    assert waits(kind, Receipt(outcome=outcome)) == []


def test_a_paused_channel_never_kills_a_row() -> None:
    for attempts in (1, 11, 500):
        due = next_attempt(
            "webhook",
            attempts=attempts,
            first_due=START - timedelta(days=300),
            now=START,
            delivery_id="d",
            receipt=Receipt(outcome=Outcome.PAUSED),
        )
        assert due is not None
        assert 13 * MINUTE < due - START < 17 * MINUTE


def test_retry_after_is_a_floor_and_not_a_ceiling() -> None:
    """I10."""
    for wish, low, high in (
        (HOUR, HOUR, HOUR),
        (SECOND, 4.5 * SECOND, 5.5 * SECOND),
        (timedelta(0), 4.5 * SECOND, 5.5 * SECOND),
        (timedelta(days=7), timedelta(days=7), timedelta(days=7)),
    ):
        receipt = Receipt(outcome=Outcome.TEMPORARY, retry_after=wish)
        due = next_attempt(
            "webhook",
            attempts=1,
            first_due=START,
            now=START,
            delivery_id="d",
            receipt=receipt,
        )
        assert due is not None
        assert low <= due - START <= high


def test_jitter_is_the_same_every_time_and_differs_between_deliveries() -> None:
    assert waits("webhook", TEMPORARY) == waits("webhook", TEMPORARY)
    seen = {waits("webhook", TEMPORARY, seed=str(n))[4] for n in range(50)}
    assert len(seen) > 40
    assert min(seen) < 2 * HOUR < max(seen)


def wait(since: datetime, due: datetime, attempts: int) -> Wait:
    return Wait(
        delivery_id="d",
        channel="c",
        severity=Severity.HIGH,
        escalated=False,
        gathers=False,
        attempts=attempts,
        since=since,
        due=due,
    )


@given(
    kind=st.sampled_from(["webhook", "email"]),
    attempts=st.integers(0, len(WEBHOOK)),
    planned=st.timedeltas(timedelta(0), timedelta(days=7)),
    step=st.timedeltas(timedelta(0), timedelta(days=400)),
    later=st.timedeltas(timedelta(0), timedelta(days=400)),
)
def test_a_clock_set_back_delays_no_retry_by_its_step(
    kind: str, attempts: int, planned: timedelta, step: timedelta, later: timedelta
) -> None:
    """A82, I10: never later than before, nor nearer than the schedule's own wait."""
    ended = START
    own = (
        next_attempt(
            kind,
            attempts=attempts,
            first_due=START,
            now=ended,
            delivery_id="d",
            receipt=TEMPORARY,
        )
        if attempts
        else ended
    )
    # A Retry-After makes it longer than the schedule's own, and never shorter.
    due = max(ended + planned, own or ended)
    now = ended - step
    first = due_again(wait(ended, due, attempts), kind, now)
    assert first == due if not step else first == now + (due - ended)
    # Asked again while the clock is still behind.
    again = due_again(wait(ended, first, attempts), kind, now + later)
    assert again <= first
    assert again >= min(first, now + later + ((own or ended) - ended))


def test_a_last_attempt_in_the_past_leaves_the_next_as_planned() -> None:
    one = wait(START, START + HOUR, 3)
    assert due_again(one, "webhook", START + SECOND) == START + HOUR
