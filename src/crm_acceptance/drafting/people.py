"""Drafts [people]: how records name people, and where the list of people is. Guesses only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crm_acceptance.drafting.calls import Prefix
from crm_acceptance.drafting.document import text
from crm_acceptance.drafting.drafts import Entry, FieldDraft, ObjectDraft, Section
from crm_acceptance.drafting.envelope import list_of
from crm_acceptance.drafting.naming import words
from crm_acceptance.drafting.objects import BETTER_IDS
from crm_acceptance.drafting.operations import Operation
from crm_acceptance.drafting.resources import Thing
from crm_acceptance.drafting.schemas import Schemas
from crm_acceptance.drafting.words import NAMES

PERSON_FIELDS = ("owner", "assignee", "author")


def people(schemas: Schemas, users: Thing | None, objects: Iterable[ObjectDraft], prefix: Prefix) -> Section:
    """[people]."""
    named = [one.fields[name] for one in objects for name in PERSON_FIELDS if name in one.fields]
    listed = users.route("list") if users else None
    by_id = any(_is_id(one) for one in named)
    entries: list[Entry] = []
    if by_id and listed is None:
        why = 'owner 像编号而没有人员列表，请改为 owners look like ids: by = "id", ids = { lina = "17" }'
        entries.append(Entry("by", "login", why))
    else:
        why = "负责人字段 owner: " + (", ".join(sorted({one.path for one in named})[:3]) or "没有找到 none found")
        entries.append(Entry("by", "id" if by_id else "login", why))
    if listed is not None:
        entries += _listing(schemas, listed.operation, prefix)
    return Section("people", tuple(entries))


def _listing(schemas: Schemas, operation: Operation, prefix: Prefix) -> Iterator[Entry]:
    found = list_of(schemas, operation)
    path = prefix.off(operation.path)
    yield Entry("list", {"call": f"{operation.method} {path}", "rows": found.path}, operation.label)
    rows = schemas.properties(found.row)
    own = list(rows)
    called = {one: ("".join(words(one)), text(rows[one].get("title"))) for one in own}
    ranked = sorted(filter(lambda one: _rank(called[one]) >= 0, own), key=lambda one: _rank(called[one]))
    login = ranked[0] if ranked else "username"
    ids = [one for one in own if one in BETTER_IDS or "".join(words(one)) in ("userid", "uid")]
    ids.sort(key=lambda one: BETTER_IDS.index(one) if one in BETTER_IDS else len(BETTER_IDS))
    yield Entry("id", ids[0] if ids else login if ranked else "id")
    yield Entry("login", login, "人员列表的字段 of the list of people" if ranked else "文档没有写 not in the document")


def _rank(called: tuple[str, ...]) -> int:
    """How much a name or title says login, 0 most; -1 not at all."""
    return min((NAMES["login"].index(one) for one in called if one in NAMES["login"]), default=-1)


def _is_id(field: FieldDraft) -> bool:
    """Whether a person is written as a number or an id."""
    parts = words(field.path.rpartition(".")[2])
    return field.numeric or (bool(parts) and (parts[-1] in ("id", "uuid") or parts[-1].endswith("id")))
