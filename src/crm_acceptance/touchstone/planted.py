"""The defects that the reference CRM can be given, as it lists them itself, and those that were asked for."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from crm_acceptance.errors import WrongUse, unknown


@dataclass(frozen=True)
class Planted:
    """One defect: the requirements that it must disprove and, if it says so, at which node ids (fnmatch)."""

    name: str
    kind: str
    requirements: tuple[str, ...]
    title_zh: str = ""
    title_en: str = ""
    where: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


def listed() -> list[dict[str, Any]]:
    """The defects as JSON. The reference CRM is a program of its own, so it is asked, not imported."""
    asked = [sys.executable, "-m", "crm_acceptance.refcrm", "--list-defects"]
    told = subprocess.run(asked, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False)
    if told.returncode != 0:
        said = (told.stderr.strip().splitlines() or ["(no words)"])[-1]
        raise WrongUse(f"参考 CRM 没有说出它的缺陷：{said}。The reference CRM did not list its defects.")
    known: list[dict[str, Any]] = json.loads(told.stdout)
    return known


def every() -> tuple[Planted, ...]:
    """All of them, in the reference CRM's order."""
    return tuple(
        Planted(
            one["name"],
            one["kind"],
            tuple(one["requirements"]),
            one["title_zh"],
            one["title_en"],
            tuple(one.get("where", ())),
            tuple(one.get("paths", ())),
        )
        for one in listed()
    )


def chosen(known: Sequence[Planted], kinds: Iterable[str], names: Iterable[str]) -> tuple[Planted, ...]:
    """Those of the kinds and of the names that were asked for; none asked for: all. WrongUse for an unknown word."""
    kinds, names = tuple(dict.fromkeys(kinds)), tuple(dict.fromkeys(names))
    for kind in kinds:
        if kind not in {one.kind for one in known}:
            raise unknown("缺陷类型 kind", kind, dict.fromkeys(one.kind for one in known))
    for name in names:
        if name not in {one.name for one in known}:
            raise unknown("缺陷 defect", name, [one.name for one in known], "全部 all: crm-acceptance defects")
    found = tuple(one for one in known if (not kinds or one.kind in kinds) and (not names or one.name in names))
    if not found:
        raise WrongUse(f"这些缺陷里没有 {'、'.join(kinds)} 类的。None of these defects is of that kind.")
    return found
