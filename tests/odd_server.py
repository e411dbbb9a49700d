"""A little real HTTP server of any dialect for the tests of described CRMs, and doors into it. No test lives here."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import requests

from crm_acceptance.actors import RecordsDoor
from crm_acceptance.model import Action, Outcome, Person, Site
from crm_acceptance.sending import http_send
from crm_acceptance.systems import HasRecords
from crm_acceptance.systems.flow import Send
from crm_acceptance.systems.rest import described

LINA = Person("lina", "李娜", "sales", "sales_rep", "lina@example.com")
CHENJING = Person("chenjing", "陈静", "sales", "sales_manager", "chenjing@example.com")
PEOPLE = (LINA, CHENJING)
PASSWORD = "open-sesame-1"


@dataclass(frozen=True)
class Asked:
    """One request as the server saw it."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The JSON body."""
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        """The form body."""
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies that came along."""
        return {name: morsel.value for name, morsel in SimpleCookie(self.headers.get("cookie", "")).items()}

    def one(self, name: str, default: str = "") -> str:
        """One parameter of the query."""
        return self.query.get(name, [default])[0]

    def number(self, name: str, default: int) -> int:
        """One parameter of the query as a number."""
        return int(self.one(name, str(default)))


@dataclass(frozen=True)
class Says:
    """What the server answers; `body` is JSON unless it is text or bytes. `headers` may repeat a name."""

    status: int = 200
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()

    def bytes_and_type(self) -> tuple[bytes, str]:
        """The body on the wire, and its type."""
        if self.body is None:
            return b"", "text/plain"
        if isinstance(self.body, bytes):
            return self.body, "application/octet-stream"
        if isinstance(self.body, str):
            return self.body.encode(), "text/html; charset=utf-8"
        return json.dumps(self.body, ensure_ascii=False).encode(), "application/json"


Dialect = Callable[[Asked], Says]


@dataclass
class Running:
    """A server that runs, and everything it was asked."""

    url: str
    asked: list[Asked] = field(default_factory=list)

    def paths(self, method: str = "") -> list[str]:
        """The paths asked for, in order."""
        return [one.path for one in self.asked if not method or one.method == method]


@contextlib.contextmanager
def serving(dialect: Dialect) -> Iterator[Running]:
    """The dialect on a free port of 127.0.0.1, in threads of its own."""
    running = Running("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65536  # one packet for head and body

        def do(self) -> None:
            there = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            asked = Asked(
                self.command, unquote(there.path), parse_qs(there.query, keep_blank_values=True),
                {name.lower(): value for name, value in self.headers.items()}, self.rfile.read(length),
            )  # fmt: skip
            running.asked.append(asked)
            says = dialect(asked)
            body, kind = says.bytes_and_type()
            self.send_response(says.status)
            told = dict(says.headers)
            for name, value in (*says.headers, *(() if "Content-Type" in told else (("Content-Type", kind),))):
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    running.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Doors:
    """Doors into one server, as one mapping describes it."""

    running: Running
    toml: str
    folder: Path
    prefix: str = ""
    lines: list[requests.Session] = field(default_factory=list)

    def __post_init__(self) -> None:
        file = self.folder / "mapping.toml"
        file.write_text(self.toml, encoding="utf-8")
        system = described("odd", file, PEOPLE)
        assert isinstance(system, HasRecords)
        self.system = system
        self.site = Site("odd", self.running.url + self.prefix)
        self.records = system.records(self.site)

    def send(self) -> Send:
        """A connection of one's own."""
        line = requests.Session()
        line.trust_env = False
        self.lines.append(line)
        return http_send(line, self.site, 10.0)

    def of(self, person: Person = LINA, password: str = PASSWORD, send: Send | None = None) -> RecordsDoor:
        """This person's door."""
        return RecordsDoor(self.records, person, password, send or self.send())

    def do(self, name: str, object: str = "customer", id: str | None = None, **options: Any) -> Outcome:
        """One action of 李娜; `fields` is taken out of the options."""
        fields = options.pop("fields", {})
        if not hasattr(self, "_lina"):
            self._lina = self.of()
        return self._lina.do(Action(name, object, id, fields, options))
