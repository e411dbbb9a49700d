"""One client's connection to the fault proxy: reads requests, has them struck and passed on, writes the answers."""

from __future__ import annotations

import selectors
import socket
import ssl
import time
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from urllib.parse import urlsplit

import urllib3

from crm_acceptance.engines.faults import passing
from crm_acceptance.engines.faults.passing import CHUNK, Target
from crm_acceptance.engines.faults.strike import Headers, Plan, Request, Striker


class Handler(BaseHTTPRequestHandler):
    """One client's connection: request after request."""

    protocol_version = "HTTP/1.1"
    wbufsize = CHUNK
    disable_nagle_algorithm = True

    def __init__(self, to: Target, striker: Striker, *rest: object) -> None:
        self.to, self.striker = to, striker
        super().__init__(*rest)  # type: ignore[arg-type]

    def do(self) -> None:
        """Any method."""
        if self.headers.get("Upgrade"):
            self._tunnel()
            return
        headers = tuple(self.headers.items())
        plan = self.striker.plan(Request(self.command, self.path, headers, self._body()))
        if plan.latency:
            time.sleep(plan.latency)
        if plan.error:
            self._say(500, "故障代理：这个请求没有到达 CRM。The fault proxy answered, not the CRM.")
            return
        try:
            self._pass_on(plan)
        except urllib3.exceptions.HTTPError as error:
            self._say(502, f"故障代理：CRM 没有应答（{type(error).__name__}）。The CRM did not answer the fault proxy.")

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do

    def _pass_on(self, plan: Plan) -> None:
        answer = passing.ask(self.to, plan.request, self._front())
        if plan.double:
            answer = _kept(answer)
            passing.ask(self.to, plan.request, self._front()).drain_conn()
        if plan.lose:
            answer.drain_conn()
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._answer(answer)

    def _answer(self, answer: urllib3.BaseHTTPResponse) -> None:
        headers = passing.headers_back(self.to, answer, self._front())
        if self.striker.hides(self.path):
            body = self.striker.hiding(
                self.path, answer.read(decode_content=True), answer.headers.get("content-type", "")
            )
            headers = tuple(pair for pair in headers if pair[0].lower() != "content-encoding")
            self._head(answer.status, answer.reason, (*headers, ("Content-Length", str(len(body)))))
            self.wfile.write(b"" if self.command == "HEAD" else body)
        elif self.command == "HEAD" or answer.status in (204, 304):
            self._head(answer.status, answer.reason, (*headers, *_length(answer)))
        else:
            self._stream(answer, headers)
        self.wfile.flush()
        answer.release_conn()

    def _stream(self, answer: urllib3.BaseHTTPResponse, headers: Headers) -> None:
        """As it comes: with its length when the CRM tells it, else in chunks, else until the end."""
        length, chunked = _length(answer), self.request_version == "HTTP/1.1"
        how = length or ([("Transfer-Encoding", "chunked")] if chunked else [("Connection", "close")])
        self.close_connection = self.close_connection or not (length or chunked)
        self._head(answer.status, answer.reason, (*headers, *how))
        for piece in answer.stream(CHUNK, decode_content=False):
            self.wfile.write(piece if length or not chunked else b"%x\r\n%s\r\n" % (len(piece), piece))
            if not length:
                self.wfile.flush()
        if chunked and not length:
            self.wfile.write(b"0\r\n\r\n")

    def _head(self, status: int, reason: str | None, headers: Headers) -> None:
        lines = [f"HTTP/1.1 {status} {reason or ''}", *(f"{name}: {value}" for name, value in headers)]
        self.wfile.write("".join(f"{line}\r\n" for line in (*lines, "")).encode("latin-1", "replace"))

    def _say(self, status: int, sentence: str) -> None:
        body = sentence.encode()
        kind = ("Content-Type", "text/plain; charset=utf-8")
        self._head(status, "Fault proxy", (kind, ("Content-Length", str(len(body)))))
        self.wfile.write(b"" if self.command == "HEAD" else body)
        self.wfile.flush()

    def _front(self) -> str:
        return f"http://{self.headers.get('Host', '127.0.0.1')}"

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return b"".join(iter(self._chunk, b""))
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline().partition(b";")[0] or b"0", 16)
        piece = self.rfile.read(size)
        self.rfile.readline()
        return piece

    def _tunnel(self) -> None:
        """A web socket: bytes both ways until either side ends; no fault is made in it."""
        where = urlsplit(self.to.origin)
        port = where.port or (443 if self.to.secure else 80)
        plain = socket.create_connection((where.hostname or "", port), passing.CONNECT)
        context = ssl.create_default_context(cafile=self.to.pool.connection_pool_kw.get("ca_certs"))
        behind = context.wrap_socket(plain, server_hostname=where.hostname) if self.to.secure else plain
        lines = [f"{self.command} {self.path} HTTP/1.1", f"Host: {where.netloc}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items() if name.lower() not in ("host", "origin")]
        lines += [f"Origin: {self.to.origin}"] if "Origin" in self.headers else []
        with behind:
            behind.sendall("".join(f"{line}\r\n" for line in (*lines, "")).encode("latin-1"))
            _pump(self.connection, behind)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Silence: the tally tells what there is to tell."""


def _kept(answer: urllib3.BaseHTTPResponse) -> urllib3.BaseHTTPResponse:
    """The same answer with its body in memory, so that its connection is free for the second request."""
    body = answer.read(decode_content=False)
    headers = urllib3.HTTPHeaderDict(answer.headers)
    headers.discard("transfer-encoding")
    headers["content-length"] = str(len(body))
    return urllib3.HTTPResponse(
        body=BytesIO(body), headers=headers, status=answer.status, reason=answer.reason,
        preload_content=False, decode_content=False, request_method=None,
    )  # fmt: skip


def _length(answer: urllib3.BaseHTTPResponse) -> list[tuple[str, str]]:
    told = answer.headers.get("content-length")
    return [("Content-Length", told)] if told is not None else []


def _pump(one: socket.socket, other: socket.socket) -> None:
    with selectors.DefaultSelector() as ready:
        ready.register(one, selectors.EVENT_READ, other)
        ready.register(other, selectors.EVENT_READ, one)
        while True:
            for key, _ in ready.select():
                piece = key.fileobj.recv(CHUNK)  # type: ignore[union-attr]
                if not piece:
                    return
                key.data.sendall(piece)
