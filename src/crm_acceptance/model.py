"""The nouns of acceptance as frozen values; standard library only, no behaviour beyond reading oneself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

DEPARTMENTS: Mapping[str, str] = {
    "sales": "销售",
    "marketing": "市场",
    "service": "客服",
    "finance": "财务",
    "management": "管理层",
    "it": "IT",
}
DIMENSIONS: Mapping[str, str] = {
    "functional": "功能测试",
    "scenario": "用户场景测试",
    "performance": "性能测试",
    "security": "安全测试",
    "abnormal": "异常场景测试",
}
CRITICALITIES: Mapping[str, str] = {"critical": "关键", "major": "重要", "minor": "一般"}


class Proof(StrEnum):
    """What the evidence says of one requirement. Anything short of full evidence is UNPROVEN."""

    PROVEN = "proven"
    DISPROVEN = "disproven"
    UNPROVEN = "unproven"


class Status(StrEnum):
    """What one check said. FAILED: the CRM is wrong; BROKEN: the check itself could not speak."""

    PASSED = "passed"
    FAILED = "failed"
    BROKEN = "broken"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Requirement:
    """One row of requirements.csv. `criticality` is one of CRITICALITIES, `dimension` a key of DIMENSIONS."""

    id: str
    department: str
    criticality: str
    dimension: str
    text: str
    text_en: str = ""


@dataclass(frozen=True)
class Person:
    """One row of people.csv: somebody who works in a department, with a login at the CRM.

    `team`: a group within the department, for roles that see no more than their team's records; "" without one.
    """

    key: str
    name: str
    department: str
    role: str
    login: str
    team: str = ""


@dataclass(frozen=True)
class Site:
    """A system that runs somewhere. `kind`: reference, stand-in, sandbox or production. `url` has no trailing slash.

    `mapping` is the path of the file that describes the system, "" for one with an adapter of its own. `ca` is the path
    of a PEM file with the site's own certificate, or "". `launched`: this program started it, nobody else is there.
    `store`: the file that a launched system keeps its data in, "" when nobody knows.
    """

    system: str
    url: str
    kind: str = "sandbox"
    mapping: str = ""
    ca: str = ""
    launched: bool = False
    store: str = ""


@dataclass(frozen=True)
class Action:
    """What somebody does to an object, in the CRM-neutral vocabulary of docs/reference/actions.md.

    name: create read list count sum export import change delete transfer attach download audit convert claim ...
    object: campaign lead customer contact opportunity quote order payment invoice ticket followup user report
    fields: canonical field name -> value; options: how (q, sort, page, size, where, to, stage, ...).
    """

    name: str
    object: str
    id: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def verb(self) -> str:
        """The label under which load and reports count this action: `customer.list`."""
        return f"{self.object}.{self.name}"


@dataclass(frozen=True)
class Record:
    """One record in canonical field names. Money is Decimal, ids and references are str, owners are person keys."""

    object: str
    id: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    def get(self, name: str, default: Any = None) -> Any:
        """The field's value, or `default` when the CRM did not show the field."""
        return self.fields.get(name, default)


@dataclass(frozen=True)
class Page:
    """One page of a list: its rows, and how many rows the CRM says there are in all (None: it does not say)."""

    rows: tuple[Record, ...]
    total: int | None = None


Outcome = Record | Page | int | Decimal | bytes | Mapping[str, Any] | None


@dataclass(frozen=True)
class Result:
    """What one check left in the ledger. Times are milliseconds since the epoch; run and system say whose it is.

    `sentence` is the one of a scenario at which the CRM was wrong, "" when there is none.
    """

    nodeid: str
    name: str
    status: Status
    requirements: tuple[str, ...]
    engine: str
    message: str = ""
    start: int = 0
    stop: int = 0
    uuid: str = ""
    run: str = ""
    system: str = ""
    sentence: str = ""


@dataclass(frozen=True)
class Expected:
    """One check that collection promised. `selected` is False when -k, -m or the like left it out.

    `content` is the digest of what it says, "" in runs of old.
    """

    nodeid: str
    title: str
    requirements: tuple[str, ...]
    engine: str
    selected: bool = True
    content: str = ""
