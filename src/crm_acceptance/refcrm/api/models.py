"""The models of each object type, made from its metadata. The ones that all share are in bodies.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, PrivateAttr, StrictBool, create_model, model_validator
from pydantic.functional_validators import ModelWrapValidatorHandler

from ..defects import active
from ..fields import ObjectType
from ..lists import BIGGEST_PAGE
from ..objects import OBJECTS
from .bodies import Strict
from .shapes import NO_CONTROLS, Flag, answer_type, filter_type, in_url, integer, request_type

# read-only field -> the defect that lets it in, and the models that have it then ("": all).
_OPEN = {
    "owner": ("owner_mass_assignment", ""),
    "state": ("state_mass_assignment", "Quote"),
    "paid": ("paid_mass_assignment", "Order"),
}


class Changing(Strict):
    """A body that creates or changes a record."""

    _smuggled: dict[str, Any] = PrivateAttr(default_factory=dict)

    @model_validator(mode="wrap")
    @classmethod
    def _slips_through(cls, data: Any, handler: ModelWrapValidatorHandler[Changing]) -> Changing:
        open = [name for name, (defect, kind) in _OPEN.items() if active(defect) and kind in cls.__name__]
        through = {name: str(data[name]) for name in open if name in data} if isinstance(data, dict) else {}
        if not through:
            return handler(data)
        made = handler({name: value for name, value in data.items() if name not in through})
        made._smuggled = through
        return made

    def given(self, *without: str) -> dict[str, Any]:
        """The fields that were sent, but those named."""
        sent = {name: getattr(self, name) for name in self.model_fields_set if name not in without}
        return sent | self._smuggled


@dataclass(frozen=True)
class Models:
    """The models of one object type."""

    new: type[Changing]
    change: type[Changing]
    record: type[BaseModel]
    whole: type[BaseModel]
    page: type[BaseModel]
    list_query: type[BaseModel]
    query: type[BaseModel]
    sum_query: type[BaseModel]


def _models(kind: ObjectType) -> Models:
    name = kind.name.capitalize()
    record = create_model(name, **_record_fields(kind))
    page = create_model(f"{name}Page", items=(list[record], ...), total=(int, ...), page=(int, ...), size=(int, ...))  # type: ignore[valid-type]
    filters = _filters(kind)
    summed: Any = Literal[kind.money or ("-",)]
    return Models(
        create_model(f"New{name}", __base__=Changing, **_new_fields(kind)),
        create_model(f"{name}Change", __base__=Changing, **_change_fields(kind)),
        record,
        _whole(kind, record),
        page,
        create_model(f"{name}ListQuery", __base__=Strict, **_sorting(kind), **_paging(), **filters),
        create_model(f"{name}Query", __base__=Strict, **filters),
        create_model(f"{name}SumQuery", __base__=Strict, field=(summed, ...), **filters),
    )


def _record_fields(kind: ObjectType) -> dict[str, Any]:
    fields: dict[str, Any] = {"id": (int, ...)}
    fields |= {f.name: (answer_type(f), Field(default=None, title=f.en)) for f in kind.fields}
    return fields | {"version": (int, ...), "created_at": (str, ...), "updated_at": (str, ...)}


def _whole(kind: ObjectType, record: type[BaseModel]) -> type[BaseModel]:
    """One record as it is read: perhaps with the customer that it names."""
    if not any(f.name == "customer" for f in kind.fields):
        return record
    customer: Any = create_model("Customer", **_record_fields(OBJECTS["customer"])) | None
    beside: Any = create_model(f"{kind.name.capitalize()}Beside", customer=(customer, ...)) | None
    return create_model(f"{kind.name.capitalize()}Whole", __base__=record, expanded=(beside, None))


def _new_fields(kind: ObjectType) -> dict[str, Any]:
    fields: dict[str, Any] = {
        f.name: (request_type(f), Field(... if f.required else None, title=f.en)) for f in kind.fields if f.creatable
    }
    return fields | ({"force": (StrictBool, False)} if kind.name == "customer" else {})


def _change_fields(kind: ObjectType) -> dict[str, Any]:
    fields: dict[str, Any] = {f.name: (request_type(f), Field(None, title=f.en)) for f in kind.fields if f.changeable}
    return fields | {"version": (integer(1, 2**31) | None, None)}


def _filters(kind: ObjectType) -> dict[str, Any]:
    fields: dict[str, Any] = {"q": (Annotated[str, Field(max_length=100, pattern=NO_CONTROLS)], "")}
    fields |= {f.name: (filter_type(f), Field(None, title=f.en)) for f in kind.fields if f.name != "lead_count"}
    return fields | ({"pool": (Flag, "false")} if kind.name == "customer" else {})


def _sorting(kind: ObjectType) -> dict[str, Any]:
    names = ["id", *(f.name for f in kind.fields), "created_at", "updated_at"]
    return {"sort": (Literal[tuple(sign + name for name in names for sign in ("", "-"))], None)}


def _paging() -> dict[str, Any]:
    return {"page": (in_url(1, 1_000_000), 1), "size": (in_url(1, BIGGEST_PAGE), 20)}


MODELS: Mapping[str, Models] = {name: _models(kind) for name, kind in OBJECTS.items()}
