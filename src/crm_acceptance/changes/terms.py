"""[changes] of the profile: who decides about changes, and whether a run with an undecided one may be accepted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_acceptance import catalogue
from crm_acceptance.errors import WrongUse, unknown
from crm_acceptance.model import DEPARTMENTS, Person
from crm_acceptance.profile import FILE, Profile

_KEYS = ("required", "approvers", "departments", "unsigned", "keys")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Terms:
    """`approvers`: who may decide; `departments`: who must have a say where a department is touched; keys of people.

    `required`: a requirement whose change nobody approved is unproven. `people`: who may ask, by key.
    `unsigned`: an approval counts without a signature; `keys`: fingerprints of those who decide, beside [signatories].
    """

    required: bool = False
    approvers: tuple[str, ...] = ()
    departments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    unsigned: bool = False
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def circles(self, touched: Iterable[str]) -> tuple[tuple[str, ...], ...]:
        """Of each of these circles one must say yes to a change of these departments."""
        own = [self.departments[one] for one in sorted(set(touched)) if one in self.departments]
        return tuple(dict.fromkeys(own or [self.approvers]))

    def person(self, said: str) -> str:
        """The key of somebody who may ask for a change, by key, name or login. WrongUse tells who is known."""
        found = _key(said, self.people)
        if found in self.people or found in self._deciding():
            return found
        raise unknown("人 person", said, [*(one.name for one in self.people.values()), *self._deciding()])

    def approver(self, said: str) -> str:
        """The key of somebody who may decide. WrongUse when the profile does not name them."""
        found = _key(said, self.people)
        if found in self._deciding():
            return found
        raise WrongUse(
            f"{said} 不是变更审批人。{FILE} 的 [changes] approvers 里有："
            f"{self.named(self._deciding()) or '(没有人 nobody)'}。Not named as an approver of changes."
        )

    def decides(self, key: str) -> bool:
        """Whether the profile names that person as somebody who may decide."""
        return key in self._deciding()

    def key_of(self, said: str) -> str:
        """Somebody's key, however they are called; what was said where nobody is called so."""
        return _key(said, self.people)

    def named(self, keys: Iterable[str]) -> str:
        """Keys as people are called."""
        return "、".join(self.people[key].name if key in self.people else key for key in keys)

    def _deciding(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.approvers, *(one for many in self.departments.values() for one in many))))


def terms(profile: Profile) -> Terms:
    """What the profile says. WrongUse names a wrong key; nobody named is no mistake until somebody asks: then only does
    it read the people."""
    said: Mapping[str, Any] = profile.changes
    if not isinstance(said, dict):
        raise WrongUse(f"{FILE} 里的 changes 应当是一个表：[changes]。It must be a table.")
    if not said:
        return Terms()
    for key in said:
        if key not in _KEYS:
            raise unknown(f"配置项 key in {FILE} [changes]", key, _KEYS)
    for key in ("required", "unsigned"):
        if not isinstance(said.get(key, False), bool):
            raise WrongUse(f"{FILE} 里 changes.{key} 应当是 true 或 false。It must be true or false.")
    people = catalogue.people(profile.workspace / profile.people)
    own = said.get("departments", {})
    if not isinstance(own, dict):
        raise WrongUse(f'{FILE} 里应写 [changes.departments]，例如 sales = ["陈静"]。It must be a table.')
    for department in own:
        if department not in DEPARTMENTS:
            raise unknown(f"部门 department in {FILE} [changes.departments]", department, DEPARTMENTS)
    circles = {name: _names(f"changes.departments.{name}", one, people) for name, one in own.items()}
    approvers = _names("changes.approvers", said.get("approvers", []), people)
    known = _fingerprints(said.get("keys", {}), people)
    return Terms(said.get("required", False), approvers, circles, people, said.get("unsigned", False), known)


def _names(where: str, said: Any, people: Mapping[str, Person]) -> tuple[str, ...]:
    if not isinstance(said, list) or not all(isinstance(one, str) and one.strip() for one in said):
        raise WrongUse(f'{FILE} 里 {where} 应当是人名的列表，例如 ["chenjing"]。It must be a list of names.')
    return tuple(dict.fromkeys(_key(one, people) for one in said))


def _fingerprints(said: Any, people: Mapping[str, Person]) -> dict[str, tuple[str, ...]]:
    """[changes.keys]: whoever had another key before is named with both."""
    told = said.items() if isinstance(said, dict) else [("", said)]
    found = {name: one if isinstance(one, list) else [one] for name, one in told}
    if not all(isinstance(one, str) and _FINGERPRINT.fullmatch(one) for many in found.values() for one in many):
        raise WrongUse(
            f'{FILE} 的 [changes.keys] 应写 姓名 = "公钥指纹"（64 位十六进制，keys list 可以看到）。'
            "It must be names and fingerprints of public keys."
        )
    return {_key(name, people): tuple(many) for name, many in found.items()}


def _key(said: str, people: Mapping[str, Person]) -> str:
    """Somebody has one key, however they are called: nobody approves the own request under another name."""
    bare = said.strip()
    return next((key for key, one in people.items() if bare in (key, one.name, one.login)), bare)
