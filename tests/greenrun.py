"""A run folder in which everything is green, as plain values to be spoilt and then laid on disk. No test lives here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from crm_acceptance import chain

STARTED, FINISHED = 1_795_000_000_000, 1_795_000_600_000
RUN, SYSTEM, SITE = "20261122-100000", "refcrm", "http://127.0.0.1:4711"
REQUIREMENTS = (
    ("SALES-001", "sales", "functional", "登记线索各项资料齐全"),
    ("SALES-004", "sales", "abnormal", "跟进不丢且按时间排列"),
    ("SEC-002", "sales", "security", "销售按编号读不到他人记录"),
    ("FIN-001", "finance", "functional", "登记回款减少未收"),
    ("SVC-003", "service", "scenario", "客服能看到客户的订单"),
    ("PERF-001", "it", "performance", "早高峰 95% 在 2 秒内"),
)
CHECKS = (
    ("scenarios", "scenarios", "features/sales/leads.feature::test_lead", ("SALES-001",)),
    ("scenarios", "scenarios", "features/sales/leads.feature::test_lead_by_screen", ("SALES-001",)),
    ("scenarios", "scenarios", "features/sales/follow.feature::test_follow", ("SALES-004",)),
    ("scenarios", "scenarios", "features/finance/pay.feature::test_pay", ("FIN-001", "SVC-003")),
    ("scenarios", "scenarios", "features/service/orders.feature::test_orders", ("SVC-003",)),
    ("security", "permissions", "security/test_permissions.py::test_cell[sales_rep-read-customer]", ("SEC-002",)),
    ("load", "load", "load/test_peaks.py::test_peak[morning]", ("PERF-001",)),
    ("fuzz", "fuzz", "security/test_fuzz.py::test_roles[readCustomer]", ("SEC-002",)),
)
PHASES = ("scenarios", "security", "load", "fuzz")


class GreenRun:
    """Values of one run folder; every test changes what it wants, then `lay` writes the folder."""

    def __init__(self) -> None:
        self.run: dict[str, Any] = {
            "id": RUN,
            "system": SYSTEM,
            "site": SITE,
            "started": STARTED,
            "finished": FINISHED,
            "phases": [{"name": name, "exit": 0} for name in PHASES],
            "profile_digest": "0" * 64,
            "seed": 1,
        }
        self.requirements: list[dict[str, Any]] = [requirement(*row) for row in REQUIREMENTS]
        self.expected: dict[str, dict[str, Any]] = {
            name: {"phase": name, "complete": True, "items": [], "errors": []} for name in PHASES
        }
        self.results: list[dict[str, Any]] = []
        for number, (phase, engine, nodeid, ids) in enumerate(CHECKS):
            self.expected[phase]["items"].append(item(nodeid, engine, ids))
            self.results.append(result(number, nodeid, engine, ids))

    def clear(self) -> None:
        """Forget every requirement, promise and result."""
        self.requirements.clear()
        self.results.clear()
        for phase in self.expected.values():
            phase["items"].clear()

    def requirement_ids(self) -> list[str]:
        """The ids of the snapshot, in order."""
        return [row["id"] for row in self.requirements]

    def requirement(self, id: str) -> dict[str, Any]:
        """The snapshot's row with that id."""
        return next(row for row in self.requirements if row["id"] == id)

    def result(self, nodeid_end: str) -> dict[str, Any]:
        """The result whose node id ends so."""
        return next(one for one in self.results if label(one, "nodeid").endswith(nodeid_end))

    def item(self, nodeid_end: str) -> dict[str, Any]:
        """The promise whose node id ends so."""
        items = (item for phase in self.expected.values() for item in phase["items"])
        return next(item for item in items if item["nodeid"].endswith(nodeid_end))

    def phase(self, name: str) -> dict[str, Any]:
        """The phase's entry in run.json."""
        return next(phase for phase in self.run["phases"] if phase["name"] == name)

    def lay(self, folder: Path) -> Path:
        """Write everything below `folder` and return it."""
        _dump(folder / "run.json", self.run)
        _dump(folder / "requirements.json", self.requirements)
        for name, body in self.expected.items():
            _dump(folder / "expected" / f"{name}.json", body)
        (folder / "allure-results").mkdir(parents=True, exist_ok=True)
        for number, body in enumerate(self.results):
            _dump(folder / "allure-results" / f"{number:04}-result.json", body)
        (folder / chain.FILE).unlink(missing_ok=True)
        chain.append(folder, "laid")
        return folder


def label(result: dict[str, Any], name: str) -> str:
    """The first label of that name."""
    return next(one["value"] for one in result["labels"] if one["name"] == name)


def relabel(result: dict[str, Any], name: str, *values: str) -> None:
    """Replace all labels of that name."""
    kept = [one for one in result["labels"] if one["name"] != name]
    result["labels"] = kept + [{"name": name, "value": value} for value in values]


def requirement(id: str, department: str, dimension: str, text: str) -> dict[str, Any]:
    """One row of requirements.json."""
    named = {"id": id, "department": department, "criticality": "critical", "dimension": dimension}
    return {**named, "text": text, "text_en": f"{id} in English"}


def item(nodeid: str, engine: str, ids: tuple[str, ...]) -> dict[str, Any]:
    """One promise of expected/<phase>.json."""
    title = nodeid.rpartition("::")[2]
    return {"nodeid": nodeid, "title": title, "requirements": list(ids), "engine": engine, "selected": True}


def result(number: int, nodeid: str, engine: str, ids: tuple[str, ...]) -> dict[str, Any]:
    """One passed result of allure-results."""
    labels = [
        ("nodeid", nodeid),
        ("engine", engine),
        ("run", RUN),
        ("system", SYSTEM),
        *(("requirement", i) for i in ids),
    ]
    return {
        "uuid": f"00000000-0000-4000-8000-{number:012}",
        "name": nodeid.rpartition("::")[2],
        "status": "passed",
        "start": STARTED + 1000 * number,
        "stop": STARTED + 1000 * number + 900,
        "labels": [{"name": name, "value": value} for name, value in labels],
    }


def _dump(path: Path, body: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
