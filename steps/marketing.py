"""Sentences of the marketing department: lead files and handing leads to sales."""

from __future__ import annotations

from decimal import Decimal

from crm_acceptance.actors import Cast
from crm_acceptance.sentences import first_column, rows, sentence
from crm_acceptance.story import Story
from crm_acceptance.verbs import marketing, records

Table = list[list[str]]


@sentence("{who} 导入线索文件：", "{who} imports the lead file:")
def _(cast: Cast, story: Story, who: str, datatable: Table) -> None:
    file = [{field: str(value) for field, value in story.fields("lead", row).items()} for row in rows(datatable)]
    headings = list(dict.fromkeys(field for row in file for field in row))
    filled = [{field: row.get(field, "") for field in headings} for row in file]
    story.notes["import"] = marketing.import_leads(cast[who], filled)


@sentence("系统报告导入 {good:d} 条，拒绝 {bad:d} 条", "the CRM reports {good:d} imported and {bad:d} rejected")
def _(story: Story, good: int, bad: int) -> None:
    said: marketing.ImportResult = story.notes["import"]
    assert (said.created, len(said.rejected)) == (good, bad)
    assert all(row.get("reason") for row in said.rejected), "拒绝没有说明原因 rejected without a reason"


@sentence("{who} 在线索列表里看到导入的：", "{who} finds in the list of leads the imported:")
def _(cast: Cast, story: Story, who: str, datatable: Table) -> None:
    found = sorted(row["name"] for row in records.find(cast[who], "lead", story.marker))
    assert found == sorted(story.name(name) for name in first_column(datatable))


@sentence('{who} 按手机 "{phone}" 找到导入的线索：', '{who} searches for phone "{phone}" and finds the imported leads:')
def _(cast: Cast, story: Story, who: str, phone: str, datatable: Table) -> None:
    found = sorted(row["name"] for row in records.find(cast[who], "lead", story.phone(phone)))
    assert found == sorted(story.name(name) for name in first_column(datatable))


@sentence('{who} 把线索 "{lead}" 分配给 {to}', '{who} assigns the lead "{lead}" to {to}')
def _(cast: Cast, story: Story, who: str, lead: str, to: str) -> None:
    marketing.assign_lead(cast[who], story["lead", lead], story.key_of(to))


@sentence(
    '{who} 在活动报表里看到市场活动 "{name}" 有 {n:d} 张订单，共 {amount:money} 元',
    '{who} reads in the campaign report that campaign "{name}" has {n:d} orders, in all {amount:money} yuan',
)
def _(cast: Cast, story: Story, who: str, name: str, n: int, amount: Decimal) -> None:
    told = marketing.campaign_report(cast[who], story["campaign", name])
    assert (told.get("orders"), told.get("amount")) == (n, amount)


@sentence(
    '{who} 在活动报表里看到市场活动 "{name}" 的投资回报率是 {rate:percent}%',
    '{who} reads in the campaign report that campaign "{name}" returned {rate:percent}%',
)
def _(cast: Cast, story: Story, who: str, name: str, rate: Decimal) -> None:
    told = marketing.campaign_report(cast[who], story["campaign", name]).get("roi")
    assert told is not None and Decimal(str(told)) * 100 == rate, f"应为 expected {rate}%，实为 shown {told}"
