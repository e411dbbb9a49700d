"""What boots showed -> caught, missed or unproven per defect, and what was false alarm. Reads folders, runs nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crm_acceptance import chain, ledger, manifest
from crm_acceptance.gate.matrix import Check, weigh
from crm_acceptance.gate.whole import problems
from crm_acceptance.model import Proof
from crm_acceptance.touchstone.planted import Planted

CAUGHT, MISSED, UNPROVEN = "caught", "missed", "unproven"
NO_CHECK = "没有任何检查会看到它 no check could notice it"
ALARMING = "检查在没有缺陷时就不通过，不能算数 its checks fail without any defect, too"
UNHEARD = "所有检查都通过 every check passed"


@dataclass(frozen=True)
class Seen:
    """What one boot showed: every check weighed as the gate does, and why the boot as a whole cannot be believed.

    asked: the node ids that it was to run, whether or not it came to them. took: seconds by node id.
    """

    checks: Mapping[str, Check] = field(default_factory=dict)
    trouble: str = ""
    requests: int = 0
    asked: frozenset[str] = frozenset()
    took: Mapping[str, float] = field(default_factory=dict)

    def proof(self, nodeid: str) -> Proof:
        """A check that this boot does not know has proved nothing."""
        found = self.checks.get(nodeid)
        return found.proof if found else Proof.UNPROVEN

    def doubtful(self, nodeid: str) -> bool:
        """Whether this boot leaves open what the check says."""
        return bool(self.trouble) or self.proof(nodeid) is Proof.UNPROVEN

    def reason(self, nodeid: str) -> str:
        """Why the check gave no pass."""
        found = self.checks.get(nodeid)
        return found.reason if found else "没有结果 no result"


@dataclass(frozen=True)
class Outcome:
    """One defect's: word is caught, missed or unproven; by: the checks that noticed it; reason: why not."""

    defect: Planted
    word: str
    by: tuple[str, ...] = ()
    reason: str = ""
    boot: str = ""


def seen(run_dir: Path) -> Seen:
    """One run folder. A run that is not whole is told in `trouble`: nothing that it shows is believed."""
    promised, found = manifest.read(run_dir), ledger.read(run_dir / "allure-results")
    weighed = weigh(promised.items, found.results, promised.run)
    selected = {item.nodeid for item in promised.items if item.selected}
    told = (*problems(promised, found, weighed), *chain.broken(run_dir))
    checks = {check.nodeid: check for check in weighed if check.nodeid in selected}
    took = {result.nodeid: (result.stop - result.start) / 1000 for result in found.results}
    return Seen(checks, told[0] if told else "", _requests(run_dir), took=took)


def outcome(defect: Planted, noticing: Iterable[str], clean: Sequence[Seen], planted: Seen, boot: str) -> Outcome:
    """A catch is a check that failed with the defect and passed without it, in every clean boot of this touchstone."""
    able = sorted(noticing)
    if not able:
        return Outcome(defect, MISSED, reason=NO_CHECK, boot=boot)
    if planted.trouble:
        return Outcome(defect, UNPROVEN, reason=planted.trouble, boot=boot)
    failed = [one for one in able if planted.proof(one) is Proof.DISPROVEN]
    healthy = {one for one in able if passed_clean(one, clean)}
    by = tuple(one for one in failed if one in healthy)
    if by:
        return Outcome(defect, CAUGHT, by, boot=boot)
    return Outcome(defect, *_not_caught(able, healthy, clean, planted), boot=boot)


def _not_caught(
    able: Sequence[str], healthy: set[str], clean: Sequence[Seen], planted: Seen
) -> tuple[str, tuple[str, ...], str]:
    """Missed only when every check that could have noticed it has spoken, with the defect and without."""
    for one in able:
        if planted.proof(one) is Proof.UNPROVEN:
            return UNPROVEN, (), f"{one}：{planted.reason(one)}"
    for one in able:
        boots = [boot for boot in clean if one in boot.asked]
        doubt = next((boot.trouble or boot.reason(one) for boot in boots if boot.doubtful(one)), "")
        if doubt or not boots:
            return UNPROVEN, (), f"没有缺陷时 on the clean CRM: {one}：{doubt or '没有运行 it was not run'}"
    return MISSED, (), UNHEARD if healthy else ALARMING


def passed_clean(nodeid: str, clean: Sequence[Seen]) -> bool:
    """Whether the check passed in every clean boot that was to run it; where none was, it did not."""
    speaking = [boot for boot in clean if nodeid in boot.asked]
    return bool(speaking) and all(not boot.trouble and boot.proof(nodeid) is Proof.PROVEN for boot in speaking)


def alarms(clean: Iterable[Seen]) -> tuple[str, ...]:
    """Checks that failed on a CRM without any defect."""
    found = (one for boot in clean for one, check in boot.checks.items() if check.proof is Proof.DISPROVEN)
    return tuple(dict.fromkeys(found))


def silent(clean: Iterable[Seen]) -> tuple[str, ...]:
    """What could not speak on the clean CRM: troubles of whole boots, then checks, each with its reason."""
    found: list[str] = []
    for boot in clean:
        found += [boot.trouble] if boot.trouble else []
        unproven = (one for one in sorted(boot.asked) if not boot.trouble and boot.proof(one) is Proof.UNPROVEN)
        found += [f"{one}：{boot.reason(one)}" for one in unproven]
    return tuple(dict.fromkeys(found))


def beside(planted: Seen, defects: Iterable[Planted], clean: Sequence[Seen]) -> dict[str, tuple[str, ...]]:
    """Failed checks none of whose requirements is a planted defect's, with their requirements; clean passes only."""
    named = {id for defect in defects for id in defect.requirements}
    if planted.trouble:
        return {}
    return {
        one: check.claims
        for one, check in planted.checks.items()
        if check.proof is Proof.DISPROVEN and not named & set(check.claims) and passed_clean(one, clean)
    }


def _requests(run_dir: Path) -> int:
    try:
        asked = json.loads((run_dir / "run.json").read_text(encoding="utf-8")).get("asked") or {}
        return int(asked.get("requests") or 0)
    except (OSError, ValueError, AttributeError, TypeError):
        return 0
