"""One journal worked off at its site: who cleans up, through which doors, without touching the run's allowance."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from crm_acceptance.actors import Doors, Window
from crm_acceptance.cleaning.hands import Hands
from crm_acceptance.cleaning.pieces import Cleaned
from crm_acceptance.cleaning.reading import read
from crm_acceptance.cleaning.removal import Removal
from crm_acceptance.manners import journal, pace
from crm_acceptance.model import Person, Site
from crm_acceptance.profile import Profile
from crm_acceptance.sites import password_of
from crm_acceptance.systems import find


def clean(
    folder: Path,
    profile: Profile,
    people: Iterable[Person],
    site: Site,
    *,
    thorough: bool,
    window: Callable[[], Window] | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Cleaned:
    """Removes what the journals in `folder` prove to be ours. SiteOutOfReach when the site goes away meanwhile.

    Paced as the profile asks; the budget does not hold for cleaning up, or the rest would stay for ever.
    """
    system = find(profile.system, profile.path("mapping"))
    doors = Doors(system, site, lambda person: password_of(profile, person), profile.timeout)
    everybody = [*people, *([cleaner(profile)] if profile.cleaner else [])]
    try:
        with _quietly(profile, site, folder):
            hands = Hands(everybody, doors, window, profile.cleaner)
            return Removal(read(folder), hands, thorough, say).clean()
    finally:
        doors.close()


def cleaner(profile: Profile) -> Person:
    """Whoever [site] cleaner names: a login that may delete, with a password of its own; nobody's role is played."""
    return Person(profile.cleaner, profile.cleaner, "it", "cleaner", profile.cleaner)


@contextlib.contextmanager
def _quietly(profile: Profile, site: Site, folder: Path) -> Iterator[None]:
    """The site's rate without its budget, and no journal: removing creates nothing."""
    kept = {name: os.environ.pop(name, None) for name in (pace.PACE_ENV, journal.JOURNAL_ENV)}
    pace.tell(replace(pace.of(profile, site.url, folder / "pace.json"), budget=0))
    try:
        yield
    finally:
        os.environ.pop(pace.PACE_ENV, None)
        os.environ.update({name: value for name, value in kept.items() if value is not None})
