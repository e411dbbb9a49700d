"""广撒网 the wide net: schemathesis over every operation of the pinned OpenAPI document.

As a stranger, as each role against the permission matrix, along links, and for conformance; how is
crm_acceptance.engines.fuzz. An operation of which the matrix says nothing is called as well, and is unproven.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest

from crm_acceptance.catalogue import Catalogue
from crm_acceptance.checks.session import ACCEPTANCE
from crm_acceptance.engines.fuzz import aims, contract, coverage, parts, shapes
from crm_acceptance.engines.fuzz.naming import Operation, operations
from crm_acceptance.engines.fuzz.net import Net
from crm_acceptance.engines.permissions import table
from crm_acceptance.engines.permissions.replay import replay as replay_of
from crm_acceptance.engines.permissions.table import Matrix, Rule
from crm_acceptance.engines.permissions.wording import role
from crm_acceptance.errors import Unproven, Unsupported, WrongUse
from crm_acceptance.model import Person, Site
from crm_acceptance.profile import Profile
from crm_acceptance.sending import http_send, line, trust
from crm_acceptance.systems import System

pytestmark = pytest.mark.engine("fuzz")
T = TypeVar("T")
WIDENED = "widened"
STRANGER, CONFORMING = "SEC-001", "SEC-012"
NO_CONTRACT = "这个系统没有 OpenAPI 文档（acceptance.toml 的 contract 为空）。This system has no OpenAPI document."
NOTHING = pytest.param(None, id="no-contract", marks=pytest.mark.requirement(CONFORMING))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One parameter set, hence one node id, per operation; wrong tables stop the collection with one sentence."""
    acceptance = metafunc.config.stash[ACCEPTANCE]
    try:
        aims = list(_AIMS[metafunc.function.__name__](acceptance.profile, acceptance.catalogue))
    except WrongUse as wrong:
        raise pytest.Collector.CollectError(str(wrong)) from None
    metafunc.parametrize("aim", aims)


def _operations(profile: Profile) -> tuple[Operation, ...]:
    path = profile.path("contract")
    return operations(contract.pinned(path)) if path else ()


def _matrix(profile: Profile, catalogue: Catalogue) -> Matrix:
    return table.declared(profile, catalogue) or Matrix(())


def _part(profile: Profile, one: Operation) -> str:
    """What the pinned contract says of an operation."""
    path = profile.path("contract")
    return parts.part(path, one) if path else ""


def _content(profile: Profile, one: Operation, *rows: Rule) -> pytest.MarkDecorator:
    """What such a check says: the operation as the contract has it, and the rows that it is judged by."""
    return pytest.mark.content(_part(profile, one), *((rule.cell, rule.meaning) for rule in rows))


def _each(requirement: str, zh: str, en: str) -> Callable[[Profile, Catalogue], Iterator[Any]]:
    def aims(profile: Profile, catalogue: Catalogue) -> Iterator[Any]:
        if requirement not in catalogue.requirements:  # another company's table: what nobody requires is not asked
            return
        found = _operations(profile)
        mark = pytest.mark.requirement(requirement)
        for one in found:
            yield pytest.param(one, id=one.name, marks=(mark, _title(one, zh, en), _content(profile, one)))
        if not found:
            yield pytest.param(None, id="no-contract", marks=mark)

    return aims


def _title(operation: Operation, zh: str, en: str) -> pytest.MarkDecorator:
    """What business people read, and beside it the operation's own name for those who mend it."""
    return pytest.mark.title(f"{zh.format(operation.spoken)} · {operation.name} {en}")


def _by_row(profile: Profile, catalogue: Catalogue) -> Iterator[Any]:
    """One check per operation and requirement of its rows; one more where the table leaves a role out."""
    matrix, roles = _matrix(profile, catalogue), {person.role for person in catalogue.people.values()}
    for one in _operations(profile):
        for id in coverage.requirements(matrix, roles, one, catalogue.requirements):
            title = _title(one, f"各角色“{{}}”：只见该见的，只做该做的（{id}）", f"as each role ({id})")
            said = _content(profile, one, *coverage.judging(matrix, roles, one, id))
            yield pytest.param((one, id), id=f"{one.name}-{id}", marks=(pytest.mark.requirement(id), title, said))
        if CONFORMING in catalogue.requirements and coverage.silent(matrix, sorted(roles), one):
            title = _title(one, "权限表说清每个角色可否“{}”", "is in the matrix for every role")
            silent = pytest.mark.content(_part(profile, one), *coverage.silent(matrix, sorted(roles), one))
            marks = (pytest.mark.requirement(CONFORMING), title, silent)
            yield pytest.param((one, ""), id=f"{one.name}-uncovered", marks=marks)
    yield from _widened(profile, catalogue, matrix, roles)
    if not profile.path("contract") and CONFORMING in catalogue.requirements:
        yield NOTHING


def _widened(profile: Profile, catalogue: Catalogue, matrix: Matrix, roles: set[str]) -> Iterator[Any]:
    """Operations that show more than the record itself to whoever asks for it: expand, include, embed."""
    path = profile.path("contract")
    document = contract.pinned(path) if path else {}
    # a workspace older than the requirement about related records has the one about forgotten routes
    known = [id for id in (coverage.RELATED, CONFORMING) if id in catalogue.requirements]
    for one in (one for one in _operations(profile) if one.looks and known):
        rows = [rule for role in sorted(roles) for rule in coverage.rules(matrix, role, one)]
        if rows and aims.widening(shapes.shape_of(document, one)):
            marks = (
                pytest.mark.requirement(known[0]),
                _title(one, "“{}”带上关联资料时也不泄露", "with its relations"),
                _content(profile, one, *rows),
            )
            yield pytest.param((one, WIDENED), id=f"{one.name}-{WIDENED}", marks=marks)


def _by_links(profile: Profile, catalogue: Catalogue) -> Iterator[Any]:
    """One check per role and requirement, so that what a walk finds disproves the requirement of the row it breaks."""
    matrix, found = _matrix(profile, catalogue), _operations(profile)
    for who in dict.fromkeys(person.role for person in catalogue.people.values()) if found else ():
        each = {coverage.walked(matrix, who, one, catalogue.requirements) for one in found if one.looks}
        for id in sorted({id for ids in each for id in ids}):
            title = pytest.mark.title(f"{role(who)}顺着链接走，不见不该见的（{id}） · {who} follows links ({id})")
            met = [
                one for one in found if one.looks and id in coverage.walked(matrix, who, one, catalogue.requirements)
            ]
            rows = dict.fromkeys(rule.meaning for one in met for rule in coverage.rules(matrix, who, one))
            said = pytest.mark.content(*(one.label for one in met), *rows)
            yield pytest.param((who, id), id=f"{who}-{id}", marks=(pytest.mark.requirement(id), title, said))
    if not found and CONFORMING in catalogue.requirements:
        yield NOTHING


def _whole(profile: Profile, catalogue: Catalogue) -> Iterator[Any]:
    if CONFORMING in catalogue.requirements:
        path = profile.path("contract")
        marks = (pytest.mark.requirement(CONFORMING), *((pytest.mark.content(parts.whole(path)),) if path else ()))
        yield pytest.param(path, id="pinned", marks=marks)


_AIMS: dict[str, Callable[[Profile, Catalogue], Iterator[Any]]] = {
    "test_a_stranger_gets_nothing": _each(STRANGER, "未登录不得“{}”", "without a login"),
    "test_each_role_gets_only_what_its_row_grants": _by_row,
    "test_answers_are_as_the_contract_says": _each(
        CONFORMING, "“{}”的接口符合契约，没有内部错误", "keeps to the contract"
    ),
    "test_links_lead_nobody_to_what_the_table_denies": _by_links,
    "test_the_site_still_has_the_pinned_contract": _whole,
}


@pytest.fixture(scope="session")
def net(profile: Profile, catalogue: Catalogue, system: System, site: Site, secrets: Callable[[Person], str]) -> Net:
    """The net over this site. Generated writes would spoil production, so there are none there."""
    if site.kind == "production":
        raise Unproven("生产环境不做模糊测试，它会写入垃圾数据。No fuzzing on production: it writes rubbish.")
    path = profile.path("contract")
    assert path is not None
    people, matrix = tuple(catalogue.people.values()), _matrix(profile, catalogue)
    replay = replay_of(
        system, site, matrix, people, secrets, lambda person: http_send(line(site), site, profile.timeout)
    )
    return Net(replay.garden, path, site.url, trust(site), site.launched or profile.fuzz_writes)


def test_a_stranger_gets_nothing(aim: Operation | None, request: pytest.FixtureRequest) -> None:
    """未登录调用接口 an operation without a login."""
    findings = _net(aim, request).stranger(_some(aim))
    assert not findings, "\n".join(findings)


def test_each_role_gets_only_what_its_row_grants(
    aim: tuple[Operation, str] | None, request: pytest.FixtureRequest
) -> None:
    """按角色调用接口，对照权限矩阵 an operation as each role, against the matrix."""
    net = _net(aim, request)
    operation, requirement = _some(aim)
    if not requirement:
        roles = coverage.silent(net.staff.matrix, net.roles, operation)
        findings = net.uncovered(operation, roles)
        assert not findings, "\n".join(findings)
        raise Unproven(
            f"权限表没有提到这些角色可否{operation.spoken}（{operation.label}）：{'、'.join(map(role, roles))}。"
            "Uncovered: the matrix says nothing about this operation for these roles; add rows."
        )
    findings = net.widened(operation) if requirement == WIDENED else net.as_roles(operation, requirement)
    assert not findings, "\n".join(findings)


def test_links_lead_nobody_to_what_the_table_denies(
    aim: tuple[str, str] | None, catalogue: Catalogue, request: pytest.FixtureRequest
) -> None:
    """顺着链接走 links followed as each role."""
    net = _net(aim, request)
    who, requirement = _some(aim)
    findings = [
        one
        for operation, told in net.walked(who).leaks.items()
        if requirement in coverage.walked(net.staff.matrix, who, operation, catalogue.requirements)
        for one in told
    ]
    assert not findings, "\n".join(dict.fromkeys(findings))


def test_answers_are_as_the_contract_says(aim: Operation | None, request: pytest.FixtureRequest) -> None:
    """接口符合契约，没有 5xx an operation keeps to the contract."""
    findings = _net(aim, request).conform(_some(aim))
    assert not findings, "\n".join(findings)


def test_the_site_still_has_the_pinned_contract(aim: Any, site: Site, request: pytest.FixtureRequest) -> None:
    """线上契约与固定的契约一致 the live contract is the pinned one."""
    if aim is None:
        raise Unsupported(NO_CONTRACT)
    before = contract.pinned(aim)
    known = _net(aim, request).known() if contract.PART in before else {}
    found = list(contract.differences(before, contract.live(site.url, before, verify=trust(site), headers=known)))
    assert not found, "契约变了 the contract has changed:\n" + "\n".join(found[:30])


def _net(aim: object, request: pytest.FixtureRequest) -> Net:
    if aim is None:
        raise Unsupported(NO_CONTRACT)
    found: Net = request.getfixturevalue("net")
    return found


def _some(aim: T | None) -> T:
    assert aim is not None
    return aim
