"""Live figures: what Prometheus would fetch, what a real OTLP receiver gets, and that a dead one harms nothing."""

from __future__ import annotations

import gzip
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from prometheus_client.parser import text_string_to_metric_families

from crm_acceptance.engines.load import live, tallies
from crm_acceptance.engines.load.export import Totals, exporting
from crm_acceptance.engines.load.orders import Sample
from crm_acceptance.engines.load.pushing import Push
from crm_acceptance.engines.load.scraping import Peak, served
from crm_acceptance.errors import WrongUse
from tests.test_load_elsewhere import free_port
from tests.test_load_lost import until
from tests.test_load_worker import WORKSPACE, site

SAMPLES = (
    Sample("lead.create", "lina", 1.0, 1.0, 1.03),
    Sample("lead.create", "lina", 1.0, 1.2, 1.3, "Refused: no"),
    Sample("order.list", "lina", 1.0, 1.0, 61.0),
)


@contextmanager
def receiver(answer: int = 200) -> Iterator[tuple[str, list[ExportMetricsServiceRequest]]]:
    """An OTLP/HTTP receiver that reads the protobuf with OpenTelemetry's own definitions."""
    got: list[ExportMetricsServiceRequest] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            body = gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body
            assert self.path == "/v1/metrics" and self.headers["content-type"] == "application/x-protobuf"
            got.append(ExportMetricsServiceRequest.FromString(body))
            self.send_response(answer)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing on the console."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", got
    finally:
        server.shutdown()
        server.server_close()


def totals() -> Totals:
    found = Totals("morning")
    for second in (1, 2):
        found.add(live.line(second, 4, 3, SAMPLES, [0.25], 0.5))
    return found


def metrics(request: ExportMetricsServiceRequest) -> dict[str, Any]:
    (resource,) = request.resource_metrics
    (scope,) = resource.scope_metrics
    return {one.name: one for one in scope.metrics}


def by_verb(points: Any) -> dict[str, Any]:
    return {next(one.value.string_value for one in each.attributes if one.key == "verb"): each for each in points}


def test_seconds_add_up_to_the_tally_of_all() -> None:
    whole: dict[str, Any] = {}
    for one in SAMPLES:
        tallies.add(whole, tallies.tallies([one]))
    assert whole == tallies.tallies(SAMPLES)
    assert sum(whole["order.list"]["buckets"]) == whole["order.list"]["buckets"][-1] == 1  # over the last bound


def test_prometheus_fetches_counters_and_a_histogram_per_verb() -> None:
    port = free_port()
    with served(totals(), port):
        text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text
    found = {
        (one.name, one.labels.get("verb", ""), one.labels.get("le", "")): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }
    assert found["crm_acceptance_load_requests_total", "lead.create", ""] == 4
    assert found["crm_acceptance_load_errors_total", "lead.create", ""] == 2
    assert found["crm_acceptance_load_latency_seconds_bucket", "lead.create", "0.05"] == 2
    assert found["crm_acceptance_load_latency_seconds_count", "order.list", ""] == 2
    assert found["crm_acceptance_load_latency_seconds_bucket", "order.list", "30.0"] == 0
    assert found["crm_acceptance_load_begun_total", "", ""] == 8
    assert found["crm_acceptance_load_busy", "", ""] == 3
    assert found["crm_acceptance_load_lateness_p95_seconds", "", ""] == 0.25
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{port}/metrics", timeout=5)


def test_before_anything_happened_there_are_readings_already() -> None:
    assert {one.name for one in Peak(Totals("m")).collect()} >= {"crm_acceptance_load_busy"}


def test_a_port_that_is_taken_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(WrongUse, match="--metrics-port"), served(totals(), taken.getsockname()[1]):
            pass


def test_a_receiver_gets_the_figures_in_opentelemetrys_own_words() -> None:
    with receiver() as (url, got):
        push = Push(url)
        assert push.send(totals()) and push.failed == 0
    found = metrics(got[0])
    requests_made = by_verb(found["crm_acceptance.load.requests"].sum.data_points)
    assert requests_made["lead.create"].as_int == 4 and found["crm_acceptance.load.requests"].sum.is_monotonic
    latency = by_verb(found["crm_acceptance.load.latency"].histogram.data_points)["order.list"]
    assert (latency.count, list(latency.explicit_bounds)) == (2, list(tallies.BOUNDS))
    assert list(latency.bucket_counts)[-1] == 2 and latency.max == 60.0
    assert found["crm_acceptance.load.busy"].gauge.data_points[0].as_double == 3
    assert found["crm_acceptance.load.latency"].unit == "s"
    names = {one.key: one.value.string_value for one in got[0].resource_metrics[0].resource.attributes}
    assert names["service.name"] == "crm-acceptance"


def test_no_proxy_is_asked_for_a_receiver_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    with receiver() as (url, got):
        assert Push(url).send(totals()) and len(got) == 1


@pytest.mark.parametrize("url", ["localhost:4318", "ftp://x", "/v1/metrics", "http://[::1", "http://h:99999"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(WrongUse, match="--otlp"):
        Push(url)


def test_an_address_with_a_path_is_taken_as_it_is() -> None:
    assert Push("http://h:4318/otlp/v1/metrics").endpoint == "http://h:4318/otlp/v1/metrics"


def test_a_receiver_that_says_no_is_told_in_one_line_and_raises_nothing(tmp_path: Path) -> None:
    with receiver(400) as (url, got), exporting(tmp_path / "live.jsonl", "m", otlp=url) as notes:
        live.append(tmp_path / "live.jsonl", live.line(1, 4, 3, SAMPLES, [], 0.5))
    assert len(got) >= 1 and len(notes) == 1
    assert "没有收下" in notes[0] and "\n" not in notes[0]


def test_a_receiver_that_is_down_is_told_in_one_line_and_the_last_second_is_still_counted(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with exporting(tmp_path / "live.jsonl", "m", otlp=url) as notes:
            assert notes == []
    assert len(notes) == 1 and url in notes[0]


def test_without_exports_nothing_is_read_and_nothing_removed(tmp_path: Path) -> None:
    (tmp_path / "live.jsonl").write_text("kept", encoding="utf-8")
    with exporting(tmp_path / "live.jsonl", "m") as notes:
        pass
    assert notes == [] and (tmp_path / "live.jsonl").read_text("utf-8") == "kept"


@pytest.mark.slow
def test_a_real_run_is_served_while_it_goes_and_pushed_to_its_end(tmp_path: Path) -> None:
    pages = '[pages]\nplateau = "4 s"\n[[pages.http]]\npath = "/"\nrate = 20.0\n'
    (tmp_path / "pages.toml").write_text(pages, encoding="utf-8")
    port = free_port()
    with site() as at, receiver() as (url, got):
        command = [sys.executable, "-m", "crm_acceptance", "load", "--peak", "pages", "--out", str(tmp_path / "out")]
        where = ("--peaks", str(tmp_path / "pages.toml"), "--site", at.url)
        run = subprocess.Popen(
            [*command, *where, "--metrics-port", str(port), "--otlp", url],
            cwd=WORKSPACE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
        )  # fmt: skip
        try:
            until(lambda: 'verb="GET /"' in fetched(port))
            assert run.poll() is None
        finally:
            said, _ = run.communicate(timeout=120)
    assert "接收端" not in said and "Traceback" not in said
    pushed = by_verb(metrics(got[-1])["crm_acceptance.load.requests"].sum.data_points)["GET /"].as_int
    told = (tmp_path / "out" / "samples.json").read_text("utf-8")
    assert pushed == told.count('"verb": "GET /", "person": "", "intended"') > 40


def fetched(port: int) -> str:
    try:
        return requests.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text
    except requests.ConnectionError:
        return ""
