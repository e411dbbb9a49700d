"""Sentences of the service department: the life of a ticket."""

from __future__ import annotations

from datetime import timedelta

from crm_acceptance.actors import Cast
from crm_acceptance.sentences import sentence
from crm_acceptance.story import Story
from crm_acceptance.verbs import records, service
from crm_acceptance.verbs.refusals import refused

MINUTE = timedelta(minutes=1)


@sentence(
    '{who} 为客户 "{customer}" 登记优先级为{priority:priority}的工单 "{title}"',
    '{who} registers for customer "{customer}" a ticket of {priority:priority} priority "{title}"',
)
def _(cast: Cast, story: Story, who: str, customer: str, priority: str, title: str) -> None:
    fields = {"title": story.name(title), "priority": priority}
    ticket = service.register_ticket(cast[who], story["customer", customer], **fields)
    story.keep("ticket", title, ticket, fields)


@sentence('{who} 把工单 "{title}" 分派给 {to}', '{who} assigns the ticket "{title}" to {to}')
def _(cast: Cast, story: Story, who: str, title: str, to: str) -> None:
    service.assign_ticket(cast[who], story["ticket", title], story.key_of(to))


@sentence('{who} 解决工单 "{title}"，方案是 "{text}"', '{who} resolves the ticket "{title}" with "{text}"')
def _(cast: Cast, story: Story, who: str, title: str, text: str) -> None:
    service.resolve_ticket(cast[who], story["ticket", title], text)


@sentence('{who} 关闭工单 "{title}"', '{who} closes the ticket "{title}"')
def _(cast: Cast, story: Story, who: str, title: str) -> None:
    service.close_ticket(cast[who], story["ticket", title])


@sentence('{who} 不能关闭工单 "{title}"', '{who} cannot close the ticket "{title}"')
def _(cast: Cast, story: Story, who: str, title: str) -> None:
    refused(f"关闭工单 {title}", service.close_ticket, cast[who], story["ticket", title])


@sentence(
    '{who} 看到工单 "{title}" 的时限是登记后 {hours:d} 小时',
    '{who} sees the ticket "{title}" due {hours:d} hours after its registration',
)
def _(cast: Cast, story: Story, who: str, title: str, hours: int) -> None:
    allowed = service.time_allowed(records.see(cast[who], story["ticket", title]))
    assert abs(allowed - timedelta(hours=hours)) < MINUTE, f"时限 allowed: {allowed}"
