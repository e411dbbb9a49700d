"""The order of a touchstone: collect, plan boots, boot clean and planted, look again at what was hidden, judge."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from crm_acceptance import __version__, catalogue, manifest, profile, strength
from crm_acceptance.catalogue import Catalogue
from crm_acceptance.checks.selection import Selection
from crm_acceptance.running import planning
from crm_acceptance.running.folder import Folder, fresh
from crm_acceptance.running.interruption import heard
from crm_acceptance.running.request import Request
from crm_acceptance.touchstone import crossing, judging
from crm_acceptance.touchstone.batches import LOAD, Batch, batches, noticing
from crm_acceptance.touchstone.boots import Boot, Boots
from crm_acceptance.touchstone.figure import Figure, kind_of
from crm_acceptance.touchstone.judging import CAUGHT, NO_CHECK, UNPROVEN, Outcome, Seen
from crm_acceptance.touchstone.planted import Planted, chosen, every

DOUBTFUL = "在一起时有检查不通过，但分不清是不是因为它 noticed in company, and not told apart from the others"
FIRST_SEED = 101
"""Further clean boots get the data of seeds 101, 102, 103 ...; the first has the profile's own."""


@dataclass(frozen=True)
class Order:
    """What somebody asked for. kinds, names: empty for all; seeds: clean boots; jobs: boots at a time."""

    workspace: Path
    out: Path
    kinds: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    alone: bool = False
    seeds: int = 1
    jobs: int = 2


def measure(order: Order, tell: Callable[[str], None]) -> Figure:
    """The figure; an interruption leaves what was not reached unproven. WrongUse for unknown words, a broken suite."""
    known = every()
    asked = chosen(known, order.kinds, order.names)
    suite = strength.digest(order.workspace)
    base = fresh(order.out, "touchstone")
    with heard():
        trial = _Trial(order, asked, _collected(order, base), base, tell)
        trial.go()
    figure = trial.figure(suite)
    return replace(figure, whole_kinds=() if figure.interrupted else _whole(known, asked))


class _Trial:
    """One touchstone, from the plan to the outcomes."""

    def __init__(
        self,
        order: Order,
        asked: Sequence[Planted],
        collected: tuple[Folder, Catalogue],
        base: Path,
        tell: Callable[[str], None],
    ) -> None:
        self._order, self._asked, self._tell = order, asked, tell
        promised, self._catalogue = collected
        self._checks = manifest.read(promised.path).items
        self._began = time.monotonic()
        self._boots = Boots(base, order.workspace, promised.path, order.jobs, tell)
        self._batches = self._alone() if order.alone else batches(asked, self._checks)
        self._clean = tuple(self._clean_boots())
        self._outcomes: dict[str, Outcome] = {}
        self._asked_again: dict[str, frozenset[str]] = {}

    def go(self) -> None:
        """Clean and planted boots share the machine; whoever was not caught in company gets a boot of its own."""
        planted = [_boot(batch) for batch in self._batches if batch.checks]
        self._tell(f"{len(self._asked)} 个缺陷 defects, {len(planted)} + {len(self._clean)} 次启动 boots")
        self._boots.run([*self._clean, *planted])
        for batch in self._batches:
            self._judge(batch)
        self._cross()
        again = [batch for batch in self._batches for batch in self._again(batch)]
        if again:
            self._tell(f"再看一遍 a second look, one at a time: {', '.join(one.defects[0].name for one in again)}")
        self._boots.run([_boot(batch) for batch in again])
        for batch in again:
            self._judge(batch)

    def figure(self, suite: str) -> Figure:
        """What it all comes to."""
        clean, seen = self._clean_seen(), self._boots.seen
        dimensions = {one.id: one.dimension for one in self._catalogue.requirements.values()}
        claims = {check.nodeid: check.requirements for check in self._checks}
        found = [judging.beside(seen.get(one.name, Seen()), one.defects, clean) for one in self._batches]
        beside = {} if self._order.alone else {check: ids for one in found for check, ids in one.items()}
        return Figure(
            suite=suite,
            version=__version__,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            outcomes=tuple(self._outcomes[one.name] for one in self._asked),
            alarms={one: kind_of(claims.get(one, ()), dimensions) for one in judging.alarms(clean)},
            beside={one: kind_of(ids, dimensions) for one, ids in beside.items()},
            silent=judging.silent(clean),
            spill=dict(self._spill(clean)) if self._order.alone else {},
            seeds=self._order.seeds,
            boots=len(self._boots.seconds),
            seconds=time.monotonic() - self._began,
            requests=sum(one.requests for one in seen.values()),
            interrupted=self._boots.interrupted,
            kind_seconds=self._kind_seconds(),
        )

    def _kind_seconds(self) -> dict[str, float]:
        """Of the boots with defects of each kind; a boot holds one kind only."""
        kinds = {one.name: one.kind for one in self._asked}
        spent: dict[str, float] = {}
        for boot in self._boots.done:
            kind = kinds[boot.defects[0]] if boot.defects else ""
            spent[kind] = spent.get(kind, 0.0) + self._boots.seconds[boot.name]
        return spent

    def _judge(self, batch: Batch) -> None:
        shown = self._boots.seen.get(batch.name, Seen(asked=batch.checks))
        for defect in batch.defects:
            able = noticing(defect, self._checks)
            self._outcomes[defect.name] = judging.outcome(defect, able, self._clean_seen(), shown, batch.name)

    def _again(self, batch: Batch) -> Iterator[Batch]:
        """Missed in company: perhaps another defect hid it. Unproven: once more. Missed alone is missed."""
        for defect in batch.defects:
            told = self._outcomes[defect.name]
            hidden = told.word == UNPROVEN or len(batch.defects) > 1
            if told.word != CAUGHT and hidden and told.reason != NO_CHECK and not self._boots.interrupted:
                checks = batch.checks if self._order.alone else noticing(defect, self._checks)
                yield Batch(f"again-{defect.name}", (defect,), checks, batch.quiet)

    def _cross(self) -> None:
        """Who was caught in company is told apart from the company; who cannot be, is not caught yet."""
        plans = [(batch, self._codes(batch)) for batch in self._batches if len(batch.defects) > 1]
        boots = [boot for batch, codes in plans for boot in self._crossings(batch, codes)]
        if boots:
            self._tell(f"分辨是谁 telling them apart: {len(boots)} 次启动 boots")
        self._boots.run(boots)
        for batch, codes in plans:
            shown = [self._boots.seen[boot.name] for boot in self._crossings(batch, codes)]
            for name, code in codes.items():
                if not crossing.confirmed(code, self._witnesses(name, batch), shown):
                    self._outcomes[name] = replace(self._outcomes[name], word=UNPROVEN, by=(), reason=DOUBTFUL)

    def _codes(self, batch: Batch) -> dict[str, frozenset[int]]:
        names = [one.name for one in batch.defects if self._outcomes[one.name].word == CAUGHT]
        return crossing.codes(names) if names else {}

    def _crossings(self, batch: Batch, codes: Mapping[str, frozenset[int]]) -> list[Boot]:
        checks = frozenset[str]().union(*(self._witnesses(name, batch) for name in codes))
        boots = range(max((max(code) for code in codes.values()), default=-1) + 1)
        return [Boot(f"{batch.name}-{at + 1}", checks, crossing.on_in(codes, at), quiet=batch.quiet) for at in boots]

    def _witnesses(self, name: str, batch: Batch) -> frozenset[str]:
        if name not in self._asked_again:
            self._asked_again[name] = crossing.witnesses(self._outcomes[name], self._boots.seen[batch.name])
        return self._asked_again[name]

    def _alone(self) -> tuple[Batch, ...]:
        """One boot per defect with the whole suite, so that what it disproves beside its own can be seen."""
        timed = frozenset(one.nodeid for one in self._checks if one.engine == LOAD)
        every = frozenset(one.nodeid for one in self._checks)
        quiet = {one.name: bool(noticing(one, self._checks) & timed) for one in self._asked}
        return tuple(
            Batch(f"alone-{one.name}", (one,), timed if quiet[one.name] else every - timed, quiet[one.name])
            for one in self._asked
        )

    def _clean_boots(self) -> Iterator[Boot]:
        """The same checks on a CRM without defects; time is measured apart, and with the profile's own data only."""
        timed = frozenset(one.nodeid for one in self._checks if one.engine == LOAD)
        wanted = self._clean_checks()
        for number in range(self._order.seeds):
            seed = str(FIRST_SEED + number - 1) if number else ""
            yield Boot(f"clean-{number + 1}", wanted - timed, seed=seed)
        if wanted & timed:
            yield Boot("clean-load", wanted & timed, quiet=True)

    def _clean_checks(self) -> frozenset[str]:
        """All that a planted boot runs; unless single defects were asked for, all that is there to find their kinds."""
        planted = frozenset[str]().union(*(batch.checks for batch in self._batches))
        if self._order.names:
            return planted
        dimensions = {one.id: one.dimension for one in self._catalogue.requirements.values()}
        kinds = {one.kind for one in self._asked}
        own = (one.nodeid for one in self._checks if kind_of(one.requirements, dimensions) in kinds)
        return planted.union(own)

    def _clean_seen(self) -> list[Seen]:
        return [self._boots.seen.get(one.name, Seen(asked=one.checks)) for one in self._clean]

    def _spill(self, clean: Sequence[Seen]) -> Iterator[tuple[str, tuple[str, ...]]]:
        for batch in self._batches:
            shown, named = self._boots.seen.get(batch.name, Seen()), set(batch.defects[0].requirements)
            ids = {id for found in judging.beside(shown, (), clean).values() for id in found}
            if ids - named:
                yield batch.defects[0].name, tuple(sorted(ids - named))


def _collected(order: Order, base: Path) -> tuple[Folder, Catalogue]:
    """Every check of the workspace, as a run on the reference CRM would promise it."""
    read = replace(profile.load(order.workspace, "refcrm"), url="", kind="reference")
    tables = catalogue.load(read)
    folder = Folder(fresh(base, "plan"), read, "")
    folder.begin(tables)
    planning.make(folder, read, Request(order.workspace), Selection())
    return folder, tables


def _boot(batch: Batch) -> Boot:
    return Boot(batch.name, batch.checks, tuple(one.name for one in batch.defects), quiet=batch.quiet)


def _whole(known: Sequence[Planted], asked: Sequence[Planted]) -> tuple[str, ...]:
    """The kinds of which every defect was asked for."""
    names = {one.name for one in asked}
    return tuple(
        kind
        for kind in dict.fromkeys(one.kind for one in asked)
        if all(one.name in names for one in known if one.kind == kind)
    )
