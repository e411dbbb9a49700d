"""The fingerprint is the same for whatever changes from run to run, and another for another root cause."""

from __future__ import annotations

from pathlib import Path

import pytest
from greenrun import GreenRun

from crm_acceptance.gate import verdict_of
from crm_acceptance.trackers.causes import causes
from crm_acceptance.trackers.draft import draft
from crm_acceptance.trackers.fingerprint import fingerprint, normal, telling, titled

SAME = [
    ("owner: 应为 expected 王强, 实为 shown 'lina'", "owner: 应为 expected 王强, 实为 shown 'chenjing'"),
    ("看到了 李娜 的 联系人#1016 的手机，权限表不允许。", "看到了 李娜 的 联系人#983 的手机，权限表不允许。"),
    ('denied: {"error": {"code": "denied", "id": 7}}', 'denied: {"error": {"code": "denied", "id": 9}}'),
    ("total: expected 6,999.30", "total: expected 55100"),
    ("p95 = 17.5 秒，上限 2 秒（103 个样本）", "p95 = 28.8 秒，上限 2 秒（133 个样本）"),
    ("canary k3v9x2 shown\nwith more", "canary q1w2e3 shown\nand other lines"),
    ("/opportunities/767: HTTP 403", "/opportunities/747: HTTP 403"),
    ("record 0b7c1f2e-3a4b-4c5d-8e9f-001122334455", "record 9f8e7d6c-5b4a-4392-8170-aabbccddeeff"),
]
OTHER = [
    ("HTTP 403", "HTTP 500"),
    ("联系人 的手机", "联系人 的邮箱"),
    ("系统没有拒绝", "CRM 拒绝了"),
]


@pytest.mark.parametrize(("one", "two"), SAME)
def test_numbers_ids_marks_and_quoted_values_do_not_count(one: str, two: str) -> None:
    assert normal(one) == normal(two) and normal(one)


@pytest.mark.parametrize(("one", "two"), OTHER)
def test_words_and_statuses_count(one: str, two: str) -> None:
    assert normal(one) != normal(two)


def test_every_example_row_of_an_outline_has_one_title() -> None:
    rows = ("已经结束的商机不能再变 (赢单, 商务谈判)", "已经结束的商机不能再变 (输单, 方案报价)")
    assert len({titled(row) for row in rows}) == 1
    assert titled("高峰达到指标 the peak [morning-p95]") == titled("高峰达到指标 the peak [morning-p99]")
    assert titled("不得查看 · must not read") == "不得查看"
    assert titled("(全部)") == "(全部)"


def digests(reason: str) -> set[str]:
    """Of one failure, and of the same with each of its words changed in turn."""
    whole = ("refcrm", "SALES-001", "登记线索", "scenarios", reason)
    changed = [tuple(word + "他" if n == at else word for n, word in enumerate(whole)) for at in range(5)]
    return {fingerprint(*whole), *(fingerprint(*one) for one in changed)}


def test_system_requirement_engine_and_reason_count_and_the_title_only_where_the_reason_says_nothing() -> None:
    assert len(digests("系统没有拒绝")) == 5 and len(digests("assert 2 == 3")) == 6
    assert all(len(one) == 12 for one in digests("assert 2 == 3"))


@pytest.mark.parametrize(
    "reason", ["assert 1 == 0", "AssertionError: assert not ['a: b']", "Failed: ", "assert [] == ['x']"]
)
def test_a_bare_assertion_says_nothing(reason: str) -> None:
    assert not telling(reason)


@pytest.mark.parametrize(
    "reason", ["total: 应为 expected 2,850, 实为 shown Decimal('3000')", "assert owner == 3", "系统没有拒绝"]
)
def test_a_reason_with_words_says_something(reason: str) -> None:
    assert telling(reason)


def spoilt(folder: Path) -> Path:
    made = GreenRun()
    for number, end in enumerate(("test_lead", "test_lead_by_screen")):
        made.item(end)["title"] = f"{('登记线索', '补录线索')[number]} (第{number}行)"
        result = made.result(end)
        result |= {"status": "failed", "statusDetails": {"message": f"少了 {number} 条 13812345678"}}
        result["steps"] = [{"name": f"那么 {number}", "status": "failed"}]
    run = made.lay(folder / "run")
    for file in (run / "allure-results").glob("*-result.json"):
        uuid = file.read_text("utf-8").split('"uuid": "')[1][:36]
        file.rename(file.with_name(f"{uuid}-result.json"))
    return run


def test_two_checks_that_fail_alike_are_one_cause(tmp_path: Path) -> None:
    run = spoilt(tmp_path)
    (cause,) = causes(verdict_of(run), run)
    assert [check.title for check in cause.checks] == ["登记线索 (第0行)", "补录线索 (第1行)"]
    assert cause.departments == ("sales",) and cause.steps == ("那么 0",)


def test_an_issue_lists_its_checks_and_hides_personal_data(tmp_path: Path) -> None:
    run = spoilt(tmp_path)
    (cause,) = causes(verdict_of(run), run)
    made = draft(cause, run, tmp_path, "f" * 64)
    said = made.text()
    assert "登记线索 (第0行)" in said and "补录线索 (第1行)" in said and "13812345678" not in said
    assert "ffffffffffff" in said and made.mark in said and str(tmp_path) not in repr(made.payload())
    assert made.title.startswith("[SALES-001] 销售：登记线索") and "dept-sales" in made.labels
