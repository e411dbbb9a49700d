"""A server's own figures: asked for over HTTP while a peak goes on, and what a threshold makes of them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import load_course
import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server
from prometheus_client.process_collector import ProcessCollector

from crm_acceptance.engines.load import exposition, listening, report, server
from crm_acceptance.engines.load import limits as tables
from crm_acceptance.engines.load.exposition import Nonsense
from crm_acceptance.engines.load.judging import judge
from crm_acceptance.engines.load.listening import Heard, Source, source
from crm_acceptance.engines.load.orders import Measured, read_measured, write_measured
from crm_acceptance.engines.load.peaks import Threshold
from crm_acceptance.errors import Unproven, WrongUse

PEAK = load_course.peak()
CPU = "process_cpu_seconds_total 12.5\nprocess_resident_memory_bytes 1.048576e+08\n"


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "EVERY", 0.1)


@contextmanager
def serving(answer: Callable[[str], tuple[int, str]], heard: list[str] | None = None) -> Iterator[str]:
    """A server that says what it is told to; the answers' tokens are kept in `heard`."""

    class Told(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answer(self.path)
            if heard is not None:
                heard.append(self.headers.get("Authorization", ""))
            self.send_response(status)
            self.send_header("Location", "http://127.0.0.1:9/")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Silence."""

    made = ThreadingHTTPServer(("127.0.0.1", 0), Told)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{made.server_port}"
    finally:
        made.shutdown()
        made.server_close()


def listened(asked: Source, enough: Callable[[Heard], bool], seconds: float = 20.0) -> Heard:
    """What was heard until it is enough."""
    with listening.listening(asked) as heard:
        waited = threading.Event()
        for _ in range(int(seconds / 0.05)):
            if enough(heard) or waited.wait(0.05):
                break
    return heard


def test_a_real_prometheus_client_is_understood(quickly: None) -> None:
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    Gauge("db_waiting", "who waits", ["pool"], registry=registry).labels("a").set(3)
    Counter("db_queries", "asked", registry=registry).inc(7)
    made, thread = start_http_server(0, addr="127.0.0.1", registry=registry)
    try:
        asked = source(f"http://127.0.0.1:{made.server_port}/metrics", {}, ("db_waiting", "db_queries_total"))
        assert asked is not None
        heard = listened(asked, lambda told: len(told.figures.get("db_queries_total", ())) > 2)
    finally:
        made.shutdown()
        made.server_close()
        thread.join()
    assert heard.trouble == "" and set(heard.figures) == {"cpu", "memory", "db_waiting", "db_queries_total"}
    assert {value for _, value in heard.figures["db_waiting"]} == {3.0}
    assert {value for _, value in heard.figures["db_queries_total"]} == {0.0}  # per second: nothing was asked meanwhile
    assert all(5 < value < 5000 for _, value in heard.figures["memory"])  # MB, of this very process


@pytest.mark.parametrize(
    "text", [CPU, f"# TYPE a counter\n{CPU}# EOF\n", CPU.replace(" 12.5", '{a="b"} 12.5 1700000000000')]
)
def test_processor_and_memory_are_known_in_either_text_format(text: str) -> None:
    assert exposition.figures(text) == {"cpu": (12.5, True), "memory": (100.0, False)}


def test_the_processor_of_a_machine_is_all_but_idle() -> None:
    modes = "\n".join(
        f'node_cpu_seconds_total{{cpu="0",mode="{mode}"}} {n}' for n, mode in enumerate(("idle", "user", "system"), 5)
    )
    assert exposition.figures(modes) == {"host_cpu": (13.0, True)}


def test_the_collector_of_opentelemetry_uses_other_names_for_the_same() -> None:
    text = 'process_cpu_time_seconds_total{state="user"} 2\nprocess_cpu_time_seconds_total{state="system"} 1\n'
    assert exposition.figures(text + "process_memory_usage_bytes 1048576\n") == {
        "cpu": (3.0, True),
        "memory": (1.0, False),
    }


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<html>sign in</html>", "no Prometheus text"),
        ("# TYPE x gauge\nx 1\n", "none of the known"),
        ("process_cpu_seconds_total{a=\n", "cannot be read"),
        ("process_cpu_seconds_total NaN\n", "no Prometheus text"),
        ("", "no Prometheus text"),
    ],
)
def test_nonsense_is_told_in_the_end_of_a_sentence(text: str, why: str) -> None:
    with pytest.raises(Nonsense, match=why):
        exposition.figures(text)


def test_a_server_that_begins_anew_has_no_processor_time_below_zero() -> None:
    heard, before = Heard(), {}
    for at, value in ((1.0, 10.0), (2.0, 10.5), (3.0, 0.2), (4.0, 0.4)):
        listening._note(heard, before, "cpu", at, value, True)
    assert heard.figures["cpu"] == [[1.0 + 1, 0.5], [4.0, pytest.approx(0.2)]]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((404, "no"), "HTTP 404"),
        ((302, ""), "HTTP 302"),
        ((200, "<html>"), "no Prometheus text"),
        ((200, CPU + "x" * 9 * 2**20), "too big"),
    ],
)
def test_an_address_that_talks_nonsense_is_one_sentence(quickly: None, answer: tuple[int, str], why: str) -> None:
    with serving(lambda _: answer) as url:
        heard = listened(Source(url), lambda told: bool(told.trouble))
    assert heard.figures == {} and why in heard.trouble and heard.trouble.count("\n") == 0


def test_an_address_where_nobody_is_is_one_sentence(quickly: None) -> None:
    heard = listened(Source("http://127.0.0.1:9/metrics"), lambda told: bool(told.trouble))
    assert "没有应答" in heard.trouble and heard.figures == {}


def test_the_token_comes_from_the_environment_and_rides_in_a_header(
    quickly: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(listening.TOKEN, "t0p-secret")
    heard: list[str] = []
    with serving(lambda _: (200, CPU), heard) as url:
        listened(Source(url), lambda told: "memory" in told.figures)
    assert set(heard) == {"Bearer t0p-secret"}


def test_a_prometheus_server_is_asked_by_name(quickly: None) -> None:
    said = {"sum(up)": ("vector", [{"metric": {}, "value": [1.0, "0.75"]}]), "42": ("scalar", [1.0, "42"])}

    def answer(path: str) -> tuple[int, str]:
        parts = urlsplit(path)
        assert parts.path == "/prom/api/v1/query"
        kind, result = said[parse_qs(parts.query)["query"][0]]
        return 200, json.dumps({"status": "success", "data": {"resultType": kind, "result": result}})

    with serving(answer) as url:
        asked = source("", {"url": f"{url}/prom/", "queries": {"cpu": "sum(up)", "answer": "42"}})
        assert asked is not None
        heard = listened(asked, lambda told: len(told.figures.get("answer", ())) > 1)
    assert {name: rows[0][1] for name, rows in heard.figures.items()} == {"cpu": 0.75, "answer": 42.0}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('{"status":"error","error":"parse error at char 3"}', "parse error"),
        ('{"status":"success","data":{"resultType":"vector","result":[]}}', "0 条"),
        ('{"status":"success","data":{"resultType":"scalar","result":[1,"NaN"]}}', "not a number"),
        ("[]", "no answer of its query API"),
        ("<html>", "no answer of its query API"),
    ],
)
def test_what_a_prometheus_server_cannot_answer_is_told(body: str, why: str) -> None:
    with pytest.raises(Nonsense, match=why):
        exposition.answer(body)


@pytest.mark.parametrize(
    ("url", "table", "why"),
    [
        ("ftp://x/metrics", {}, "http"),
        ("http://[::1/metrics", {}, "http"),
        ("http://me:pw@x/metrics", {}, "user name or password"),
        ("http://x/metrics?token=abc", {}, "No query"),
        ("", {"url": "http://x", "query": {}}, "queries"),
        ("", {"url": "http://x", "queries": {"cpu": 5}}, "PromQL"),
        ("", {"queries": {"cpu": "up"}}, "http"),
    ],
)
def test_a_wrong_address_is_refused_before_anything_is_asked(url: str, table: dict[str, object], why: str) -> None:
    with pytest.raises(WrongUse, match=why):
        source(url, table)


def test_without_an_address_nobody_is_asked() -> None:
    assert source("", {}) is None
    with listening.listening(None) as heard:
        pass
    assert heard == Heard()


KNOWN = tables.Known(frozenset({"PERF-004"}), frozenset(), frozenset())


def threshold(measure: str, limit: str) -> Threshold:
    return tables.read("peaks.toml", {"requirement": "PERF-004", "measure": measure, "limit": limit}, KNOWN)


def heard_of(*values: float) -> Measured:
    """One look per second of the plateau, which begins after 3 s."""
    rows = [[load_course.OPENED + 3.5 + n, value] for n, value in enumerate(values)]
    return replace(load_course.run(PEAK), server=(), metrics={"waiting": rows})


@pytest.mark.parametrize(
    ("limit", "met"), [("<= 4", True), ("≤ 3", False), ("4", True), (">= 2", True), ("≥ 3", False)]
)
def test_a_limit_may_be_the_most_or_the_least(limit: str, met: bool) -> None:
    found = judge(PEAK, threshold("server.waiting", limit), heard_of(2, 3, 4, 3, 2, 3, 4, 3, 2))
    assert found.met is met and "server.waiting" in found.sentence


def test_one_bad_look_of_many_decides_nothing_but_several_do() -> None:
    asked = replace(PEAK, plateau=60.0)
    judged = [judge(asked, threshold("server.waiting", "<= 5"), heard_of(*[1.0] * 50, *[9.0] * n)).met for n in (1, 5)]
    assert judged == [True, False]


def test_too_few_looks_or_a_figure_that_nobody_told_are_unproven() -> None:
    with pytest.raises(Unproven, match="只看到 3 次"):
        judge(PEAK, threshold("server.waiting", "5"), heard_of(1, 1, 1))
    with pytest.raises(Unproven, match="known: waiting"):
        judge(PEAK, threshold("server.cpu", "5"), heard_of(1, 1, 1))
    deaf = replace(heard_of(), metrics={}, deaf="服务器的数字看不到：没有应答。")
    with pytest.raises(Unproven, match="没有应答"):
        judge(PEAK, threshold("server.cpu", "5"), deaf)


def test_looks_of_the_ramp_count_for_nothing() -> None:
    early = [[load_course.OPENED + n / 10, 99.0] for n in range(20)]
    measured = heard_of(*[1.0] * 10)
    measured = replace(measured, metrics={"waiting": early + measured.metrics["waiting"]})
    assert judge(PEAK, threshold("server.waiting", "5"), measured).met


def test_a_server_launched_here_needs_no_address() -> None:
    measured = load_course.run(PEAK)
    assert judge(PEAK, threshold("server.cpu", "<= 0.5"), measured).met
    assert not judge(PEAK, threshold("server.memory", "<= 100"), measured).met
    assert [curve.name for curve in server.curves_of(PEAK, measured)] == ["cpu", "memory"]


@pytest.mark.parametrize("limit", ["viel", "<= ", "1 %", "<> 3"])
def test_a_limit_of_the_server_is_a_comparison_and_a_number(limit: str) -> None:
    with pytest.raises(WrongUse, match="comparison"):
        threshold("server.cpu", limit)


def test_what_was_heard_survives_the_file_and_stands_in_the_report(tmp_path: Path) -> None:
    measured = replace(heard_of(1, 2, 3), deaf="一句话")
    write_measured(tmp_path / "m.json", measured)
    assert read_measured(tmp_path / "m.json") == measured
    told = report.summary(PEAK, measured)["server"]
    assert (told["waiting"]["max"], told["waiting"]["mean"], told["trouble"]) == (3.0, 2.0, "一句话")
