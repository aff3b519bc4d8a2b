"""Figures for an operator, in the format of Prometheus.

They belong to the process, as its log does. Several server processes keep them in files that any
of them can add up (`PROMETHEUS_MULTIPROC_DIR`, which `readout serve --workers` sets).
"""

import os
from bisect import bisect_left
from collections import Counter as TallyOf
from collections.abc import Iterator
from functools import partial

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import Metric
from prometheus_client.metrics import disable_created_metrics
from prometheus_client.multiprocess import MultiProcessCollector

disable_created_metrics()  # type: ignore[no-untyped-call] # it has no types
FILES = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class _Histogram(Histogram):
    """Takes many observations at once."""

    def observe_all(self, amounts: list[float]) -> None:
        """The same as to observe each, for less."""
        numbers = TallyOf(bisect_left(self._upper_bounds, amount) for amount in amounts)
        for at, number in numbers.items():
            self._buckets[at].inc(number)
        self._sum.inc(sum(amounts))


# What is true of several processes together: the sum, the worst, or that of the oldest.
_sum_of = partial(Gauge, multiprocess_mode="livesum")
_any_of = partial(Gauge, multiprocess_mode="livemax")
_oldest_of = partial(Gauge, multiprocess_mode="livemin")
REQUESTS = Counter(
    "readout_requests", "Requests answered, by what the response cache did: hit, miss or pass.",
    ["route", "status", "cache"],
)  # fmt: skip
REQUEST_SECONDS = _Histogram(
    "readout_request_seconds", "From a request to the end of its answer.", ["route"],
    buckets=_SECONDS,
)  # fmt: skip
IN_PROGRESS = _sum_of("readout_requests_in_progress", "Requests being answered.")
PROBLEMS = Counter(
    "readout_problems", "Requests answered with a problem, or refused unread.", ["problem"]
)
LOG_DROPPED = Counter(
    "readout_log_dropped", "Pieces of the log that were dropped, as nobody read them."
)
CACHE_BYTES = _sum_of("readout_cache_bytes", "Memory that kept answers take.")
QUERY_SECONDS = Histogram(
    "readout_query_seconds", "Queries of the database.", ["kind"], buckets=_SECONDS
)
QUERIES_WAITING = _sum_of("readout_queries_waiting", "Queries that wait for a turn.")
CONNECTIONS = _sum_of("readout_database_connections", "Connections to the database.", ["state"])
RELEASE = _oldest_of(
    "readout_release", "The release that is served, 0 for none; of several processes the oldest."
)
FAULT = _any_of(
    "readout_database_fault",
    "1 while the newest release on the disk can't be served; the log says why.",
)
BEHIND = _any_of(
    "readout_behind",
    "1 while what is served may not be what is published, as storage is away; the log says why.",
)
PUBLISHED = _oldest_of(
    "readout_release_published_timestamp_seconds", "When that release was published."
)


def registry() -> CollectorRegistry:
    """Where the figures of all server processes are."""
    if FILES not in os.environ:
        return REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call] # it has no types
    return together


class Now(CollectorRegistry):
    """The figures of the processes that there are when somebody asks."""

    def collect(self) -> Iterator[Metric]:
        """Read them."""
        yield from registry().collect()
