"""The sign-off page of a signing room, served on a free port while a test looks. No test lives here."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from signing_room import Room

from crm_acceptance import contents
from crm_acceptance.signoff.web.app import Page
from crm_acceptance.signoff.web.serving import prepared


@contextmanager
def served(room: Room) -> Iterator[str]:
    """The address, as long as the block runs."""
    page = Page(lambda: room.profile, room.run, lambda: room.now, lambda: room.present or contents.of_run(room.run))
    ready = prepared(page, room.run)
    thread = threading.Thread(target=ready.server.run, kwargs={"sockets": ready.sockets}, daemon=True)
    thread.start()
    try:
        yield ready.url.rstrip("/")
    finally:
        ready.server.should_exit = True
        thread.join(10)
