"""What a company sets up before it works with Creme: its own name, currency, lists in Chinese, the lead, own fields."""

# mypy: disable-error-code="import-not-found"
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from creme.billing.constants import REL_SUB_BILL_RECEIVED
from creme.billing.models import Invoice, Quote, QuoteStatus, SalesOrder, SalesOrderStatus
from creme.creme_core.core.entity_cell import EntityCellCustomField, EntityCellRegularField, EntityCellRelation
from creme.creme_core.models import (
    Currency,
    CustomBrickConfigItem,
    CustomEntityType,
    CustomField,
    CustomFieldEnumValue,
    HeaderFilter,
    RelationType,
    Vat,
)
from creme.events.models import Event, EventType
from creme.opportunities.constants import REL_SUB_TARGETS
from creme.opportunities.models import Opportunity, SalesPhase
from creme.persons.constants import REL_SUB_EMPLOYED_BY
from creme.persons.models import Contact, Organisation, Sector
from creme.tickets.constants import REL_OBJ_LINKED_2_TICKET
from creme.tickets.models import Criticity, Priority, Status, Ticket
from django.contrib.contenttypes.models import ContentType
from people import Lead

Rows = Sequence[tuple[str, dict[str, Any]]]

COMPANY = "华东智造软件有限公司"
SECTORS = ("制造业", "医药", "电子", "化工", "物流", "食品", "环保", "软件", "教育", "零售")
PHASES: Rows = (("初步接触", {}), ("方案报价", {}), ("商务谈判", {}), ("赢单", {"won": True}), ("输单", {"lost": True}))
QUOTES: Rows = (
    ("草稿", {"is_default": True}),
    ("待审批", {}),
    ("已批准", {"won": True}),
    ("已驳回", {}),
    ("已下单", {}),
)
ORDERS: Rows = (("待确认", {}), ("已确认", {}), ("已付清", {}), ("已取消", {}))
TICKETS: Rows = (("新建", {}), ("已分派", {}), ("已解决", {}), ("已关闭", {"is_closed": True}))
PRIORITIES = ("低", "普通", "高", "紧急")
EVENTS = ("展会", "沙龙", "线上推广")
SOURCES = ("官网", "展会", "转介绍", "线下活动", "其他")
LEVELS = ("A", "B", "C")
CAMPAIGN_STATES = ("计划中", "进行中", "已结束")
LEAD_STATES = ("新线索", "跟进中", "已转化", "无效")


def seed_books() -> None:
    """Renames what stock Creme brings, and adds the lead, which stock Creme does not know."""
    Organisation.objects.filter(is_managed=True).update(name=COMPANY)
    Currency.objects.filter(id=1).update(name="人民币", local_symbol="¥", international_symbol="CNY")
    Vat.objects.update(is_default=False)
    Vat.objects.update_or_create(value=0, defaults={"is_default": True})  # prices are what the customer pays
    for model, rows in ((SalesPhase, PHASES), (QuoteStatus, QUOTES), (SalesOrderStatus, ORDERS), (Status, TICKETS)):
        _choices(model, rows)
    for model, names in ((Sector, SECTORS), (Priority, PRIORITIES), (EventType, EVENTS), (Criticity, ("一般", "严重"))):
        _choices(model, [(name, {}) for name in names])
    _lead()
    _enum(Organisation, "级别", LEVELS)
    _field(Organisation, "地址")  # stock Creme wants an address in seven parts
    _enum(Event, "状态", CAMPAIGN_STATES)
    amount = _field(Opportunity, "金额", CustomField.FLOAT)  # stock "Estimated sales" knows no cents
    _columns(Organisation, None, "name", "phone", "email", "user")
    _columns(Contact, REL_SUB_EMPLOYED_BY, "last_name", "mobile", "email", "user")
    _columns(Opportunity, REL_SUB_TARGETS, "name", "sales_phase", "user", own=amount)
    for paper in (Quote, SalesOrder, Invoice):
        _columns(paper, REL_SUB_BILL_RECEIVED, "name", "number", "status", "total_no_vat", "user")
    _columns(Ticket, REL_OBJ_LINKED_2_TICKET, "title", "number", "status", "priority", "user")
    _says_all(Organisation, "name", "phone", "user")
    _says_all(Contact, "last_name", "mobile", "email", "user")
    _says_all(Opportunity, "name", "sales_phase", "user")
    _columns(Event, None, "name", "type", "start_date", "budget", "user")


def _says_all(model: Any, *names: str) -> None:
    """The block of complementary information says also what stock Creme shows without a label, at the page's head."""
    for block in CustomBrickConfigItem.objects.filter(content_type=ContentType.objects.get_for_model(model)):
        there = {cell.key for cell in block.cells}
        new = [EntityCellRegularField.build(model, name) for name in names]
        block.cells = [*(cell for cell in new if cell.key not in there), *block.cells]
        block.save()


def _choices(model: Any, rows: Rows) -> None:
    """The rows of a list in this order: those that Creme brings are renamed, which keeps what refers to them."""
    there = list(model.objects.order_by("order" if hasattr(model, "order") else "id"))
    flags = {"won", "lost", "is_closed", "is_default"} & {one.name for one in model._meta.get_fields()}
    for number, (name, marks) in enumerate(rows, start=1):
        row = there.pop(0) if there else model()
        setattr(row, "title" if model is Sector else "name", name)
        for flag in flags:
            setattr(row, flag, marks.get(flag, False))
        if hasattr(model, "order"):
            row.order = number
        row.save()
    for row in there:
        model.objects.filter(pk=row.pk).delete()


def _lead() -> None:
    kind = CustomEntityType.objects.get(id=Lead.custom_id)
    kind.enabled, kind.name, kind.plural_name = True, "线索", "线索"
    kind.save()
    own = [_field(Lead, name) for name in ("公司", "手机", "邮箱", "备注", "来源")]
    own += [_enum(Lead, "状态", LEAD_STATES)]
    cells = [EntityCellRegularField.build(Lead, "name"), *(EntityCellCustomField(one) for one in own)]
    HeaderFilter.objects.proxy(
        id=f"creme_core-hf_custom_entity_{kind.id}", name="线索", model=Lead,
        cells=[*cells, EntityCellRegularField.build(Lead, "user")],
    ).get_or_create()  # fmt: skip


def _field(model: Any, name: str, kind: int = CustomField.STR) -> CustomField:
    return CustomField.objects.create(name=name, content_type=model, field_type=kind)


def _enum(model: Any, name: str, values: Sequence[str]) -> CustomField:
    own = CustomField.objects.create(name=name, content_type=model, field_type=CustomField.ENUM)
    for value in values:
        CustomFieldEnumValue.objects.create(custom_field=own, value=value)
    return own


def _columns(model: Any, of_customer: str | None, *names: str, own: CustomField | None = None) -> None:
    """What the lists of `model` show; `of_customer` is the relationship that leads to the customer."""
    cells: list[Any] = [EntityCellRegularField.build(model, name) for name in names]
    if own is not None:
        cells.insert(1, EntityCellCustomField(own))
    if of_customer:
        cells.append(EntityCellRelation(model=model, rtype=RelationType.objects.get(id=of_customer)))
    for view in HeaderFilter.objects.filter(entity_type=ContentType.objects.get_for_model(model)):
        view.cells = cells
        view.save()
