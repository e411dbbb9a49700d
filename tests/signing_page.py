"""The sign-off page of a signing room, served on a free port while a test looks. No test lives here."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from signing_room import Room

from crm_acceptance import contents
from crm_acceptance.signoff.web.app import Page
from crm_acceptance.signoff.web.serving import HOST, configured


@contextmanager
def served(room: Room) -> Iterator[str]:
    """The address, as long as the block runs."""
    page = Page(lambda: room.profile, room.run, lambda: room.now, lambda: room.present or contents.of_run(room.run))
    listening = socket.create_server((HOST, 0))
    server = uvicorn.Server(configured(page))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
