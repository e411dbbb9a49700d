"""A small but real CRM over HTTP that speaks an odd dialect: nothing in the harness was written for it. Not a test.

Logins give a key, lists are wrapped twice, pages count from 0, money is cents, dates are German, people are numbers,
"denied" is HTTP 400 with a code. `strict` refuses unknown keys, else they are ignored, as many CRMs do.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

PREFIX = "/rest/v2"
PASSWORD = "odd-enough-1"
PEOPLE = {"anna": ("P-1", "agent"), "bert": ("P-2", "agent"), "cora": ("P-3", "chief"), "dora": ("P-4", "reader")}
DATE = re.compile(r"\d\d\.\d\d\.\d{4}")
TABLES: dict[str, dict[str, Any]] = {
    "firmen": {
        "letter": "F",
        "fields": {"bezeichnung": "text", "mobil": "text", "post": "text", "branche": "text", "zustand": "choice"},
        "needed": ("bezeichnung",),
        "choices": {"zustand": ("aktiv", "frei")},
        "search": "bezeichnung",
    },
    "chancen": {
        "letter": "C",
        "fields": {"titel": "text", "firma": "ref", "wert": "cents", "phase": "choice", "faellig": "date"},
        "needed": ("titel", "firma", "wert"),
        "choices": {"phase": ("erstkontakt", "angebot", "verhandlung", "gewonnen", "verloren")},
        "search": "titel",
    },
    "faelle": {
        "letter": "T",
        "fields": {"betreff": "text", "firma": "ref", "eile": "choice", "zustand": "choice", "loesung": "text"},
        "needed": ("betreff", "firma"),
        "choices": {"eile": ("niedrig", "normal", "hoch", "sofort"), "zustand": ("neu", "vergeben", "geloest", "zu")},
        "search": "betreff",
    },
}
_FOLLOWS = {"neu": ("neu", "vergeben", "geloest"), "vergeben": ("vergeben", "geloest"), "geloest": ("geloest", "zu")}


class Fault(Exception):
    """An answer that is no: status, number, text."""

    def __init__(self, status: int, number: str, text: str) -> None:
        super().__init__(text)
        self.status, self.number, self.text = status, number, text


@dataclass
class Crm:
    """What the server knows; one per test."""

    strict: bool = False
    records: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: {name: {} for name in TABLES})
    files: dict[str, tuple[str, str, bytes]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    renewals: dict[str, str] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    lock: threading.Lock = field(default_factory=threading.Lock)
    asked: list[str] = field(default_factory=list)
    busy: str = ""

    def login(self, body: dict[str, Any]) -> dict[str, Any]:
        name = body.get("konto")
        if "konto" not in body or "kennwort" not in body:
            raise Fault(422, "E3", "konto und kennwort werden gebraucht")
        if name not in PEOPLE or body["kennwort"] != PASSWORD:
            raise Fault(400, "E100", "密码错误 falsches Kennwort")
        return {"antwort": self._session(name)}

    def _session(self, name: str) -> dict[str, Any]:
        key, renewal = f"key{next(self.numbers)}-{name}-0123456789", f"renew{next(self.numbers)}-{name}-0123456789"
        self.tokens[key], self.renewals[renewal] = name, name
        return {"schluessel": key, "erneuern": renewal, "person": {"nr": PEOPLE[name][0]}}

    def renew(self, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("erneuern") not in self.renewals:
            raise Fault(401, "E101", "abgelaufen")
        return {"antwort": self._session(self.renewals[body["erneuern"]])}

    def visible(self, table: str, who: str) -> list[dict[str, Any]]:
        number, role = PEOPLE[who]
        rows = self.records[table].values()
        return [row for row in rows if role in ("chief", "reader") or row["betreuer"] == number]

    def one(self, table: str, id: str, who: str) -> dict[str, Any]:
        if id not in self.records[table]:
            raise Fault(404, "E4", "nicht gefunden")
        row = self.records[table][id]
        if row not in self.visible(table, who):
            raise Fault(400, "E2", "kein Recht")
        return row

    def save(self, table: str, row: dict[str, Any], body: dict[str, Any]) -> None:
        for key, value in body.items():
            if key in TABLES[table]["fields"]:
                row[key] = self._value(table, key, value)
            elif self.strict:
                raise Fault(422, "E3", f"unbekanntes Feld: {key}")
        for key in TABLES[table]["needed"]:
            if row.get(key) in (None, ""):
                raise Fault(422, "E3", f"Feld {key} fehlt")

    def _value(self, table: str, key: str, value: Any) -> Any:
        kind = TABLES[table]["fields"][key]
        if value in (None, ""):
            return value
        if kind == "cents" and (not isinstance(value, int) or isinstance(value, bool)):
            raise Fault(422, "E3", f"Feld {key}: ganze Zahl erwartet")
        if kind == "date" and not DATE.fullmatch(str(value)):
            raise Fault(422, "E3", "Datum unlesbar")
        if kind == "choice" and value not in TABLES[table]["choices"][key]:
            raise Fault(422, "E3", f"Feld {key}: unbekannter Wert {value}")
        if kind == "ref":
            if not isinstance(value, dict) or value.get("nr") not in self.records["firmen"]:
                raise Fault(422, "E3", f"Feld {key}: Verweis unlesbar")
            return {"nr": value["nr"], "bezeichnung": self.records["firmen"][value["nr"]]["bezeichnung"]}
        return value

    def create(self, table: str, who: str, body: dict[str, Any]) -> dict[str, Any]:
        row: dict[str, Any] = {name: options[0] for name, options in TABLES[table]["choices"].items()}
        row |= {"nr": f"{TABLES[table]['letter']}-{next(self.numbers)}", "betreuer": PEOPLE[who][0]}
        if table == "faelle":
            row |= {"eile": "normal", "loesung": ""}
        self.save(table, row, body)
        self.records[table][row["nr"]] = row
        return row

    def change(self, table: str, id: str, who: str, body: dict[str, Any]) -> dict[str, Any]:
        row = dict(self.one(table, id, who))
        before = row.get("zustand")
        self.save(table, row, body)
        if table == "faelle" and row["zustand"] != before:
            if row["zustand"] not in _FOLLOWS.get(before, ()):
                raise Fault(409, "E5", f"von {before} nach {row['zustand']} geht nicht")
            if row["zustand"] == "geloest" and not row["loesung"]:
                raise Fault(422, "E3", "Feld loesung fehlt")
        self.records[table][id] = row
        return row

    def hand_over(self, table: str, id: str, who: str, body: dict[str, Any]) -> dict[str, Any]:
        row = self.one(table, id, who)
        if body.get("an") not in [number for number, _ in PEOPLE.values()]:
            raise Fault(422, "E3", "an: keine solche Person")
        row["betreuer"] = body["an"]
        return row

    def page(self, table: str, who: str, params: dict[str, str]) -> dict[str, Any]:
        rows = self._found(table, who, params)
        if "ordnung" in params:
            name, _, way = params["ordnung"].partition(":")
            rows = sorted(rows, key=lambda row: str(row.get(name, "")).zfill(12), reverse=way == "ab")
        size = max(1, min(50, int(params.get("anzahl", 20))))
        page = int(params.get("seite", 0))
        return {"ergebnis": {"zeilen": rows[page * size :][:size], "blatt": {"anzahl": len(rows), "seite": page}}}

    def _found(self, table: str, who: str, params: dict[str, str]) -> list[dict[str, Any]]:
        rows = self.visible(table, who)
        if params.get("suche"):
            rows = [row for row in rows if params["suche"] in str(row.get(TABLES[table]["search"]))]
        for key, value in params.items():
            if key.startswith("f_"):
                rows = [row for row in rows if value in (str(row.get(key[2:])), _number(row.get(key[2:])))]
        return rows

    def export(self, table: str, who: str) -> bytes:
        text = io.StringIO()
        writer = csv.DictWriter(text, list(TABLES[table]["fields"]), extrasaction="ignore")
        writer.writeheader()
        writer.writerows(self.visible(table, who))
        return text.getvalue().encode()


def _number(value: Any) -> str:
    return str(value.get("nr", "")) if isinstance(value, dict) else ""


@contextmanager
def running(strict: bool = False) -> Iterator[tuple[str, Crm]]:
    """The CRM at an address of its own, with a few records of everybody; ended on leaving."""
    crm = Crm(strict)
    _seed(crm)
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


def _seed(crm: Crm) -> None:
    for number, who in enumerate(["anna", "bert", "cora"] * 3):
        body = {"bezeichnung": f"Altbestand {number}", "mobil": f"0170{number}", "zustand": "aktiv"}
        crm.create("firmen", who, body)
    firm = {"nr": next(iter(crm.records["firmen"]))}
    for number in range(4):
        deal = {"titel": f"Alt {number}", "firma": firm, "wert": 120050 + number, "faellig": "01.02.2026"}
        crm.create("chancen", "anna", deal)
        crm.create("faelle", "anna", {"betreff": f"Alt {number}", "firma": firm})


class _Handler(BaseHTTPRequestHandler):
    crm: Crm
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # one packet an answer: two would wait for each other's acknowledgement

    def log_message(self, *args: Any) -> None:
        """Silent."""

    def _answer(self, status: int, body: Any = None, kind: str = "application/json") -> None:
        raw = (
            b"" if body is None else body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        )
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _serve(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        self.crm.asked.append(f"{self.command} {self.path}")
        try:
            if self.crm.busy and self.crm.busy in parts.path:
                raise Fault(503, "E9", "zu viel zu tun")
            if not parts.path.startswith(PREFIX + "/"):
                raise Fault(404, "E0", "diese Adresse gibt es nicht")
            way = [unquote(part) for part in parts.path[len(PREFIX) + 1 :].split("/")]
            with self.crm.lock:
                self._route(way, dict(parse_qsl(parts.query)), raw)
        except Fault as no:
            self._answer(no.status, {"fehler": {"nr": no.number, "text": no.text}})

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

    def _json(self, raw: bytes) -> dict[str, Any]:
        try:
            body = json.loads(raw or b"{}")
        except ValueError:
            raise Fault(422, "E3", "kein JSON") from None
        return body if isinstance(body, dict) else {}

    def _route(self, way: list[str], params: dict[str, str], raw: bytes) -> None:
        if way == ["sitzung"] and self.command == "POST":
            self._answer(201, self.crm.login(self._json(raw)))
            return
        if way == ["sitzung", "erneuern"] and self.command == "POST":
            self._answer(200, self.crm.renew(self._json(raw)))
            return
        kind, _, key = self.headers.get("X-Kontor", "").partition(" ")
        who = self.crm.tokens.get(key) if kind == "Schluessel" else None
        if who is None:
            raise Fault(401, "E101", "nicht angemeldet")
        if way == ["sitzung"] and self.command == "DELETE":
            del self.crm.tokens[key]
            self._answer(204)
        elif way == ["leute"] and self.command == "GET":
            self._answer(200, {"ergebnis": {"zeilen": [{"nr": nr, "konto": k} for k, (nr, _) in PEOPLE.items()]}})
        elif way[0] == "anlagen" and len(way) == 2 and way[1] in self.crm.files:
            self._answer(200, self.crm.files[way[1]][2], "application/octet-stream")
        elif way[0].removesuffix(".csv") in TABLES:
            self._records(way, params, raw, who)
        else:
            raise Fault(404, "E0", "diese Adresse gibt es nicht")

    def _records(self, way: list[str], params: dict[str, str], raw: bytes, who: str) -> None:
        table, crm, reader = way[0], self.crm, PEOPLE[who][1] == "reader"
        match self.command, len(way):
            case "GET", 1 if table.endswith(".csv"):
                self._answer(200, crm.export(table.removesuffix(".csv"), who), "text/csv; charset=utf-8")
            case "GET", 1:
                self._answer(200, crm.page(table, who, params))
            case _ if reader and self.command != "GET":
                raise Fault(400, "E2", "kein Recht")
            case "POST", 1:
                self._answer(201, {"antwort": crm.create(table, who, self._json(raw))})
            case "GET", 2:
                self._answer(200, {"antwort": crm.one(table, way[1], who)})
            case "PUT", 2:
                self._answer(200, {"antwort": crm.change(table, way[1], who, self._json(raw))})
            case "DELETE", 2:
                crm.one(table, way[1], who)
                del crm.records[table][way[1]]
                self._answer(204)
            case _:
                self._beside(way, raw, who)

    def _beside(self, way: list[str], raw: bytes, who: str) -> None:
        """What hangs on a record, and handing it over."""
        crm, table = self.crm, way[0]
        match self.command, way[2:]:
            case "POST", ["anlagen"]:
                self._answer(201, {"antwort": self._attach(table, way[1], who, raw)})
            case "GET", ["anlagen"]:
                crm.one(table, way[1], who)
                rows = [{"nr": k, "name": n} for k, (of, n, _) in crm.files.items() if of == way[1]]
                self._answer(200, {"ergebnis": {"zeilen": rows}})
            case "POST", ["uebergabe"]:
                self._answer(200, {"antwort": crm.hand_over(table, way[1], who, self._json(raw))})
            case _:
                raise Fault(405, "E0", "so nicht")

    def _attach(self, table: str, id: str, who: str, raw: bytes) -> dict[str, Any]:
        self.crm.one(table, id, who)
        boundary = self.headers.get("Content-Type", "").partition("boundary=")[2].encode()
        for part in raw.split(b"--" + boundary)[1:-1] if boundary else []:
            head, _, body = part.removeprefix(b"\r\n").removesuffix(b"\r\n").partition(b"\r\n\r\n")
            if b'name="datei"' in head:
                name = re.search(r'filename="([^"]*)"', head.decode())
                key = f"D-{next(self.crm.numbers)}"
                self.crm.files[key] = (id, name[1] if name else "", body)
                return {"nr": key, "name": self.crm.files[key][1]}
        raise Fault(422, "E3", "Feld datei fehlt")
