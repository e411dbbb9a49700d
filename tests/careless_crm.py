"""A CRM of pages only, below a path prefix, with a cookie login that can be made careless in several ways."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PREFIX = "/kunden"
PASSWORDS = {"anna": "Sesam-oeffne-1", "bert": "Sesam-oeffne-1"}
FORM = """<html><form method="POST" action="{prefix}/entrada"><input type="hidden" name="k" value="{token}">
<input name="wer"><input type="password" name="wort"><button>los</button></form>{said}</html>"""
HOME = """<html><h1>Hallo {who}</h1><a href="{prefix}/liste?a=1">Liste</a>
<form method="post" action="{prefix}/abmelden/logout"><input type="hidden" name="k" value="x"></form></html>"""


@dataclass
class Careless:
    """`slips`: what it does wrong. Everything else it does right."""

    slips: set[str] = field(default_factory=set)
    sessions: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, int] = field(default_factory=dict)


class Handler(BaseHTTPRequestHandler):
    """One request; `crm` is set on a class made for each server."""

    crm: Careless

    def log_message(self, *said: object) -> None:
        """Says nothing."""

    def version_string(self) -> str:
        return "SimpleHTTP/0.6 Python/3.11.7" if "version" in self.crm.slips else "web"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == f"{PREFIX}/":
            self._home()
        elif path == f"{PREFIX}/liste":
            who = self.crm.sessions.get(self._cookie())
            self._say(200 if who else 302, "<html>Liste</html>", {} if who else {"Location": f"{PREFIX}/"})
        else:
            said = (
                'Traceback (most recent call last):\n File "/srv/app.py", line 3' if "trace" in self.crm.slips else "-"
            )
            self._say(404, said)

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers.get("content-length", "0"))).decode("latin-1"))
        if "logout" in self.path:
            if "logout" not in self.crm.slips:
                self.crm.sessions.pop(self._cookie(), None)
            self._say(303, "", {"Location": f"{PREFIX}/"})
            return
        self._enter(form.get("wer", [""])[0], form.get("wort", [""])[0])

    def _home(self) -> None:
        who = self.crm.sessions.get(self._cookie())
        if who:
            self._say(200, HOME.format(who=who, prefix=PREFIX))
        else:
            self._say(200, FORM.format(prefix=PREFIX, token=secrets.token_hex(12), said=""))

    def _enter(self, who: str, word: str) -> None:
        locked = self.crm.wrong.get(who, 0) >= 5 and "guess" not in self.crm.slips
        if locked or PASSWORDS.get(who) != word:
            self.crm.wrong[who] = self.crm.wrong.get(who, 0) + 1
            said = "wer?" if "tell" in self.crm.slips and who not in PASSWORDS else "nein"
            self._say(200, FORM.format(prefix=PREFIX, token=secrets.token_hex(12), said=said))
            return
        self.crm.wrong.pop(who, None)
        kept = self._cookie() if "fixed" in self.crm.slips else ""
        session = kept or secrets.token_hex(16)
        self.crm.sessions[session] = who
        flags = "; Path=/" + ("" if "script" in self.crm.slips else "; HttpOnly") + "; SameSite=Lax; Max-Age=3600"
        where = f"{PREFIX}/" + (f"?s={session}" if "address" in self.crm.slips else "")
        self._say(303, "", {"Location": where, "Set-Cookie": f"sitzung={session}{flags}"})

    def _cookie(self) -> str:
        pairs = (part.strip().partition("=") for part in self.headers.get("cookie", "").split(";"))
        return next((value for name, _, value in pairs if name == "sitzung"), "")

    def _say(self, status: int, body: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        raw = body.encode()
        safe = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Content-Type": "text/html"}
        safe |= {"Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'"}
        for name, value in {**safe, **(headers or {}), "Content-Length": str(len(raw))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)


@contextmanager
def running(*slips: str) -> Iterator[str]:
    """Its address, prefix and all."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Own", (Handler,), {"crm": Careless(set(slips))}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{PREFIX}"
    finally:
        server.shutdown()
        server.server_close()
