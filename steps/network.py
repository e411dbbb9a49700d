"""Sentences about failing networks and people who press at the same moment: nothing is lost, nothing is there twice."""

from __future__ import annotations

from decimal import Decimal

from crm_acceptance.actors import Cast
from crm_acceptance.sentences import sentence
from crm_acceptance.story import Story
from crm_acceptance.verbs import network, records
from fixtures.records import BUILDERS, in_days

TODAY = in_days(0)


@sentence(
    '网络中断，{who} 把同一条{kind:object} "{name}" 提交了两次',
    'the network fails and {who} sends the same {kind:object} "{name}" twice',
)
def _(cast: Cast, story: Story, who: str, kind: str, name: str) -> None:
    fields = BUILDERS[kind](story.dice, story.name(name))
    story.keep(kind, name, network.send_twice(cast[who], kind, fields), fields)


@sentence(
    '{who} 用同一个流水号先后登记订单 "{order}" 的回款 {first:money} 元和 {second:money} 元',
    '{who} books on order "{order}" payments of {first:money} yuan and {second:money} yuan under one number',
)
def _(cast: Cast, story: Story, who: str, order: str, first: Decimal, second: Decimal) -> None:
    accepted = network.pay_under_one_number(cast[who], story["order", order], (first, second), TODAY)
    story.notes["acknowledged", order] = accepted


@sentence(
    '{who} 看到订单 "{order}" 的已收正是系统确认过的回款',
    '{who} sees that what is paid on order "{order}" is what the CRM acknowledged',
)
def _(cast: Cast, story: Story, who: str, order: str) -> None:
    accepted: Decimal = story.notes["acknowledged", order]
    shown = records.see(cast[who], story["order", order])["paid"]
    assert shown == accepted, f"系统确认过 acknowledged {accepted}，实际 shown {shown}"


@sentence(
    '{one} 把{kind:object} "{name}" 的{field:field}改为 "{value}"，同时 {two} 把{other:field}改为 "{new}"',
    '{one} changes the {field:field} of {kind:object} "{name}" to "{value}" while {two} changes the {other:field} to "{new}"',  # noqa: E501
)
def _(
    cast: Cast, story: Story, one: str, kind: str, name: str, field: str, value: str, two: str, other: str, new: str
) -> None:
    wanted = ((one, field, value), (two, other, new))
    doors = [
        (cast.doors.another(cast.person(who)), {field: story.real(kind, field, word)}) for who, field, word in wanted
    ]
    network.change_at_once(story[kind, name], doors)
