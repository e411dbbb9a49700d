"""Who may sign: [signatories] of the profile and the public keys beside it, checked; reads no journal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_acceptance.errors import WrongUse, unknown
from crm_acceptance.model import DEPARTMENTS
from crm_acceptance.profile import FILE, Profile
from crm_acceptance.sealing.keys import PublicKey, registered

_PERSON = {"name", "person", "key"}
_CIRCLE = {"quorum", "people", "due"}
"""`due` is the day by which the department should have signed: changes/warning.py reads it."""
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Signatory:
    """Somebody who may sign for a department. `key` is the fingerprint of the own key, "" while there is none yet."""

    person: str
    name: str
    key: str


@dataclass(frozen=True)
class Circle:
    """The signatories of one department, and how many of them are needed."""

    department: str
    quorum: int = 1
    people: tuple[Signatory, ...] = ()

    def find(self, person: str) -> Signatory | None:
        """The signatory with that login, or None."""
        return next((one for one in self.people if one.person == person), None)


@dataclass(frozen=True)
class Named:
    """Everybody who may sign anything. `revoked`: fingerprints; `keys`: fingerprint -> public key."""

    circles: Mapping[str, Circle] = field(default_factory=dict)
    revoked: frozenset[str] = frozenset()
    keys: Mapping[str, PublicKey] = field(default_factory=dict)

    def circle(self, department: str) -> Circle:
        """The department's circle; an empty one where nobody is named."""
        return self.circles.get(department, Circle(department))

    def everybody(self) -> Iterator[Signatory]:
        """Every signatory of every department; somebody may come twice."""
        for circle in self.circles.values():
            yield from circle.people

    def whose(self, key: str) -> Signatory | None:
        """Who is named with that key, in any department."""
        return next((one for one in self.everybody() if one.key == key), None)

    def anywhere(self, person: str) -> Signatory | None:
        """The signatory with that login in any department."""
        return next((one for one in self.everybody() if one.person == person), None)


def named(profile: Profile) -> Named:
    """[signatories] and signatories/*.pub. WrongUse names what is wrong in either."""
    return of(profile.signatories, registered(profile.workspace))


def of(told: Mapping[str, Any], known: Mapping[str, PublicKey]) -> Named:
    """The same from the table itself and the keys that are known. WrongUse names what is wrong in the table."""
    table = dict(told)
    revoked = table.pop("revoked", [])
    if not isinstance(revoked, list):
        raise WrongUse(f"{FILE} 的 signatories.revoked 应当是指纹的列表。It must be a list of fingerprints.")
    for department in table:
        if department not in DEPARTMENTS:
            raise unknown(f"部门 department in {FILE} [signatories]", department, [*DEPARTMENTS, "revoked"])
    circles = {department: _circle(department, told) for department, told in table.items()}
    _one_key_each(one for circle in circles.values() for one in circle.people)
    checked = frozenset(_fingerprint("signatories.revoked", key) for key in revoked)
    return Named(circles, checked, known)


def _circle(department: str, told: Any) -> Circle:
    where = f"signatories.{department}"
    if not isinstance(told, dict) or not isinstance(told.get("people", []), list):
        raise WrongUse(f"{FILE} 里应写 [[{where}.people]]。It must be a table with people.")
    _known(where, told, _CIRCLE)
    people = tuple(_signatory(f"{where}.people", one) for one in told.get("people", []))
    doubled = {one.person for one in people if sum(one.person == other.person for other in people) > 1}
    if doubled:
        raise WrongUse(f"{FILE} 的 {where} 里 {', '.join(sorted(doubled))} 写了两次。Named twice.")
    return Circle(department, _quorum(where, told.get("quorum", 1), len(people)), people)


def _one_key_each(people: Iterable[Signatory]) -> None:
    """A key is a person's hand: two names for it would be two hands."""
    owner: dict[str, str] = {}
    for one in people:
        if one.key and owner.setdefault(one.key, one.person) != one.person:
            raise WrongUse(
                f"{FILE} 里 {owner[one.key]} 和 {one.person} 登记了同一把密钥 {one.key[:12]}：一人一把。"
                "One key for two people: everybody has a key of their own."
            )


def _quorum(where: str, quorum: Any, people: int) -> int:
    if not isinstance(quorum, int) or isinstance(quorum, bool) or quorum < 1:
        raise WrongUse(f"{FILE} 里 {where}.quorum 应当是 1 或更大的整数：{quorum!r}。A quorum is 1 or more.")
    if people and quorum > people:
        raise WrongUse(f"{FILE} 里 {where}.quorum 是 {quorum}，却只有 {people} 人。More are needed than are named.")
    return quorum


def _signatory(where: str, told: Any) -> Signatory:
    if not isinstance(told, dict):
        raise WrongUse(f"{FILE} 里 {where} 的每一项应当是表 [[{where}]]。Each must be a table.")
    _known(where, told, _PERSON)
    person = told.get("person", "")
    if not isinstance(person, str) or not person:
        raise WrongUse(f"{FILE} 里 {where} 有一项没有 person（登录名）。One has no person.")
    name, key = str(told.get("name") or person), told.get("key", "")
    return Signatory(person, name, _fingerprint(f"{where}（{person}）.key", key) if key else "")


def _known(where: str, told: Mapping[str, Any], known: set[str]) -> None:
    for key in told:
        if key not in known:
            secret = "口令和私钥不写进配置。" if key in ("passphrase", "password", "private", "secret") else ""
            raise unknown(f"配置项 key in {FILE} [{where}]", key, known, secret)


def _fingerprint(where: str, told: Any) -> str:
    if not isinstance(told, str) or not _FINGERPRINT.fullmatch(told):
        hint = "，私钥绝不能写进配置 never a private key" if "PRIVATE" in str(told) else ""
        raise WrongUse(
            f"{FILE} 里 {where} 应当是公钥指纹，64 位十六进制（keys list 可以看到）{hint}。It must be a fingerprint."
        )
    return told
