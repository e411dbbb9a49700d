"""Who works there and what each may see: roles with SetCredentials, users, the team that holds the public pool."""

# mypy: disable-error-code="import-not-found"
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from creme.billing.models import Invoice, ProductLine, Quote, SalesOrder, ServiceLine
from creme.creme_core.auth.entity_credentials import EntityCredentials
from creme.creme_core.core.entity_filter import EF_CREDENTIALS, operators
from creme.creme_core.core.entity_filter.condition_handler import RegularFieldConditionHandler
from creme.creme_core.models import CremeUser, EntityFilter, SetCredentials, UserRole
from creme.custom_entities.models import all_custom_models
from creme.events.models import Event
from creme.opportunities.models import Opportunity
from creme.persons.models import Contact, Organisation
from creme.tickets.models import Ticket
from django.contrib.contenttypes.models import ContentType

Lead = all_custom_models[0]
POOL = "公海"
# key: name, role. The same people as fixtures/people.ten.csv; login = key.
PEOPLE: Mapping[str, tuple[str, str]] = {
    "lina": ("李娜", "sales_rep"),
    "wangqiang": ("王强", "sales_rep"),
    "hejun": ("何军", "sales_rep"),
    "chenjing": ("陈静", "sales_manager"),
    "zhaomin": ("赵敏", "marketer"),
    "sunli": ("孙丽", "service_agent"),
    "zhoutao": ("周涛", "service_agent"),
    "wufang": ("吴芳", "accountant"),
    "zhengwei": ("郑伟", "executive"),
    "fenglei": ("冯磊", "it_admin"),
}
TITLES: Mapping[str, str] = {
    "sales_rep": "销售代表",
    "sales_manager": "销售经理",
    "marketer": "市场专员",
    "service_agent": "客服",
    "accountant": "财务",
    "executive": "管理层",
}
APPS = ("persons", "opportunities", "billing", "tickets", "events", "custom_entities", "documents", "assistants")
VIEW, CHANGE, DELETE = EntityCredentials.VIEW, EntityCredentials.CHANGE, EntityCredentials.DELETE
LINK, UNLINK = EntityCredentials.LINK, EntityCredentials.UNLINK
USE = VIEW | LINK
WORK = VIEW | CHANGE | LINK | UNLINK
OWN, ALL = SetCredentials.ESET_OWN, SetCredentials.ESET_ALL
SALES: tuple[Any, ...] = (Lead, Organisation, Contact, Opportunity, Quote, SalesOrder, ProductLine, ServiceLine)


@dataclass(frozen=True)
class Office:
    """What one role may do. `rights`: (rights, which set, model or None for every model)."""

    apps: tuple[str, ...]
    creates: tuple[Any, ...]
    rights: tuple[tuple[int, int, Any], ...] = field(default_factory=tuple)


OFFICES: Mapping[str, Office] = {
    "sales_rep": Office(
        APPS,
        SALES,
        ((WORK, OWN, None), (DELETE, OWN, Lead), (VIEW, ALL, Ticket), (VIEW, ALL, Event)),
    ),
    "sales_manager": Office(
        APPS,
        SALES,
        (*((WORK, ALL, model) for model in SALES), (DELETE, ALL, Lead), (VIEW, ALL, Ticket), (VIEW, ALL, Event)),
    ),
    "marketer": Office(
        ("events", "custom_entities", "assistants"), (Lead, Event), ((WORK, ALL, Lead), (WORK | DELETE, ALL, Event))
    ),
    "service_agent": Office(
        ("persons", "billing", "tickets", "assistants"),
        (Ticket,),
        ((WORK, ALL, Ticket), (USE, ALL, Organisation), (VIEW, ALL, SalesOrder)),
    ),
    "accountant": Office(
        ("persons", "billing", "assistants"),
        (Invoice, ProductLine, ServiceLine),
        (
            *((USE, ALL, model) for model in (Organisation, Quote, SalesOrder)),
            *((WORK, ALL, model) for model in (Invoice, ProductLine, ServiceLine)),
        ),
    ),
    "executive": Office(APPS, (), ((VIEW, ALL, None), (WORK, ALL, Quote))),
}


def seed_people() -> dict[str, CremeUser]:
    """Roles and users by key; nobody has a password yet, that is set at each launch."""
    CremeUser.objects.filter(username="root").update(is_active=False)
    ours = _our_company()
    roles = {key: _role(key, office, ours) for key, office in OFFICES.items()}
    users = {key: _user(key, name, roles.get(role)) for key, (name, role) in PEOPLE.items()}
    team = CremeUser.objects.create(username=POOL, is_team=True)
    team.teammates = [user for key, user in users.items() if PEOPLE[key][1].startswith("sales_")]
    return {**users, "pool": team}


def _our_company() -> EntityFilter:
    """The company that sells: everybody may put it on a document, whoever owns its record."""
    found = EntityFilter.objects.create(
        id="acceptance-our_company", name="本公司", filter_type=EF_CREDENTIALS,
        entity_type=ContentType.objects.get_for_model(Organisation),
    )  # fmt: skip
    condition = RegularFieldConditionHandler.build_condition(
        model=Organisation, operator=operators.EqualsOperator, field_name="is_managed", values=[True],
        filter_type=EF_CREDENTIALS,
    )  # fmt: skip
    found.set_conditions([condition], check_cycles=False, check_privacy=False)
    return found


def _role(key: str, office: Office, ours: EntityFilter) -> UserRole:
    seen = {model for _, _, model in office.rights if model} | set(office.creates)
    everything = (*SALES, Invoice, Ticket, Event)
    shown = everything if any(model is None for _, _, model in office.rights) else seen
    role = UserRole.objects.smart_create(
        name=TITLES[key], allowed_apps=office.apps, creatable_models=office.creates, listable_models=shown,
        exportable_models=shown,
    )  # fmt: skip
    for value, kind, model in office.rights:
        SetCredentials.objects.create(role=role, value=value, set_type=kind, ctype=model)
    SetCredentials.objects.create(
        role=role, value=USE, set_type=SetCredentials.ESET_FILTER, ctype=Organisation, efilter=ours
    )
    return role


def _user(key: str, name: str, role: UserRole | None) -> CremeUser:
    words = {"username": key, "first_name": name[1:], "last_name": name[0], "email": f"{key}@example.com"}
    words |= {"displayed_name": name}
    if role is None:  # opening accounts needs the whole administration
        return CremeUser.objects.create_superuser(**words)
    return CremeUser.objects.create_user(role=role, **words)
