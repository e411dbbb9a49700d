"""Who is who in Tryton: users, employees and the party categories that say whose customer it is; sends one question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_acceptance.errors import Refused
from crm_acceptance.systems.tryton.own_records import OWNERS, POOL


@dataclass(frozen=True)
class Staff:
    """Logins by user id, by employee id and by name; a person's key is the login."""

    users: Mapping[int, str] = field(default_factory=dict)
    employees: Mapping[int, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    pool: str = POOL

    @staticmethod
    def of(rows: Iterable[Mapping[str, Any]]) -> Staff:
        """From the users that everybody may list: id, login, name, employee."""
        known = list(rows)
        return Staff(
            {row["id"]: row["login"] for row in known},
            {row["employee"]: row["login"] for row in known if row["employee"]},
            {row["name"]: row["login"] for row in known},
        )

    def name(self, login: str) -> str:
        """The person's name, which is also the name of the category of their customers."""
        return next((name for name, known in self.names.items() if known == login), login)

    def employee(self, login: str) -> int:
        """The employee id; Refused("invalid") for somebody who is none."""
        for employee, known in self.employees.items():
            if known == login:
                return employee
        raise Refused("invalid", f"Tryton 里没有员工 {login}")

    def owner(self, party: Mapping[str, Any] | None) -> str | None:
        """Whose customer a party is: its owner category, nobody in the pool, else whoever entered it."""
        kinds = (party or {}).get("categories.") or []
        for kind in kinds:
            if (kind.get("parent.") or {}).get("name") == OWNERS:
                return self.names.get(kind["name"], str(kind["name"]))
        if self.pooled(party) or party is None:
            return None
        return self.users.get(party.get("create_uid") or 0)

    def pooled(self, party: Mapping[str, Any] | None) -> bool:
        """Whether the party lies in the public pool."""
        return any(kind["name"] == self.pool for kind in (party or {}).get("categories.") or [])
