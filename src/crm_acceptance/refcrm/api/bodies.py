"""The models of the OpenAPI document that belong to no object type: errors, sessions, actions, files, reports."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr

from ..choices import PROBABILITY
from ..lists import BIGGEST_PAGE
from ..objects import OBJECTS
from ..people import LOGIN
from ..rights import ROLES
from ..values import BIGGEST_ID
from .shapes import NO_CONTROLS, Login, LongText, Text, in_url, request_type


class Problem(BaseModel):
    """What went wrong: a code, one sentence, and per field a reason."""

    code: str
    message: str
    fields: dict[str, str]


class Refusal(BaseModel):
    """The body of every refusal."""

    error: Problem


class Strict(BaseModel):
    """A request body that knows all its fields."""

    model_config = ConfigDict(extra="forbid")


class Credentials(Strict):
    """Who wants in."""

    username: Annotated[StrictStr, Field(max_length=64)]
    password: Annotated[StrictStr, Field(max_length=128)]


class Me(BaseModel):
    """A person."""

    login: str
    name: str
    role: str
    department: str
    team: str


class Account(Me):
    """A person with the state of the account."""

    active: bool


class Accounts(BaseModel):
    """All accounts."""

    items: list[Account]
    total: int


class SignedIn(BaseModel):
    """A fresh token and its life in seconds."""

    token: str
    expires_in: int
    user: Me


class NewAccount(Strict):
    """A person who starts here."""

    login: Annotated[StrictStr, Field(pattern=LOGIN)]
    name: Login
    role: Literal[ROLES]  # type: ignore[valid-type]
    password: Annotated[StrictStr, Field(min_length=8, max_length=128, pattern=r"^[\x21-\x7e]*$")]


class AccountChange(Strict):
    """What changes about a person."""

    name: Login | None = None
    role: Literal[ROLES] | None = None  # type: ignore[valid-type]
    team: Annotated[StrictStr, Field(max_length=64, pattern=NO_CONTROLS)] | None = None
    password: Annotated[StrictStr, Field(min_length=8, max_length=128, pattern=r"^[\x21-\x7e]*$")] | None = None


class To(Strict):
    """The login of whoever gets it."""

    to: Login


class Stage(Strict):
    """The stage to reach."""

    stage: Literal[tuple(PROBABILITY)]  # type: ignore[valid-type]


class Reason(Strict):
    """Why."""

    reason: LongText


class Resolution(Strict):
    """What solved it."""

    resolution: LongText


class Conversion(Strict):
    """What the lead becomes."""

    amount: request_type(OBJECTS["opportunity"].field("amount")) | None = None  # type: ignore[valid-type]
    opportunity_name: Text | None = None
    force: StrictBool = False


class Converted(BaseModel):
    """The ids of what the lead became."""

    customer: int
    contact: int | None
    opportunity: int


class Duplicate(BaseModel):
    """A customer that is the same."""

    id: int
    name: str
    owner: str | None
    state: str


class Duplicates(BaseModel):
    """The customers that are the same."""

    items: list[Duplicate]
    total: int


class DuplicateQuery(Strict):
    """What to compare."""

    name: Annotated[str, Field(max_length=200, pattern=NO_CONTROLS)] = ""
    phone: Annotated[str, Field(max_length=40, pattern=NO_CONTROLS)] = ""


class Count(BaseModel):
    """How many."""

    count: int


class Sum(BaseModel):
    """How much."""

    field: str
    sum: Annotated[str, Field(pattern=r"^-?[0-9]+[.][0-9]{2}$")]


class RejectedRow(BaseModel):
    """A row of the file (the header is row 1) and why it was not taken."""

    row: int
    reason: str


class Imported(BaseModel):
    """What became of an import."""

    created: int
    rejected: list[RejectedRow]


class NewFollowup(Strict):
    """What happened."""

    text: LongText


class Followup(BaseModel):
    """One follow-up on a record."""

    id: int
    parent_object: str
    parent_id: int
    text: str
    at: str
    author: str


class Followups(BaseModel):
    """A record's follow-ups, oldest first."""

    items: list[Followup]
    total: int


class Attachment(BaseModel):
    """A file kept with a record; its bytes are at /attachments/{id}."""

    id: int
    parent_object: str
    parent_id: int
    name: str
    size: int
    at: str
    author: str


class Attachments(BaseModel):
    """A record's attachments."""

    items: list[Attachment]
    total: int


class AuditRow(BaseModel):
    """One thing that was done."""

    row: int
    object: str
    id: str
    action: str
    field: str
    old: str | None
    new: str | None
    who: str
    at: str


class AuditPage(BaseModel):
    """A page of the log."""

    items: list[AuditRow]
    total: int
    page: int
    size: int


class AuditRows(BaseModel):
    """A record's log, oldest first."""

    items: list[AuditRow]
    total: int


class AuditQuery(Strict):
    """Which page, perhaps of one object type or record."""

    page: in_url(1, 1_000_000) = 1  # type: ignore[valid-type]
    size: in_url(1, BIGGEST_PAGE) = 50  # type: ignore[valid-type]
    object: Literal[(*OBJECTS, "user")] | None = None  # type: ignore[valid-type]
    id: Annotated[str, Field(max_length=64, pattern=NO_CONTROLS)] = ""


class ReportQuery(Strict):
    """What to restrict a report to."""

    owner: Annotated[str, Field(max_length=64, pattern=NO_CONTROLS)] = ""
    customer: in_url(1, BIGGEST_ID) | None = None  # type: ignore[valid-type]
    campaign: in_url(1, BIGGEST_ID) | None = None  # type: ignore[valid-type]


class Report(BaseModel):
    """A report: its rows and their totals."""

    report: str
    rows: list[dict[str, str | int | float | None]]
    total: dict[str, str | int]


class Handed(BaseModel):
    """How many records of each type changed hands."""

    campaigns: int
    leads: int
    customers: int
    contacts: int
    opportunities: int
    quotes: int
    orders: int
    payments: int
    invoices: int
    tickets: int
