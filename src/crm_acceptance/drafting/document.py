"""Reads an API document: JSON or YAML, OpenAPI 2.0, 3.0, 3.1, whole or broken. It guesses nothing of a CRM."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import yaml

from crm_acceptance.errors import WrongUse

METHODS = ("get", "post", "put", "patch", "delete")
_HINT = re.compile(
    r"""["'(=]\s*([\w:/.\-?&=%]*(?:openapi|swagger|api-docs|apidoc)[\w:/.\-?&=%]*(?:json|yaml|yml|api-docs|get)?)["')]"""
)
DEEPEST = 12

Table = dict[str, Any]
Fetch = Callable[[str], Any]


def table(value: Any) -> Table:
    """The value when it is a table; else an empty one: broken documents hold anything anywhere."""
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[Any]:
    """The value when it is a list; else an empty one."""
    return value if isinstance(value, list) else []


def literal(value: Any) -> Any:
    """A value of the document as templates of a mapping have it: a brace that means a brace is doubled."""
    return value.replace("{", "{{").replace("}", "}}") if isinstance(value, str) else value


def usable(name: Any) -> bool:
    """Whether a name can stand in a mapping: a text on one line, without braces."""
    return isinstance(name, str) and bool(name.strip()) and not any(one in "{}" or ord(one) < 32 for one in name)


def text(value: Any) -> str:
    """The value when it is a text; else ""."""
    return value if isinstance(value, str) else ""


@dataclass
class Document:
    """One document with its references. `problems` grows while it is read: what is not sound, one sentence each."""

    root: Table
    source: str
    version: str
    problems: list[str] = field(default_factory=list)
    remote: Fetch | None = None
    _far: dict[str, Any] = field(default_factory=dict)

    def resolved(self, value: Any) -> Table:
        """The table that a chain of $refs leads to, {} when it leads nowhere; siblings of $ref go over it."""
        seen: set[str] = set()
        over: Table = {}
        while isinstance(value, dict) and isinstance(value.get("$ref"), str):
            ref = value["$ref"]
            over = {**{key: one for key, one in value.items() if key != "$ref"}, **over}
            if ref in seen or len(seen) > DEEPEST:
                self.complain(f"循环引用 circular $ref: {ref}")
                return {}
            seen.add(ref)
            value = self._target(ref)
        return {**value, **over} if isinstance(value, dict) else {}

    def complain(self, sentence: str) -> None:
        """Each sentence once."""
        if sentence not in self.problems:
            self.problems.append(sentence)

    def _target(self, ref: str) -> Any:
        address, _, pointer = ref.partition("#")
        place = self.root if not address else self._elsewhere(address)
        if place is None:
            return None
        for part in filter(None, pointer.split("/")):
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            place = place[int(key)] if isinstance(place, list) and key.isdigit() and int(key) < len(place) else (
                place.get(key) if isinstance(place, dict) else None
            )  # fmt: skip
            if place is None:
                self.complain(f"引用落空 dangling $ref: {ref}")
                return None
        return place

    def _elsewhere(self, address: str) -> Any:
        if address not in self._far:
            self._far[address] = self.remote(address) if self.remote else None
            if self._far[address] is None:
                self.complain(f"外部引用未读取 remote $ref left out: {address}（--allow-remote 可读取 reads it）")
        return self._far[address]


def read(raw: str, source: str, remote: Fetch | None = None) -> Document:
    """The document in a text. WrongUse, one sentence: empty, HTML, neither JSON nor YAML, no OpenAPI, no paths."""
    root = _unwrapped(parsed(raw, source))
    version = text(root.get("openapi")) or text(root.get("swagger")) or str(root.get("swagger", ""))
    found = Document(root, source, version, remote=remote)
    if not version:
        found.complain("没有 openapi/swagger 版本号，按 3.0 读取。The document names no version: read as 3.0.")
    elif not version.startswith(("2.", "3.0", "3.1")):
        found.complain(f"版本 {version} 不认识，按 3.1 读取。An unknown version: read as 3.1.")
    if not isinstance(root.get("paths"), dict) or not root["paths"]:
        raise WrongUse(
            f"{source} 里没有接口（paths 缺失或为空）。请换一份 OpenAPI 文档，或用 --record 录制一遍操作。"
            "The document has no paths: take another one, or record a walk with --record."
        )
    return found


def parsed(raw: str, source: str) -> Table:
    """JSON or YAML as a table; WrongUse says what it is instead."""
    stripped = raw.lstrip("\ufeff \t\r\n")
    if not stripped:
        raise WrongUse(f"{source} 是空的。The document is empty.")
    if stripped.startswith("<"):
        raise WrongUse(_html(stripped, source))
    try:
        found = json.loads(stripped) if stripped[0] in "{[" else yaml.load(stripped, Loader=_LOADER)
    except ValueError as broken:
        found = _yaml_instead(stripped, source, broken)
    except (yaml.YAMLError, RecursionError) as broken:
        raise WrongUse(f"{source} 既不是 JSON 也不是 YAML：{_first(broken)}。Neither JSON nor YAML.") from None
    if not isinstance(found, dict):
        raise WrongUse(f"{source} 不是 OpenAPI 文档（是 {type(found).__name__}）。Not an OpenAPI document.")
    return found


class _LOADER(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the quick one where it was built
    """Dates stay texts: a document's examples are of no use as date objects."""


_LOADER.yaml_implicit_resolvers = {
    key: [(tag, found) for tag, found in listed if tag != "tag:yaml.org,2002:timestamp"]
    for key, listed in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _yaml_instead(stripped: str, source: str, broken: ValueError) -> Any:
    try:
        return yaml.load(stripped, Loader=_LOADER)
    except (yaml.YAMLError, RecursionError, ValueError):
        raise WrongUse(f"{source} 不是正确的 JSON：{_first(broken)}。Not valid JSON.") from None


def _first(error: Exception) -> str:
    return " ".join(str(error).split())[:160]


def _unwrapped(root: Table) -> Table:
    """Some CRMs answer the document inside an envelope: {"data": {"openapi": ...}}."""
    for key in ("data", "result", "swagger", "openapi", "spec"):
        inner = root.get(key)
        if "paths" not in root and isinstance(inner, dict) and "paths" in inner:
            return inner
    return root


def _html(page: str, source: str) -> str:
    hints = candidates(page, source)
    more = f"页面里提到 the page mentions: {', '.join(hints[:3])}。" if hints else ""
    login = "像是登录页，可用 --header 'Authorization: ...' 带上令牌。" if 'type="password"' in page else ""
    return (
        f"{source} 应答的是网页，不是 OpenAPI 文档。{login}{more}请给出 JSON 或 YAML 文档的地址。"
        "That is an HTML page: give the address of the JSON or YAML document."
    )


def candidates(page: str, source: str) -> list[str]:
    """Addresses in an HTML page (Swagger UI, Redoc, an index) that look like the document's own."""
    found = dict.fromkeys(hit for hit in _HINT.findall(page) if not hit.endswith((".js", ".css", ".map", ".png")))
    if urlsplit(source).scheme in ("http", "https"):
        return [urljoin(source, one) for one in found]
    return list(found)


def operations(document: Document) -> Iterator[tuple[str, str, Table, Table]]:
    """(METHOD, path, operation, path item) of what is sound; the rest becomes a problem."""
    for path, item in table(document.root.get("paths")).items():
        if not isinstance(path, str) or not path.startswith(("/", "http")):
            document.complain(f"路径不对 not a path: {path!r}")
            continue
        if not isinstance(item, dict):
            document.complain(f"{path} 下面不是表。It must be a table.")
            continue
        found = document.resolved(item)
        for method in METHODS:
            if method in found and not isinstance(found[method], Mapping):
                document.complain(f"{method.upper()} {path} 不是表。It must be a table.")
            elif method in found:
                yield method.upper(), path, found[method], found
