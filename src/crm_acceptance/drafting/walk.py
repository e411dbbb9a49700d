"""Reads a recorded walk: a HAR of any browser, with or without pages, or a Playwright trace. It guesses nothing."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from crm_acceptance.drafting.document import Table, rows, table, text
from crm_acceptance.errors import WrongUse

SEEN = "_walk"
PAGES = ("text/html", "application/xhtml")


@dataclass(frozen=True)
class Exchange:
    """One call of the walk. `body` and `answer` are JSON values, a form as a table, or None."""

    method: str
    url: str
    status: int
    body: Any = None
    body_type: str = ""
    answer: Any = None
    answer_type: str = ""
    headers: tuple[str, ...] = ()
    at: float = 0.0

    @property
    def path(self) -> str:
        """The path without the query."""
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, str]:
        """The parameters in the address."""
        return dict(parse_qsl(urlsplit(self.url).query))


@dataclass(frozen=True)
class Sight:
    """What a page showed when somebody acted: controls {label, name, type, value, options}, headings, table heads."""

    url: str
    clicked: str
    role: str
    controls: tuple[Table, ...]
    headings: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Walk:
    """Calls and sights, each in its order."""

    exchanges: tuple[Exchange, ...]
    sights: tuple[Sight, ...]


def read(path: Path) -> Walk:
    """A .har file or a Playwright trace.zip. WrongUse when it is neither."""
    try:
        raw = path.read_bytes()
    except OSError as refused:
        raise WrongUse(f"读不到录制文件 {path}：{refused.strerror}。The recording cannot be read.") from None
    if raw[:2] == b"PK":
        return _trace(raw, path.name)
    try:
        document = json.loads(raw.decode("utf-8-sig"))
    except ValueError:
        document = None
    return of_har(document, path.name)


def of_har(document: Any, name: str) -> Walk:
    """The walk in a HAR document."""
    log = table(table(document).get("log"))
    if not isinstance(log.get("entries"), list):
        raise WrongUse(
            f"{name} 不是 HAR，也不是 Playwright 的 trace.zip。在浏览器开发者工具的“网络”里“另存为 HAR”。"
            "Neither a HAR file nor a Playwright trace: save one in the browser's network tools."
        )
    found = [one for entry in rows(log["entries"]) if (one := _exchange(table(entry))) is not None]
    return Walk(tuple(found), tuple(_sight(table(one)) for one in rows(log.get(SEEN))))


def _exchange(entry: Table) -> Exchange | None:
    asked, told = table(entry.get("request")), table(entry.get("response"))
    url, method = text(asked.get("url")), text(asked.get("method")).upper()
    if not url.startswith(("http://", "https://")) or method in ("OPTIONS", "HEAD", ""):
        return None
    content = table(told.get("content"))
    media = text(content.get("mimeType")).partition(";")[0]
    body, kind = _posted(table(asked.get("postData")))
    names = tuple(text(table(one).get("name")).lower() for one in rows(told.get("headers")))
    status = told.get("status")
    return Exchange(
        method, url, status if isinstance(status, int) else 0, body, kind, _json(_content(content), media), media, names
    )


def _posted(posted: Table) -> tuple[Any, str]:
    media = text(posted.get("mimeType")).partition(";")[0]
    params = [table(one) for one in rows(posted.get("params"))]
    if params:
        return {text(one.get("name")): text(one.get("value")) for one in params}, media or "form"
    raw = text(posted.get("text"))
    if "form-urlencoded" in media:
        return dict(parse_qsl(raw, keep_blank_values=True)), media
    return _json(raw, media), media


def _content(content: Table) -> str:
    raw = text(content.get("text"))
    if content.get("encoding") != "base64":
        return raw
    try:
        return base64.b64decode(raw).decode("utf-8", "replace")
    except ValueError:
        return ""


def _json(raw: str, media: str) -> Any:
    """The value when it is JSON, whatever it is called; None for pages, pictures and scripts."""
    if media.startswith(PAGES) or raw.strip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(raw)
    except ValueError:
        return None


def _sight(told: Table) -> Sight:
    return Sight(
        url=text(told.get("url")),
        clicked=text(told.get("clicked")),
        role=text(told.get("role")),
        controls=tuple(table(one) for one in rows(told.get("controls"))),
        headings=tuple(one for one in rows(told.get("headings")) if isinstance(one, str)),
        columns=tuple(one for one in rows(told.get("columns")) if isinstance(one, str)),
    )


def _trace(raw: bytes, name: str) -> Walk:
    """A Playwright trace: HAR entries, bodies as files beside them; labels are in the selectors of `fill`."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts = [part for part in archive.namelist() if part.endswith((".network", ".trace"))]
            told = "\n".join(archive.read(part).decode("utf-8", "replace") for part in parts)
            lines = [json.loads(line) for line in told.splitlines() if line.strip()]
            kept = [one for one in lines if one.get("type") == "resource-snapshot"]
            entries = [_with_bodies(archive, table(one.get("snapshot"))) for one in kept]
    except (zipfile.BadZipFile, ValueError, KeyError):
        raise WrongUse(f"{name} 打不开，不是 Playwright 的 trace.zip。Not a Playwright trace.") from None
    found = [one for entry in entries if (one := _exchange(entry)) is not None]
    return Walk(tuple(found), tuple(_from_selectors(lines)))


def _with_bodies(archive: zipfile.ZipFile, entry: Table) -> Table:
    """Bodies are kept beside the entries, under their hash."""
    for holder in (
        table(table(entry.get("response")).get("content")),
        table(table(entry.get("request")).get("postData")),
    ):
        place = f"resources/{text(holder.get('_sha1'))}"
        if holder.get("_sha1") and place in archive.namelist() and "text" not in holder:
            holder["text"] = archive.read(place).decode("utf-8", "replace")
    return entry


def _from_selectors(lines: list[Any]) -> Iterator[Sight]:
    """One sight per click, with what was filled in before it."""
    filled: list[Table] = []
    for line in lines:
        deed, params = line.get("method") or line.get("apiName", ""), table(line.get("params"))
        label = _label(text(params.get("selector")))
        if str(deed).endswith(("fill", "selectOption")) and label:
            filled.append(
                {"label": label, "name": "", "type": "text", "value": text(params.get("value")), "options": []}
            )
        elif str(deed).endswith("click"):
            yield Sight(text(params.get("url")), label, "button", tuple(filled))
            filled = []


def _label(selector: str) -> str:
    """internal:label="客户名称"i, internal:role=button[name="保存"i], internal:attr=[placeholder="..."]."""
    for part in selector.split(" >> ")[::-1]:
        _, quote, rest = part.partition('"')
        if quote and part.startswith("internal:"):
            return rest.rpartition('"')[0].replace('\\"', '"')
    return ""
