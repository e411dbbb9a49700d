"""Thresholds: what is measured of which verb or department, and how much is borne; whether it holds is verdict.py's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from crm_acceptance.engines.load import entries, quantities
from crm_acceptance.engines.load.entries import Table
from crm_acceptance.errors import WrongUse, unknown
from crm_acceptance.model import DEPARTMENTS

MEASURES = ("p50", "p90", "p95", "p99", "p999", "max", "errors", "throughput", "writes", "foreign", "memory", "drift")
TIMED = ("p50", "p90", "p95", "p99", "p999", "max")
"""Those whose limit is how long an answer may take."""
ROLLING = (*TIMED, "errors", "throughput")
"""Those that can be asked of every stretch of `for` seconds."""
OF_ALL = ("writes", "foreign", "memory")
"""Those of the whole run: no verb and no department has its own."""
OURS = ("PERF-001", "PERF-002", "PERF-003", "PERF-004", "PERF-005")
"""What the peaks that come with this program prove. A company whose own table does not require one is not asked."""
SERVER = "server."
"""Figures of the server itself: server.cpu (cores), server.memory (MB), server.<a metric of its own> (server.py)."""
MB_PER_MINUTE = 2**20 / 60
KEYS = ("requirement", "measure", "limit", "verb", "department", "for")
MEGABYTES: Mapping[str, float] = {"MB": 2.0**20, "KB": 2.0**10, "GB": 2.0**30}
MILLISECONDS: Mapping[str, float] = {name: quantities.SECONDS[name] for name in ("ms", "毫秒", "s", "秒")}


@dataclass(frozen=True)
class Threshold:
    """What must hold: seconds for pNN and max, a ratio for errors, a count for writes lost or doubled and for answers
    with somebody else's data (foreign), bytes per second for the growth of the server's memory, Actions acknowledged
    per second at least for throughput, seconds of p95 per second for drift. `window`: for how many seconds in a row
    it must be missed to stop the run; 0: over all that counts."""

    requirement: str
    measure: str
    limit: float
    verb: str = ""
    department: str = ""
    window: float = 0.0
    least: bool = False
    """Of the server's figures: the limit is the least they may be, not the most."""


@dataclass(frozen=True)
class Known:
    """What thresholds may name: the requirements (only the empty one: any, for pages without a workspace have no table
    of them), and the verbs and departments that the mix really has."""

    requirements: Collection[str]
    verbs: Collection[str]
    departments: Collection[str]


def read(where: str, table: Table, known: Known) -> Threshold:
    """One [[….threshold]]. WrongUse tells what is unknown, or could never be judged."""
    entries.keys(where, table, KEYS)
    requirement = entries.value(where, table, "requirement", str, "" if "" in known.requirements else None)
    measure = entries.value(where, table, "measure", str)
    if requirement not in {*known.requirements, *OURS} and set(known.requirements) != {""}:
        raise unknown(f"需求编号 requirement（{where}）", requirement, {*known.requirements} - {""})
    if measure.startswith(SERVER):
        return _of_server(where, table, requirement, measure)
    if measure not in MEASURES:
        raise unknown(f"指标 measure（{where}）", measure, (*MEASURES, f"{SERVER}cpu", f"{SERVER}memory"))
    verb, department = _verb(where, table, known), _department(where, table, known)
    if measure in OF_ALL and (verb or department):
        raise WrongUse(f"{where}：{measure} 是整个系统的，不分动作和部门。{measure} has no verb and no department.")
    limit = _LIMITS[measure](f"{where} 的 limit", entries.value(where, table, "limit", str))
    return Threshold(requirement, measure, limit, verb, department, _window(where, table, measure))


def _of_server(where: str, table: Table, requirement: str, measure: str) -> Threshold:
    """A figure that the server tells of itself, e.g. server.cpu "<= 0.8": cores, MB, or whatever its own unit is."""
    if any(key in table for key in ("verb", "department", "for")):
        raise WrongUse(f"{where}：{measure} 是服务器的，不分动作、部门和时段。It has no verb, no department, no for.")
    limit, least = quantities.compared(f"{where} 的 limit", entries.value(where, table, "limit", str))
    return Threshold(requirement, measure, limit, least=least)


def _verb(where: str, table: Table, known: Known) -> str:
    verb: str = entries.value(where, table, "verb", str, "")
    if verb and verb not in known.verbs:
        raise unknown(f"动作 verb（{where}；要在 mix 里 of the mix）", verb, known.verbs)
    return verb


def _department(where: str, table: Table, known: Known) -> str:
    department: str = entries.value(where, table, "department", str, "")
    if department and department not in DEPARTMENTS:
        raise unknown(f"部门 department（{where}）", department, DEPARTMENTS)
    if department and department not in known.departments:
        raise unknown(f"部门 department（{where}；要在 mix 里 of the mix）", department, known.departments)
    return department


def _window(where: str, table: Table, measure: str) -> float:
    if "for" not in table:
        return 0.0
    if measure not in ROLLING:
        raise WrongUse(f"{where}：{measure} 没有“持续多久”（for）。Only {', '.join(ROLLING)} can have a duration.")
    return entries.positive(
        where, "for", quantities.seconds(f"{where} 的 for", entries.value(where, table, "for", str))
    )


def _positive(read: Callable[[str, str], float]) -> Callable[[str, str], float]:
    return lambda where, text: entries.positive(where.removesuffix(" 的 limit"), "limit", read(where, text))


def _failing(where: str, text: str) -> float:
    found = quantities.percent(where, text)
    if found >= 1:
        raise WrongUse(f"{where}：允许 100 % 出错，等于什么也没要求。With 100 % allowed, nothing could ever miss it.")
    return found


def _memory(where: str, text: str) -> float:
    return quantities.growth(where, text, MEGABYTES, "60 MB/min")


def _drift(where: str, text: str) -> float:
    return quantities.growth(where, text, MILLISECONDS, "50 ms/min")


_LIMITS: Mapping[str, Callable[[str, str], float]] = {
    **dict.fromkeys(MEASURES, _positive(quantities.seconds)),
    "errors": _failing,
    "writes": quantities.count,
    "foreign": quantities.count,
    "throughput": _positive(quantities.rate),
    "memory": _memory,
    "drift": _drift,
}
