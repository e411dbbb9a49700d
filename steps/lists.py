"""Sentences about lists: search, sort, pages, counts, sums, exports. Always within the scenario's own records."""

from __future__ import annotations

from crm_acceptance.actors import Cast
from crm_acceptance.model import Record
from crm_acceptance.sentences import first_column, sentence
from crm_acceptance.story import Story
from crm_acceptance.verbs import records
from crm_acceptance.verbs.seeing import same

Table = list[list[str]]


def names_of(story: Story, kind: str, found: list[Record] | tuple[Record, ...]) -> list[str]:
    """The scenario's names for what was found, in that order; what it does not know keeps its id."""
    known = {record.id: name for name, record in story.all(kind)}
    return [known.get(record.id, f"? {record.id}") for record in found]


def _found(shown: list[str], expected: list[str]) -> None:
    said = f"应找到 expected {expected}，实际 found {shown}（? 编号：没有登记过，也许重复 doubled?）"
    assert sorted(shown) == sorted(expected), said


@sentence('{who} 搜索 "{text}" 找到的{kind:object}是：', '{who} searches for "{text}" and finds these {kind:object}:')
def _(cast: Cast, story: Story, who: str, text: str, kind: str, datatable: Table) -> None:
    found = records.find(cast[who], kind, story.name(text))
    _found(names_of(story, kind, found), first_column(datatable))


@sentence(
    '{who} 按手机 "{phone}" 找到的{kind:object}是：',
    '{who} searches for phone "{phone}" and finds these {kind:object}:',
)
def _(cast: Cast, story: Story, who: str, phone: str, kind: str, datatable: Table) -> None:
    found = records.find(cast[who], kind, story.phone(phone))
    _found(names_of(story, kind, found), first_column(datatable))


@sentence('{who} 搜索 "{text}" 找不到任何{kind:object}', '{who} searches for "{text}" and finds no {kind:object}')
def _(cast: Cast, story: Story, who: str, text: str, kind: str) -> None:
    found = records.find(cast[who], kind, story.name(text))
    assert not found, f"应当什么也找不到 nothing is called so, shown: {names_of(story, kind, found)}"


@sentence(
    '{who} 按{field:field} "{value}" 筛选{kind:object}，得到：',
    '{who} filters the {kind:object} by {field:field} "{value}" and gets:',
)
def _(cast: Cast, story: Story, who: str, field: str, value: str, kind: str, datatable: Table) -> None:
    found = records.filtered(cast[who], kind, story.marker, {field: story.real(kind, field, value)})
    _found(names_of(story, kind, found), first_column(datatable))


@sentence(
    "{who} 按{field:field}从高到低排列{kind:object}，依次是：",
    "{who} sorts the {kind:object} by {field:field}, highest first:",
)
def _(cast: Cast, story: Story, who: str, kind: str, field: str, datatable: Table) -> None:
    found = records.find(cast[who], kind, story.marker, sort=f"-{field}")
    assert names_of(story, kind, found) == first_column(datatable)


@sentence(
    "{who} 按{field:field}从低到高排列{kind:object}，依次是：",
    "{who} sorts the {kind:object} by {field:field}, lowest first:",
)
def _(cast: Cast, story: Story, who: str, kind: str, field: str, datatable: Table) -> None:
    found = records.find(cast[who], kind, story.marker, sort=field)
    assert names_of(story, kind, found) == first_column(datatable)


@sentence(
    "{who} 每页 {n:d} 条翻完这些{kind:object}，不重复也不遗漏",
    "{who} leafs through these {kind:object} by {n:d} a page without repeats or gaps",
)
def _(cast: Cast, story: Story, who: str, n: int, kind: str) -> None:
    leafed = names_of(story, kind, records.leaf_through(cast[who], kind, story.marker, n))
    assert sorted(leafed) == sorted(name for name, _ in story.all(kind))


@sentence(
    "{who} 按{field:field}排序、每页 {n:d} 条翻完这些{kind:object}，不重复也不遗漏",
    "{who} leafs through these {kind:object} sorted by {field:field}, {n:d} a page, without repeats or gaps",
)
def _(cast: Cast, story: Story, who: str, field: str, n: int, kind: str) -> None:
    leafed = names_of(story, kind, records.leaf_through(cast[who], kind, story.marker, n, sort=field))
    assert sorted(leafed) == sorted(name for name, _ in story.all(kind))


@sentence(
    "{who} 按{field:field}从高到低、每页 {n:d} 条翻看{kind:object}，依次是：",
    "{who} leafs through the {kind:object} by {field:field}, highest first, {n:d} a page:",
)
def _(cast: Cast, story: Story, who: str, field: str, n: int, kind: str, datatable: Table) -> None:
    leafed = records.leaf_through(cast[who], kind, story.marker, n, sort=f"-{field}")
    assert list(dict.fromkeys(names_of(story, kind, leafed))) == first_column(datatable)  # repeats: another sentence


@sentence(
    "{who} 看到这些{kind:object}的计数与列表一致", "{who} sees the count of these {kind:object} agree with the list"
)
def _(cast: Cast, story: Story, who: str, kind: str) -> None:
    listed = records.find(cast[who], kind, story.marker)
    assert records.count(cast[who], kind, q=story.marker) == len(listed) == len(list(story.all(kind)))


@sentence(
    "{who} 看到这些{kind:object}的{field:field}合计与列表一致",
    "{who} sees the sum of {field:field} of these {kind:object} agree with the list",
)
def _(cast: Cast, story: Story, who: str, kind: str, field: str) -> None:
    listed = records.find(cast[who], kind, story.marker)
    assert len(listed) == len(list(story.all(kind)))
    assert records.total(cast[who], kind, field, q=story.marker) == sum(row[field] for row in listed)


@sentence(
    '{who} 看到{field:field}为 "{value}" 的这些{kind:object}有 {n:d} 个',
    '{who} counts {n:d} of these {kind:object} with {field:field} "{value}"',
)
def _(cast: Cast, story: Story, who: str, kind: str, field: str, value: str, n: int) -> None:
    where = {field: story.real(kind, field, value)}
    assert records.count(cast[who], kind, q=story.marker, where=where) == n


@sentence("{who} 数不到这些{kind:object}", "{who} cannot count any of these {kind:object}")
def _(cast: Cast, story: Story, who: str, kind: str) -> None:
    assert records.count_within_reach(cast[who], kind, q=story.marker) == 0


@sentence("{who} 导出{kind:object}", "{who} exports the {kind:object}")
def _(cast: Cast, story: Story, who: str, kind: str) -> None:
    story.notes["export", kind] = records.export(cast[who], kind)


@sentence(
    "导出文件里有登记过的每一个{kind:object}，资料一致",
    "the export holds every one of these {kind:object} as registered",
)
def _(story: Story, kind: str) -> None:
    exported = {row["name"]: row for row in story.notes["export", kind]}
    for name, _record in story.all(kind):
        said = story.said[kind, name]
        row = exported.get(said["name"])
        assert row is not None, f"导出文件里没有 not in the export: {name}"
        wrong = [field for field, value in said.items() if not same(row.get(field), value)]
        assert not wrong, f"{name}: {wrong}"
