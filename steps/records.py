"""Sentences that every department uses of its records: register, see, find, change, hand on."""

from __future__ import annotations

from crm_acceptance.actors import Cast
from crm_acceptance.sentences import first_column, rows, sentence
from crm_acceptance.story import Story
from crm_acceptance.verbs import records
from crm_acceptance.verbs.refusals import refused
from crm_acceptance.verbs.seeing import differences, plain, reveals, same
from fixtures.records import BUILDERS

Table = list[list[str]]


@sentence("{who} 登记{kind:object}：", "{who} registers these {kind:object}:")
def _(cast: Cast, story: Story, who: str, kind: str, datatable: Table) -> None:
    for name, row in zip(first_column(datatable), rows(datatable), strict=True):
        fields = story.fields(kind, row)
        story.keep(kind, name, records.register(cast[who], kind, fields), fields)


@sentence('{who} 登记{kind:object} "{name}"', '{who} registers the {kind:object} "{name}"')
def _(cast: Cast, story: Story, who: str, kind: str, name: str) -> None:
    fields = BUILDERS[kind](story.dice, story.real(kind, "title" if kind == "ticket" else "name", name))
    story.keep(kind, name, records.register(cast[who], kind, fields), fields)


@sentence(
    '{who} 为客户 "{customer}" 登记{kind:object} "{name}"',
    '{who} registers for customer "{customer}" the {kind:object} "{name}"',
)
def _(cast: Cast, story: Story, who: str, customer: str, kind: str, name: str) -> None:
    named = BUILDERS[kind](story.dice, story.real(kind, "title" if kind == "ticket" else "name", name))
    fields = {"customer": story["customer", customer].id, **named}
    story.keep(kind, name, records.register(cast[who], kind, fields), fields)


@sentence("{who} 批量登记了 {n:d} 个{kind:object}", "{who} has registered {n:d} {kind:object}")
def _(cast: Cast, story: Story, who: str, n: int, kind: str) -> None:
    for number in range(1, n + 1):
        name = f"{story.dice.choice('东南西北')}区第{number}家"
        fields = BUILDERS[kind](story.dice, story.real(kind, "name", name))
        story.keep(kind, name, records.register(cast[who], kind, fields), fields)


@sentence("{who} 登记不了{kind:object}：", "{who} is refused registering these {kind:object}:")
def _(cast: Cast, story: Story, who: str, kind: str, datatable: Table) -> None:
    for row in rows(datatable):
        fields = story.fields(kind, row)
        refused(f"{who} 登记 {row}", records.register, cast[who], kind, fields)


@sentence('{who} 看到{kind:object} "{name}" 的资料与登记时一致', '{who} sees {kind:object} "{name}" just as registered')
def _(cast: Cast, story: Story, who: str, kind: str, name: str) -> None:
    shown = records.see(cast[who], story[kind, name])
    assert not differences(shown, story.said[kind, name])


@sentence(
    '{who} 看到{kind:object} "{name}" 的{field:field}是 "{value}"',
    '{who} sees that the {field:field} of {kind:object} "{name}" is "{value}"',
)
def _(cast: Cast, story: Story, who: str, kind: str, name: str, field: str, value: str) -> None:
    shown = records.see(cast[who], story[kind, name]).get(field)
    assert same(shown, story.real(kind, field, value)), f"{field}: 应为 expected {value}, 实为 shown {plain(shown)}"


@sentence('{who} 看得到{kind:object} "{name}"', '{who} can see the {kind:object} "{name}"')
def _(cast: Cast, story: Story, who: str, kind: str, name: str) -> None:
    record = story[kind, name]
    assert records.see(cast[who], record).id == record.id


@sentence('{who} 打不开{kind:object} "{name}"', '{who} cannot open the {kind:object} "{name}"')
def _(cast: Cast, story: Story, who: str, kind: str, name: str) -> None:
    opened = records.open_record(cast[who], story[kind, name])
    assert opened is None or not reveals(opened, story.marker), f"{who} 看到了 saw {opened}"


@sentence('{who} 在列表里找得到{kind:object} "{name}"', '{who} finds the {kind:object} "{name}" in the list')
def _(cast: Cast, story: Story, who: str, kind: str, name: str) -> None:
    found = records.find(cast[who], kind, story.marker)
    assert story[kind, name].id in [row.id for row in found]


@sentence('{who} 在列表里找不到{kind:object} "{name}"', '{who} does not find the {kind:object} "{name}" in the list')
def _(cast: Cast, story: Story, who: str, kind: str, name: str) -> None:
    found = records.find_on_stage(cast[who], kind, story.marker)
    assert story[kind, name].id not in [row.id for row in found]
    assert not [row for row in found if reveals(row, story.name(name))]


@sentence(
    '{who} 在客户 "{customer}" 名下看得到{kind:object} "{name}"',
    '{who} sees under customer "{customer}" the {kind:object} "{name}"',
)
def _(cast: Cast, story: Story, who: str, customer: str, kind: str, name: str) -> None:
    found = records.belonging_to(cast[who], kind, story["customer", customer])
    assert story[kind, name].id in [row.id for row in found]


@sentence(
    '{who} 把{kind:object} "{name}" 的{field:field}改为 "{value}"',
    '{who} changes the {field:field} of {kind:object} "{name}" to "{value}"',
)
def _(cast: Cast, story: Story, who: str, kind: str, name: str, field: str, value: str) -> None:
    records.change(cast[who], story[kind, name], {field: story.real(kind, field, value)})


@sentence('{who} 把{kind:object} "{name}" 转移给 {to}', '{who} transfers the {kind:object} "{name}" to {to}')
def _(cast: Cast, story: Story, who: str, kind: str, name: str, to: str) -> None:
    records.transfer(cast[who], story[kind, name], story.key_of(to))


@sentence('{who} 打开{kind:object} "{name}" 准备修改', '{who} opens the {kind:object} "{name}" for editing')
def _(cast: Cast, story: Story, who: str, kind: str, name: str) -> None:
    story.notes["opened by", who] = records.see(cast[who], story[kind, name])


@sentence(
    '{who} 在打开的{kind:object} "{name}" 里把{field:field}存为 "{value}"',
    '{who} saves the opened {kind:object} "{name}" with {field:field} "{value}"',
)
def _(cast: Cast, story: Story, who: str, kind: str, name: str, field: str, value: str) -> None:
    seen = story.notes["opened by", who]
    records.change(cast[who], story[kind, name], {field: story.real(kind, field, value)}, seen.get("version"))


@sentence(
    '{who} 在已过时的{kind:object} "{name}" 里存不了{field:field} "{value}"',
    '{who} is refused saving the outdated {kind:object} "{name}" with {field:field} "{value}"',
)
def _(cast: Cast, story: Story, who: str, kind: str, name: str, field: str, value: str) -> None:
    seen, fields = story.notes["opened by", who], {field: story.real(kind, field, value)}
    refused(f"{who} {field}={value}", records.change, cast[who], story[kind, name], fields, seen.get("version"))
