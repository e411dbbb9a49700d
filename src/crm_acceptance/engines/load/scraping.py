"""Live figures in Prometheus' words, served on this machine only while the run goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate
from typing import Any, Protocol

from prometheus_client import start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector, CollectorRegistry

from crm_acceptance.engines.load.tallies import BOUNDS
from crm_acceptance.errors import WrongUse

PREFIX = "crm_acceptance_load"
READINGS = {
    "busy": "Hands that are doing something now",
    "lateness_p95_seconds": "How late the generator itself was in the last second",
    "cpu": "Share of one core that the generator used in the last second; of several workers the sum",
}


class Figures(Protocol):
    """What is told: see export.Totals."""

    peak: str
    verbs: dict[str, Any]
    begun: int
    readings: dict[str, float]
    lock: Any


class Peak(Collector):
    """The figures as they are when somebody asks."""

    def __init__(self, totals: Figures) -> None:
        self._totals = totals

    def collect(self) -> Iterator[Any]:
        """Counters and a histogram per verb, and the readings of the last second."""
        with self._totals.lock:
            yield from list(_families(self._totals))


def _families(totals: Figures) -> Iterator[Any]:
    labels = ["peak", "verb"]
    requests = CounterMetricFamily(f"{PREFIX}_requests", "Actions that ended", labels=labels)
    errors = CounterMetricFamily(f"{PREFIX}_errors", "Actions that failed", labels=labels)
    latency = HistogramMetricFamily(
        f"{PREFIX}_latency_seconds", "From the intended start to the end of the answer", labels=labels
    )
    for verb, tally in totals.verbs.items():
        counts = list(accumulate(tally["buckets"]))
        requests.add_metric([totals.peak, verb], counts[-1])
        errors.add_metric([totals.peak, verb], tally["errors"])
        ends = [*(str(one) for one in BOUNDS), "+Inf"]
        latency.add_metric([totals.peak, verb], list(zip(ends, counts, strict=True)), tally["seconds"])
    begun = CounterMetricFamily(f"{PREFIX}_begun", "Arrivals that somebody began", labels=["peak"])
    begun.add_metric([totals.peak], totals.begun)
    yield from (requests, errors, latency, begun)
    for name, meaning in READINGS.items():
        gauge = GaugeMetricFamily(f"{PREFIX}_{name}", meaning, labels=["peak"])
        gauge.add_metric([totals.peak], totals.readings.get(name, 0.0))
        yield gauge


@contextmanager
def served(totals: Figures, port: int) -> Iterator[None]:
    """Within, http://127.0.0.1:port/metrics answers. WrongUse when the port is taken."""
    registry = CollectorRegistry()
    registry.register(Peak(totals))
    try:
        server, thread = start_http_server(port, addr="127.0.0.1", registry=registry)
    except OSError as taken:
        raise WrongUse(
            f"端口 127.0.0.1:{port} 不能用：{taken.strerror}。请换 --metrics-port。Choose another --metrics-port."
        ) from None
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
