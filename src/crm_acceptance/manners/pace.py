"""How fast and how often a run may ask a site: one allowance for all its processes, in one file. Sends nothing.

Every process of a run finds the allowance by CRM_ACCEPTANCE_PACE; without it there is no limit and no file.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from filelock import FileLock

from crm_acceptance.errors import Unproven
from crm_acceptance.manners.production import on_this_machine
from crm_acceptance.profile import Profile

PACE_ENV = "CRM_ACCEPTANCE_PACE"
GENTLE = 10.0
"""Requests per second to a site on another machine when the profile says nothing: a tenant that others use, too."""
POLL = 0.002


@dataclass(frozen=True)
class Used:
    """What a run has asked so far: requests, and how often and how long (seconds) the site itself made us wait."""

    requests: int = 0
    throttled: int = 0
    waited: float = 0.0
    next: float = 0.0


@dataclass(frozen=True)
class Allowance:
    """`rate` requests per second and `budget` requests in all (0: no limit), counted in `file` by every process."""

    file: Path
    rate: float = 0.0
    budget: int = 0

    @property
    def limited(self) -> bool:
        """Whether there is anything to count for."""
        return bool(self.rate or self.budget)

    def take(
        self, requests: int = 1, sleep: Callable[[float], object] = time.sleep, saved: float = 0.0
    ) -> float:  # fmt: skip
        """Waits until these requests may go, and counts them; seconds waited. Unproven when the budget is used up.
        `saved`: so many seconds in which less was asked may be made up for, as by people who come irregularly."""
        if not self.limited:
            return 0.0
        early = self._counted(requests, saved)
        if early > 0:
            sleep(early)
        return max(0.0, early)

    def add(self, requests: int) -> None:
        """Counts what has been asked already: whoever comes next waits for it."""
        if self.limited and requests:
            gap = requests / self.rate if self.rate else 0.0
            self._change(
                lambda used: Used(used.requests + requests, used.throttled, used.waited, _later(used.next, gap))
            )

    def throttled(self, seconds: float) -> None:
        """The site asked for a pause: everybody pauses."""

        def later(used: Used) -> Used:
            pause = max(used.next, time.monotonic() + seconds)
            return Used(used.requests, used.throttled + 1, used.waited + seconds, pause)

        self._change(later)

    def used(self) -> Used:
        """What has been counted so far; nothing when nobody has asked yet."""
        try:
            return Used(**json.loads(self.file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return Used()

    def _counted(self, requests: int, saved: float) -> float:
        now = time.monotonic()  # one clock for all processes of a machine

        def further(used: Used) -> Used:
            if self.budget and used.requests + requests > self.budget:
                raise Unproven(
                    f"本次运行的请求预算 {self.budget} 次已用完（[site] budget），后面的检查没有做。"
                    f"The budget of {self.budget} requests is used up: what follows was not tried."
                )
            start = max(now - saved, used.next)
            gap = requests / self.rate if self.rate else 0.0
            return Used(used.requests + requests, used.throttled, used.waited, start + gap)

        after = self._change(further)
        return after.next - (requests / self.rate if self.rate else 0.0) - now if after.next else 0.0

    def _change(self, news: Callable[[Used], Used]) -> Used:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{self.file}.lock", poll_interval=POLL):
            after = news(self.used())
            draft = self.file.with_suffix(".part")
            draft.write_text(json.dumps(asdict(after)), encoding="utf-8")
            os.replace(draft, self.file)  # a process that is killed here must not make the others forget
        return after


def _later(next: float, gap: float) -> float:
    return max(next, time.monotonic()) + gap


def of(profile: Profile, url: str, file: Path) -> Allowance:
    """What the profile allows at this address. Unsaid: GENTLE on other machines, no limit on this one."""
    unsaid = 0.0 if on_this_machine(url) else GENTLE
    return Allowance(file, unsaid if profile.rate is None else profile.rate, profile.budget)


def tell(allowance: Allowance) -> None:
    """Leaves the allowance in the environment, for this process and those that are started from here."""
    os.environ[PACE_ENV] = json.dumps({**asdict(allowance), "file": str(allowance.file)})


def told() -> Allowance | None:
    """The allowance of this run; None when nobody set one."""
    raw = os.environ.get(PACE_ENV)
    return _read(raw) if raw else None


@cache
def _read(raw: str) -> Allowance:
    body = json.loads(raw)
    return Allowance(Path(body["file"]), float(body["rate"]), int(body["budget"]))
