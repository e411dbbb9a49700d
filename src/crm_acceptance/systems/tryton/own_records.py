"""Who owns what, as Tryton record rules: data only, for the seed and for IT when somebody new starts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

OWNERS, POOL, INTERNAL = "负责人", "公海", "内部"
RULE_GROUP = "ir.rule.group"
PERSONAL = "只看自己的"
"""How the name of a group of one begins."""
Row = dict[str, Any]


@dataclass(frozen=True)
class Kinds:
    """The party categories that ownership hangs on, by id."""

    owners: tuple[int, ...]
    pool: int
    internal: int


def group_of(name: str, user: int) -> Row:
    """Record rules know groups, not persons: so each salesperson has a group of one, and the rules hang on it."""
    return {"name": f"{PERSONAL} {name}", "users": [["add", [user]]]}


def of_salesperson(group: int, kinds: Kinds, mine: list[int], user: int, employee: int) -> list[Row]:
    """A customer belongs to whom its category names (`mine`), or to whoever entered it while no category names anybody.

    "not in" would be true as soon as one category is another; "not where" means none. Ids instead of names keep the
    questions shallow: SQLite gives up on deeper ones ("parser stack overflow").
    """
    entered = [["create_uid", "=", user], ["categories", "not where", [["id", "in", [*kinds.owners, kinds.pool]]]]]
    own_party = ["OR", ["categories", "in", mine], entered] if mine else entered
    of_mine = [["party", "where", [own_party]]]
    # A lead or opportunity about somebody else's customer would show that customer's name.
    own = [["employee", "=", employee], ["OR", ["party", "=", None], *of_mine]]
    return [
        rule(group, "party.party", [[own_party], [["categories", "in", [kinds.pool]]]]),
        colleagues(group, kinds, read_only=True),
        rule(group, "sale.opportunity", [own]),
        rule(group, "sale.sale", [of_mine]),
        rule(group, "account.invoice", [of_mine]),
        rule(group, "sale.complaint", [[["customer", "where", [own_party]]]]),
    ]


def of_marketing(group: int, kinds: Kinds, user: int) -> list[Row]:
    """Marketing sees the leads it entered, and the companies behind them, whoever works on them since."""
    entered = [[["create_uid", "=", user]]]
    return [
        colleagues(group, kinds, read_only=True),
        rule(group, "party.party", entered),
        rule(group, "sale.opportunity", entered),
    ]


def colleagues(group: int, kinds: Kinds, *, read_only: bool = False) -> Row:
    """The parties that stand for the company and its people."""
    return rule(group, "party.party", [[["categories", "in", [kinds.internal]]]], read_only=read_only)


def orders_only(group: int) -> Row:
    """Quotes and orders are one model; service sees what was ordered."""
    return rule(group, "sale.sale", [[["state", "in", ["confirmed", "processing", "done"]]]])


def rule(group: int, model: str, domains: list[Any], *, read_only: bool = False) -> Row:
    """One rule group; a record fits when it fits one of the domains."""
    row: Row = {"name": PERSONAL, "model": model, "global_p": False, "groups": [["add", [group]]]}
    row |= {perm: not read_only for perm in ("perm_write", "perm_create", "perm_delete")}
    return row | {"rules": [["create", [{"domain": json.dumps(domain)} for domain in domains]]]}
