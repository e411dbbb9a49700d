"""A run's chain: what was edited, added or taken away behind the gate's back proves nothing any more."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from greenrun import GreenRun, item, result

from crm_acceptance import chain
from crm_acceptance.gate import Verdict, judge


def _result(run: Path) -> Path:
    return sorted((run / "allure-results").glob("*-result.json"))[0]


def _edited(run: Path) -> None:
    file = _result(run)
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")), ensure_ascii=False, indent=7), "utf-8")


def _promise_widened(run: Path) -> None:
    file = run / "expected" / "scenarios.json"
    body = json.loads(file.read_text("utf-8"))
    body["items"].append(item("features/sales/x.feature::test_x", "scenarios", ("SALES-001",)))
    file.write_text(json.dumps(body, ensure_ascii=False), "utf-8")
    more = result(99, "features/sales/x.feature::test_x", "scenarios", ("SALES-001",))
    (run / "allure-results" / "0099-result.json").write_text(json.dumps(more, ensure_ascii=False), "utf-8")


def _link_forged(run: Path) -> None:
    file = run / chain.FILE
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines[:2], lines[2].replace(b'"n":2', b'"n":3'), *lines[3:]]))


def _last_links_cut(run: Path) -> None:
    file = run / chain.FILE
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-2]))


EDITS: dict[str, tuple[Callable[[Path], None], str]] = {
    "a result spelt anew": (_edited, "was changed"),
    "a result taken away": (lambda run: _result(run).unlink(), "is gone"),
    "a promise and its pass added": (_promise_widened, "was never bound"),
    "no chain": (lambda run: (run / chain.FILE).unlink(), "no chain"),
    "an empty chain": (lambda run: (run / chain.FILE).write_bytes(b""), "was never bound"),
    "a link forged": (_link_forged, "does not follow"),
    "the last links cut off": (_last_links_cut, "was never bound"),
    "half a line": (lambda run: (run / chain.FILE).write_bytes((run / chain.FILE).read_bytes()[:-9]), "no whole link"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_whatever_was_edited_after_the_run_lets_nobody_go(edit: str, tmp_path: Path) -> None:
    run = GreenRun().lay(tmp_path)
    assert judge(run).exit_code == 0
    change, why = EDITS[edit]
    change(run)
    verdict = judge(run)
    assert verdict.exit_code == 3
    assert why in _said(verdict)


def test_a_run_closed_and_judged_again_stays_as_it_was(tmp_path: Path) -> None:
    run = GreenRun().lay(tmp_path)
    judge(run)
    chain.seal(run)
    assert judge(run).exit_code == 0
    (run / "run.json").write_bytes((run / "run.json").read_bytes().replace(b"refcrm", b"tryton", 1))
    assert "run.json" in _said(judge(run))


def test_a_file_that_was_there_before_is_bound_once(tmp_path: Path) -> None:
    run = GreenRun().lay(tmp_path)
    before = chain.read(run)
    assert chain.append(run, "again") == before and not before.problems
    (run / "allure-results" / "late-attachment.txt").write_text("晚到的附件", "utf-8")
    assert [link.path for link in chain.append(run, "late").links][len(before.links) :] == [
        "allure-results/late-attachment.txt"
    ]


def _said(verdict: Verdict) -> str:
    return "\n".join(verdict.problems)
