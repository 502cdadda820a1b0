"""What /metrics says, in the words of docs/operations.md.

Names of sources and topics come from the user's config; no title, URL or person is
ever among the labels (A75).
"""

from __future__ import annotations

from collections import Counter
from itertools import accumulate
from typing import TYPE_CHECKING

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)

from alerts.model import DeliveryState
from crawler.reasons import DropReason
from vedette.ledger import BUCKETS_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from prometheus_client.core import Metric

    from vedette.daemon import Daemon
    from vedette.ledger import Ledger
    from vedette.store import StoreHealth

BOUNDS = (*(str(float(bound)) for bound in BUCKETS_S), "+Inf")


class Numbers:
    """The collector: reads the store, the ledger and the engine when asked."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon

    def collect(self) -> Iterator[Metric]:
        """Every family, in the order of the documentation."""
        daemon = self.daemon
        health = daemon.jobs.store.health(daemon.clock())
        yield from _outbox(health)
        yield from _latency(daemon.jobs.ledger)
        yield from _items(health, daemon.jobs.ledger)
        yield from _sources(health, daemon.source_states())
        yield _counter(
            "vedette_jobs",
            "Job runs and failures of this process",
            ("what",),
            {(what,): n for what, n in daemon.engine.counts.items()},
        )
        yield GaugeMetricFamily(
            "vedette_free_bytes", "Room on the store's disk", health.free_bytes
        )
        yield GaugeMetricFamily(
            "vedette_config_stale",
            "1 when the last reload was refused",
            float(daemon.stale_config is not None),
        )


def _outbox(health: StoreHealth) -> Iterator[Metric]:
    rows = GaugeMetricFamily(
        "vedette_deliveries", "Outbox rows by state", labels=["state"]
    )
    for state, count in health.deliveries.items():
        rows.add_metric([state.value], count)
    yield rows
    yield GaugeMetricFamily(
        "vedette_oldest_due_seconds",
        "Age of the oldest message that could have left",
        health.overdue.total_seconds(),
    )
    yield GaugeMetricFamily(
        "vedette_dead_letters",
        "Messages that were given up",
        health.deliveries.get(DeliveryState.DEAD, 0),
    )


def _latency(ledger: Ledger) -> Iterator[Metric]:
    times = HistogramMetricFamily(
        "vedette_latency_seconds",
        "Time of accepted alerts, stage by stage",
        labels=["stage", "source", "topic"],
    )
    for (stage, source, topic), spread in ledger.spreads().items():
        buckets = list(zip(BOUNDS, accumulate(spread.counts), strict=True))
        times.add_metric([stage.value, source, topic], buckets, spread.total_s)
    yield times


def _items(health: StoreHealth, ledger: Ledger) -> Iterator[Metric]:
    yield GaugeMetricFamily("vedette_items", "Stored items", health.items)
    yield GaugeMetricFamily(
        "vedette_items_pending", "Items that wait for evaluation", health.pending
    )
    yield _counter(
        "vedette_decisions",
        "What became of items that matched, by this process",
        ("topic", "reason"),
        ledger.gates(),
    )
    drops: dict[tuple[str, ...], int] = {
        (why.value,): sum(counts.get(why, 0) for counts in health.tallies.values())
        for why in DropReason
    }
    yield _counter(
        "vedette_dropped_entries", "Entries that became no item", ("reason",), drops
    )


def _sources(health: StoreHealth, states: dict[str, int]) -> Iterator[Metric]:
    watched = GaugeMetricFamily(
        "vedette_sources", "Watched sources by state", labels=["state"]
    )
    for state, count in states.items():
        watched.add_metric([state], count)
    yield watched
    ill = Counter(one.ailment.value for one in health.episodes if one.ended is None)
    trouble = GaugeMetricFamily(
        "vedette_sources_in_trouble", "Troubles that last", labels=["ailment"]
    )
    for ailment, count in ill.items():
        trouble.add_metric([ailment], count)
    yield trouble
    yield _counter(
        "vedette_source_entries",
        "Entries and polls per source since its adoption",
        ("source", "what"),
        {
            (source, what): count
            for source, counts in health.tallies.items()
            for what, count in counts.items()
        },
    )


def _counter(
    name: str,
    text: str,
    labels: tuple[str, ...],
    counts: Mapping[tuple[str, ...], int],
) -> Metric:
    family = CounterMetricFamily(name, text, labels=labels)
    for values, count in counts.items():
        family.add_metric(values, count)
    return family
