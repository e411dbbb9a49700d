"""Sentences of the sales department: conversion, follow-ups, the public pool, attachments, opportunities."""

from __future__ import annotations

from decimal import Decimal

from crm_acceptance.actors import Cast
from crm_acceptance.model import Record
from crm_acceptance.sentences import first_column, rows, sentence
from crm_acceptance.story import Story
from crm_acceptance.verbs import records, sales
from crm_acceptance.verbs.refusals import refused
from crm_acceptance.verbs.seeing import reveals

Table = list[list[str]]


def convert(cast: Cast, story: Story, who: str, lead: str, amount: Decimal | None = None) -> None:
    """What becomes of a lead goes by the lead's name, and customer and opportunity by the company's as well."""
    company = story.words.get(str(story.said["lead", lead].get("company")), lead)
    for part, record in sales.convert_lead(cast[who], story["lead", lead], amount).items():
        story.keep(part, lead, record)
        story.keep(part, company, record)


@sentence('{who} 把线索 "{lead}" 转为商机', '{who} converts the lead "{lead}"')
def _(cast: Cast, story: Story, who: str, lead: str) -> None:
    convert(cast, story, who, lead)


@sentence(
    '{who} 把线索 "{lead}" 转为金额 {amount:money} 元的商机',
    '{who} converts the lead "{lead}" expecting {amount:money} yuan',
)
def _(cast: Cast, story: Story, who: str, lead: str, amount: Decimal) -> None:
    convert(cast, story, who, lead, amount)


@sentence('{who} 不能再次转换线索 "{lead}"', '{who} cannot convert the lead "{lead}" again')
def _(cast: Cast, story: Story, who: str, lead: str) -> None:
    refused(f"再次转换 {lead}", sales.convert_lead, cast[who], story["lead", lead])


@sentence(
    '{who} 看到线索 "{lead}" 转成的客户、联系人和商机',
    '{who} sees the customer, contact and opportunity made of lead "{lead}"',
)
def _(cast: Cast, story: Story, who: str, lead: str) -> None:
    parts = ("customer", "contact", "opportunity")
    missing = [part for part in parts if not story.knows(part, lead)]
    assert not missing, f"转换后没有 not made: {missing}"
    shown = {part: records.see(cast[who], story[part, lead]) for part in parts}
    assert shown["contact"]["name"] == story.said["lead", lead]["name"]
    assert shown["customer"]["name"] == story.said["lead", lead]["company"]
    assert shown["contact"]["customer"] == shown["opportunity"]["customer"] == shown["customer"].id


@sentence(
    '{who} 给{kind:object} "{name}" 写跟进 "{text}"', '{who} writes on {kind:object} "{name}" the follow-up "{text}"'
)
def _(cast: Cast, story: Story, who: str, kind: str, name: str, text: str) -> None:
    records.follow_up(cast[who], story[kind, name], text)


@sentence(
    '{who} 看到{kind:object} "{name}" 的跟进依次是：', '{who} sees on {kind:object} "{name}" these follow-ups in order:'
)
def _(cast: Cast, story: Story, who: str, kind: str, name: str, datatable: Table) -> None:
    shown = sorted(records.followups(cast[who], story[kind, name]), key=lambda row: (row["at"], int(row.id)))
    assert [row["text"] for row in shown] == first_column(datatable)


@sentence('{who} 把客户 "{name}" 退回公海', '{who} releases the customer "{name}" to the public pool')
def _(cast: Cast, story: Story, who: str, name: str) -> None:
    sales.release(cast[who], story["customer", name])


@sentence('{who} 从公海领取客户 "{name}"', '{who} claims the customer "{name}" from the public pool')
def _(cast: Cast, story: Story, who: str, name: str) -> None:
    sales.claim(cast[who], story["customer", name])


@sentence('{who} 在公海里看得到客户 "{name}"', '{who} sees the customer "{name}" in the public pool')
def _(cast: Cast, story: Story, who: str, name: str) -> None:
    assert story["customer", name].id in [row.id for row in sales.in_pool(cast[who], story.marker)]


@sentence('{who} 在公海里看不到客户 "{name}"', '{who} does not see the customer "{name}" in the public pool')
def _(cast: Cast, story: Story, who: str, name: str) -> None:
    assert story["customer", name].id not in [row.id for row in sales.in_pool(cast[who], story.marker)]


@sentence("{one} 和 {two} 同时领取公海客户：", "{one} and {two} claim these pool customers at the same moment:")
def _(cast: Cast, story: Story, one: str, two: str, datatable: Table) -> None:
    doors = [cast.doors.another(cast.person(who)) for who in (one, two)]
    for name in first_column(datatable):
        story.notes["claimed", name] = sales.claim_at_once(doors, story["customer", name])


@sentence("{who} 看到每个客户只归一个领取人", "{who} sees that each customer went to exactly one of them")
def _(cast: Cast, story: Story, who: str) -> None:
    for name, customer in story.all("customer"):
        winners = story.notes["claimed", name]
        assert len(winners) == 1, f"{name}: 同时领取成功 claimed by {winners}"
        assert records.see(cast[who], customer)["owner"] == winners[0]


@sentence('{who} 把商机 "{name}" 推进到{stage:stage}', '{who} moves the opportunity "{name}" to {stage:stage}')
def _(cast: Cast, story: Story, who: str, name: str, stage: str) -> None:
    sales.advance(cast[who], story["opportunity", name], stage)


@sentence(
    '{who} 不能把商机 "{name}" 推进到{stage:stage}', '{who} cannot move the opportunity "{name}" to {stage:stage}'
)
def _(cast: Cast, story: Story, who: str, name: str, stage: str) -> None:
    refused(f"{name} → {stage}", sales.advance, cast[who], story["opportunity", name], stage)


@sentence(
    '{who} 给{kind:object} "{name}" 上传 {n:d} KB 的附件 "{file}"',
    '{who} attaches to {kind:object} "{name}" the {n:d} KB file "{file}"',
)
def _(cast: Cast, story: Story, who: str, kind: str, name: str, n: int, file: str) -> None:
    body = story.notes["file", kind, name, file] = story.dice.randbytes(n * 1024)
    records.attach(cast[who], story[kind, name], file, body)


@sentence(
    '{who} 下载{kind:object} "{name}" 的附件 "{file}"，一个字节不差',
    '{who} downloads from {kind:object} "{name}" the file "{file}" byte for byte',
)
def _(cast: Cast, story: Story, who: str, kind: str, name: str, file: str) -> None:
    sent, came = story.notes["file", kind, name, file], records.fetch_attachment(cast[who], story[kind, name], file)
    assert came is not None, f"没有附件 no such attachment: {file}"
    assert (len(came), came == sent) == (len(sent), True)


@sentence('{who} 查重时发现客户 "{name}"：', '{who} checks for duplicates and finds customer "{name}":')
def _(cast: Cast, story: Story, who: str, name: str, datatable: Table) -> None:
    for row in rows(datatable):
        given = story.fields("customer", row)
        found = sales.find_duplicates(cast[who], given.get("name", ""), given.get("phone", ""))
        assert story["customer", name].id in [row.id for row in found], given


@sentence(
    '{who} 不比 {other} 看到{kind:object} "{name}" 更多', '{who} sees no more of {kind:object} "{name}" than {other}'
)
def _(cast: Cast, story: Story, who: str, other: str, kind: str, name: str) -> None:
    record = story[kind, name]
    former, stranger = (_reach(cast, story, one, kind, record.id) for one in (who, other))
    assert former <= stranger, f"{who} 还能 still: {former - stranger}"


def _reach(cast: Cast, story: Story, who: str, kind: str, id: str) -> set[str]:
    """In which ways this person still meets the record."""
    opened = records.open_record(cast[who], Record(kind, id))
    listed = [row.id for row in records.find_on_stage(cast[who], kind, story.marker)]
    counted = records.count_within_reach(cast[who], kind, q=story.marker)
    met = {"打开 open": opened is not None and reveals(opened, story.marker)}
    met |= {"列表 list": id in listed, "计数 count": counted > 0}
    return {way for way, yes in met.items() if yes}
