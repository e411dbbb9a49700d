"""The fixtures every acceptance check may ask for. Registered only in a workspace; nothing is decided here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from crm_acceptance import evidence as evidence_door
from crm_acceptance import sites
from crm_acceptance.catalogue import Catalogue
from crm_acceptance.checks.session import ACCEPTANCE
from crm_acceptance.manners.guest import BY_HAND, guest
from crm_acceptance.model import Person, Site
from crm_acceptance.profile import Profile
from crm_acceptance.systems import System, find


@dataclass(frozen=True)
class Secrets:
    """Passwords by person, from the environment only. Also a plain function: `secrets(person)`."""

    profile: Profile

    def __call__(self, person: Person) -> str:
        """The same as password()."""
        return self.password(person)

    def password(self, person: Person) -> str:
        """WrongUse names the environment variables when there is none."""
        found = sites.password_of(self.profile, person)
        evidence_door.keep_secret(found)
        return found


@pytest.fixture(scope="session")
def profile(pytestconfig: pytest.Config) -> Profile:
    """acceptance.toml for the system under acceptance."""
    return pytestconfig.stash[ACCEPTANCE].profile


@pytest.fixture(scope="session")
def workspace(profile: Profile) -> Path:
    """The folder that holds acceptance.toml."""
    return profile.workspace


@pytest.fixture(scope="session")
def catalogue(pytestconfig: pytest.Config) -> Catalogue:
    """Requirements by id, people by key."""
    return pytestconfig.stash[ACCEPTANCE].catalogue


@pytest.fixture(scope="session")
def system(profile: Profile) -> System:
    """The CRM product."""
    return find(profile.system, profile.path("mapping"))


@pytest.fixture(scope="session")
def secrets(profile: Profile) -> Secrets:
    """`secrets.password(person)`."""
    return Secrets(profile)


@pytest.fixture(scope="session")
def site(profile: Profile) -> Iterator[Site]:
    """Where the CRM is; launched here when nobody launched it before (one process, no runner).

    On a site that is not ours, what is created is written down all the same: `crm-acceptance clean` removes it.
    """
    given = sites.told()
    if given is not None:
        yield given
        return
    with sites.opened(profile) as opened, guest(profile, opened, profile.workspace / "reports" / BY_HAND):
        yield opened


@pytest.fixture(scope="session")
def evidence() -> ModuleType:
    """The one door into the report: `evidence.attach(kind, name, body)`."""
    return evidence_door
