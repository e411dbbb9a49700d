"""`load --capacity`: short runs of one peak at many rates; what is tried next decides engines/load/capacity.py."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from crm_acceptance.engines.load import capacity, safety, single, starting
from crm_acceptance.errors import SiteOutOfReach, WrongUse

if TYPE_CHECKING:
    from crm_acceptance.engines.load.orders import Measured
    from crm_acceptance.engines.load.peaks import Peak
    from crm_acceptance.engines.load.single import Single
    from crm_acceptance.model import Person, Site
    from crm_acceptance.profile import Profile

Run = Callable[["Peak", "Site"], "Measured"]


class Steps:
    """The steps of one search: runs them, tells them, and keeps the best one whole."""

    def __init__(
        self, peak: Peak, profile: Profile, people: Sequence[Person], site: Site, run: Run, console: Console
    ) -> None:
        self._peak, self._profile, self._site, self._run, self.console = peak, profile, site, run, console
        self._departments = {one.key: one.department for one in people}
        self._begun = time.monotonic()
        self.best: Single | None = None
        capacity.scaled(peak, peak.rate, self._departments)  # a peak without limits is refused before anything is sent
        self.lowest = capacity.lowest(peak, self._departments)
        if others := capacity.left_out(peak, self._departments):
            console.print(
                f"[yellow]每一步不问 not asked of a step：{escape(others)}[/]", soft_wrap=True, highlight=False
            )

    def step(self, rate: float) -> capacity.Step:
        """One short run."""
        begun = time.monotonic()
        found = single.judged(peak := self._at(rate), self._run(peak, self._site), None)
        if found.out_of_reach and self.best is None:
            raise SiteOutOfReach(found.reasons[0])
        answer = capacity.NO_ANSWER if found.met is None else capacity.MET
        if found.met is False or found.out_of_reach:  # a site that was there and is gone did not bear it
            answer = capacity.NOT_MET
        why = found.reasons or (*(one.sentence for one in found.judged if one.met is not True), *found.doubts)
        best = self.best
        if best is None or (answer == capacity.MET and (best.exit_code or best.peak.rate < rate)):
            self.best = found
        self._tell(rate, answer, why)
        return capacity.Step(rate, answer, why, time.monotonic() - begun)

    def allowed(self, rate: float) -> bool:
        """Whether the site may be asked that much: its product's limits, and what was approved in writing."""
        try:
            safety.cleared(self._profile, self._at(rate))
        except WrongUse as no:
            self.console.print(f"[yellow]{escape(str(no))}[/]", soft_wrap=True, highlight=False)
            return False
        return True

    def going_on(self) -> bool:
        """Whether there is time for another step, and nobody has called it off."""
        return not starting.called_off() and time.monotonic() < self._begun + capacity.MINUTES * 60

    def _at(self, rate: float) -> Peak:
        return capacity.scaled(self._peak, rate, self._departments)

    def _tell(self, rate: float, answer: str, why: Sequence[str]) -> None:
        colour = {capacity.MET: "green", capacity.NOT_MET: "red", capacity.NO_ANSWER: "yellow"}[answer]
        said = {capacity.MET: "达标 met", capacity.NOT_MET: "没有达标 not met"}.get(answer, "没有结论 no answer")
        beside = f"：{escape(why[0])}" if why else ""
        self.console.print(f"[{colour}]{rate:g} /s {said}[/]{beside}", soft_wrap=True, highlight=False)


def searched(steps: Steps, first: float) -> capacity.Capacity:
    """The whole search from the peak's own rate. SiteOutOfReach as soon as nobody gets through."""
    with starting.interruptible():
        return capacity.search(first, steps.step, steps.allowed, steps.going_on, floor=steps.lowest)


def exit_code(found: capacity.Capacity, asked: float) -> int:
    """0 when the peak's own rate is borne, 1 when it is shown not to be, else 3."""
    if found.met_at is not None and found.met_at >= asked:
        return single.MET
    return single.NOT_MET if found.failed_at is not None and found.failed_at <= asked else single.UNPROVEN
