"""Whether a single result can be believed: of this run and check, at a possible time. Weighs no requirement."""

from __future__ import annotations

import re

from crm_acceptance.manifest import Run
from crm_acceptance.model import Expected, Result

# run.json may be written in whole seconds, results are in milliseconds
SLACK_MS = 1000
EXCEPTION = re.compile(r"^(?:Skipped|Failed|AssertionError|crm_acceptance\.errors\.\w+): ")


def not_of_this_run(result: Result, run: Run) -> str:
    """Why this result belongs elsewhere, or "". What run.json does not say cannot be compared (and stops the gate)."""
    if run.id and result.run != run.id:
        return f"来自另一次运行 from another run: expected {run.id}, actual {result.run or '(no label)'}"
    if run.system and result.system != run.system:
        return f"来自另一个系统 from another system: expected {run.system}, actual {result.system or '(no label)'}"
    if run.started is not None and result.start < run.started - SLACK_MS:
        return "结果早于本次运行 older than the start of this run (clock set back, or copied in)"
    if run.finished is not None and result.stop > run.finished + SLACK_MS:
        return "结果晚于本次运行结束 later than the end of this run (clock set back, or copied in)"
    return ""


def mislabelled(result: Result, item: Expected) -> str:
    """Why this result does not answer this promise, or ""."""
    if set(result.requirements) != set(item.requirements):
        expected, actual = ", ".join(item.requirements) or "-", ", ".join(result.requirements) or "-"
        return f"结果与清单的需求不一致 labels disagree: expected {expected}, actual {actual}"
    if result.engine != item.engine:
        return f"结果与清单的引擎不一致 engines disagree: expected {item.engine}, actual {result.engine or '-'}"
    return ""


def unbelievable_times(result: Result) -> str:
    """Why nobody should believe a pass with these times, or ""."""
    if result.stop < result.start:
        return "结束早于开始，时钟被回拨 it stopped before it started: the clock was set back"
    return ""


def first_line(message: str, longest: int = 300) -> str:
    """The first line with words, without the exception's name where that name says nothing to business staff."""
    line = next((line.strip() for line in message.splitlines() if line.strip()), "")
    return EXCEPTION.sub("", line)[:longest]
