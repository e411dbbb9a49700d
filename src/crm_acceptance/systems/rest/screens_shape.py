"""What [screens] of a mapping file says, as frozen dataclasses. Reads no file and touches no page."""

from __future__ import annotations

from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from pathlib import Path

from crm_acceptance.systems.rest.shape import Lines

Names = tuple[str, ...]
"""The names that one thing may have on the page, in any language; the page shows one of them."""


@dataclass(frozen=True)
class LoginScreen:
    """[screens.login]. `next`: the button between user name and password when they are two pages.

    `me`: where a page shows who is signed in.
    """

    where: str = "screens.login"
    path: str = "/login"
    username: Names = ()
    password: Names = ()
    submit: Names = ()
    next: Names = ()
    then: Names = ()
    inside: Names = ()
    refused: Names = ()
    expired: Names = ()
    captcha: Names = ()
    state: str = ""
    me: Names = ()


@dataclass(frozen=True)
class LogoutScreen:
    """[screens.logout]. `path`: a page that ends the session when it is opened; else `menu`, then `button`."""

    where: str = "screens.logout"
    path: str = ""
    menu: tuple[Names, ...] = ()
    button: Names = ()
    ok: Names = ()


@dataclass(frozen=True)
class FieldScreen:
    """One canonical field on the page. `kind` is one of canonical.TYPES or "file"; `choices` canonical value -> names.

    `tab`: what is pressed first, one after the other. `column`: its head in lists. `read` False: forms only. `via`: the
    reference whose page shows it.
    """

    name: str
    where: str
    label: Names
    kind: str = "text"
    choices: Table[str, Names] = field(default_factory=dict)
    tab: tuple[Names, ...] = ()
    column: Names = ()
    object: str = ""
    format: str = ""
    write: bool = True
    read: bool = True
    via: str = ""


@dataclass(frozen=True)
class ListScreen:
    """How lists are searched and leafed through. `open` and `edit` are buttons in a row, `total` patterns of one group.

    `where_query` is put behind the list's path for each condition, such as "{field}={value}". `leaf`: there is no
    search box (search = []); a record is found by leafing.
    """

    where: str = "screens.list"
    search: Names = ()
    go: Names = ()
    open: Names = ()
    edit: Names = ()
    total: Names = ()
    next: Names = ()
    empty: Names = ()
    where_query: str = ""
    leaf: bool = False


@dataclass(frozen=True)
class VerbScreen:
    """One verb by a button. `at`: record, list or parent (the record of parent_object and parent_id).

    `menu` is pressed before, `asks` is what its dialog asks (None: no dialog; {}: only to be sure), `ok` ends it.
    `set`: no button, but these fields changed in the record's form. `yields`: the object whose page it leads to;
    `links`: objects whose ids are then read from the links of that page. `section`: the heading of what is read.
    """

    verb: str
    where: str
    button: Names = ()
    menu: tuple[Names, ...] = ()
    asks: Table[str, Names] | None = None
    ok: Names = ()
    set: Table[str, str] = field(default_factory=dict)
    at: str = "record"
    path: str = ""
    yields: str = ""
    links: Names = ()
    section: Names = ()
    file: Names = ()


@dataclass(frozen=True)
class ObjectScreen:
    """One object's pages. `path` or `menu` leads to its list, `pool` to nobody's; `record`, `new`, `edit` are paths.

    `id` is a pattern with one group for addresses, "row:attribute" or "field:name". `find` is the field that a new
    record is found by when the page says no id. `mode`: details, form (read from its form) or table (from its row).
    """

    name: str
    where: str
    title: Names = ()
    path: str = ""
    menu: tuple[Names, ...] = ()
    pool: str = ""
    record: str = ""
    new: str = ""
    edit: str = ""
    id: str = ""
    find: str = ""
    mode: str = "details"
    tabs: tuple[Names, ...] = ()
    fields: Table[str, FieldScreen] = field(default_factory=dict)
    list: ListScreen = ListScreen()
    verbs: Table[str, VerbScreen] = field(default_factory=dict)
    words: Table[str, Names] = field(default_factory=dict)


@dataclass(frozen=True)
class ScreensSpec:
    """The whole of [screens]. `patience` and `rest` are seconds; `absent`: what a missing button means."""

    file: Path
    lines: Lines
    title: str = ""
    url: str = ""
    prefix: str = ""
    patience: float = 30.0
    rest: float = 0.8
    absent: str = "unsupported"
    decimal: str = "."
    login: LoginScreen = LoginScreen()
    logout: LogoutScreen = LogoutScreen()
    words: Table[str, Names] = field(default_factory=dict)
    messages: Table[str, str] = field(default_factory=dict)
    people: Table[str, Names] = field(default_factory=dict)
    objects: Table[str, ObjectScreen] = field(default_factory=dict)
