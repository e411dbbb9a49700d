"""A small real CRM with odd pages for the generic browser door: roles instead of tags, dialogs, popups, two-page
login, captcha. A server of its own on 127.0.0.1; no test lives here."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PASSWORD = "odd-password-1"
PAGE = (Path(__file__).parent / "odd_crm.html").read_text(encoding="utf-8")
PREFIX = "/firma/crm"


class OddCrm(ThreadingHTTPServer):
    """Who is signed in (token -> login) and which customers there are; each belongs to whoever made it."""

    daemon_threads = True

    def __init__(self, *, captcha: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.captcha = captcha
        self.tokens: dict[str, str] = {}
        self.customers: list[dict[str, Any]] = []
        self.label = "客户名称"

    @property
    def url(self) -> str:
        """The address of the site; its pages are below PREFIX."""
        return f"http://127.0.0.1:{self.server_port}"

    def sign_in(self, login: str) -> str:
        """A token for somebody who signed in by hand."""
        token = secrets.token_hex(16)
        self.tokens[token] = login
        return token


@contextmanager
def odd_crm(*, captcha: bool = False) -> Iterator[OddCrm]:
    """A running one; leaving the context ends it."""
    server = OddCrm(captcha=captcha)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


class _Talk(BaseHTTPRequestHandler):
    server: OddCrm

    def do_GET(self) -> None:
        path = urlsplit(self.path).path.removeprefix(PREFIX)
        if path == "/api/customers":
            mine = [c for c in self.server.customers if c["owner"] == self._me()]
            self._json(200 if self._me() else 401, mine)
        elif path.startswith("/api/customers/"):
            self._one(path)
        elif path == "/" and self.path.startswith(PREFIX):
            page = PAGE.replace("%LABEL%", self.server.label)
            self._say(200, "text/html; charset=utf-8", page.replace("%CAPTCHA%", str(self.server.captcha).lower()))
        else:
            self._say(404, "text/html; charset=utf-8", "<h1>404</h1>")

    def _one(self, path: str) -> None:
        found = [c for c in self.server.customers if c["no"] == path.rpartition("/")[2] and c["owner"] == self._me()]
        self._json(200 if found else 403, found[0] if found else {"error": "no right"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}")
        path = urlsplit(self.path).path.removeprefix(PREFIX)
        if path == "/api/login":
            right = body.get("password") == PASSWORD
            self._json(200 if right else 401, {"token": self.server.sign_in(body["user"])} if right else {})
        elif not self._me():
            self._json(401, {})
        elif path == "/api/customers":
            self._create(body)
        else:
            self._change(path.rpartition("/")[2], body)

    def _create(self, body: dict[str, Any]) -> None:
        if any(c["name"] == body["name"] for c in self.server.customers):
            self._json(200, {"code": 4711, "message": "该客户已存在，请勿重复登记"})
            return
        made = {**body, "no": secrets.token_hex(4), "owner": self._me(), "stage": "新客户"}
        self.server.customers.append(made)
        self._json(200, made)

    def _change(self, no: str, body: dict[str, Any]) -> None:
        one = next(c for c in self.server.customers if c["no"] == no)
        one.update(body)
        self._json(200, one)

    def _me(self) -> str:
        return self.server.tokens.get(self.headers.get("x-token") or "", "")

    def _json(self, status: int, body: Any) -> None:
        self._say(status, "application/json", json.dumps(body))

    def _say(self, status: int, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        for name, value in {"content-type": kind, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet."""
