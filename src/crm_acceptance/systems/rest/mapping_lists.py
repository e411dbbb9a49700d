"""[paging], [query] and [errors] of a mapping file. Values only; nothing is asked or sorted here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_acceptance.errors import REFUSALS
from crm_acceptance.systems.rest.checks import Reading
from crm_acceptance.systems.rest.shape import ErrorSpec, PagingSpec, QuerySpec

PAGING = ("none", "page", "offset", "cursor", "link", "range")
ENCODINGS = ("json", "base64url")
_PAGING: Mapping[str, str] = {
    "kind": "text", "page": "text", "first": "number", "offset": "text", "size": "text", "largest": "number",
    "cursor": "text", "next": "text", "range": "text",
}  # fmt: skip
_QUERY: Mapping[str, str] = {
    "search": "table", "where": "table", "sort": "table", "ascending": "text", "descending": "text", "json": "text",
    "condition": "any", "match": "any", "any": "any", "all": "any", "encode": "text",
}  # fmt: skip
_ERRORS: Mapping[str, str] = {
    "code": "text", "message": "text", "success": "table", "status": "text table", "codes": "text table",
    "words": "text table",
}  # fmt: skip
_SUCCESS: Mapping[str, str] = {"path": "text", "values": "list"}


def paging(reading: Reading, raw: Any) -> PagingSpec:
    """[paging]."""
    table = reading.table("paging", raw, _PAGING)
    kind = table.get("kind", "none")
    reading.one_of("paging.kind", "分页方式 paging.kind", kind, PAGING)
    if kind == "cursor" and not table.get("next"):
        reading.wrong("paging", "游标分页要说下一页的游标在应答的哪里：next（cursor paging needs next）。")
    if table.get("largest", 1) < 1:
        reading.wrong("paging.largest", "每页至少一行（largest must be 1 or more）。")
    for key in table.keys() - {"kind", "largest", "size"} - _USED.get(kind, frozenset(_PAGING)):
        reading.wrong(f"paging.{key}", f'kind = "{kind}" 用不到 {key}（this kind of paging does not use it）。')
    return PagingSpec(**table)


_USED: Mapping[str, frozenset[str]] = {
    "none": frozenset(), "page": frozenset({"page", "first"}), "offset": frozenset({"offset", "first"}),
    "cursor": frozenset({"cursor", "next"}), "link": frozenset({"page", "first"}),
    "range": frozenset({"range", "first"}),
}  # fmt: skip


def query(reading: Reading, raw: Any) -> QuerySpec:
    """[query]."""
    table = reading.table("query", raw, _QUERY)
    reading.one_of("query.encode", "编码 query.encode", table.get("encode", "json"), ENCODINGS)
    if table.get("json") and table.get("condition") is None and table.get("match") is None:
        reading.wrong("query.json", "json 需要 condition（和 match）来写条件（json needs condition or match）。")
    if not table.get("json"):
        for key in table.keys() & {"condition", "match", "any", "all", "encode"}:
            reading.wrong(f"query.{key}", f"{key} 只在有 json = ... 时才用（{key} needs json）。")
    if table.get("ascending", "") == table.get("descending", "-"):
        reading.wrong("query.ascending", "升序和降序写法相同（ascending and descending are the same）。")
    return QuerySpec(**table)


def errors(reading: Reading, raw: Any) -> ErrorSpec:
    """[errors]."""
    table = reading.table("errors", raw, _ERRORS)
    for name in ("status", "codes", "words"):
        for key, kind in table.get(name, {}).items():
            reading.one_of(f"errors.{name}.{key}", "拒绝的种类 kind of refusal", kind, REFUSALS)
    success = reading.table("errors.success", table.get("success", {}), _SUCCESS)
    if table.get("success") and not ("path" in success and success.get("values")):
        reading.wrong("errors.success", "success 要有 path 和 values（success needs both）。")
    status = {int(key): kind for key, kind in table.get("status", {}).items() if _is_status(reading, key)}
    return ErrorSpec(
        table.get("code", ""), table.get("message", ""), success.get("path", ""), tuple(success.get("values", ())),
        status, table.get("codes", {}), table.get("words", {}),
    )  # fmt: skip


def _is_status(reading: Reading, key: str) -> bool:
    right = key.isdigit() and 100 <= int(key) <= 599
    if not right:
        reading.wrong(f"errors.status.{key}", f"{key} 不是 HTTP 状态码（not an HTTP status）。")
    return right
