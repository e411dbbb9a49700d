"""One pytest session of acceptance: collects, promises, orders, runs checks; pytest_plugin.py routes hooks to it."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from crm_acceptance.catalogue import Catalogue
from crm_acceptance.checks import promise
from crm_acceptance.checks.check import PHASES, Check
from crm_acceptance.checks.reading import check_of, room_of
from crm_acceptance.checks.selection import Selection
from crm_acceptance.gherkin.collect import BUILT_IN
from crm_acceptance.profile import Profile

RUN_DIR_ENV, SYSTEM_ENV, WORKSPACE_ENV = "CRM_ACCEPTANCE_RUN_DIR", "CRM_ACCEPTANCE_SYSTEM", "CRM_ACCEPTANCE_WORKSPACE"
PHASE_ENV, SEED_ENV = "CRM_ACCEPTANCE_PHASE", "CRM_ACCEPTANCE_SEED"


@dataclass(frozen=True)
class Orders:
    """What the parent process asked for; all empty when somebody simply runs pytest."""

    run_dir: Path | None
    phase: str
    seed: str

    @classmethod
    def from_environment(cls) -> Orders:
        folder = os.environ.get(RUN_DIR_ENV)
        return cls(Path(folder) if folder else None, os.environ.get(PHASE_ENV, ""), os.environ.get(SEED_ENV, ""))


class Acceptance:
    """What lives as long as the pytest session: its checks by node id, and what went wrong so far."""

    def __init__(self, profile: Profile, catalogue: Catalogue, worker: str = "") -> None:
        self.worker = worker
        self.profile = profile
        self.catalogue = catalogue
        self.orders = Orders.from_environment()
        self.selection = Selection.from_environment()
        self.checks: dict[str, Check] = {}
        self.errors: list[str] = []

    def take(self, config: pytest.Config, items: list[pytest.Item], left_out: list[pytest.Item]) -> None:
        """Reads all collected items as checks, selects, orders and promises; `errors` tell why they cannot stand."""
        items[:] = [item for item in items if not _asks_nothing(item) and not self._unasked(item)]
        left_out = [item for item in left_out if not _asks_nothing(item) and not self._unasked(item)]
        ours = {item: room for item in (*items, *left_out) if (room := room_of(item, self.profile.workspace))}
        every = {item: self._check(item, room) for item, room in ours.items()}
        self.errors += _problems(every.values(), self.catalogue)
        if self.errors:
            self._promise(every.values(), set())
            return
        self._select(config, items, every)
        self.checks.update((check.nodeid, check) for check in every.values())
        self._promise(every.values(), {item.nodeid for item in items})
        if self.orders.seed:
            items.sort(key=lambda item: item.nodeid)
            random.Random(self.orders.seed).shuffle(items)

    def _unasked(self, item: pytest.Item) -> bool:
        """A question of the harness's own (`built_in`) about a requirement that this company's table does not have."""
        marks = list(item.iter_markers("requirement"))
        known = self.catalogue.requirements
        tags = {mark.name for mark in item.iter_markers()}
        if BUILT_IN in tags:
            return not tags & known.keys()
        return any(mark.kwargs.get("built_in") for mark in marks) and not any(
            id in known for mark in marks for id in mark.args
        )

    def _check(self, item: pytest.Item, room: str) -> Check:
        run = self.orders.run_dir.name if self.orders.run_dir else ""
        stamp = {"run": run, "system": self.profile.system} if run else {"system": self.profile.system}
        return check_of(item, room, self.catalogue.requirements, stamp, self.profile)

    def _select(self, config: pytest.Config, items: list[pytest.Item], every: dict[pytest.Item, Check]) -> None:
        """A phase keeps its own checks only; what the orders leave out is told to pytest as deselected."""
        phase = self.orders.phase
        mine = [item for item in items if not phase or (item in every and every[item].phase == phase)]
        wanted = [item for item in mine if item not in every or self.selection.wants(every[item], self.catalogue)]
        if len(wanted) < len(mine):
            kept = set(wanted)
            config.hook.pytest_deselected(items=[item for item in mine if item not in kept])
        items[:] = wanted

    def _promise(self, checks: Iterable[Check], selected: set[str]) -> None:
        folder = self.orders.run_dir
        if folder is None or self.worker not in ("", "gw0"):
            return
        every = list(checks)
        for phase in [self.orders.phase] if self.orders.phase else PHASES:
            own = [check for check in every if check.phase == phase]
            before = promise.promised(folder, phase)
            if before is None:
                if own or self.orders.phase or self.errors:
                    promise.write(folder, phase, own, selected, self.errors)
            else:
                self.errors += _differences(before, own, selected)


def _asks_nothing(item: pytest.Item) -> bool:
    """pytest's stand-in for a check that has nothing to be asked about, as when the site's table of requirements does
    not know the only one it is for. It names none, so nothing waits for it."""
    told = getattr(item, "callspec", None)
    return told is not None and told.id == "NOTSET" and item.get_closest_marker("requirement") is None


def _problems(checks: Iterable[Check], catalogue: Catalogue) -> list[str]:
    every = list(checks)
    doubled = [nodeid for nodeid, times in Counter(check.nodeid for check in every).items() if times > 1]
    told = [
        f"两个检查同名，会只算一个：{nodeid}（duplicate node id: one of them would vanish）。" for nodeid in doubled
    ]
    known = ", ".join(catalogue.requirements)
    for check in every:
        if not check.requirements:
            said = "没有需求，什么也证明不了；请加 @pytest.mark.requirement(...)。It names no requirement."
            told.append(f"{check.nodeid}：{said}")
        for id in check.requirements:
            if id not in catalogue.requirements:
                told.append(f"{check.nodeid}：需求表里没有 {id}（unknown requirement）。已知 known: {known}。")
    return told


def _differences(before: list[dict[str, object]], own: list[Check], selected: set[str]) -> list[str]:
    """A process that collects something else than was promised must not run: its silence could not be seen."""
    then = {str(item["nodeid"]) for item in before if item["selected"]}
    now = {check.nodeid for check in own if check.nodeid in selected}
    lost, new = sorted(then - now), sorted(now - then)
    said = [f"收集结果与清单不一致，少了 {one}（promised, but not collected now）。" for one in lost[:5]]
    return said + [f"收集结果与清单不一致，多了 {one}（collected now, but not promised）。" for one in new[:5]]


ACCEPTANCE = pytest.StashKey[Acceptance]()
