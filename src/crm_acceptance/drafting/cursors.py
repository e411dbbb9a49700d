"""Finds cursor paging: where an answer tells the next cursor, and which parameter takes it. By names, then by build."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from crm_acceptance.drafting.document import rows
from crm_acceptance.drafting.envelope import list_of
from crm_acceptance.drafting.naming_paging import CURSOR, FILTER, SEARCH, SIZE, SORT, first, plain
from crm_acceptance.drafting.operations import Operation, Parameter
from crm_acceptance.drafting.schemas import Prop, Schemas, kind
from crm_acceptance.drafting.words import NAMES

NEXT = NAMES["next"]
_OTHERWISE = frozenset((*SEARCH, *SORT, *FILTER, *NAMES["direction"], *NAMES["shaping"]))
"""Names that say that a parameter is no cursor."""
_ANSWERS = frozenset((*NAMES["code"], *NAMES["message"], *NAMES["success"], *NAMES["shaping"])) - frozenset(NEXT)


@dataclass(frozen=True)
class Cursor:
    """`parameter` takes what an answer tells at `next`; `why` says by what that was found."""

    parameter: str
    next: str
    why: str


def cursor(
    lists: Sequence[Operation], schemas: Schemas, names: Mapping[str, Parameter], fields: Collection[str]
) -> Cursor | None:
    """The cursor that lists page by. `names` are their usual parameters, `fields` the CRM's names of fields."""
    named = first(names, CURSOR)
    told = _told(lists, schemas)
    if not told:
        return None
    if named:
        return Cursor(named, told, f"参数 parameter {named}")
    free = _free(names, fields)
    if not free or not size_of(names):
        return None
    rest = f"；也可能是 or else: {', '.join(free[1:4])}" if len(free) > 1 else ""
    return Cursor(
        free[0], told, f"应答里有 the answer has {told}，参数 {free[0]} 没有别的意思 has no other meaning{rest}"
    )


def size_of(names: Mapping[str, Parameter]) -> str:
    """The parameter for how many rows: by its name, else the only whole number with a maximum."""
    bounded = [name for name, one in names.items() if kind(one.schema) == "integer" and "maximum" in one.schema]
    return first(names, SIZE) or (bounded[0] if len(bounded) == 1 else "")


def _told(lists: Iterable[Operation], schemas: Schemas) -> str:
    """Where most answers tell the next cursor."""
    for one in lists:
        props = [prop for prop in schemas.props(one.answer) if prop.type in ("string", "integer", "")]
        known = [prop for prop in props if plain(prop.name) in NEXT]
        if known:
            return min(known, key=lambda prop: NEXT.index(plain(prop.name))).path
    return next((path for one in lists if (path := _beside(schemas, one))), "")


def _beside(schemas: Schemas, one: Operation) -> str:
    """A text that may be missing, beside the rows and their total, and of which the name says nothing else."""
    found = list_of(schemas, one)
    if not found.sure or not found.path or not found.total:
        return ""
    places = {path.rpartition(".")[0] for path in (found.path, found.total)}
    texts = [prop for prop in schemas.props(one.answer) if prop.path.rpartition(".")[0] in places and _may_miss(prop)]
    return texts[0].path if len(texts) == 1 else ""


def _may_miss(prop: Prop) -> bool:
    shaped = rows(prop.schema.get("enum")) or prop.schema.get("format") in ("date", "date-time", "uri", "url")
    return prop.type == "string" and not prop.required and not shaped and plain(prop.name) not in _ANSWERS


def _free(names: Mapping[str, Parameter], fields: Collection[str]) -> list[str]:
    """Optional texts without another meaning, those nearest to the size first: what belongs together stands so."""
    listed = list(names)
    size = listed.index(size_of(names)) if size_of(names) else 0
    known = [
        name for name, one in names.items() if _is_free(one) and name not in fields and plain(name) not in _OTHERWISE
    ]
    return sorted(known, key=lambda name: (abs(listed.index(name) - size), listed.index(name)))


def _is_free(one: Parameter) -> bool:
    fixed = one.fixed is not None or rows(one.schema.get("enum"))
    dated = one.schema.get("format") in ("date", "date-time")
    return kind(one.schema) in ("string", "") and not (one.required or one.deep or fixed or dated)
