"""What an answer to a plain page has to be: declared, compared, and doubted where nobody said."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from crm_acceptance.engines.load import expecting, generator, orders, pages, peaks
from crm_acceptance.engines.load.expecting import Answers, Expect
from crm_acceptance.errors import Refused, WrongUse
from crm_acceptance.model import Site

PEAK = """
[pages]
plateau = "4 s"
[[pages.http]]
path = "/a"
rate = "30 /s"
expect = { status = [200, 304], json = { code = 0, data = { ok = true } }, absent = "errors", lacks = "登录" }
"""
GOOD: dict[str, Any] = {"code": 0, "data": {"ok": True}, "errors": []}


def peak(tmp_path: Path, text: str = PEAK) -> peaks.Peak:
    file = tmp_path / "peaks.toml"
    file.write_text(text, "utf-8")
    return peaks.load(file, [], [])[0]


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, GOOD, ""),
        (304, GOOD, ""),
        (201, GOOD, "HTTP 201"),
        (500, GOOD, "HTTP 500"),
        (200, GOOD | {"code": 40001}, "code = 40001，应当是 expected 0"),
        (200, GOOD | {"code": False}, "code = false"),
        (200, GOOD | {"data": []}, "data.ok = （没有 none）"),
        (200, GOOD | {"errors": [{"message": "no"}]}, "errors = "),
        (200, GOOD | {"to": "请先登录"}, "登录"),
        (200, ["no", "object"], "code = （没有 none）"),
        (200, "x" * 70_000, "code = （没有 none）"),
    ],
)
def test_an_answer_is_what_its_line_expects(tmp_path: Path, status: int, body: object, said: str) -> None:
    answers = Answers(dict(peak(tmp_path).expected))
    found = answers.fault("GET /a", status, json.dumps(body, ensure_ascii=False).encode())
    assert found.startswith(said) if said != "登录" else said in found
    assert bool(found) is bool(said) and answers.seen == []


def test_what_is_no_json_is_told() -> None:
    assert expecting.wrong(Expect(values=(("code", 0),)), 200, b"<html>") == "应答不是 JSON the answer is no JSON"
    assert expecting.wrong(Expect(values=(("code", 0),)), 200, b"[" * 100_000)


def test_another_status_may_be_the_right_one_and_then_200_is_wrong() -> None:
    answers = Answers({"GET /a": Expect(statuses=(302,))})
    pages.accept(answers, "GET /a", 302, "/login", b"")
    with pytest.raises(Refused):
        pages.accept(answers, "GET /a", 200, "?", b"")
    with pytest.raises(Refused, match="/login"):
        pages.accept(answers, "GET /b", 302, "/login", b"")


def test_what_is_expected_reaches_the_generator_and_its_workers(tmp_path: Path) -> None:
    asked = peak(tmp_path)
    order = generator.order_for(asked, Site("", "http://x"), ())
    assert orders.order_from_plain(json.loads(json.dumps(asdict(order)))).expected == dict(asked.expected)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("status = [200, 304]", "status = 99", "no status"),
        ("status = [200, 304]", 'status = "200"', "整数"),
        ("status", "statuss", "did you mean status"),
        ("code = 0", "code = [0]", "true/false"),
        ('lacks = "登录"', 'lacks = ""', "什么也没有要求"),
        ("rate =", 'method = "HEAD"\nrate =', "没有内容"),
        ('rate = "30 /s"', 'rate = "30 /s"\nweight = 2', "只能写一个"),
        ("[[pages.http]]", '[[pages.http]]\npath = "/a"\nrate = 1\n[[pages.http]]', "不一样"),
    ],
)
def test_what_cannot_be_expected_is_refused(tmp_path: Path, before: str, after: str, said: str) -> None:
    with pytest.raises(WrongUse, match=said):
        peak(tmp_path, PEAK.replace(before, after, 1))


@pytest.mark.parametrize(
    "body",
    [
        '{"errors": [{"message": "no"}]}',
        '{"code": 40001, "msg": "没有权限"}',
        '{"code": "40001", "message": ""}',
        '{"errcode": -1, "errmsg": "busy"}',
        '{"code": "PARAM_ERROR", "message": "x"}',
        '{"success": false}',
        '{"status": "fail", "message": "x"}',
        '{"error": "no"}',
    ],
)
def test_an_error_in_an_envelope_looks_odd(body: str) -> None:
    assert expecting.odd(body.encode()) == body[: expecting.SHOWN]


@pytest.mark.parametrize(
    "body",
    ["", "[]", "<html>", '{"errors": []}', '{"error": null}', '{"code": 0, "msg": "ok"}', '{"code": 200, "msg": ""}',
     '{"code": "SUCCESS", "msg": ""}', '{"code": "A-17", "name": "x"}', '{"status": "open", "message": "hello"}',
     '{"items": [], "total": 0}', '{"success": true}', "{" * 50_000],
)  # fmt: skip
def test_other_answers_do_not(body: str) -> None:
    assert expecting.odd(body.encode()) == ""


def test_only_a_few_answers_a_second_are_looked_into() -> None:
    clock = iter([0.0, 0.0, 0.0, 0.1, 0.1, 0.3, 0.3, 0.3])
    answers = Answers(clock=lambda: next(clock))
    assert answers.wanted("GET /a") and answers.fault("GET /a", 200, b'{"success": false}') == ""
    assert not answers.wanted("GET /a")
    answers.fault("GET /a", 200, b"[]")
    assert answers.wanted("GET /a") and answers.fault("GET /a", 200, b"[]") == ""
    assert answers.seen == ['{"success": false}', ""]
