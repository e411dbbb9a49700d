"""Whether peaks notice what they are for: one performance mistake of every kind, and the clean CRM, N times each.

    python -m bench.peaks --times 10               # about 35 minutes; -j 2 asks for four cores that are free
    python -m bench.peaks --only lock --only clean

Every case has a reference CRM of its own and the peak of load/peaks.toml that shows it best; right is `disproven` for
the requirement that the mistake breaks, and `proven` for every requirement of the clean one. An invalid run is repeated
once and counted as such. Only thresholds of that requirement speak; writes are looked for on the clean CRM.
"""

from __future__ import annotations

import argparse
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from time import perf_counter

from bench.compare import kept
from bench.stage import REPOSITORY
from crm_acceptance import catalogue, profile
from crm_acceptance.engines.load import generator, peaks
from crm_acceptance.engines.load.afterwards import looker
from crm_acceptance.engines.load.foreign import allowing
from crm_acceptance.engines.load.peaks import Peak
from crm_acceptance.engines.load.single import Single, judged
from crm_acceptance.engines.permissions import table
from crm_acceptance.errors import AcceptanceError
from crm_acceptance.model import Person
from crm_acceptance.systems import CanLaunch, find

PROVEN, DISPROVEN, UNPROVEN, INVALID = "proven", "disproven", "unproven", "invalid"


@dataclass(frozen=True)
class Case:
    """A kind of mistake, the defect planted for it ("": none), the peak, and the requirements that must come out so."""

    kind: str
    defect: str
    peak: str
    requirements: tuple[str, ...]

    @property
    def expected(self) -> str:
        """What is right."""
        return DISPROVEN if self.defect else PROVEN


CASES = (
    Case("slow query by size", "customer_search_scans", "morning", ("PERF-001",)),
    Case("lock", "order_create_holds_lock", "morning", ("PERF-001",)),
    Case("pool exhaustion", "connections_not_given_back", "morning", ("PERF-001",)),
    Case("N+1", "list_asks_row_by_row", "month_end", ("PERF-003",)),
    Case("cache stampede", "report_cache_stampede", "month_end", ("PERF-003",)),
    Case("leak", "exports_kept_in_memory", "month_end", ("PERF-004",)),
    Case("clean", "", "morning", ("PERF-001", "PERF-002")),
    Case("clean", "", "month_end", ("PERF-003", "PERF-004", "PERF-005")),
)


@dataclass(frozen=True)
class Found:
    """One run: what it said of the case's requirements, the sentences that say why, and its seconds."""

    answer: str
    sentences: tuple[str, ...]
    seconds: float
    repeated: bool = False


@cache
def _known() -> tuple[profile.Profile, catalogue.Catalogue, dict[str, Peak]]:
    asked = profile.load(REPOSITORY, "refcrm")
    known = catalogue.load(asked)
    found = peaks.load(REPOSITORY / "load" / "peaks.toml", known.people.values(), known.requirements)
    return asked, known, {one.name: one for one in found}


def once(case: Case) -> Found:
    """One run against a fresh CRM, and a second one when the first was invalid."""
    first = _once(case)
    return replace(_once(case), repeated=True) if first.answer == INVALID else first


def _once(case: Case) -> Found:
    begun = perf_counter()
    asked, known, plans = _known()
    system, password = find("refcrm"), secrets.token_urlsafe(12)
    assert isinstance(system, CanLaunch)
    people, said = tuple(known.people.values()), _word(password)
    options = {**asked.launch, **({"defects": case.defect} if case.defect else {})}
    try:
        with system.launch(password=password, options=options) as launched:
            site, locustfile = replace(launched, launched=True), REPOSITORY / "load" / "locustfile.py"
            measured = generator.run(plans[case.peak], site, people, said, locustfile)
            look = None if case.defect else looker(system, site, known.people, said, asked.timeout)
            single = judged(plans[case.peak], measured, look, allowing(table.declared(asked, known), known.people))
    except AcceptanceError as reason:
        return Found(UNPROVEN, (str(reason),), perf_counter() - begun)
    return replace(_told(case, single), seconds=perf_counter() - begun)


def _word(password: str) -> Callable[[Person], str]:
    return lambda person: password


def _told(case: Case, single: Single) -> Found:
    """As the gate reads it: one threshold that is not met disproves, one that cannot be judged leaves unproven."""
    if single.reasons:
        return Found(INVALID, single.reasons, 0.0)
    rows = [one for one in single.judged if one.threshold.requirement in case.requirements]
    met = {one.met for one in rows}
    answer = DISPROVEN if False in met else PROVEN if met == {True} else UNPROVEN
    return Found(answer, tuple(one.sentence for one in rows if one.met is not True), 0.0)


def run(times: int, jobs: int, only: Sequence[str], say: Callable[[str], object] = print) -> bool:
    """All cases, round after round, so that a busy minute hits all of them; whether every answer was right."""
    cases = [one for one in CASES if not only or one.kind in only or one.defect in only]
    with ThreadPoolExecutor(jobs) as hands:
        work = [(case, hands.submit(once, case)) for _ in range(times) for case in cases]
        found: dict[Case, list[Found]] = {case: [] for case in cases}
        for case, one in work:
            found[case].append(one.result())
            _say(case, found[case][-1], say)
    say(text := tabled(found))
    kept({
        "title": "peaks", "times": times, "jobs": jobs, "table": text.splitlines(),
        "cases": [
            {"kind": case.kind, "defect": case.defect, "peak": case.peak, "requirements": case.requirements,
             "answers": [one.answer for one in ones], "repeated": sum(one.repeated for one in ones),
             "sentences": sorted({sentence for one in ones for sentence in one.sentences})[:12]}
            for case, ones in found.items()
        ],
    })  # fmt: skip
    return all(one.answer == case.expected for case, ones in found.items() for one in ones)


def _say(case: Case, found: Found, say: Callable[[str], object]) -> None:
    right = "ok " if found.answer == case.expected else "NO "
    again = " (the first was invalid)" if found.repeated else ""
    say(f"  {right}{case.kind} {case.defect} {case.peak}: {found.answer} in {found.seconds:.0f} s{again}")
    if found.answer != case.expected:
        say(f"      {' / '.join(found.sentences)[:400]}")


def tabled(found: dict[Case, list[Found]]) -> str:
    """The table for bench/README.md."""
    rows = ["| kind | defect | peak | requirement | right | else | repeated |", "|---|---|---|---|---|---|---|"]
    for case, ones in found.items():
        answers = Counter(one.answer for one in ones)
        right = answers.pop(case.expected, 0)
        others = ", ".join(f"{count} {answer}" for answer, count in answers.items()) or "-"
        told = f"{case.expected} **{right} / {len(ones)}**"
        name, again = case.defect or "none", sum(one.repeated for one in ones)
        rows.append(
            f"| {case.kind} | {name} | {case.peak} | {' '.join(case.requirements)} | {told} | {others} | {again} |"
        )
    return "\n".join(rows)


def main(quick: bool = False) -> None:
    """Once each from `python -m bench peaks`; as often as asked from `python -m bench.peaks`."""
    run(1 if quick else 10, 1, ())


if __name__ == "__main__":
    words = argparse.ArgumentParser(prog="python -m bench.peaks", description=(__doc__ or "").split("\n")[0])
    words.add_argument("--times", type=int, default=10, help="how often each case is run")
    words.add_argument("-j", "--jobs", type=int, default=1, help="how many side by side, each with a CRM of its own")
    words.add_argument("--only", action="append", default=[], help="a kind or a defect, again and again")
    given = words.parse_args()
    raise SystemExit(0 if run(given.times, given.jobs, given.only) else 1)
