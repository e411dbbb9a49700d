"""Seeds believable Chinese business: organisations, contacts, leads, opportunities, quotes, orders, tickets, memos."""

# mypy: disable-error-code="import-not-found"
from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from books import SOURCES
from creme.assistants.models import Memo
from creme.billing.models import ProductLine, Quote, QuoteStatus, SalesOrder, SalesOrderStatus
from creme.creme_core.models import CremeUser, CustomField, Relation, Vat
from creme.events.models import Event, EventType
from creme.opportunities.models import Opportunity, SalesPhase
from creme.persons.constants import REL_SUB_EMPLOYED_BY
from creme.persons.models import Contact, Organisation, Sector
from creme.tickets.constants import REL_SUB_LINKED_2_TICKET
from creme.tickets.models import Criticity, Priority, Status, Ticket
from django.utils.timezone import now
from people import Lead

CUSTOMERS, LEADS, OPPORTUNITIES, SALES, TICKETS, EVENTS = 120, 60, 90, 45, 30, 6
REPS = ("lina", "wangqiang", "hejun")
TOWNS = ("苏州", "无锡", "杭州", "宁波", "上海", "南京", "合肥", "武汉", "成都", "深圳", "佛山", "厦门", "青岛", "西安")
WORDS = ("华东", "启明", "恒信", "远航", "佳怡", "博创", "天河", "金桥", "浩然", "瑞丰", "同济", "立新")
TRADES = ("精密机械", "生物医药", "电子科技", "新材料", "物流", "食品", "环保设备", "软件", "教育", "仪器仪表")
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙马朱胡", ("建国", "秀英", "志强", "晓燕", "文博", "佳怡", "海涛", "雪梅")
WANTS = ("CRM 升级", "呼叫中心扩容", "年度服务续签", "数据看板", "移动外勤", "渠道门户", "私有化部署")
TROUBLES = ("登录后看不到订单", "发票抬头有误", "数据同步延迟", "移动端闪退", "报表合计不符")
NOTES = ("首次电话，约下周拜访", "上门演示，客户关心移动端", "发送报价，等待答复", "客户预算已批")


def seed_records(users: Mapping[str, CremeUser], seed: int = 2026) -> None:
    """The same records for the same seed, spread over the three salespeople."""
    dice = random.Random(seed)
    names = dice.sample([town + word + trade for town in TOWNS for word in WORDS for trade in TRADES], CUSTOMERS)
    customers = [_customer(dice, users[REPS[n % 3]], name) for n, name in enumerate(names)]
    for customer in customers:
        _contact(dice, customer)
    _leads(dice, users)
    deals = [_opportunity(dice, dice.choice(customers)) for _ in range(OPPORTUNITIES)]
    for deal in deals[:SALES]:
        _sale(dice, deal, with_order=dice.random() < 0.66)
    for number in range(TICKETS):
        _ticket(dice, users[("sunli", "zhoutao")[number % 2]], dice.choice(customers))
    for number in range(EVENTS):
        _event(dice, users["zhaomin"], number)


def _phone(dice: random.Random) -> str:
    return f"1{dice.choice('35789')}{dice.randrange(10**9):09d}"


def _customer(dice: random.Random, owner: CremeUser, name: str) -> Organisation:
    made: Organisation = Organisation.objects.create(
        user=owner, name=f"{name}有限公司", phone=_phone(dice), email=f"sales{dice.randrange(10**6)}@example.com",
        sector=dice.choice(list(Sector.objects.all())), tvaintra=f"91{dice.randrange(10**14):014d}XY",
    )  # fmt: skip
    for text in dice.sample(NOTES, 2):
        Memo.objects.create(user=owner, content=text, real_entity=made)
    return made


def _contact(dice: random.Random, customer: Organisation) -> None:
    made = Contact.objects.create(
        user=customer.user, last_name=dice.choice(SURNAMES) + dice.choice(GIVEN), mobile=_phone(dice)
    )
    Relation.objects.create(
        user=customer.user, subject_entity=made, type_id=REL_SUB_EMPLOYED_BY, object_entity=customer
    )


def _leads(dice: random.Random, users: Mapping[str, CremeUser]) -> None:
    own = {one.name: one for one in CustomField.objects.compatible(Lead)}
    for number in range(LEADS):
        lead = Lead.objects.create(user=users[REPS[number % 3]], name=dice.choice(SURNAMES) + dice.choice(GIVEN))
        company = dice.choice(TOWNS) + dice.choice(WORDS) + dice.choice(TRADES) + "有限公司"
        values = {"公司": company, "手机": _phone(dice), "来源": dice.choice(SOURCES)}
        for name, value in values.items():
            own[name].value_class(custom_field=own[name], entity=lead).set_value_n_save(value)


def _opportunity(dice: random.Random, customer: Organisation) -> Opportunity:
    made: Opportunity = Opportunity.objects.create(
        user=customer.user, name=f"{dice.choice(WANTS)}（{customer.name[:4]}）", target=customer, emitter=_company(),
        sales_phase=dice.choice(list(SalesPhase.objects.all())),
    )  # fmt: skip
    amount = CustomField.objects.compatible(Opportunity).get(name="金额")
    amount.value_class(custom_field=amount, entity=made).set_value_n_save(Decimal(dice.randrange(10, 900) * 1000))
    return made


def _company() -> Organisation:
    made: Organisation = Organisation.objects.get(is_managed=True)
    return made


def _sale(dice: random.Random, deal: Opportunity, with_order: bool) -> None:
    kinds = [(Quote, QuoteStatus)] + [(SalesOrder, SalesOrderStatus)] * with_order
    for model, states in kinds:
        paper = model.objects.create(
            user=deal.user, name=deal.name, status=states.objects.order_by("order")[1], source=_company(),
            target=deal.target, issuing_date=now().date(), expiration_date=now().date() + timedelta(days=30),
        )  # fmt: skip
        ProductLine.objects.create(
            user=deal.user, related_document=paper, on_the_fly_item=dice.choice(WANTS), quantity=dice.randrange(1, 9),
            unit_price=Decimal(dice.randrange(50, 900)) * 10, vat_value=Vat.objects.get(is_default=True),
        )  # fmt: skip


def _ticket(dice: random.Random, agent: CremeUser, customer: Organisation) -> None:
    made = Ticket.objects.create(
        user=agent, title=dice.choice(TROUBLES), description=dice.choice(NOTES),
        status=Status.objects.order_by("order")[dice.randrange(3)],
        priority=dice.choice(list(Priority.objects.all())), criticity=Criticity.objects.order_by("order")[0],
    )  # fmt: skip
    Relation.objects.create(user=agent, subject_entity=customer, type_id=REL_SUB_LINKED_2_TICKET, object_entity=made)


def _event(dice: random.Random, owner: CremeUser, number: int) -> None:
    Event.objects.create(
        user=owner, name=f"{TOWNS[number]}智能制造展", type=EventType.objects.order_by("id")[0],
        start_date=now() + timedelta(days=30 * number), budget=Decimal(dice.randrange(20, 90) * 1000),
    )  # fmt: skip
