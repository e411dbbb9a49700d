"""Files in and out: CSV import with a result per row, CSV export, attachments to download."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from markupsafe import escape
from starlette.responses import Response
from starlette.routing import BaseRoute

from .. import csvfiles, rights, timeline
from ..errors import CrmError, denied, invalid
from ..fields import ObjectType
from ..objects import OBJECTS
from .door import Visit, page
from .lists import asked_of
from .render import label_of, show, texts
from .tables import Column, Row


@dataclass(frozen=True)
class Imported:
    """What became of an imported file."""

    sentence: str
    created: int
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def routes() -> list[BaseRoute]:
    """The pages of this room."""
    made = [page("/attachments/{id:int}", download)]
    for kind in OBJECTS.values():
        made.append(page(f"/{kind.plural}/export", partial(export, kind)))
        if kind.importable:
            made.append(page(f"/{kind.plural}/import", partial(choose, kind)))
            made.append(page(f"/{kind.plural}/import", partial(take, kind), "POST"))
    return list(made)


def export(kind: ObjectType, visit: Visit) -> Response:
    """The list as it is filtered, all pages of it, as a CSV file that Excel opens."""
    asked = asked_of(visit, kind, pool=visit.query.get("pool") == "true")
    body = csvfiles.export(visit.db, visit.me, kind.name, asked)
    return _file(f"{label_of(visit, kind)}.csv", body, "text/csv; charset=utf-8")


def download(visit: Visit) -> Response:
    """An attachment, always as a file: it is never shown as a page of ours."""
    name, body = timeline.download(visit.db, visit.me, visit.id)
    return _file(name, body, "application/octet-stream")


def _file(name: str, body: bytes, kind: str) -> Response:
    """RFC 6266: a plain name for old programs, the real one, encoded, for the others."""
    disposition = f"attachment; filename=\"download\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(body, media_type=kind, headers={"content-disposition": disposition})


def choose(kind: ObjectType, visit: Visit) -> Response:
    """The import form."""
    if not rights.may(visit.me, "import", kind.name):
        raise denied()
    return _form(kind, visit)


def take(kind: ObjectType, visit: Visit) -> Response:
    """Imports the chosen file and says what became of every row."""
    try:
        if "file" not in visit.files or not visit.files["file"].name:
            raise invalid(texts(visit).need_file)
        outcome = csvfiles.import_file(visit.db, visit.me, kind.name, visit.files["file"].body)
    except CrmError as error:
        return _form(kind, visit, problem=error)
    return _form(kind, visit, _imported(visit, outcome))


def _imported(visit: Visit, outcome: Mapping[str, Any]) -> Imported:
    t = texts(visit)
    rows = tuple(Row(None, (escape(str(r["row"])), escape(str(r["reason"])))) for r in outcome["rejected"])
    sentence = t.import_done.format(outcome["created"], len(rows))
    return Imported(sentence, outcome["created"], (Column(t.row), Column(t.reason)), rows)


def _form(kind: ObjectType, visit: Visit, outcome: Imported | None = None, problem: CrmError | None = None) -> Response:
    name = label_of(visit, kind)
    zh = visit.language == "zh"
    known = [(f.zh if zh else f.name) + ("*" if f.required else "") for f in kind.fields if f.creatable]
    return show(
        visit, "import.html", problem.status if problem else 200, problem, title=texts(visit).import_title.format(name),
        crumb=name, back_url=f"/{kind.plural}", known=known, outcome=outcome,
    )  # fmt: skip
