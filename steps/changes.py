"""Sentences about what must not be changed, what deleting takes along, long texts, and what a page itself shows."""

from __future__ import annotations

from decimal import Decimal

from crm_acceptance.actors import Cast
from crm_acceptance.errors import Unsupported
from crm_acceptance.sentences import sentence
from crm_acceptance.story import Story
from crm_acceptance.verbs import records
from crm_acceptance.verbs.refusals import refused
from crm_acceptance.verbs.seeing import plain, same
from fixtures.records import BUILDERS


@sentence(
    '{who} 不能把{kind:object} "{name}" 的{field:field}改为 "{value}"',
    '{who} cannot change the {field:field} of {kind:object} "{name}" to "{value}"',
)
def _(cast: Cast, story: Story, who: str, kind: str, name: str, field: str, value: str) -> None:
    wanted = {field: story.real(kind, field, value)}
    refused(f"{name} {field}={value}", records.change, cast[who], story[kind, name], wanted)


@sentence('{who} 试图删除{kind:object} "{name}"', '{who} tries to delete the {kind:object} "{name}"')
def _(cast: Cast, story: Story, who: str, kind: str, name: str) -> None:
    records.try_to_delete(cast[who], story[kind, name])


@sentence(
    '{who} 登记{kind:object} "{name}"，{field:field}长 {n:d} 字',
    '{who} registers the {kind:object} "{name}" with a {field:field} of {n:d} characters',
)
def _(cast: Cast, story: Story, who: str, kind: str, name: str, field: str, n: int) -> None:
    text = ("客户的要求和双方的约定逐条写在这里。" * n)[: n - 1] + "完"
    fields = {**BUILDERS[kind](story.dice, story.real(kind, "name", name)), field: text}
    story.keep(kind, name, records.register(cast[who], kind, fields), fields)


@sentence(
    '{who} 打开{kind:object} "{name}"，读到{field:field}是 "{value}"',
    '{who} opens the {kind:object} "{name}" and reads that the {field:field} is "{value}"',
)
def _(cast: Cast, story: Story, who: str, kind: str, name: str, field: str, value: str) -> None:
    opened = records.open_record(cast[who], story[kind, name])
    assert opened is not None, f"{who} 打不开 cannot open {name}"
    shown = opened.get(field)
    if shown is None:
        raise Unsupported(f"这个页面不显示{field}，或无法读出 this page shows no {field}, or none that can be read")
    assert same(shown, story.real(kind, field, value)), f"{field}: 应为 expected {value}, 实为 shown {plain(shown)}"


@sentence('{who} 打开{kind:object}列表，找得到 "{name}"', '{who} opens the list of {kind:object} and finds "{name}"')
def _(cast: Cast, story: Story, who: str, kind: str, name: str) -> None:
    found = records.find_on_stage(cast[who], kind, story.marker)
    assert story[kind, name].id in [row.id for row in found]


@sentence(
    '{who} 看到商机 "{name}" 的赢单率是 {rate:percent}%', '{who} sees the opportunity "{name}" at {rate:percent}%'
)
def _(cast: Cast, story: Story, who: str, name: str, rate: Decimal) -> None:
    shown = records.see(cast[who], story["opportunity", name]).get("probability")
    if shown is None:
        raise Unsupported("这个系统的商机没有赢单率 opportunities have no probability here")
    assert same(shown, rate), f"应为 expected {rate}%，实为 shown {shown}%"
