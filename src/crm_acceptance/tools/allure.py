"""Builds the Allure 3 report of one run: offline, in the asked language, calling nobody. Decides nothing: gate/ does.

The generator's pages are made self-contained by offline.py; the pinned generator is installed by npm.py.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crm_acceptance.errors import WrongUse
from crm_acceptance.tools import npm, offline
from crm_acceptance.tools.missing import Say, ToolMissing, call
from crm_acceptance.tools.node import find_node

VERSION = "3.18.0"
GENERATE_SECONDS = 1800.0
NOISE = ["host", "thread", "framework", "language", "package", "suite", "parentSuite", "subSuite", "testClass"]
"""Labels that say where a check ran, not what it proves."""

CATEGORIES = {
    "zh": {"failed": "CRM 不符合要求", "broken": "检查中断，不能证明", "skipped": "未执行，不能证明"},
    "en": {
        "failed": "The CRM is wrong",
        "broken": "Check broken: proves nothing",
        "skipped": "Not run: proves nothing",
    },
}


@dataclass(frozen=True)
class Report:
    """A built report: its first page, how many results it shows, its size in bytes, the seconds it took."""

    index: Path
    results: int
    bytes: int
    seconds: float


def quiet(_line: str) -> None:
    """Says nothing; the default for callers that have no console."""


def ensure_allure(say: Say = quiet) -> Path:
    """The pinned generator's cli.js, installed on first use; ToolMissing if that is not possible."""
    return _cli(npm.install("allure", say))


def find_allure() -> Path | None:
    """The pinned generator's cli.js if it is installed already."""
    home = npm.installed("allure")
    return _cli(home) if home else None


def _cli(home: Path) -> Path:
    return home / "node_modules" / "allure" / "cli.js"


def route(result_uuid: str) -> str:
    """The fragment of one result's page, to be appended to index.html. Allure 3 names it md5(uuid of the result)."""
    return "#" + hashlib.md5(result_uuid.encode(), usedforsecurity=False).hexdigest()


def build_report(
    results_dir: Path,
    out_dir: Path,
    *,
    title: str,
    language: str = "zh",
    environments: Mapping[str, str] | None = None,
    say: Say = quiet,
) -> Report:
    """Build `out_dir`/index.html from the results; an older report there is replaced only when the new one is whole.

    `environments` maps an id (letters, digits, dashes) to a department's name: one drop-down entry each, matched on
    the label epic. Without it the tree department -> requirement -> check is the view.
    Raises WrongUse when there is no result, ToolMissing when the generator cannot be had or fails.
    """
    started = time.monotonic()
    results = sum(1 for _ in results_dir.glob("*-result.json"))
    if not results:
        raise WrongUse(
            f"没有结果可做报告 (no results to report): {results_dir}。请先执行 run first: crm-acceptance run"
        )
    try:
        size = _build(ensure_allure(say), results_dir, out_dir, (title, language, environments or {}))
    except OSError as refused:
        raise ToolMissing(
            f"报告写不出来 (cannot write the report): {out_dir}: {refused.strerror or refused}"
        ) from refused
    return Report(out_dir / "index.html", results, size, time.monotonic() - started)


def _build(cli: Path, results_dir: Path, out_dir: Path, look: tuple[str, str, Mapping[str, str]]) -> int:
    title, language, environments = look
    part = _empty(out_dir.with_name(out_dir.name + ".part"))
    with tempfile.TemporaryDirectory(prefix="crm-acceptance-") as scratch:
        config = Path(scratch, "allurerc.mjs")
        config.write_text(configuration(title, language, part, environments), encoding="utf-8")
        command: list[str | Path] = [find_node().binary, cli, "generate", "--config", config, results_dir.resolve()]
        call(command, what="allure generate", seconds=GENERATE_SECONDS, cwd=Path(scratch))
    size = offline.seal(part, language)
    _swap(part, out_dir)
    return size


def configuration(title: str, language: str, output: Path, environments: Mapping[str, str]) -> str:
    """The allurerc.mjs of one report. JSON, but for the matchers, which Allure takes as functions only."""
    options = {
        "reportName": title,
        "reportLanguage": language,
        "singleFile": False,
        "groupBy": ["epic", "feature"],
        "theme": "light",
    }
    words = CATEGORIES.get(language, CATEGORIES["en"])
    plain = {
        "name": title,
        "output": str(output.resolve()),
        "hideLabels": NOISE,
        "categories": [{"name": name, "matchedStatuses": [status]} for status, name in words.items()],
        "plugins": {"awesome": {"options": options}},
    }
    return (
        f"const config = {json.dumps(plain, ensure_ascii=False)};\n"
        f"const departments = {json.dumps(dict(environments), ensure_ascii=False)};\n"
        "const belongs = (name) => ({ labels }) => labels.some((l) => l.name === 'epic' && l.value === name);\n"
        "const entries = Object.entries(departments).map(([id, name]) => [id, { name, matcher: belongs(name) }]);\n"
        "export default entries.length ? { ...config, environments: Object.fromEntries(entries) } : config;\n"
    )


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _swap(part: Path, out_dir: Path) -> None:
    old = out_dir.with_name(out_dir.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if out_dir.exists():
        out_dir.rename(old)
    part.rename(out_dir)
    shutil.rmtree(old, ignore_errors=True)
