"""Being a guest at a site for the length of a run: its allowance of requests and, if it is not ours, its journal."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from crm_acceptance.manners import journal, pace
from crm_acceptance.model import Site
from crm_acceptance.profile import Profile

JOURNAL = "journal"
"""The folder of the journals inside a run's folder."""
BY_HAND = "by-hand"
"""The folder in reports/ of whatever people start without the runner."""


@contextlib.contextmanager
def guest(profile: Profile, site: Site, folder: Path, always: bool = False) -> Iterator[pace.Allowance]:
    """Within, this process and those started from it are paced, and write down what they create.

    A CRM that was launched from here holds nobody's data, so there is a journal only when `always` asks for it.
    """
    allowance = pace.of(profile, site.url, folder / "pace.json")
    before = os.environ.get(pace.PACE_ENV)
    pace.tell(allowance)
    try:
        with contextlib.ExitStack() as open_things:
            if always or not site.launched:
                open_things.enter_context(journal.opened(folder / JOURNAL, site))
            yield allowance
    finally:
        os.environ.pop(pace.PACE_ENV, None) if before is None else os.environ.update({pace.PACE_ENV: before})
