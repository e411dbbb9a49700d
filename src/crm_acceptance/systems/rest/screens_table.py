"""[screens] of a mapping file -> ScreensSpec; writes every mistake down with its line. Touches no page.

A name (of a label, button, menu entry ...) is a text or a list of texts, one per language; "css=..." where a page has
no name for a thing. Everything but [screens.login] and an object's way in may be left out (docs/reference/screens.md).

    [screens]            url prefix patience rest absent decimal
    [screens.login]      path username password submit next then inside refused expired captcha state me
    [screens.logout]     path | menu button ok
    [screens.words]      new edit save ok delete search go next success missing denied captcha file export
    [screens.messages]   "已存在" = "duplicate"
    [screens.people]     lina = "李娜"
    [screens.list]       search go open edit total next empty where  (for all lists)
    [screens.fields]     owner = "负责人"                                   (for all objects)
    [screens.buttons]    approve = "批准"    or { button menu asks ok set at path yields links section file }
    [screens.asks]       reject = { reason = "原因" }      "lead.assign" = { to = "新负责人" }
    [screens.objects.customer]   like title path menu pool record new edit id find mode tabs fields list buttons words
    [screens.objects.customer.fields]   name = "名称"  or { label kind choices tab column object format write read via }
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Table
from dataclasses import replace
from pathlib import Path
from typing import Any

from crm_acceptance.errors import REFUSALS
from crm_acceptance.systems.rest import canonical
from crm_acceptance.systems.rest.checks import Reading, WrongMapping, texts
from crm_acceptance.systems.rest.screens_shape import (
    ListScreen,
    LoginScreen,
    LogoutScreen,
    Names,
    ObjectScreen,
    ScreensSpec,
)
from crm_acceptance.systems.rest.screens_table_objects import chain, fields, names, verbs
from crm_acceptance.systems.rest.screens_words import MESSAGES, WORDS
from crm_acceptance.systems.rest.shape import Mapping, ObjectSpec

_TOP: Table[str, str] = {
    "url": "text", "prefix": "text", "patience": "any", "rest": "any", "absent": "text", "decimal": "text",
    "login": "table", "logout": "table", "words": "table", "messages": "text table", "people": "table", "list": "table",
    "fields": "table", "buttons": "table", "asks": "table", "objects": "table",
}  # fmt: skip
_LOGIN: Table[str, str] = {
    "path": "text", "username": "texts", "password": "texts", "submit": "texts", "next": "texts", "then": "texts",
    "inside": "texts", "refused": "texts", "expired": "texts", "captcha": "texts", "state": "text", "me": "texts",
}  # fmt: skip
_LOGOUT: Table[str, str] = {"path": "text", "menu": "any", "button": "texts", "ok": "texts"}
_LIST: Table[str, str] = {
    "search": "texts", "go": "texts", "open": "texts", "edit": "texts", "total": "texts",
    "next": "texts", "empty": "texts", "where": "text",
}  # fmt: skip
_OBJECT: Table[str, str] = {
    "like": "text", "title": "texts", "path": "text", "menu": "any", "pool": "text", "record": "text", "new": "text",
    "edit": "text", "id": "text", "find": "text", "mode": "text", "tabs": "any", "fields": "table", "list": "table",
    "buttons": "table", "words": "table",
}  # fmt: skip
MODES = ("details", "form", "table")
ABSENT = ("unsupported", "denied")


def read(
    reading: Reading, raw: Table[str, Any], objects: Table[str, ObjectSpec], file: Path, title: str = ""
) -> ScreensSpec:
    """The table as a value. `objects`, of the same file, give labels and types that [screens] does not repeat."""
    top = reading.table("screens", raw, _TOP)
    _checked_top(reading, top)
    return ScreensSpec(
        file=file, lines=reading.lines, title=title, url=str(top.get("url", "")).rstrip("/"),
        prefix=top.get("prefix", "").rstrip("/"), patience=_seconds(reading, "patience", top.get("patience", 30.0)),
        rest=_seconds(reading, "rest", top.get("rest", 0.8)),
        absent=top.get("absent", "unsupported"), decimal=top.get("decimal", "."),
        login=_login(reading, top.get("login")), logout=_logout(reading, top.get("logout", {})),
        words={**WORDS, **_words(reading, "screens.words", top.get("words", {}))},
        messages={**MESSAGES, **_messages(reading, top.get("messages", {}))},
        people=_people(reading, top.get("people", {})), objects=_objects(reading, top, objects),
    )  # fmt: skip


def spec_of(mapping: Mapping) -> ScreensSpec:
    """[screens] of a mapping as a value; WrongMapping (a WrongUse) lists every mistake of it, each with its line."""
    reading = Reading(mapping.lines)
    spec = read(reading, mapping.screens or {}, mapping.objects, mapping.file, mapping.title)
    if reading.mistakes:
        raise WrongMapping(mapping.file.name, reading.mistakes)
    return spec


def offers(mapping: Mapping, action: str, object: str) -> bool:
    """Whether the screens are described well enough for this verb to be tried."""
    known = spec_of(mapping).objects.get(object)
    if known is None:
        return False
    listed = bool(known.path or known.menu)
    plain = {
        "list": listed, "count": listed, "export": listed, "read": bool(known.fields),
        "create": bool(known.fields and (known.new or listed)), "change": bool(known.fields), "delete": listed,
    }  # fmt: skip
    return action in known.verbs or plain.get(action, False)


def _checked_top(reading: Reading, top: Table[str, Any]) -> None:
    reading.one_of("screens.absent", "absent", top.get("absent", "unsupported"), ABSENT)
    reading.one_of("screens.decimal", "小数点 decimal", top.get("decimal", "."), (".", ","))
    _path(reading, "screens.prefix", top.get("prefix", ""))
    url = top.get("url", "")
    if url and not re.match(r"https?://[^/]", url):
        reading.wrong("screens.url", f"应当是 http:// 或 https:// 开头的地址：{url}（not an address）。")


def _seconds(reading: Reading, key: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 600:
        reading.wrong(f"screens.{key}", "应当是大于 0、至多 600 的秒数（seconds, above 0 and at most 600）。")
        return 30.0
    return float(value)


def _login(reading: Reading, raw: Any) -> LoginScreen:
    where = "screens.login"
    if raw is None:
        reading.wrong("screens", "没有 [screens.login]：界面怎样登录？（how to sign in is not described）。")
        return LoginScreen()
    table = reading.table(where, raw, _LOGIN)
    for key in ("username", "password"):
        if key not in table and "state" not in table:
            reading.wrong(where, f"没有 {key}：登录页上输入框的名称（the name of the {key} control is missing）。")
    _path(reading, f"{where}.path", table.get("path", "/"))
    plain = {key: table[key] for key in ("path", "state") if key in table}
    return LoginScreen(where=where, **plain, **_named(reading, where, table, _LOGIN))


def _logout(reading: Reading, raw: Any) -> LogoutScreen:
    where = "screens.logout"
    table = reading.table(where, raw, _LOGOUT)
    _path(reading, f"{where}.path", table.get("path", "/"))
    menu = chain(reading, f"{where}.menu", table.get("menu", []))
    return LogoutScreen(where, table.get("path", ""), menu, **_named(reading, where, table, _LOGOUT))


def _named(reading: Reading, where: str, table: Table[str, Any], keys: Table[str, str]) -> dict[str, Any]:
    """Those entries of a table that are names."""
    named = (key for key, kind in keys.items() if kind == "texts" and key in table)
    return {key: names(reading, f"{where}.{key}", table[key]) for key in named}


def _words(reading: Reading, where: str, raw: Any) -> dict[str, Names]:
    table = reading.table(where, raw, dict.fromkeys(WORDS, "texts"), "词 word")
    return {key: names(reading, f"{where}.{key}", value) for key, value in table.items()}


def _messages(reading: Reading, raw: Table[str, str]) -> dict[str, str]:
    for words, kind in raw.items():
        reading.one_of(f"screens.messages.{words}", "拒绝种类 kind of refusal", kind, REFUSALS)
    return {words.lower(): kind for words, kind in raw.items()}


def _people(reading: Reading, raw: Table[str, Any]) -> dict[str, Names]:
    table = reading.table("screens.people", raw, dict.fromkeys(raw, "texts"))
    return {key: texts(value) for key, value in table.items()}


def _objects(reading: Reading, top: Table[str, Any], known: Table[str, ObjectSpec]) -> dict[str, ObjectScreen]:
    raw = top.get("objects", {})
    shared = ObjectScreen("", "screens", list=_list(reading, "screens.list", top.get("list", {}), ListScreen()))
    found: dict[str, ObjectScreen] = {}
    for name, table in raw.items():
        where = f"screens.objects.{name}"
        if name not in canonical.OBJECTS and not name.startswith(canonical.OWN):
            reading.unknown(where, "对象 object", name, canonical.OBJECTS, "自己的对象以 x_ 开头（own: x_）。")
        like = table.get("like") if isinstance(table, dict) else None
        if like is not None and like not in found:
            reading.unknown(f"{where}.like", "前面的对象 object above", str(like), found)
        found[name] = _object(reading, name, table, found.get(str(like), shared), top, known.get(name))
    return found


def _object(
    reading: Reading, name: str, raw: Any, like: ObjectScreen, top: Table[str, Any], api: ObjectSpec | None
) -> ObjectScreen:
    where = f"screens.objects.{name}"
    table = reading.table(where, raw, _OBJECT)
    plain = {key: table[key] for key in ("path", "pool", "record", "new", "edit", "id", "find", "mode") if key in table}
    lists: dict[str, Any] = {
        key: chain(reading, f"{where}.{key}", table[key]) for key in ("menu", "tabs") if key in table
    }
    shared = {key: value for key, value in top.get("fields", {}).items() if key in _known(name)}
    made = replace(
        like, name=name, where=where, **plain, **lists,
        title=texts(table.get("title", like.title)),
        fields={**like.fields, **fields(reading, name, shared, table.get("fields", {}), api)},
        list=_list(reading, f"{where}.list", table.get("list", {}), like.list),
        verbs={**like.verbs, **verbs(reading, name, top, table.get("buttons", {}))},
        words={**like.words, **_words(reading, f"{where}.words", table.get("words", {}))},
    )  # fmt: skip
    _checked(reading, made)
    return made


def _known(object: str) -> Table[str, Any]:
    return canonical.object_named(object).fields


def _list(reading: Reading, where: str, raw: Any, like: ListScreen) -> ListScreen:
    table = reading.table(where, raw, _LIST)
    for number, pattern in enumerate(texts(table.get("total", ()))):
        _pattern(reading, f"{where}.total.{number}" if isinstance(table["total"], list) else f"{where}.total", pattern)
    query, leaf = table.get("where", like.where_query), like.leaf
    if "search" in table:
        leaf = table["search"] == []
        table = {key: value for key, value in table.items() if key != "search" or not leaf}
    return replace(
        like, where=where if raw else like.where, where_query=query, leaf=leaf, **_named(reading, where, table, _LIST)
    )


def _checked(reading: Reading, made: ObjectScreen) -> None:
    """An object's own entries against each other."""
    for key in ("path", "pool", "record", "new", "edit"):
        _path(reading, f"{made.where}.{key}", getattr(made, key))
    reading.one_of(f"{made.where}.mode", "读法 mode", made.mode, MODES)
    ways = made.path or made.menu or made.record or any(verb.at == "parent" for verb in made.verbs.values())
    if not ways:
        reading.wrong(made.where, '没有说列表在哪里：path = "/..." 或 menu = ["..."]（no way to its list）。')
    if made.record and "{id}" not in made.record:
        reading.wrong(f"{made.where}.record", f"路径里没有 {{id}}：{made.record}（the path holds no {{id}}）。")
    if made.find and made.find not in made.fields:
        reading.unknown(f"{made.where}.find", "字段 field", made.find, made.fields)
    for field in made.fields.values():
        if field.via and field.via not in made.fields:
            reading.unknown(f"{field.where}.via", "字段 field", field.via, made.fields)
    if made.id.startswith("field:") and made.id[6:] not in made.fields:
        reading.unknown(f"{made.where}.id", "字段 field", made.id[6:], made.fields)
    elif made.id and not made.id.startswith(("field:", "row:")):
        _pattern(reading, f"{made.where}.id", made.id)


def _pattern(reading: Reading, where: str, pattern: str) -> None:
    try:
        groups = re.compile(pattern).groups
    except re.error as broken:
        reading.wrong(where, f"不是正确的正则表达式：{pattern}（{broken}）。Not a pattern.")
        return
    if groups != 1:
        reading.wrong(where, f"正则表达式要有一个括号，现在有 {groups} 个：{pattern}（needs exactly one group）。")


def _path(reading: Reading, where: str, path: str) -> None:
    if path and not path.startswith("/"):
        reading.wrong(where, f'应当以 "/" 开头：{path}（must start with "/"）。')
