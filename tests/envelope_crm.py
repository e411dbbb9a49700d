"""A small real CRM of the in-house kind: every answer is HTTP 200 with {"code", "msg", "data"}. Not a test.

API key per person, whole numbers as ids, fields below "data", offset paging, a JSON filter, dates in milliseconds,
choices as numbers, yuan with two decimals as text. Deleting is POST, too.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

KEYS = {"key-of-lina-123456": ("lina", "李娜"), "key-of-hejun-123456": ("hejun", "何军")}
FIELDS = {
    "kehu": {"mingcheng": "text", "shouji": "text", "jibie": "text", "dengji": "code"},
    "shangji": {"biaoti": "text", "kehu_id": "id", "jine": "yuan", "jieduan": "stage", "riqi": "millis"},
}
NEEDED = {"kehu": ("mingcheng",), "shangji": ("biaoti", "kehu_id")}


class No(Exception):
    """A refusal: code, words."""


class Crm:
    """What the server knows."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[int, dict[str, Any]]] = {name: {} for name in FIELDS}
        self.numbers = itertools.count(100)
        self.lock = threading.Lock()
        for number in range(5):
            self.save("kehu", "李娜", {"mingcheng": f"老客户{number}", "shouji": f"1380000000{number}", "jibie": "A"})

    def save(self, table: str, who: str, fields: dict[str, Any], id: int = 0) -> dict[str, Any]:
        row = dict(self.rows[table].get(id) or {"id": next(self.numbers), "fuzeren": who, "chuangjian": 1767225600000})
        if table == "shangji" and not id:
            row |= {"jieduan": 1}
        for key, value in fields.items():
            if key in FIELDS[table]:
                self._check(key, FIELDS[table][key], value)
                row[key] = f"{float(value):.2f}" if FIELDS[table][key] == "yuan" else value
        if missing := [key for key in NEEDED[table] if row.get(key) in (None, "")]:
            raise No(4001, f"缺少参数：{missing[0]}")
        self.rows[table][row["id"]] = row
        return row

    def _check(self, key: str, kind: str, value: Any) -> None:
        if kind == "id" and (not isinstance(value, int) or value not in self.rows["kehu"]):
            raise No(4002, f"参数错误：{key}")
        if kind == "millis" and not (isinstance(value, int) and value > 10**11):
            raise No(4002, f"参数错误：{key}")
        if kind in ("stage", "code") and value not in (1, 2, 3, 4, 5):
            raise No(4002, f"参数错误：{key}")
        if kind == "yuan" and not str(value).replace(".", "", 1).isdigit():
            raise No(4002, f"参数错误：{key}")

    def one(self, table: str, id: str, who: str) -> dict[str, Any]:
        row = self.rows[table].get(int(id) if id.isdigit() else 0)
        if row is None:
            raise No(4040, "记录不存在")
        if row["fuzeren"] != who:
            raise No(4030, "没有权限")
        return row

    def answer(self, method: str, way: list[str], params: dict[str, str], body: Any, who: str) -> Any:
        match method, way:
            case "GET", [table, "list"] if table in FIELDS:
                return self._list(table, who, params)
            case "GET", [table, "get", id] if table in FIELDS:
                return self.one(table, id, who)
            case "GET", [table, "count"] if table in FIELDS:
                return {"num": self._list(table, who, params)["total"]}
            case "POST", [table, "add"] if table in FIELDS:
                return {"id": self.save(table, who, body.get("data") or {})["id"]}
            case "POST", [table, "update", id] if table in FIELDS:
                self.save(table, who, body.get("data") or {}, self.one(table, id, who)["id"])
                return None
            case "POST", [table, "remove", id] if table in FIELDS:
                del self.rows[table][self.one(table, id, who)["id"]]
                return None
        raise No(4041, "接口不存在")

    def _list(self, table: str, who: str, params: dict[str, str]) -> dict[str, Any]:
        rows = [row for row in self.rows[table].values() if row["fuzeren"] == who]
        wanted = json.loads(params.get("filter") or "{}")
        for key, value in wanted.get("eq", {}).items():
            rows = [row for row in rows if row.get(key) == value or str(row.get(key)) == str(value)]
        if wanted.get("like"):
            key, value = next(iter(wanted["like"].items()))
            rows = [row for row in rows if value in str(row.get(key))]
        if params.get("orderBy"):
            key = params["orderBy"]
            rows = sorted(rows, key=lambda row: str(row.get(key)).zfill(20), reverse=params.get("dir") == "desc")
        start, length = int(params.get("start", 0)), min(100, int(params.get("length", 20)))
        return {"list": rows[start : start + length], "total": len(rows), "start": start}


def _table(raw: bytes) -> dict[str, Any]:
    """The body, if it is a table whose "data" is a table."""
    try:
        body = json.loads(raw or b"{}")
    except ValueError:
        raise No(4000, "请求格式错误") from None
    if not isinstance(body, dict) or not isinstance(body.get("data") or {}, dict):
        raise No(4000, "请求格式错误")
    return body


@contextmanager
def running() -> Iterator[tuple[str, Crm]]:
    """The CRM at an address of its own; ended on leaving."""
    crm = Crm()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"crm": crm}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", crm
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    crm: Crm
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16

    def log_message(self, *args: Any) -> None:
        """Silent."""

    def _serve(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        try:
            who = KEYS.get(self.headers.get("X-Key", ""))
            if who is None:
                raise No(4010, "请先登录")
            body = _table(raw)
            way = parts.path.strip("/").split("/")[1:] if parts.path.startswith("/gateway/") else []
            with self.crm.lock:
                self._say(0, "ok", self.crm.answer(self.command, way, dict(parse_qsl(parts.query)), body, who[1]))
        except No as no:
            self._say(no.args[0], no.args[1], None)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

    def _say(self, code: int, words: str, data: Any) -> None:
        raw = json.dumps({"code": code, "msg": words, "data": data}, ensure_ascii=False).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)
