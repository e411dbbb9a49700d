"""The four sentences for behave; each calls the verb that steps/ of the repository calls."""

from __future__ import annotations

from typing import Any

from behave import given, then, when

from crm_acceptance.verbs import records, sales
from crm_acceptance.verbs.refusals import refused
from crm_acceptance.verbs.seeing import same


@given("{who} 登记线索：")
def register(context: Any, who: str) -> None:
    for row in context.table:
        fields = context.story.fields("lead", dict(row.items()))
        lead = records.register(context.cast[who], "lead", fields)
        context.story.keep("lead", row[0], lead, fields)


@when('{who} 把线索 "{lead}" 转为商机')
def convert(context: Any, who: str, lead: str) -> None:
    for part, record in sales.convert_lead(context.cast[who], context.story["lead", lead], None).items():
        context.story.keep(part, lead, record)


@then('{who} 看到线索 "{name}" 的状态是 "{value}"')
def state_is(context: Any, who: str, name: str, value: str) -> None:
    shown = records.see(context.cast[who], context.story["lead", name]).get("state")
    assert same(shown, context.story.real("lead", "state", value)), f"expected {value}, shown {shown!r}"


@then('{who} 不能再次转换线索 "{lead}"')
def converts_no_more(context: Any, who: str, lead: str) -> None:
    refused(f"再次转换 {lead}", sales.convert_lead, context.cast[who], context.story["lead", lead])
