"""权限矩阵 the permission matrix.

One check per cell (role, action, object) of the table; how a cell is replayed is crm_acceptance.engines.permissions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from crm_acceptance.actors import Doors, ScreensDoor
from crm_acceptance.catalogue import Catalogue
from crm_acceptance.checks.session import ACCEPTANCE
from crm_acceptance.engines.permissions import table, wording
from crm_acceptance.engines.permissions.replay import Replay
from crm_acceptance.engines.permissions.replay import replay as replay_of
from crm_acceptance.engines.permissions.table import Rule
from crm_acceptance.engines.permissions.vocabulary import AFTERWARDS
from crm_acceptance.errors import Unsupported, WrongUse
from crm_acceptance.model import Person, Site
from crm_acceptance.profile import Profile
from crm_acceptance.sending import http_send, line
from crm_acceptance.systems import System
from crm_acceptance.systems.flow import Answer, Call, Send

if TYPE_CHECKING:
    from crm_acceptance.engines.browser import Scene

pytestmark = pytest.mark.engine("permissions")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One parameter set per cell, carrying the requirements of its row."""
    if "rule" not in metafunc.fixturenames:
        return
    acceptance = metafunc.config.stash[ACCEPTANCE]
    try:
        metafunc.parametrize("rule", list(_cells(acceptance.profile, acceptance.catalogue)))
    except WrongUse as wrong:
        raise pytest.Collector.CollectError(str(wrong)) from None


def _cells(profile: Profile, catalogue: Catalogue) -> list[object]:
    matrix = table.declared(profile, catalogue)
    if matrix is None:
        ids = [one for one in catalogue.requirements if one.startswith("SEC-")]
        return [pytest.param(None, id="no-table", marks=pytest.mark.requirement(*ids))] if ids else []
    return [
        pytest.param(
            rule,
            id="-".join(rule.cell).replace(":", "."),
            marks=(
                pytest.mark.requirement(*rule.requirements),
                pytest.mark.title(wording.cell(rule)),
                pytest.mark.content(rule.cell, rule.meaning),
            ),
        )
        for rule in matrix.rules
        # only the wide net of test_fuzz.py asks about signing in and out; what is left afterwards is asked here
        if rule.object != "session" or rule.action in AFTERWARDS
    ]


@pytest.fixture(scope="session")
def replay(
    profile: Profile,
    catalogue: Catalogue,
    system: System,
    site: Site,
    secrets: Callable[[Person], str],
    evidence: ModuleType,
    request: pytest.FixtureRequest,
) -> Iterator[Replay]:
    """The matrix at this site; canaries are planted when a cell first asks for them."""
    people = tuple(catalogue.people.values())
    matrix = table.declared(profile, catalogue)
    assert matrix is not None

    def send(person: Person) -> Send:
        plain = http_send(line(site), site, profile.timeout)

        def noted(call: Call) -> Answer:
            answer = plain(call)
            evidence.exchange(person.name, call, answer)
            return answer

        return noted

    with ExitStack() as opened:

        @cache
        def window() -> Scene:
            scene: Scene = request.getfixturevalue("browser").scene(tracing=False)
            return opened.enter_context(scene)

        def door(person: Person) -> ScreensDoor:
            doors: Doors = request.getfixturevalue("doors")
            return doors.screens(person, window())

        yield replay_of(system, site, matrix, people, secrets, send, door)


def test_nobody_sees_or_does_more_or_less_than_the_table_says(
    rule: Rule | None, request: pytest.FixtureRequest
) -> None:
    """权限矩阵的一格 one cell of the permission matrix."""
    if rule is None:
        raise Unsupported("acceptance.toml 没有为这个系统写 permissions 表。No permission table for this system.")
    replay: Replay = request.getfixturevalue("replay")
    findings = replay.findings(rule)
    assert not findings, "\n".join(findings)
