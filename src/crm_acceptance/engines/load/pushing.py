"""Live figures in OpenTelemetry's words, pushed over OTLP/HTTP; a receiver that is down breaks nothing."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import requests
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricExportResult,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from crm_acceptance import __version__
from crm_acceptance.engines.load.scraping import READINGS, Figures
from crm_acceptance.engines.load.tallies import BOUNDS
from crm_acceptance.errors import WrongUse
from crm_acceptance.manners import production

TIMEOUT = 3.0
"""Seconds for one push, its repetitions included."""
_PREFIX = "crm_acceptance.load"
_UNITS = {"busy": "{hand}", "lateness_p95_seconds": "s", "cpu": "1"}


class Push:
    """One receiver. `failed` of `tried` pushes did not get there."""

    def __init__(self, url: str) -> None:
        self.endpoint = _endpoint(url)
        self.tried = self.failed = 0
        self._since = time.time_ns()
        logging.getLogger(OTLPMetricExporter.__module__.rpartition(".")[0]).setLevel(logging.CRITICAL)  # told by us
        line = requests.Session()
        line.trust_env = not production.on_this_machine(self.endpoint)  # no company proxy for what runs here
        self._exporter = OTLPMetricExporter(endpoint=self.endpoint, timeout=TIMEOUT, session=line)

    def send(self, totals: Figures) -> bool:
        """Whether the receiver took it."""
        with totals.lock:
            data = _data(totals, self._since)
        self.tried += 1
        took = self._exporter.export(data) is MetricExportResult.SUCCESS
        self.failed += not took
        return took

    def told(self) -> str:
        """One line for people."""
        return (
            f"OTLP 接收端 {self.endpoint}：{self.tried} 次推送有 {self.failed} 次没有收下，压测不受影响。"
            f"The receiver did not take {self.failed} of {self.tried} pushes; the run is not affected."
        )


def _endpoint(url: str) -> str:
    """The address of the receiver's metrics; without a path, the one that the standard names."""
    if not production.is_address(url):
        raise WrongUse(f"--otlp 要写网址，例如 http://127.0.0.1:4318；这里是 {url!r}。Give an http(s) address.")
    return url.rstrip("/") + "/v1/metrics" if urlsplit(url).path in ("", "/") else url


def _data(totals: Figures, since: int) -> MetricsData:
    scope = ScopeMetrics(InstrumentationScope("crm-acceptance", __version__), list(_metrics(totals, since)), "")
    resource = Resource({"service.name": "crm-acceptance", "service.version": __version__})
    return MetricsData([ResourceMetrics(resource, [scope], "")])


def _metrics(totals: Figures, since: int) -> Iterator[Metric]:
    now, rows = time.time_ns(), totals.verbs.items()
    kept = AggregationTemporality.CUMULATIVE

    def about(verb: str) -> dict[str, Any]:
        return {"peak": totals.peak, "verb": verb}

    requests = [NumberDataPoint(about(verb), since, now, sum(one["buckets"])) for verb, one in rows]
    errors = [NumberDataPoint(about(verb), since, now, one["errors"]) for verb, one in rows]
    took = [
        HistogramDataPoint(
            *(about(verb), since, now, sum(one["buckets"]), one["seconds"], one["buckets"], list(BOUNDS)),
            min=one["extremes"][0], max=one["extremes"][1],
        )
        for verb, one in rows
    ]  # fmt: skip
    yield Metric(f"{_PREFIX}.requests", "Actions that ended", "{action}", Sum(requests, kept, True))
    yield Metric(f"{_PREFIX}.errors", "Actions that failed", "{action}", Sum(errors, kept, True))
    yield Metric(f"{_PREFIX}.latency", "From the intended start", "s", Histogram(took, kept))
    begun = [NumberDataPoint({"peak": totals.peak}, since, now, totals.begun)]
    yield Metric(f"{_PREFIX}.begun", "Arrivals that somebody began", "{arrival}", Sum(begun, kept, True))
    for name, meaning in READINGS.items():
        reading = NumberDataPoint({"peak": totals.peak}, since, now, totals.readings.get(name, 0.0))
        yield Metric(f"{_PREFIX}.{name}", meaning, _UNITS[name], Gauge([reading]))
