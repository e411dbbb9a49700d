"""One connection of the generator and the answer that is read from it; parses, and knows nothing of Calls or retries.

The parser is geventhttpclient's (llhttp), as under Locust's FastHttpUser; what that client puts around it (header
objects, cookie jar, redirects, a look-up of the pool by select) costs more than the request, so it is left out.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket as sockets
import ssl
from typing import Any

import gevent  # type: ignore[import-untyped]
from gevent import monkey
from geventhttpclient._parser import HTTPParseError, HTTPResponseParser

PIECE, BIGGEST, LONGEST = 2**16, 32 * 2**20, 2**18
"""Bytes read at once; of one answer, and of its head, at most: browsers, too, read no longer head."""
READABLE, WRITABLE = 1, 2
_plain_socket, _poll = monkey.get_original("socket", "socket"), monkey.get_original("select", "poll")


class TooBig(Exception):
    """An answer that is longer than a CRM's may be; the message says what of it is."""


class Line(HTTPResponseParser):
    """A connection. `head` and `pieces` are those of the last answer; `heard`: whether any byte of it has come."""

    _on_header_field: Any = {}.get  # the quickest callable that answers None: `head` is read instead, if at all
    _on_header_value = _on_status = _on_header_field

    def __init__(self, address: tuple[Any, ...], family: int) -> None:
        super().__init__()
        self._socket: Any = _plain_socket(family, sockets.SOCK_STREAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_NODELAY, 1)
        self._hub = gevent.get_hub()
        self._readable = self._hub.loop.io(self._socket.fileno(), READABLE)
        self._writable = self._hub.loop.io(self._socket.fileno(), WRITABLE)
        self._news = _poll()
        self._news.register(self._socket.fileno(), READABLE)
        self._address = address
        self._bodiless = self._headed = self._done = self._dirty = False
        self.heard, self.used, self.head, self.size = False, False, b"", 0
        self.pieces: list[bytes] = []

    def connect(self) -> None:
        """OSError when nobody listens there."""
        code = self._socket.connect_ex(self._address)
        if code == errno.EINPROGRESS:
            self._hub.wait(self._writable)
            code = self._socket.getsockopt(sockets.SOL_SOCKET, sockets.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))

    def ask(self, request: bytes, bodiless: bool = False) -> int:
        """Sends the request and reads its whole answer; the status. HTTPParseError when it is none or breaks off,
        TooBig, OSError. `bodiless`: an answer to HEAD announces a length and has no body."""
        self._bodiless, self._headed, self._done, self.heard = bodiless, False, False, False
        self.head, self.size, self.pieces = b"", 0, []
        self._write(request)
        while not self._done:
            data = self._read()
            self.heard = self.heard or bool(data)
            if not self._headed:
                self.head += data
            self._fed(data)
        self.used = True
        return int(self.get_code())

    def _fed(self, data: bytes) -> None:
        try:
            self.feed(data)
        except HTTPParseError:
            if not self._done:  # what comes after the end of an answer is not its fault
                raise
            self._dirty = True
        if self.size > BIGGEST:
            raise TooBig(f"应答超过 {BIGGEST // 2**20} MB（too big an answer）")
        if not self._headed and len(self.head) > LONGEST:
            raise TooBig(f"应答头超过 {LONGEST // 2**10} KB（too big a header）")
        if not data and not self._done:
            raise HTTPParseError("connection closed")

    @property
    def reusable(self) -> bool:
        """Whether another request may be sent here."""
        return self._done and not self._dirty and bool(self.should_keep_alive())

    def alive(self) -> bool:
        """Whether an idle connection is still open and silent, as it has to be."""
        return not self._news.poll(0)

    def close(self) -> None:
        """Lets go of everything; may be called twice."""
        for watcher in (self._readable, self._writable):
            watcher.stop()
            watcher.close()
        self._socket.close()

    def _write(self, data: bytes) -> None:
        while data:
            try:
                data = data[self._socket.send(data) :]
            except BlockingIOError:
                self._hub.wait(self._writable)

    def _read(self) -> bytes:
        while True:
            self._hub.wait(self._readable)
            with contextlib.suppress(BlockingIOError):
                return bytes(self._socket.recv(PIECE))

    def _on_message_begin(self) -> None:
        self._dirty = self._dirty or self._done

    def _on_headers_complete(self) -> bool:
        self._headed = self.get_code() >= 200
        return self._bodiless

    def _on_body(self, piece: bytearray) -> None:
        self.size += len(piece)
        self.pieces.append(bytes(piece))

    def _on_message_complete(self) -> None:
        self._done = self._done or self.get_code() >= 200  # 1xx only announces


class TlsLine(Line):
    """The same under TLS: the certificate is looked at by the context that is given."""

    def __init__(self, address: tuple[Any, ...], family: int, context: ssl.SSLContext, host: str) -> None:
        super().__init__(address, family)
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_hostname=host)

    def connect(self) -> None:
        """OSError when nobody listens there; ssl.SSLError when the certificate is not trusted."""
        super().connect()
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._more()
                continue
            finally:
                super()._write(self._out.read())
            return

    def _more(self) -> None:
        """Sends what TLS has to say and takes in what comes."""
        super()._write(self._out.read())
        data = super()._read()
        self._in.write(data) if data else self._in.write_eof()

    def _write(self, data: bytes) -> None:
        while data:
            data = data[self._tls.write(data) :]
            super()._write(self._out.read())

    def _read(self) -> bytes:
        while True:
            try:
                return self._tls.read(PIECE)
            except ssl.SSLWantReadError:
                self._more()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""
