"""How a check ended: our exceptions as pytest's outcomes, and what is shown when it failed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from crm_acceptance import evidence
from crm_acceptance.checks.check import Check
from crm_acceptance.errors import Refused, Unproven, Unsupported


@contextlib.contextmanager
def translated(ours: bool) -> Iterator[None]:
    """Unsupported, Unproven and a throttled request skip with their reason; a refusal nobody expected fails.

    SiteOutOfReach and every other exception are no assertion, so Allure calls the check broken: we could not tell.
    """
    try:
        yield
    except (Unsupported, Unproven) as reason:
        if not ours:
            raise
        raise pytest.skip.Exception(str(reason)) from reason
    except Refused as refusal:
        if not ours:
            raise
        if refusal.kind == "throttled":  # how the CRM decides when it is not too busy, nobody knows
            raise pytest.skip.Exception(f"站点限流，没有做成 throttled, so nothing is known: {refusal}") from refusal
        said = f"CRM 拒绝了（refused, HTTP {refusal.status or '-'}）：{refusal}"
        raise pytest.fail.Exception(said, pytrace=True) from refusal


@contextlib.contextmanager
def unable(ours: bool) -> Iterator[None]:
    """The same while a check is set up: what the system cannot do skips it; every other exception is our trouble."""
    try:
        yield
    except (Unsupported, Unproven) as reason:
        if not ours:
            raise
        raise pytest.skip.Exception(str(reason)) from reason


def label(item: pytest.Item, check: Check) -> None:
    """The node id travels to the writer as a label; the writer puts all others on. Set-up failures carry it, too."""
    if not any(mark.kwargs.get("label_type") == "nodeid" for mark in item.iter_markers("allure_label")):
        item.add_marker(pytest.mark.allure_label(check.nodeid, label_type="nodeid"))


def status_of(call: Any) -> str:
    """failed: the CRM is wrong; broken: the check could not tell. The same judgement as Allure's."""
    wrong = (AssertionError, pytest.fail.Exception)
    return "failed" if call.excinfo is not None and call.excinfo.errisinstance(wrong) else "broken"


def show_failure(call: Any) -> None:
    """Attaches what the check's fixtures offered (screens, traces) and the latest exchanges with the CRM."""
    if call.when != "teardown" and not _is_skip(call):
        evidence.show_offers()
        evidence.show_exchanges()


def _is_skip(call: Any) -> bool:
    return call.excinfo is not None and call.excinfo.errisinstance(pytest.skip.Exception)


def masked(report: pytest.TestReport) -> None:
    """Hides secrets in what the console, the log and the progress show; a report without any keeps its form.

    `crm_said` is the first line of a failure. Plain text only: reports of xdist's workers travel as such.
    """
    report.sections = [(name, evidence.mask(text)) for name, text in report.sections]
    if isinstance(report.longrepr, tuple):
        file, line, reason = report.longrepr
        report.longrepr = (file, line, evidence.mask(reason))
    elif report.longrepr is not None:
        _mask_failure(report)


def _mask_failure(report: Any) -> None:
    said = report.longreprtext
    crash = getattr(report.longrepr, "reprcrash", None)
    report.crm_said = evidence.mask(str(crash.message) if crash is not None else said)
    hidden = evidence.mask(said)
    if hidden != said:
        report.longrepr = hidden
