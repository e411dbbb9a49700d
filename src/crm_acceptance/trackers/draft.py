"""A root cause as the text of an issue: masked, the same for every tracker, rendered by each in its own markup."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_acceptance.messages.news import one_line
from crm_acceptance.model import CRITICALITIES, DEPARTMENTS, Requirement
from crm_acceptance.trackers.causes import Cause
from crm_acceptance.trackers.fingerprint import label

SHOWN = 20
LONGEST = 200
MOST = 14_000
"""Characters of all lines together: Jira takes 32,767 of its own, Trello 16,384, TAPD some 60 KB of HTML."""


@dataclass(frozen=True)
class Draft:
    """What an issue says. `mark` finds it again; picture: a path from the workspace, "" without one."""

    mark: str
    title: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    labels: tuple[str, ...] = ()
    critical: bool = False
    picture: str = ""

    def payload(self) -> dict[str, Any]:
        """As the outbox keeps it."""
        parts = [[heading, list(lines)] for heading, lines in self.parts]
        return {**vars(self), "parts": parts, "labels": list(self.labels)}

    def text(
        self, heading: str = "== {} ==", line: str = "- {}", plain: Callable[[str], str] = lambda said: said
    ) -> str:
        """As plain text, or in a markup with such headings and lines; `plain` keeps words from being markup."""
        blocks = [
            "\n".join([heading.format(name), *(line.format(plain(one)) for one in own)]) for name, own in self.parts
        ]
        return "\n\n".join(blocks)


def drafted(payload: Mapping[str, Any]) -> Draft:
    """The draft that an outbox keeps."""
    parts = tuple((str(heading), tuple(lines)) for heading, lines in payload["parts"])
    return Draft(**{**payload, "parts": parts, "labels": tuple(payload["labels"])})


def draft(cause: Cause, run_dir: Path, workspace: Path, head: str) -> Draft:
    """The issue of one root cause of that run; `head` of its chain."""
    one = cause.requirement
    what = [f"{each.id}（{_department(each.department)}·{_level(each)}）：{each.text}" for each in cause.requirements]
    parts = (
        ("需求 requirement", what),
        ("步骤 steps", list(cause.steps) or [cause.checks[0].title]),
        ("应为 expected", [one.text]),
        ("实际 actual", [cause.reason]),
        (f"检查 checks（{len(cause.checks)}）", _checks(cause)),
        (
            "证据 evidence",
            [f"运行 run {run_dir.name}", f"摘要 digest {head[:12]}", f"指纹 fingerprint {label(cause.fingerprint)}"],
        ),
    )
    title = f"[{one.id}] {_department(one.department)}：{cause.checks[0].title.partition(' · ')[0]}"
    labels = ("crm-acceptance", label(cause.fingerprint), *(f"dept-{name}" for name in cause.departments))
    safe = _within(tuple((heading, tuple(shown(line, 1000) for line in lines)) for heading, lines in parts))
    results = os.path.relpath(run_dir / "allure-results", workspace)
    picture = f"{results}/{cause.picture}" if cause.picture else ""
    return Draft(label(cause.fingerprint), shown(title), safe, labels, one.criticality == "critical", picture)


def _within(parts: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The first lines of each part where all of them are too long for a tracker: each part gets an equal share."""
    share = MOST // len(parts)
    return tuple((heading, tuple(_first(lines, share))) for heading, lines in parts)


def _first(lines: tuple[str, ...], room: int) -> Iterator[str]:
    for n, line in enumerate(lines):
        room -= len(line)
        if room < 0:
            yield f"…… 另有 {len(lines) - n} 行，见报告 more in the report"
            return
        yield line


def _checks(cause: Cause) -> list[str]:
    lines = [f"{check.title}（{check.engine}）" for check in cause.checks[:SHOWN]]
    rest = len(cause.checks) - SHOWN
    return [*lines, *([f"另有 {rest} 项 more"] if rest > 0 else [])]


def _level(one: Requirement) -> str:
    return CRITICALITIES.get(one.criticality, one.criticality)


def _department(key: str) -> str:
    return DEPARTMENTS.get(key, key)


def shown(text: str, longest: int = LONGEST) -> str:
    """One line without secrets and personal data."""
    return one_line(text)[:longest]
