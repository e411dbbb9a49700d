"""How failures of the stock tool are credited to planted defects, generously; the tool itself is not run here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crm_acceptance.errors import Unproven, WrongUse
from crm_acceptance.touchstone import stock
from crm_acceptance.touchstone.planted import Planted


def leak(name: str, *paths: str) -> Planted:
    return Planted(name, "permission", ("SEC-002",), paths=paths)


READ, BULK, COOKIE = leak("read", "GET /orders/*"), leak("bulk", "POST /orders/bulk"), leak("cookie")


def failure(code: str, operation: str) -> stock.Failure:
    return code, "Some", operation


def test_any_failure_on_a_touched_operation_counts() -> None:
    assert list(stock.noticed([READ, BULK], [failure("ST202", "GET /orders/{id}")])) == ["read"]
    assert list(stock.noticed([READ, BULK], [failure("ST402", "GET /leads/{id}")])) == []


def test_what_has_no_address_is_credited_with_what_nothing_else_explains() -> None:
    assert list(stock.noticed([READ, COOKIE], [failure("ST402", "GET /orders/{id}")])) == ["read"]
    assert list(stock.noticed([READ, COOKIE], [failure("ST402", "GET /leads/{id}")])) == ["cookie"]
    assert list(stock.noticed([COOKIE], [failure("ST202", "GET /leads/{id}")])) == []


def test_defects_of_one_address_are_apart_as_long_as_there_is_room() -> None:
    twin = leak("twin", "GET /orders/*")
    assert stock.shared([READ, BULK, twin], 2) == [[READ, BULK], [twin]]
    assert sum(map(len, stock.shared([READ, BULK, twin, COOKIE], 1))) == 4


def test_an_unknown_way_is_told_and_a_missing_report_proves_nothing(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="peers"):
        stock.measure([READ], 10, "anonymous")
    with pytest.raises(Unproven):
        stock._read(tmp_path / "report.json", 1.0)


def test_the_report_tells_failures_by_operation(tmp_path: Path) -> None:
    told = {"code": "ST402", "type": "Bypass", "operations": ["GET /a", "GET /b"]}
    report = {"failures": [told], "test_cases": {"generated": 7}, "running_time": 1.5}
    (tmp_path / "report.json").write_text(json.dumps(report), encoding="utf-8")
    heard = stock._read(tmp_path / "report.json", 2.0)
    assert heard.failures == {("ST402", "Bypass", "GET /a"), ("ST402", "Bypass", "GET /b")}
    assert (heard.cases, heard.seconds, heard.cpu) == (7, 1.5, 2.0)
