"""HTTP of the generator: Calls to one site over connections that are kept open, each answer bounded in time and size.

Redirects are not followed and no cookies are kept: a flow reads and sends its own. Judges nothing, waits for nobody.
"""

from __future__ import annotations

import errno
import json
import os
import socket as sockets
import ssl
import zlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

import gevent  # type: ignore[import-untyped]
from gevent import socket
from geventhttpclient._parser import HTTPParseError
from urllib3.filepost import encode_multipart_formdata

from crm_acceptance.engines.load.deadlines import Deadlines, Late
from crm_acceptance.engines.load.line import BIGGEST, Line, TlsLine, TooBig
from crm_acceptance.errors import SiteOutOfReach, Unproven, WrongUse
from crm_acceptance.sending import untrusted
from crm_acceptance.systems.flow import Answer, Call

AGENT = "crm-acceptance-load"
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
"""May be sent again when a kept connection turns out to be closed (RFC 9110, 9.2.2)."""
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
OUT_OF_SOCKETS = frozenset({errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS, errno.ENOMEM})
"""Our own machine's troubles, never the site's."""
END, INTERIM = b"\r\n\r\n", (b"HTTP/1.1 1", b"HTTP/1.0 1")
"""Of a head; how those begin that only announce (100 Continue, 103 Early Hints)."""
_SAFE = "!#$%&'()*+,/:;=?@[]~"

Tell = Callable[[str, str, float, int, str], object]
"""Is told of every request: method, name, milliseconds, bytes, error."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it goes over the wire, and what is told of it: `name` in statistics."""

    wire: bytes
    method: str
    path: str
    name: str


class Wire:
    """All connections to one site, shared by all hands. Seconds of `timeout` are for the whole answer."""

    def __init__(self, url: str, ca: str = "", timeout: float = 10.0, tell: Tell = lambda *_: None) -> None:
        self.url, self.timeout, self._ca, self._tell = url, timeout, ca, tell
        where = urlsplit(url)
        self._host, self._tls = _ascii(where.hostname or ""), where.scheme == "https"
        self._port = where.port or (443 if self._tls else 80)
        self._prefix = where.path.rstrip("/")
        self._greeting = self._greeted(_ascii(where.netloc.rpartition("@")[2]), where.username, where.password)
        self._idle: list[Line] = []
        self._deadlines = Deadlines(timeout)
        self._reached = False
        self._places: list[tuple[Any, ...]] = []

    def _greeted(self, netloc: str, user: str | None, password: str | None) -> dict[str, str]:
        """Header lines of every request; names in lower case, so that a Call's own replace them."""
        lines = {"host": netloc, "user-agent": AGENT, "accept": "*/*", "accept-encoding": "gzip, deflate"}
        if user:
            known = f"{unquote(user)}:{unquote(password or '')}".encode()
            lines["authorization"] = "Basic " + b64encode(known).decode()
        return lines

    def send(self, call: Call) -> Answer:
        """One Call. SiteOutOfReach: no whole answer; Unproven: this machine has no sockets left."""
        return self.read(self.prepared(call))

    def read(self, request: Request) -> Answer:
        """The whole answer to a request that was prepared before."""
        line, status = self._exchanged(request)
        headers = headers_of(line.head)
        try:
            body = plain(b"".join(line.pieces), headers.get("content-encoding", ""))
        except zlib.error as broken:
            raise SiteOutOfReach(f"应答不完整 {_said(request)}：{broken}。A broken answer.") from None
        return Answer(status, headers, body, self.url + request.path)

    def look(self, request: Request) -> tuple[int, bytes]:
        """Status and head of the answer to a request that was prepared before; nobody wants its body."""
        line, status = self._exchanged(request)
        head = line.head
        return status, head if head.startswith(INTERIM) else head.partition(END)[0] + END

    def prepared(self, call: Call) -> Request:
        """The Call as bytes."""
        path = call.path
        if call.params:
            path += ("&" if "?" in path else "?") + urlencode(call.params)
        if not path.isascii() or " " in path:
            path = quote(path, safe=_SAFE)
        lines, body = written(call)
        lines = self._greeting | lines
        if body or call.method in WITH_BODY:
            lines["content-length"] = str(len(body))
        head = "\r\n".join((f"{call.method} {self._prefix}{path} HTTP/1.1", *(f"{n}: {v}" for n, v in lines.items())))
        if len(head.splitlines()) != len(lines) + 1 or not path.startswith("/"):
            raise WrongUse(f"路径或请求头不能发送：{call.method} {call.path!r}。This path or header cannot be sent.")
        return Request(head.encode() + b"\r\n\r\n" + body, call.method, call.path, call.verb or call.path)

    def _exchanged(self, request: Request) -> tuple[Line, int]:
        """The connection that holds the answer; told of whatever came."""
        began, size, error = perf_counter(), 0, "broken off"
        try:
            line, status = self._in_time(request)
            size, error = line.size, "" if status < 400 else f"HTTP {status}"
        except Exception as no:
            error = str(no)
            raise
        finally:
            self._tell(request.method, request.name, (perf_counter() - began) * 1000, size, error)
        return line, status

    def _in_time(self, request: Request) -> tuple[Line, int]:
        heard: list[bool] = []
        self._deadlines.begin()
        try:
            return self._asked(request, heard)
        except Late:
            what = "应答没有完" if heard else "没有应答"
            raise SiteOutOfReach(f"{what} {_said(request)}：{self.timeout:g} 秒。No end within that time.") from None
        except TooBig as long:
            raise SiteOutOfReach(f"应答不完整 {_said(request)}：{long}") from None
        except ssl.SSLCertVerificationError as error:
            raise untrusted(self.url, error) from None
        except HTTPParseError as broken:
            raise SiteOutOfReach(f"应答不完整 {_said(request)}：{broken}。A broken answer.") from None
        except OSError as error:
            raise self._unreachable(request, error, heard) from None
        finally:
            self._deadlines.end()

    def _asked(self, request: Request, heard: list[bool]) -> tuple[Line, int]:
        """Asks once; once more where a kept connection turns out to be closed and asking twice does no harm."""
        twice = request.method in IDEMPOTENT
        line = self._line()
        try:
            return self._asked_on(line, request, heard)
        except (OSError, HTTPParseError):
            if heard or not line.used or not twice:
                raise
        return self._asked_on(self._connected(), request, heard)

    def _asked_on(self, line: Line, request: Request, heard: list[bool]) -> tuple[Line, int]:
        try:
            status = line.ask(request.wire, request.method == "HEAD")
        except BaseException:
            if line.heard:
                heard.append(True)
            line.close()
            raise
        self._idle.append(line) if line.reusable else line.close()
        return line, status

    def _line(self) -> Line:
        """A kept connection that is still open and silent, else a new one."""
        while self._idle:
            line = self._idle.pop()
            if line.alive():
                return line
            line.close()
        return self._connected()

    def _connected(self) -> Line:
        """A new connection, to the first of the host's addresses that takes one; it comes first from now on. Until one
        has, each gets its part of the time: an IPv6 address that leads nowhere must not use up that of the other."""
        refused: OSError = OSError(errno.EHOSTUNREACH, "no address")
        places = self._addresses()
        each = None if self._reached else self.timeout / max(1, len(places))
        for place in places:
            line = self._new(place)
            try:
                with gevent.Timeout(each, OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))):
                    line.connect()
            except BaseException as error:
                line.close()
                if not isinstance(error, OSError) or isinstance(error, ssl.SSLError):
                    raise
                refused = error
                continue
            self._reached = True
            if place is not self._places[0]:
                self._places = [place, *(other for other in self._places if other is not place)]
            return line
        raise refused

    def _new(self, place: tuple[Any, ...]) -> Line:
        if self._tls:
            return TlsLine(place[4], place[0], self._context, self._host)
        return Line(place[4], place[0])

    def _addresses(self) -> list[tuple[Any, ...]]:
        """Looked up once: a name server is not what is measured."""
        if not self._places:
            self._places = list(socket.getaddrinfo(self._host, self._port, 0, sockets.SOCK_STREAM))
        return self._places

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._ca or None)

    def _unreachable(self, request: Request, error: OSError, heard: list[bool]) -> Exception:
        if error.errno in OUT_OF_SOCKETS and (self._reached or error.errno != errno.EADDRNOTAVAIL):
            return Unproven(
                f"压测机的连接或文件描述符用完了（{errno.errorcode[error.errno]}），测到的不是站点。"
                "The generator ran out of sockets or ports: raise `ulimit -n`, lower the rate or use more workers."
            )
        what = "应答不完整" if heard else "连不上或没有应答"
        return SiteOutOfReach(f"{what} {_said(request)}：{error.strerror or repr(error)}。No answer.")

    def close(self) -> None:
        """Closes what is idle."""
        while self._idle:
            self._idle.pop().close()


def _ascii(host: str) -> str:
    """A host written in Chinese as it goes over the wire (RFC 3490)."""
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        raise WrongUse(f"站点的主机名写错了：{host!r}。No name of a host.") from None


def _said(request: Request) -> str:
    return f"{request.method} {request.path}"


def written(call: Call) -> tuple[dict[str, str], bytes]:
    """Header lines (names in lower case) and body of a Call."""
    lines = {str(name).lower(): str(value) for name, value in call.headers.items()}
    kind, body = "", call.body or b""
    if call.files:
        body, kind = encode_multipart_formdata({**(call.form or {}), **call.files})
        lines.pop("content-type", "")
    elif call.form is not None:
        body, kind = urlencode(call.form).encode(), "application/x-www-form-urlencoded"
    elif call.json is not None and not body:
        body, kind = json.dumps(call.json).encode(), "application/json"
        lines = {"accept": "application/json"} | lines
    return ({"content-type": kind} if kind else {}) | lines, body.encode() if isinstance(body, str) else body


def headers_of(head: bytes) -> dict[str, str]:
    """Header lines of an answer, names in lower case; several of one name are joined, so that all cookies are kept."""
    while head.startswith(INTERIM):
        head = head.partition(END)[2]
    found: dict[str, str] = {}
    for line in head.partition(END)[0].decode("latin-1").split("\r\n")[1:]:
        name, _, value = line.partition(":")
        name, value = name.strip().lower(), value.strip()
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def plain(body: bytes, encoding: str) -> bytes:
    """The body as it was before it was compressed, no more of it than an answer may have. zlib.error when it is cut."""
    kind = encoding.strip().lower()
    if kind not in ("gzip", "x-gzip", "deflate") or not body:
        return body
    raw = kind == "deflate" and (body[0] & 0x0F != 8 or int.from_bytes(body[:2]) % 31 != 0)
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS if raw else zlib.MAX_WBITS | 32)
    found = unpacker.decompress(body, BIGGEST + 1)
    if len(found) > BIGGEST:
        raise zlib.error(f"应答超过 {BIGGEST // 2**20} MB（too big an answer）")
    if not unpacker.eof:
        raise zlib.error("cut off")
    return found
