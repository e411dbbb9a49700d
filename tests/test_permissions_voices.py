"""Who speaks: an API that takes two people for one, a site that is soon busy, a login that fails. Real HTTP servers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from one_voice_crm import PER_SECOND, keyed
from toy_crm import HEADER

from crm_acceptance.actors import ScreensDoor
from crm_acceptance.engines.permissions import table
from crm_acceptance.engines.permissions.eyes import Eyes
from crm_acceptance.engines.permissions.hearing import hearing
from crm_acceptance.engines.permissions.replay import Replay, replay
from crm_acceptance.engines.permissions.voices import Voices
from crm_acceptance.errors import Unproven, Unsupported
from crm_acceptance.model import Person, Site
from crm_acceptance.sending import http_send, line
from crm_acceptance.systems import System
from crm_acceptance.systems.flow import Send
from crm_acceptance.systems.rest import described

ANN = Person("ann", "安", "sales", "rep", "ann")
BOB = Person("bob", "波", "sales", "rep", "bob")
BOSS = Person("boss", "梅", "sales", "boss", "boss")
ROWS = (
    "rep,read|list|create|change,customer,own,,SEC-002\n"
    "boss,read|list,customer,all,,SEC-003\n"
    "boss,change|delete,customer,none,,SEC-005\n"
    "rep,tamper,customer,own,owner:read-only,SEC-005\n"
)


def sender(site: Site) -> Callable[[Person], Send]:
    return lambda person: http_send(line(site), site, 5)


def own_key(person: Person) -> str:
    return f"key-{person.login}"


def shared_key(person: Person) -> str:
    return "key-of-the-integration"


def replayed(tmp_path: Path, system: System, url: str, password: Callable[[Person], str]) -> Replay:
    path = tmp_path / "permissions.csv"
    path.write_text(HEADER + ROWS, encoding="utf-8")
    matrix = table.load(path, {"rep", "boss"}, {"SEC-002", "SEC-003", "SEC-005"})
    site = Site("key", url)
    return replay(system, site, matrix, (ANN, BOB, BOSS), password, sender(site))


@pytest.mark.parametrize("me", [True, False])
def test_a_key_of_their_own_makes_two_people_two_voices(tmp_path: Path, me: bool) -> None:
    with keyed(tmp_path, me=me) as (url, _, mapping):
        site = Site("key", url)
        heard = hearing(described("key", mapping), site, (ANN, BOB), own_key, sender(site))
        assert isinstance(heard, Voices)


@pytest.mark.parametrize("me", [True, False])
def test_one_key_for_everybody_is_one_voice_and_proves_nothing(tmp_path: Path, me: bool) -> None:
    with keyed(tmp_path, me=me) as (url, _, mapping):
        site = Site("key", url)
        with pytest.raises(Unproven, match="同一个人") as said:
            hearing(described("key", mapping), site, (ANN, BOB), shared_key, sender(site))
        assert "same key" in str(said.value) and "key-of" not in str(said.value)


def test_keys_of_their_own_behind_which_stands_one_user_are_one_voice(tmp_path: Path) -> None:
    with keyed(tmp_path, shared=True) as (url, _, mapping):
        site = Site("key", url)
        with pytest.raises(Unproven, match="same user"):
            hearing(described("key", mapping), site, (ANN, BOB), own_key, sender(site))


def test_the_screens_are_taken_where_there_are_some(tmp_path: Path) -> None:
    class WithScreens:
        name = title = "key"

        def __init__(self, mapping: Path) -> None:
            self.described = described("key", mapping)

        def supports(self, action: str, object: str) -> bool:
            return True

        def records(self, site: Site) -> object:
            return self.described.records(site)  # type: ignore[attr-defined]

        def screens(self, site: Site) -> object:
            raise AssertionError("no window is opened before somebody acts")

    def door(person: Person) -> ScreensDoor:
        raise AssertionError("no window is opened before somebody acts")

    with keyed(tmp_path) as (url, _, mapping):
        site = Site("key", url)
        heard = hearing(WithScreens(mapping), site, (ANN, BOB), shared_key, sender(site), door)
        assert isinstance(heard, Eyes)
        assert isinstance(hearing(WithScreens(mapping), site, (ANN, BOB), own_key, sender(site), door), Voices)


@pytest.mark.parametrize(
    ("takes", "told"),
    [
        ((), set()),
        (("createdBy", "version"), {"createdBy", "version"}),
        (("isAdmin",), {"isAdmin"}),
        (("created_at",), {"created_at"}),
    ],
)
def test_names_of_the_crms_own_that_it_takes_from_a_request_are_found(
    tmp_path: Path, takes: tuple[str, ...], told: set[str]
) -> None:
    with keyed(tmp_path, me=False, takes=takes) as (url, _, mapping):
        player = replayed(tmp_path, described("key", mapping), url, own_key)
        rule = next(rule for rule in player.garden.staff.matrix.rules if rule.action == "tamper")
        found = player.findings(rule)
        assert {name for name in ("createdBy", "version", "isAdmin", "created_at") if name in str(found)} == told
        assert all("越权 trespass" in one for one in found)


def test_a_site_that_takes_five_requests_a_second_is_waited_for_over_a_whole_cell(tmp_path: Path) -> None:
    with keyed(tmp_path, limit=PER_SECOND, me=False) as (url, books, mapping):
        player = replayed(tmp_path, described("key", mapping), url, own_key)
        rules = [rule for rule in player.garden.staff.matrix.rules if rule.cell == ("rep", "read", "customer")]
        assert [player.findings(rule) for rule in rules] == [[]]
        assert books.turned_away > 0


def test_a_site_that_stays_busy_proves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm_acceptance.manners.pauses.TRIES", 0)
    with keyed(tmp_path, limit=3, me=False) as (url, books, mapping):
        with pytest.raises(Unproven, match="限流"):
            player = replayed(tmp_path, described("key", mapping), url, own_key)
            for rule in player.garden.staff.matrix.rules:
                player.findings(rule)
        assert books.turned_away > 0


def test_only_the_role_whose_login_fails_is_unproven(tmp_path: Path) -> None:
    with keyed(tmp_path, me=False) as (url, _, mapping):
        system = described("key", mapping)
        player = replayed(tmp_path, system, url, lambda person: "wrong" if person is BOSS else own_key(person))
        found: dict[str, set[str]] = {"rep": set(), "boss": set()}
        for rule in player.garden.staff.matrix.rules:
            try:
                found[rule.role].add(f"{player.findings(rule)}")
            except Unproven as reason:
                found[rule.role].add(str(reason)[:20])
        assert found["rep"] == {"[]"}
        assert all("登录失败" in reason for reason in found["boss"])


def test_without_any_door_there_is_no_hearing() -> None:
    class Nothing:
        name = title = "nothing"

        def supports(self, action: str, object: str) -> bool:
            return True

    with pytest.raises(Unsupported, match="没有接口也没有可用的界面"):
        hearing(Nothing(), Site("x", "http://x"), (ANN, BOB), own_key, sender(Site("x", "http://x")))
