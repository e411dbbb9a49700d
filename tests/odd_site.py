"""A site with the odd manners of real ones: HTTP/1.0, closes connections, throttles, redirects, sits under a prefix.

`OddSite(...)` serves from a thread of this process; every request is kept in `seen`. No test lives here.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import NamedTuple


class Seen(NamedTuple):
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Said(NamedTuple):
    """What the site answers."""

    status: int = 200
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)


class OddSite:
    """`answer` maps (method, path, how many requests before) to what is said; `version` HTTP/1.0 or HTTP/1.1."""

    def __init__(
        self,
        answer: Callable[[Seen, int], Said],
        *,
        version: str = "HTTP/1.1",
        closing: bool = False,
        certificate: Path | None = None,
    ) -> None:
        self.seen: list[Seen] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, answer, version, closing))
        scheme = "http"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            scheme = "https"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> OddSite:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(
    site: OddSite, answer: Callable[[Seen, int], Said], version: str, closing: bool
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = version

        def do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            seen = Seen(self.command, self.path, dict(self.headers.items()), body)
            site.seen.append(seen)
            self._say(answer(seen, len(site.seen) - 1))

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do

        def _say(self, said: Said) -> None:
            self.send_response(said.status)
            for name, value in said.headers:
                self.send_header(name, value)
            if version == "HTTP/1.1":
                self.send_header("Content-Length", str(len(said.body)))
            if closing:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(said.body if self.command != "HEAD" else b"")

        def log_message(self, *_: object) -> None:
            """Nothing on the console."""

    return Handler


def self_signed(folder: Path, name: str = "127.0.0.1") -> Path:
    """A certificate of its own for that address, with its key, as one PEM file; made by openssl."""
    import subprocess

    key, made = folder / "key.pem", folder / "site.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=odd"),
            *("-addext", f"subjectAltName=IP:{name}", "-keyout", str(key), "-out", str(made)),
        ],
        check=True,
        capture_output=True,
    )
    both = folder / "both.pem"
    both.write_bytes(key.read_bytes() + made.read_bytes())
    return both
