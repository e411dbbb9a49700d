"""The plan: one pytest process that collects everything, promises it, and lists every mistake before anything runs."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crm_acceptance.checks.check import PHASES
from crm_acceptance.checks.promise import write_json
from crm_acceptance.checks.selection import Selection
from crm_acceptance.errors import AcceptanceError, WrongUse, unknown
from crm_acceptance.profile import Profile
from crm_acceptance.running.folder import Folder, environment
from crm_acceptance.running.process import Process, pytest_command
from crm_acceptance.running.request import Request

ROOMS = ("features", "security", "load")
USAGE = 4
PATIENCE = 1800.0
"""Seconds for collecting everything; a whole workspace takes a few."""
_WORD = re.compile(r"[^\s()]+")


@dataclass(frozen=True)
class PhasePlan:
    """One phase: the files it collects, the titles of its selected checks by node id, how many need a browser."""

    name: str
    files: tuple[str, ...]
    titles: dict[str, str]
    on_screen: int


def make(folder: Folder, profile: Profile, request: Request, selection: Selection) -> list[PhasePlan]:
    """Collects. WrongUse lists every mistake of the workspace, or says that nothing was selected.

    What was collected just before, for a run of the same workspace, need not be collected again: the phases compare.
    """
    if request.promised is not None:
        return _selected(_taken_over(folder, request.promised, selection))
    rooms = [room for room in ROOMS if (profile.workspace / room).is_dir()]
    if not rooms:
        raise WrongUse(
            f"工作区里没有 {', '.join(ROOMS)}：{profile.workspace}。No checks here: try `crm-acceptance init`."
        )
    arguments = ["--collect-only", "-q", "--no-header", *selecting(request), *rooms]
    env = environment(folder, profile, selection.as_environment())
    log = folder.log("plan")
    with Process(pytest_command(profile.workspace, arguments), env, profile.workspace, log) as process:
        code = process.follow(lambda: False, PATIENCE)
    plans = _read(folder.path)
    errors = [error for _, body in plans for error in body["errors"]]
    if errors or code not in (0, 5):
        raise _mistake(list(dict.fromkeys(errors)), code, log)
    _check_markers(request.markers, [item for _, body in plans for item in body["items"]])
    return _selected(plans)


def _taken_over(
    folder: Folder, promised: Path, selection: Selection
) -> list[tuple[str, dict[str, list[dict[str, object]]]]]:
    """Another run's promise as this run's own, with this run's selection, which must be a list of checks."""
    wanted = frozenset(Path(selection.listed).read_text(encoding="utf-8").splitlines())
    plans = _read(promised)
    for phase, body in plans:
        body["items"] = [{**item, "selected": item["nodeid"] in wanted} for item in body["items"]]
        write_json(folder.path / "expected" / f"{phase}.json", body)
    return plans


def selecting(request: Request) -> list[str]:
    """pytest's own options for leaving checks out."""
    return [
        *(("-k", request.keyword) if request.keyword else ()),
        *(("-m", request.markers) if request.markers else ()),
    ]


def _read(run_dir: Path) -> list[tuple[str, dict[str, list[dict[str, object]]]]]:
    files = ((phase, run_dir / "expected" / f"{phase}.json") for phase in PHASES)
    return [(phase, json.loads(file.read_text(encoding="utf-8"))) for phase, file in files if file.is_file()]


def _mistake(errors: Sequence[object], code: int, log: Path) -> AcceptanceError:
    if errors:
        listed = "\n".join(dict.fromkeys(_tidy(str(error)) for error in errors))  # two files may read the same table
        return WrongUse(f"验收没有开始，先改好这些（nothing ran; mend these first）：\n{listed}")
    said = log.read_text(encoding="utf-8", errors="replace")
    told = [line.removeprefix("ERROR: ") for line in said.splitlines() if line.startswith("ERROR: ")]
    if code == USAGE and told:
        return WrongUse("\n".join(told))
    return WrongUse(f"检查收集不起来（pytest exit {code}）：{_last(said)}。See {log}")


def _tidy(error: str) -> str:
    """A collection error of a feature file is already sentences; one of a Python file ends with what went wrong."""
    nodeid, _, said = error.partition(": ")
    if not nodeid.endswith((".feature", ".py")):
        return error
    lines = [line for line in said.splitlines() if line.strip()]
    if nodeid.endswith(".feature") or ("Traceback" not in said and not any(line.startswith("E  ") for line in lines)):
        return said or error
    return f"{nodeid}: {' '.join(line[1:].strip() for line in lines if line.startswith('E  '))}"


def _last(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "(no output)"


def _check_markers(expression: str, items: list[dict[str, object]]) -> None:
    """pytest takes an unknown marker for "no check has it"; people mistype tags, and silence would follow."""
    known = {str(name) for item in items for name in item["markers"]}  # type: ignore[attr-defined]
    for word in _WORD.findall(re.sub(r"\([^()]*=[^()]*\)", "", expression)):
        if word not in {"and", "or", "not", "True", "False"} and word not in known:
            raise unknown("标签 tag", word, known)


def _selected(plans: list[tuple[str, dict[str, list[dict[str, object]]]]]) -> list[PhasePlan]:
    made = [_phase(name, body["items"]) for name, body in plans]
    if not any(plan.titles for plan in made):
        raise WrongUse("没有选中任何检查，请放宽 -k、-m、--department 或 --requirement。No check is selected.")
    return made


def _phase(name: str, items: list[dict[str, object]]) -> PhasePlan:
    chosen = [item for item in items if item["selected"]]
    files = dict.fromkeys(str(item["nodeid"]).split("::")[0] for item in chosen)
    titles = {str(item["nodeid"]): str(item["title"]) for item in chosen}
    return PhasePlan(name, tuple(files), titles, sum("ui" in item["markers"] for item in chosen))  # type: ignore[operator]
