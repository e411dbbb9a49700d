"""The project lead's page: what it says, that it needs nothing from outside, that nobody's words become markup."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from greenrun import GreenRun
from playwright.sync_api import expect, sync_playwright

from crm_acceptance.errors import WrongUse
from crm_acceptance.gate import judge
from crm_acceptance.page import html_of, write_page
from crm_acceptance.page.signed import Hand, Signing
from crm_acceptance.tools.allure import route
from crm_acceptance.tools.browser import find_browser, launch_args

LOADING = {"script", "link", "img", "iframe", "object", "embed", "video", "audio", "source"}


class Seen(HTMLParser):
    """Every tag with its attributes, every id, every link, the text by element id."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def values(self, name: str) -> list[str]:
        return [value for _, attributes in self.tags if (value := attributes.get(name)) is not None]


def page(folder: Path) -> str:
    return write_page(judge(folder), folder).read_text(encoding="utf-8")


def with_allure(folder: Path) -> Path:
    (folder / "allure-report").mkdir(parents=True)
    (folder / "allure-report" / "index.html").write_text("report", encoding="utf-8")
    return folder


@pytest.fixture
def mixed() -> GreenRun:
    green = GreenRun()
    green.result("test_lead").update(status="failed", statusDetails={"message": "AssertionError: <b>来源</b>"})
    green.result("test_orders").update(status="skipped", statusDetails={"message": "Skipped: 不支持 unsupported"})
    green.phase("scenarios")["exit"] = 1
    return green


@pytest.mark.parametrize(("status", "banner"), [("passed", "通过"), ("failed", "不通过"), ("skipped", "证据不足")])
def test_the_banner_says_the_decision(tmp_path: Path, status: str, banner: str) -> None:
    green = GreenRun()
    green.result("test_follow")["status"] = status
    assert f'<p class="big"><span class="zh">{banner}</span>' in page(green.lay(tmp_path))


def test_every_cell_of_department_and_dimension_has_its_decision(mixed: GreenRun, tmp_path: Path) -> None:
    html = page(mixed.lay(tmp_path))
    rows = re.findall(r'<th scope="row"><a href="#(\w+)">.*?</tr>', html, flags=re.DOTALL)
    sales = re.search(r'<a href="#sales">.*?</tr>', html, flags=re.DOTALL)
    assert rows == ["sales", "service", "finance", "it"]
    assert sales is not None
    assert re.findall(r'<td class="([\w-]+)', sales.group()) == ["no-go", "no-go", "none", "none", "go", "go"]


def test_what_stands_in_the_way_comes_before_the_departments(mixed: GreenRun, tmp_path: Path) -> None:
    html = page(mixed.lay(tmp_path))
    assert html.index("还差什么") < html.index("跳过 skipped: 不支持 unsupported") < html.index('id="sales"')
    assert 'href="#SVC-003"' in html
    assert 'id="SVC-003"' in html


def test_nobodys_words_become_markup(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
    green = GreenRun()
    green.run.update(site=evil, system=evil)
    green.requirements[0].update(id=evil, text=evil, department=evil, dimension=evil, criticality=evil, text_en=evil)
    green.result("test_follow").update(status="failed", name=evil, statusDetails={"message": evil})
    green.item("test_follow")["title"] = evil
    green.expected["load"]["errors"].append(evil)
    folder = green.lay(tmp_path)
    (folder / "load").mkdir()
    (folder / "load" / "x.json").write_text(json.dumps({evil: evil, "rows": [{evil: evil}]}), encoding="utf-8")
    seen = Seen(page(folder))
    assert not {tag for tag, _ in seen.tags} & {"script", "img"}
    assert not [name for _, attributes in seen.tags for name in attributes if name.startswith("on")]


def test_the_page_asks_nothing_of_any_network(mixed: GreenRun, tmp_path: Path) -> None:
    html = page(with_allure(mixed.lay(tmp_path)))
    seen = Seen(html)
    outside = [value for value in [*seen.values("href"), *seen.values("src")] if re.match(r"[a-z]+:|//", value)]
    assert outside == ["data:,"]
    assert {tag for tag, _ in seen.tags} & LOADING == {"link"}
    assert "url(" not in html
    assert "@import" not in html


def test_every_link_inside_the_page_leads_somewhere(mixed: GreenRun, tmp_path: Path) -> None:
    seen = Seen(page(mixed.lay(tmp_path)))
    ids = seen.values("id")
    assert {value[1:] for value in seen.values("href") if value.startswith("#")} <= set(ids)
    assert len(ids) == len(set(ids))


def test_each_check_links_into_the_allure_report(mixed: GreenRun, tmp_path: Path) -> None:
    html = page(with_allure(mixed.lay(tmp_path)))
    uuid = mixed.result("test_lead")["uuid"]
    assert f'<a href="allure-report/index.html{route(uuid)}">test_lead</a>' in html


def test_without_an_allure_report_there_is_no_dead_link(mixed: GreenRun, tmp_path: Path) -> None:
    html = page(mixed.lay(tmp_path))
    assert "allure-report" not in html
    assert "Allure 报告没有生成" in html


def test_what_is_wrong_with_the_run_is_said_on_top(mixed: GreenRun, tmp_path: Path) -> None:
    mixed.run["finished"] = None
    html = page(mixed.lay(tmp_path))
    assert html.index("运行没有结束 the run did not finish") < html.index("各部门 × 各验收维度")


def test_an_empty_run_does_not_claim_that_every_check_ran(tmp_path: Path) -> None:
    html = page(tmp_path)
    assert "没有任何检查" in html
    assert "所有登记的检查都运行了" not in html


def test_the_same_reason_of_many_checks_is_told_once(mixed: GreenRun, tmp_path: Path) -> None:
    for result in mixed.results[:2]:
        result.update(status="skipped", statusDetails={"message": "Skipped: 系统没有线索 no leads"})
    reasons = re.findall(r'<span class="why">([^<]*no leads)</span>', page(mixed.lay(tmp_path)))
    assert len(reasons) == 3  # in the way, did not run, at its requirement


def test_what_was_not_selected_is_named_once_apart_from_what_needs_work(mixed: GreenRun, tmp_path: Path) -> None:
    mixed.item("test_peak[morning]")["selected"] = False
    mixed.results.remove(mixed.result("test_peak[morning]"))
    mixed.phase("load")["exit"] = 5
    html = page(mixed.lay(tmp_path))
    way = html[html.index("还差什么") : html.index("做了哪些检查")]
    assert way.index("SVC-003") < way.index("本次没有选中") < way.index("PERF-001")


def test_requirements_that_the_run_did_not_select_are_folded_into_one_line_of_their_department(
    mixed: GreenRun, tmp_path: Path
) -> None:
    mixed.item("test_peak[morning]")["selected"] = False
    mixed.results.remove(mixed.result("test_peak[morning]"))
    html = page(mixed.lay(tmp_path))
    folds = re.findall(r'<details class="folded">.*?</details>', html, flags=re.DOTALL)
    assert len(folds) == 1
    assert "本次没有选中的 1 条需求" in folds[0] and 'id="PERF-001"' in folds[0] and "deselected" not in folds[0]
    assert '<p class="partial"><span class="zh">选中的 5 条需求：3 已证明 SALES-004' in html


def test_a_check_with_a_title_in_two_languages_shows_the_chosen_one(mixed: GreenRun, tmp_path: Path) -> None:
    mixed.item("test_cell[sales_rep-read-customer]")["title"] = "销售代表只可以查看自己的客户 · may only read <own>"
    mixed.item("test_pay")["title"] = "登记回款 · 部分付款"
    html = page(mixed.lay(tmp_path))
    assert (
        '<span class="zh">销售代表只可以查看自己的客户</span><span class="en" lang="en">may only read &lt;own' in html
    )
    assert "登记回款 · 部分付款" in html  # a scenario's dot parts no languages


def test_a_whole_run_folds_nothing_and_speaks_of_no_part(mixed: GreenRun, tmp_path: Path) -> None:
    html = page(mixed.lay(tmp_path))
    assert 'class="folded"' not in html and 'class="partial"' not in html


def test_load_figures_are_shown_when_they_are_there(tmp_path: Path) -> None:
    folder = GreenRun().lay(tmp_path)
    (folder / "load").mkdir()
    said = {"requirement": "PERF-001", "measure": "p95", "met": True, "sentence": "0.14 秒 <= 2 秒：达到 met"}
    rows = [
        {"verb": "", "count": 240, "p95_ms": 142.5, "service_p95_ms": 77.7},
        {"verb": "customer.search", "count": 9, "p95_ms": None},
    ]
    body = {"title": "周一早高峰", "asked": {"users": 40}, "thresholds": [said], "verbs": rows, "series": rows * 9}
    (folder / "load" / "morning.json").write_text(json.dumps(body), encoding="utf-8")
    (folder / "load" / "morning.samples.json").write_text('{"title": "所有样本"}', encoding="utf-8")
    (folder / "load" / "half.json").write_text('{"title": "半个文件"', encoding="utf-8")
    html = page(folder)
    assert all(
        f">{text}<" in html
        for text in ("周一早高峰", "40", "0.14 秒 &lt;= 2 秒：达到 met", "142.5", "p95 毫秒", "查询客户", "–")
    )
    assert html.count(">142.5<") == 1
    assert not [text for text in ("77.7", "所有样本", "半个文件") if text in html]


def test_both_languages_are_on_the_page(mixed: GreenRun, tmp_path: Path) -> None:
    html = page(mixed.lay(tmp_path))
    assert html.count('class="zh"') == html.count('class="en"') > 50
    assert "SALES-001 in English" in html


def test_a_page_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    verdict = judge(GreenRun().lay(tmp_path))
    (tmp_path / "index.html").mkdir()
    with pytest.raises(WrongUse, match="cannot write"):
        write_page(verdict, tmp_path)


@pytest.mark.browser
def test_a_browser_shows_it_whole_on_a_phone_in_both_languages_and_asks_for_nothing(
    mixed: GreenRun, tmp_path: Path
) -> None:
    folder = with_allure(mixed.lay(tmp_path))
    address = write_page(judge(folder), folder).as_uri()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_browser(), args=launch_args())
        window = browser.new_page(viewport={"width": 375, "height": 812})
        asked: list[str] = []
        complaints: list[str] = []
        window.on("request", lambda request: asked.append(request.url))
        window.on("console", lambda message: complaints.append(message.text))
        window.goto(address)
        expect(window.get_by_role("heading", level=1)).to_have_text("CRM 上线验收", use_inner_text=True)
        assert window.evaluate("document.documentElement.scrollWidth") <= 375
        window.get_by_text("English", exact=True).click()
        expect(window.get_by_role("heading", level=1)).to_have_text("CRM go-live acceptance", use_inner_text=True)
        assert window.evaluate("document.documentElement.scrollWidth") <= 375
        browser.close()
    assert (asked, complaints) == ([address], [])


def test_the_page_says_who_signed_what_and_what_is_still_open(tmp_path: Path) -> None:
    run = GreenRun().lay(tmp_path)
    hand = Hand("陈静", "conditional", "2026-11-22 10:00", "abcdef123456", "条件已过期")
    rows = (
        Signing("sales", "expired", 0, 1, (hand,), ("补测导出（李娜，2026-11-23）",), ("条件已过期",)),
        Signing("finance", "missing", 0, 2, (), (), ("还差 2 人签字",)),
    )
    told = html_of(judge(run), run, rows, ("需求变更过多 <b>",))
    for wanted in ("陈静", "abcdef123456", "条件过期", "未签字", "0 / 2", "还差 2 人签字", "需求变更过多 &lt;b&gt;"):
        assert wanted in told
    assert "签字</span>" not in html_of(judge(run), run), "where nobody is named nothing is said about signatures"
