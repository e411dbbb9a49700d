"""A site of raw bytes for tests of the generator's client: what is answered, in which pieces, and when it hangs up.

A script says of each request (its number from 1, its bytes) what is sent: pieces, or None to hang up at once.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

Script = Callable[[int, bytes], Iterable[bytes] | None]
END = b"\r\n\r\n"


@dataclass
class RawSite:
    """`asked`: the requests as they came; `connections`: how many were made; `close`: hang up after each answer."""

    script: Script
    close: bool = False
    tls: ssl.SSLContext | None = None
    asked: list[bytes] = field(default_factory=list)
    connections: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def talk(self, line: socket.socket) -> None:
        """One connection from its beginning to its end."""
        with suppress(OSError), line if self.tls is None else self.tls.wrap_socket(line, server_side=True) as open_line:
            while request := _request(open_line):
                self.asked.append(request)
                pieces = self.script(len(self.asked), request)
                for piece in pieces or ():
                    open_line.sendall(piece)
                if pieces is None or self.close:
                    return


def _request(line: socket.socket) -> bytes:
    """One whole request; b"" when the other side has hung up."""
    data = b""
    while END not in data:
        more = line.recv(65536)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(END)
    length = next((int(one[15:]) for one in head.lower().split(b"\r\n") if one.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += line.recv(65536)
    return head + END + body


@contextmanager
def raw_site(script: Script, close: bool = False, pem: Path | None = None) -> Iterator[RawSite]:
    """Within, it listens on 127.0.0.1; `pem`: a folder with site.pem and key.pem for TLS."""
    site = RawSite(script, close)
    if pem is not None:
        site.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        site.tls.load_cert_chain(pem / "site.pem", pem / "key.pem")
    with socket.create_server(("127.0.0.1", 0), backlog=64) as door:
        site.url = f"{'https' if pem else 'http'}://127.0.0.1:{door.getsockname()[1]}"
        threading.Thread(target=_listen, args=(site, door), daemon=True).start()
        yield site
        site.over.set()
        with suppress(OSError):
            door.shutdown(socket.SHUT_RDWR)


def _listen(site: RawSite, door: socket.socket) -> None:
    with suppress(OSError):
        while True:
            line, _ = door.accept()
            site.connections += 1
            threading.Thread(target=site.talk, args=(line,), daemon=True).start()


def ok(body: bytes = b"{}", *lines: bytes) -> bytes:
    """A proper answer, with more header lines if need be."""
    head = (b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *lines)
    return b"\r\n".join(head) + END + body
