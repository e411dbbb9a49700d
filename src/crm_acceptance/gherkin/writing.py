"""What Allure's files hold and leave out: one identity per check, our labels, no fixture containers; masked."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from allure_commons.model2 import Label, Parameter, TestResult, TestResultContainer

from crm_acceptance.checks.check import Check
from crm_acceptance.evidence import hide_secrets, mask

SPOKEN = {"name", "description", "statusDetails", "steps", "parameters", "attachments"}
"""What a result says in words, and where a secret could therefore stand."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG)


def take_over(config: pytest.Config, checks: Mapping[str, Check]) -> Any:
    """Puts our writing behind Allure's listener; returns the listener, or None when no results are wanted.

    Fixtures are not reported: pytest-bdd alone would write six container files per scenario. They cannot be left out
    by unregistering Allure's file logger (its clean-up crashes), so the instances are adjusted.
    """
    listener = config.pluginmanager.get_plugin("allure_listener")
    writer = _writer()
    if listener is None or writer is None:
        return None
    for hook in (config.hook.pytest_fixture_setup, config.hook.pytest_fixture_post_finalizer):
        hook._remove_plugin(listener)
    listener._update_fixtures_children = lambda item: None
    listener.allure_logger.attach_data = _masking(listener.allure_logger.attach_data)
    writer._report_item = Writer(Path(writer._report_dir), checks)
    return listener


def _masking(attach: Callable[..., None]) -> Callable[..., None]:
    """Whatever text is attached, by whomever (captured output, own steps of a company), is masked first."""

    def masked(uuid: str, body: str | bytes, *rest: Any, **named: Any) -> None:
        attach(uuid, mask(body) if isinstance(body, str) else body, *rest, **named)

    return masked


class Writer:
    """Writes one result per check into the results folder, in one step, so that readers never see half a file."""

    def __init__(self, folder: Path, checks: Mapping[str, Check]) -> None:
        self._folder = folder
        self._checks = checks

    def __call__(self, item: Any) -> None:
        if isinstance(item, TestResultContainer):
            return
        if isinstance(item, TestResult):
            self._identify(item)
        name = item.file_pattern.format(prefix=getattr(item, "uuid", None) or os.urandom(16).hex())
        self._write(name, _safe(_plain(item)))

    def _identify(self, result: Any) -> None:
        """Stock identities fold all operations of a schema, or equal example rows, into retries of one check."""
        nodeid = next((label.value for label in result.labels if label.name == "nodeid"), "")
        check = self._checks.get(nodeid)
        if check is None:
            return
        result.name = check.title
        result.fullName = nodeid
        result.testCaseId = result.historyId = hashlib.md5(nodeid.encode(), usedforsecurity=False).hexdigest()
        result.titlePath = list(check.path)
        result.description = check.description or None
        result.labels = [*(label for label in result.labels if label.name != "nodeid"), *_labels(check)]
        if check.example is not None:
            result.parameters = [Parameter(name=name, value=value) for name, value in check.example.items()]
        if result.statusDetails is not None:
            result.statusDetails.message = mask(result.statusDetails.message or "")
            result.statusDetails.trace = mask(result.statusDetails.trace or "")

    def _write(self, name: str, text: str) -> None:
        part = self._folder / f"{name}.tmp"
        try:
            part.write_text(text, encoding="utf-8")
            os.replace(part, self._folder / name)
        except OSError as refused:
            part.unlink(missing_ok=True)
            if refused.errno in FULL:
                pytest.exit(
                    f"报告目录写不进去：{refused.strerror}（the report folder cannot be written）", returncode=3
                )
            raise


def _safe(body: dict[str, Any]) -> str:
    """The result as JSON without secrets. Labels and ids stay as they are: by them the gate knows the check."""
    text = json.dumps(body, ensure_ascii=False)
    if hide_secrets(text) == text:
        return text
    spoken = {key: json.loads(hide_secrets(json.dumps(body[key], ensure_ascii=False))) for key in SPOKEN & body.keys()}
    return json.dumps({**body, **spoken}, ensure_ascii=False)


def _labels(check: Check) -> list[Any]:
    return [Label(name, value) for name, value in check.labels]


def _writer() -> Any:
    import allure_commons
    from allure_commons.logger import AllureFileLogger

    plugins = allure_commons.plugin_manager.get_plugins()
    return next((one for one in plugins if isinstance(one, AllureFileLogger)), None)


def _plain(value: Any) -> Any:
    """attrs values as JSON, empty ones left out; four times as fast as attrs.asdict with a filter."""
    if isinstance(value, (str, int, float, bool, type(None))):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return {key: _plain(one) for key, one in vars(value).items() if one or one is False}
