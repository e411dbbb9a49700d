"""Where a run takes place: the site, our manners there, a fault proxy in front if asked; and leaving it as it was."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from crm_acceptance import sites
from crm_acceptance.engines.faults.front import in_front, struck
from crm_acceptance.manners.guest import JOURNAL, guest
from crm_acceptance.manners.pace import Allowance
from crm_acceptance.model import Person, Site
from crm_acceptance.profile import Profile
from crm_acceptance.running.folder import Folder
from crm_acceptance.running.request import Request
from crm_acceptance.running.tidying import tidy

TALLY = "faults.json"
"""In the run's folder: how often each fault struck."""


class Stage:
    """From the first request to the last record removed."""

    def __init__(self, profile: Profile, request: Request, console: Console) -> None:
        self._profile = replace(profile, budget=request.budget) if request.budget else profile
        self._request, self._console = request, console
        self._site: Site | None = None
        self._allowance: Allowance | None = None

    def enter(self, open_things: contextlib.ExitStack, folder: Path) -> Site:
        """The site itself, without faults; from here on requests are counted and what is created is written down."""
        self._site = open_things.enter_context(sites.opened(self._profile, self._request.launch))
        self._allowance = open_things.enter_context(guest(self._profile, self._site, folder, self._request.clean))
        return self._site

    def open(self, open_things: contextlib.ExitStack, folder: Path) -> None:
        """Tells the processes of the run where the site is: behind its faults, if any are asked for."""
        site = self._site
        assert site is not None, "enter() comes first"
        if self._request.faults:
            site = open_things.enter_context(in_front(site, self._request.faults, folder / TALLY))
        sites.tell(site)
        open_things.callback(os.environ.pop, sites.SITE_ENV, None)

    def leave(self, folder: Folder, people: Iterable[Person]) -> None:
        """Removes what was created, past the faults, and notes what stays and what was asked of the site."""
        journal = folder.path / JOURNAL
        if self._site is not None and journal.is_dir():
            thorough = bool(self._request.faults)
            folder.note(**tidy(journal, self._profile, people, self._site, self._console, thorough=thorough))
        if self._allowance is not None:
            used, counts = self._allowance.used(), self._allowance.limited
            folder.note(
                asked={
                    "requests": used.requests if counts else None,  # nobody counts where nothing is limited
                    "throttled": used.throttled,
                    "waited": round(used.waited, 3),
                    "rate": self._allowance.rate,
                    "budget": self._allowance.budget,
                }
            )

    def tell_faults(self, folder: Folder) -> None:
        """How often each fault struck, once the proxy has ended."""
        if self._request.faults:
            folder.note(faults=struck(folder.path / TALLY) or dict.fromkeys(self._request.faults))
