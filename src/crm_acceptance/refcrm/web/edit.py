"""New and edit: one form per object, which keeps what was typed when the service says no."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from .. import records, rights, store
from ..defects import active
from ..errors import CrmError, denied
from ..fields import Field, ObjectType
from ..objects import OBJECTS
from .door import Visit, go, page
from .inputs import Control, control, wrongs
from .render import label_of, show, texts
from .values import Looks, title_of


def routes() -> list[BaseRoute]:
    """The pages of this room."""
    made: list[BaseRoute] = []
    for kind in OBJECTS.values():
        made += [
            page(f"/{kind.plural}/new", partial(blank, kind)),
            page(f"/{kind.plural}/new", partial(create, kind), "POST"),
            page(f"/{kind.plural}/{{id:int}}/edit", partial(filled, kind)),
            page(f"/{kind.plural}/{{id:int}}/edit", partial(change, kind), "POST"),
        ]
    return made


def blank(kind: ObjectType, visit: Visit) -> Response:
    """An empty form; the address may fill in what the page before knew, such as the customer."""
    if not rights.may(visit.me, "create", kind.name):
        raise denied()
    return _new(kind, visit, visit.query)


def create(kind: ObjectType, visit: Visit) -> Response:
    """Creates the record, or shows the form again with what was wrong."""
    sent = [f for f in kind.fields if f.creatable and f.name in visit.form]
    sent = [f for f in sent if f.name != "priority" or not active("form_drops_priority")]
    wanted = {f.name: visit.form[f.name] for f in sent if f.required or visit.form[f.name]}
    try:
        made = records.create(visit.db, visit.me, kind.name, wanted, force=visit.form.get("force") == "1")
    except CrmError as error:
        return _new(kind, visit, visit.form, error)
    return go(f"/{kind.plural}/{made['id']}", "created")


def _new(kind: ObjectType, visit: Visit, held: Mapping[str, str], problem: CrmError | None = None) -> Response:
    looks, t = Looks(visit), texts(visit)
    name = label_of(visit, kind)
    fields = [f for f in kind.fields if f.creatable and _known(visit, kind, f)]
    return show(
        visit, "form.html", problem.status if problem else 200, problem, title=t.new + t.gap + name, crumb=name,
        back_url=f"/{kind.plural}", action=f"/{kind.plural}/new", kept=[],
        fields=_controls(looks, fields, held, problem), offer_force=bool(problem and problem.code == "duplicate"),
    )  # fmt: skip


def filled(kind: ObjectType, visit: Visit) -> Response:
    """The record in a form, with the version it had, so that a change in between is noticed."""
    if not rights.may(visit.me, "change", kind.name):
        raise denied()
    open = kind.name == "opportunity" and active("edit_form_unchecked")
    if open and store.there(visit.db.conn, kind.name, visit.id) is not None:
        record = store.seen(visit.db.conn, visit.me, kind.name, visit.id)
    else:
        record = records.read(visit.db, visit.me, kind.name, visit.id)
    return _edit(kind, visit, record, record)


def change(kind: ObjectType, visit: Visit) -> Response:
    """Saves, or shows the form again with what was wrong."""
    wanted = {f.name: visit.form[f.name] for f in kind.fields if f.changeable and f.name in visit.form}
    version = visit.form.get("version", "")
    try:
        known = int(version) if version.isascii() and version.isdigit() and len(version) < 16 else None
        records.change(visit.db, visit.me, kind.name, visit.id, wanted, version=known)
    except CrmError as error:
        record = records.read(visit.db, visit.me, kind.name, visit.id)
        return _edit(kind, visit, record, {**record, **visit.form}, error)
    return go(f"/{kind.plural}/{visit.id}", "saved")


def _edit(
    kind: ObjectType, visit: Visit, record: Mapping[str, Any], held: Mapping[str, Any], problem: CrmError | None = None
) -> Response:
    looks, t, url = Looks(visit), texts(visit), f"/{kind.plural}/{visit.id}"
    fields = [f for f in kind.fields if f.changeable and _known(visit, kind, f)]
    return show(
        visit, "form.html", problem.status if problem else 200, problem, title=t.edit + t.gap + title_of(kind, record),
        crumb=title_of(kind, record), back_url=url, action=f"{url}/edit", kept=[("version", held.get("version", ""))],
        fields=_controls(looks, fields, held, problem), offer_force=False,
    )  # fmt: skip


def _known(visit: Visit, kind: ObjectType, field: Field) -> bool:
    """A masked or hidden value must not be offered for editing: saving would write the mask. A reference to what
    this person may not read has no options to choose from."""
    if rights.mask_of(visit.me, kind.name, field.name):
        return False
    return field.type != "ref" or field.required or rights.may(visit.me, "read", field.ref)


def _controls(looks: Looks, fields: list[Field], held: Mapping[str, Any], problem: CrmError | None) -> list[Control]:
    wrong = wrongs(problem)
    return [control(looks, f, held.get(f.name), wrong.get(f.name, "")) for f in fields]
