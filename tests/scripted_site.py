"""A site of one thread that speaks just enough of the reference CRM's API to be put under load, with scripted faults.

`python scripted_site.py MODE`: fine | stall (freezes for STALL seconds once) | broken (500 to every list) | deaf (no
answer to a list, ever) | huge (2 GB for a list) | cut (half an answer) | drip (a byte now and then) | throttle (429
from the 12th list on) | quota (tells what is left of 40 requests). Prints its address as the first line; ends when its
standard input is closed.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer

STALL, AFTER = 1.5, 12
mode = sys.argv[1]
asked = 0
released = threading.Event()


class Site(BaseHTTPRequestHandler):
    """Answers everybody, one after another."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self._answer(200, {"token": "t", "expires_in": 60, "user": {}})

    def do_GET(self) -> None:
        global asked
        asked += 1
        if mode == "stall" and asked == AFTER:
            time.sleep(STALL)  # the stall is the script
        if mode == "deaf":
            released.wait()
        if mode in TROUBLES:
            self._trouble()
            return
        throttled = mode == "throttle" and asked >= AFTER
        self._answer(
            429 if throttled else 500 if mode == "broken" else 200, {"items": [], "total": 0, "page": 1, "size": 20}
        )

    def _trouble(self) -> None:
        self.send_response(200)
        self.send_header("content-length", str(2 * 2**30))
        self.end_headers()
        self.close_connection = True
        with contextlib.suppress(OSError):
            for _ in range(2048 if mode == "huge" else 1 if mode == "cut" else 60):
                self.wfile.write(b" " * (2**20 if mode == "huge" else 1))
                released.wait(0.5 if mode == "drip" else 0)

    def _answer(self, status: int, body: object) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.send_header("connection", "close")
        if mode == "quota":
            self.send_header("X-RateLimit-Limit", "40")
            self.send_header("X-RateLimit-Remaining", str(40 - asked))
        if status == 429:
            self.send_header("Retry-After", "120")
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Nothing on the console."""


TROUBLES = ("huge", "cut", "drip")
server = (ThreadingHTTPServer if mode in TROUBLES else HTTPServer)(("127.0.0.1", 0), Site)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
server.serve_forever()
