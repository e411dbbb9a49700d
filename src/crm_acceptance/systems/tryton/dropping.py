"""A misconfiguration on purpose: one record rule of one salesperson is deleted, as a careless click would do it."""

from __future__ import annotations

from crm_acceptance.errors import unknown
from crm_acceptance.systems.tryton.own_records import RULE_GROUP, group_of
from crm_acceptance.systems.tryton.seed_people import PEOPLE
from crm_acceptance.systems.tryton.wire import Wire

MODELS = ("party.party", "sale.opportunity", "sale.sale", "account.invoice", "sale.complaint")


def check(rule: str) -> None:
    """WrongUse when `rule` ("lina/sale.opportunity") is not one that the seed has made."""
    known = [f"{key}/{model}" for key, (_, role) in PEOPLE.items() if role == "sales_rep" for model in MODELS]
    if rule and rule not in known:
        raise unknown("可删的记录规则 drop_rule=PERSON/MODEL", rule, known)


def drop(wire: Wire, rule: str) -> None:
    """Deletes the rules that this person's group has for this model; all others stay."""
    check(rule)
    person, _, model = rule.partition("/")
    group = str(group_of(PEOPLE[person][0], 0)["name"])
    asked = [["groups.name", "=", group], ["model", "=", model]]
    wire.call(f"model.{RULE_GROUP}.delete", wire.search(RULE_GROUP, asked))
