"""The routes of what hangs on a record: follow-ups, attachments, audit; and files in and out."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, File, Query, Request, Response, UploadFile
from pydantic import WithJsonSchema

from .. import csvfiles, timeline
from ..answers import once
from ..fields import ObjectType
from .bodies import (
    Attachment,
    Attachments,
    AuditPage,
    AuditQuery,
    AuditRows,
    Followup,
    Followups,
    Imported,
    NewFollowup,
)
from .guard import db_of, me_of
from .models import MODELS
from .records import asked
from .routes import Key, answer, binary, declare, router, rows
from .shapes import Id

# As OpenAPI 3.1 writes raw bytes: a media type and no JSON type.
Uploaded = Annotated[UploadFile, File(), WithJsonSchema({"contentMediaType": "application/octet-stream"})]


def build(kind: ObjectType) -> APIRouter:
    """The routes of one object type."""
    to = router(kind.name)
    _files(to, kind)
    _followups(to, kind)
    _attachments(to, kind)
    return to


def _files(to: APIRouter, kind: ObjectType) -> None:
    def export(request: Request, query: object) -> Response:
        body = csvfiles.export(db_of(request), me_of(request), kind.name, asked(query))  # type: ignore[arg-type]
        disposition = f'attachment; filename="{kind.plural}.csv"'
        return Response(body, media_type="text/csv", headers={"Content-Disposition": disposition})

    def import_file(request: Request, file: Uploaded) -> Response:
        return answer(csvfiles.import_file(db_of(request), me_of(request), kind.name, file.file.read()))

    plural, query = kind.plural.capitalize(), Annotated[MODELS[kind.name].list_query, Query()]
    binary(to, f"/{kind.plural}/export", f"export{plural}", export, "text/csv", query=query)
    if kind.importable:
        path, name = f"/{kind.plural}/import", f"import{plural}"
        declare(to, "POST", path, name, import_file, Imported, 403, 413, 415)


def _followups(to: APIRouter, kind: ObjectType) -> None:
    def write(request: Request, id: Id, body: NewFollowup, key: Key = None) -> Response:
        db, me = db_of(request), me_of(request)
        payload = {"id": id, "text": body.text}
        work = once(
            db, me, key, f"{kind.name}.follow", payload, lambda: timeline.follow(db, me, kind.name, id, body.text)
        )
        return answer(work, 201)

    def listing(request: Request, id: Id) -> Response:
        return rows(timeline.followups(db_of(request), me_of(request), kind.name, id))

    def audit(request: Request, id: Id) -> Response:
        return rows(timeline.record_audit(db_of(request), me_of(request), kind.name, id))

    path, name = f"/{kind.plural}/{{id:int}}", kind.name.capitalize()
    declare(to, "GET", f"{path}/followups", f"list{name}Followups", listing, Followups, 403, 404)
    declare(to, "POST", f"{path}/followups", f"add{name}Followup", write, Followup, 403, 404, 409, 413, 415, status=201)
    declare(to, "GET", f"{path}/audit", f"audit{name}", audit, AuditRows, 403, 404)


def _attachments(to: APIRouter, kind: ObjectType) -> None:
    def attach(request: Request, id: Id, file: Uploaded) -> Response:
        body, name = file.file.read(), file.filename or "attachment"
        return answer(timeline.attach(db_of(request), me_of(request), kind.name, id, name, body), 201)

    def listing(request: Request, id: Id) -> Response:
        return rows(timeline.attachments(db_of(request), me_of(request), kind.name, id))

    path, name = f"/{kind.plural}/{{id:int}}/attachments", kind.name.capitalize()
    declare(to, "GET", path, f"list{name}Attachments", listing, Attachments, 403, 404)
    declare(to, "POST", path, f"attachTo{name}", attach, Attachment, 403, 404, 413, 415, status=201)


def shared() -> APIRouter:
    """The routes that belong to no one object type."""
    to = router("audit")

    def download(request: Request, id: Id) -> Response:
        name, body = timeline.download(db_of(request), me_of(request), id)
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(body, media_type="application/octet-stream", headers=headers)

    def audit(request: Request, query: AuditQuery) -> Response:
        how = (query.page, query.size, query.object or "", query.id)
        return answer(timeline.whole_audit(db_of(request), me_of(request), *how))

    binary(to, "/attachments/{id:int}", "downloadAttachment", download, "application/octet-stream")
    declare(to, "GET", "/audit", "listAudit", audit, AuditPage, 403, query=Annotated[AuditQuery, Query()])
    return to
