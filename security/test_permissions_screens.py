"""页面上的权限 the permission matrix by hand, in browser windows, where the system has screens.

One check per role and object of the table; how it is done is crm_acceptance.engines.permissions.sweep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from crm_acceptance.actors import Doors
from crm_acceptance.catalogue import Catalogue
from crm_acceptance.checks.session import ACCEPTANCE
from crm_acceptance.engines.permissions import sweep, table, wording
from crm_acceptance.engines.permissions.eyes import Eyes
from crm_acceptance.engines.permissions.replay import replay as replay_of
from crm_acceptance.engines.permissions.table import Matrix, Rule
from crm_acceptance.engines.permissions.windows import Windows
from crm_acceptance.errors import Unsupported, WrongUse
from crm_acceptance.model import Person, Site
from crm_acceptance.profile import Profile
from crm_acceptance.sending import http_send, line
from crm_acceptance.systems import HasScreens, System
from crm_acceptance.systems.flow import Send

if TYPE_CHECKING:
    from crm_acceptance.engines.browser import Browser

pytestmark = [pytest.mark.engine("permissions"), pytest.mark.ui]
SCREENS = "SEC-029"
"""Screens neither show nor offer what is out of reach. A company without it: the requirements of the rows."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One parameter set per role and object."""
    if "room" not in metafunc.fixturenames:
        return
    acceptance = metafunc.config.stash[ACCEPTANCE]
    try:
        metafunc.parametrize("room", list(_rooms(acceptance.profile, acceptance.catalogue)))
    except WrongUse as wrong:
        raise pytest.Collector.CollectError(str(wrong)) from None


def _rooms(profile: Profile, catalogue: Catalogue) -> list[object]:
    matrix = table.declared(profile, catalogue)
    if matrix is None:
        ids = [SCREENS] if SCREENS in catalogue.requirements else []
        return [pytest.param(None, id="no-table", marks=pytest.mark.requirement(*ids))] if ids else []
    return [
        pytest.param(
            room,
            id="-".join(room),
            marks=(
                pytest.mark.requirement(*_requirements(matrix, catalogue, *room)),
                pytest.mark.title(wording.on_screen(*room)),
                pytest.mark.content(room, *((rule.cell, rule.meaning) for rule in _rules(matrix, *room))),
                pytest.mark.xdist_group(f"screens-{room[0]}"),
            ),
        )
        for room in sweep.rooms(matrix)
    ]


def _requirements(matrix: Matrix, catalogue: Catalogue, role: str, kind: str) -> tuple[str, ...]:
    if SCREENS in catalogue.requirements:
        return (SCREENS,)
    return tuple(dict.fromkeys(one for rule in _rules(matrix, role, kind) for one in rule.requirements))


def _rules(matrix: Matrix, role: str, kind: str) -> list[Rule]:
    """What the table says of a role and an object; of a first page, everything that it says of the role."""
    return [rule for rule in matrix.rules if rule.role == role and kind in (rule.object, sweep.START)]


@pytest.fixture(scope="session")
def windows(
    profile: Profile,
    catalogue: Catalogue,
    system: System,
    site: Site,
    secrets: Callable[[Person], str],
    doors: Doors,
    browser: Browser,
) -> Iterator[sweep.Sweep]:
    """A window per person, kept for the whole sweep; canaries are planted by the API where there is one."""
    if not isinstance(system, HasScreens):
        raise Unsupported(f"{system.title} 没有可用的界面描述。{system.title} has no screens described.")
    people = tuple(catalogue.people.values())
    matrix = table.declared(profile, catalogue)
    assert matrix is not None

    def send(person: Person) -> Send:
        return http_send(line(site), site, profile.timeout)

    with browser.scene(tracing=False) as scene:
        eyes = Eyes(lambda person: doors.screens(person, scene))
        replay = replay_of(system, site, matrix, people, secrets, send, lambda person: doors.screens(person, scene))
        yield sweep.Sweep(replay.garden, Windows(site.url, eyes))


def test_screens_show_and_offer_no_more_than_the_table_says(
    room: tuple[str, str] | None, request: pytest.FixtureRequest
) -> None:
    """权限矩阵的一个角色和一个对象 one role and one object of the permission matrix."""
    if room is None:
        raise Unsupported("acceptance.toml 没有为这个系统写 permissions 表。No permission table for this system.")
    found: sweep.Sweep = request.getfixturevalue("windows")
    findings = found.findings(*room)
    assert not findings, "\n".join(findings)
