"""The Allure report as people get it: opened in a real browser from a folder, without a network."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from crm_acceptance.errors import WrongUse
from crm_acceptance.tools import allure, offline
from crm_acceptance.tools.browser import find_browser, launch_args
from crm_acceptance.tools.missing import ToolMissing

pytestmark = pytest.mark.browser
SALES, FINANCE = "销售", "财务"


def write_result(folder: Path, number: int, department: str = SALES, status: str = "passed", **more: Any) -> str:
    """One result file as allure-pytest writes it; gives its uuid."""
    name = str(uuid.uuid4())
    labels = {"epic": department, "feature": f"X-{number % 7:03d} 登记线索各项资料齐全", "host": "secret-host"}
    step = {"name": "当 李娜 登记线索", "status": status, "stage": "finished", "start": 1, "stop": 2, "attachments": []}
    result = {
        "uuid": name,
        "historyId": name,
        "testCaseId": name,
        "fullName": f"features/x.feature#场景{number}",
        "name": f"场景 {number}",
        "status": status,
        "stage": "finished",
        "start": 1_700_000_000_000 + number,
        "stop": 1_700_000_000_100 + number,
        "steps": [step],
        "labels": [{"name": key, "value": value} for key, value in labels.items()],
        **more,
    }
    (folder / f"{name}-result.json").write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")
    return name


def write_attachment(folder: Path, body: str, suffix: str, kind: str) -> dict[str, str]:
    """One attachment file and its entry in a result."""
    source = f"{uuid.uuid4()}-attachment.{suffix}"
    (folder / source).write_text(body, encoding="utf-8")
    return {"name": f"证据.{suffix}", "source": source, "type": kind}


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """An empty ledger."""
    folder = tmp_path / "allure-results"
    folder.mkdir()
    return folder


class Opened:
    """A report open in a browser, with everything that it asked for and complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)

    def foreign(self) -> list[str]:
        return [url for url in self.asked if not url.startswith(("file:", "data:", "blob:", "about:"))]


@pytest.fixture(scope="module")
def opened_browser() -> Iterator[Any]:
    """The browser the harness itself would use."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_browser(), args=launch_args())
        yield browser
        browser.close()


@pytest.fixture
def opened(opened_browser: Any) -> Iterator[Opened]:
    """A fresh page."""
    with opened_browser.new_context(locale="zh-CN") as context:
        yield Opened(context.new_page())


class Listener:
    """A server that counts who calls it."""

    def __init__(self) -> None:
        calls = self.calls = []  # type: list[str]

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                calls.append(self.path)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def listener() -> Iterator[Listener]:
    """Somebody outside, who must not hear of the report."""
    listening = Listener()
    yield listening
    listening.server.shutdown()
    listening.server.server_close()


def test_the_report_opens_from_a_folder_in_chinese_and_asks_nobody(
    results: Path, tmp_path: Path, opened: Opened
) -> None:
    for number in range(12):
        write_result(results, number, SALES if number % 2 else FINANCE, "failed" if number == 3 else "passed")
    report = allure.build_report(results, tmp_path / "allure-report", title="CRM 验收 一号")
    opened.page.goto(report.index.as_uri())
    expect(opened.page.get_by_text(SALES, exact=True).first).to_be_visible()
    expect(opened.page.get_by_text("X-003 登记线索各项资料齐全").first).to_be_visible()
    expect(opened.page).to_have_title("CRM 验收 一号")
    expect(opened.page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(opened.page.get_by_text("失败", exact=True).first).to_be_visible()
    assert report.results == 12
    assert opened.asked, "the recorder must have seen the report load its own files"
    assert opened.foreign() == []
    assert opened.complaints == []


def test_a_result_is_reached_by_its_uuid_with_steps_and_evidence(results: Path, tmp_path: Path, opened: Opened) -> None:
    evidence = write_attachment(
        results, json.dumps({"应收": "1234.50"}, ensure_ascii=False), "json", "application/json"
    )
    wanted = write_result(results, 1, attachments=[evidence])
    write_result(results, 2)
    report = allure.build_report(results, tmp_path / "allure-report", title="验收")
    opened.page.goto(report.index.as_uri() + allure.route(wanted))
    expect(opened.page.get_by_text("当 李娜 登记线索").first).to_be_visible()
    opened.page.get_by_text("证据.json").first.click()
    expect(opened.page.get_by_text("1234.50").first).to_be_visible()
    assert "secret-host" not in opened.page.inner_text("body")
    assert opened.foreign() == []


def test_evidence_that_calls_out_is_kept_from_doing_so(
    results: Path, tmp_path: Path, opened: Opened, listener: Listener
) -> None:
    spying = f'<p>偷看</p><img src="{listener.url}/img"><script>fetch("{listener.url}/fetch")</script>'
    page = write_attachment(results, f"<html><body>{spying}</body></html>", "html", "text/html")
    wanted = write_result(results, 1, attachments=[page], descriptionHtml=spying)
    report = allure.build_report(results, tmp_path / "allure-report", title=f"验收 {spying}")
    opened.page.goto(report.index.as_uri() + allure.route(wanted))
    opened.page.get_by_text("证据.html").first.click()
    expect(opened.page.locator("iframe")).to_have_count(2)
    for frame in opened.page.locator("iframe").all():
        expect(frame.content_frame.get_by_text("偷看")).to_be_visible()
    opened.page.wait_for_load_state("networkidle")
    assert listener.calls == []
    elsewhere = opened.page.context.new_page()
    with elsewhere.expect_response(f"{listener.url}/img"):
        elsewhere.set_content(spying)
    assert "/img" in listener.calls, "outside the report the same page does call: the listener listens"


def test_departments_can_be_a_choice_at_the_top(results: Path, tmp_path: Path, opened: Opened) -> None:
    write_result(results, 1, SALES)
    write_result(results, 2, FINANCE)
    departments = {"sales": SALES, "finance": FINANCE}
    report = allure.build_report(results, tmp_path / "r", title="验收", environments=departments)
    opened.page.goto(report.index.as_uri())
    opened.page.get_by_test_id("environment-picker-button").click()
    expect(opened.page.get_by_test_id("environment-picker-item").get_by_text(FINANCE)).to_be_visible()


@pytest.mark.slow
def test_a_report_of_thousands_opens_without_loading_what_nobody_looks_at(
    results: Path, tmp_path: Path, opened: Opened
) -> None:
    last = [write_result(results, number) for number in range(3000)][-1]
    report = allure.build_report(results, tmp_path / "allure-report", title="验收")
    opened.page.goto(report.index.as_uri())
    expect(opened.page.get_by_text("3000").first).to_be_visible()
    assert len(opened.asked) < 60
    opened.page.goto(report.index.as_uri() + allure.route(last))
    expect(opened.page.get_by_text("场景 2999").first).to_be_visible()


def test_no_results_is_said_in_one_sentence(results: Path, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"no results to report.*crm-acceptance run"):
        allure.build_report(results, tmp_path / "allure-report", title="验收")


def test_the_older_report_stays_when_the_new_one_cannot_be_built(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_result(results, 1)
    first = allure.build_report(results, tmp_path / "allure-report", title="第一份")
    monkeypatch.setattr(allure, "GENERATE_SECONDS", 0.01)
    with pytest.raises(ToolMissing, match="did not finish in time"):
        allure.build_report(results, tmp_path / "allure-report", title="第二份")
    assert "第一份" in first.index.read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_written_is_said_in_one_sentence(results: Path, tmp_path: Path) -> None:
    write_result(results, 1)
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    with pytest.raises(ToolMissing, match="cannot write the report"):
        allure.build_report(results, tmp_path / "file" / "allure-report", title="验收")


@pytest.mark.parametrize(
    "foreign",
    [
        '<script async src="https://www.example.org/gtag/js?id=G"></script>',
        '<script src="//cdn.example.org/x.js"></script>',
        "<script>\nwindow.dataLayer = [];\ngtag('config', 'G', {\n\"a\": \"example.org\"});\n</script>",
        '<link rel="stylesheet" href="https://fonts.example.org/css">',
    ],
)
def test_whatever_calls_out_is_cut_from_the_first_page(foreign: str) -> None:
    page = offline.sealed_page(
        f"<html lang='en'><head></head><body><p>留下</p>{foreign}<i>也留下</i></body></html>", "zh"
    )
    assert "example.org" not in page
    assert "<p>留下</p><i>也留下</i>" in page


def test_a_report_that_would_still_call_out_is_withheld(tmp_path: Path) -> None:
    page = '<html><head></head><body><iframe src="https://www.example.org/x"></iframe></body></html>'
    (tmp_path / "index.html").write_text(page, encoding="utf-8")
    with pytest.raises(ToolMissing, match="still calls out"):
        offline.seal(tmp_path, "zh")


def test_an_unknown_first_page_is_not_passed_off_as_sealed() -> None:
    with pytest.raises(ToolMissing, match="another version of Allure"):
        offline.sealed_page("<p>something else</p>", "zh")
