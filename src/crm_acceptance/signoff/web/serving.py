"""Starts the sign-off page on the loopback address, and nowhere else; ends with Ctrl-C."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from crm_acceptance import profile as profiles
from crm_acceptance.errors import WrongUse
from crm_acceptance.profile import Profile
from crm_acceptance.signoff.web import evidence
from crm_acceptance.signoff.web.app import Page, made
from crm_acceptance.signoff.web.guard import Guard

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Prepared:
    """A server that does not run yet, its sockets (pages, evidence), and where to open it."""

    server: uvicorn.Server
    sockets: list[socket.socket]
    url: str


def serve(profile: Profile, run_dir: Path, port: int, tell: Callable[[str], None]) -> None:
    """Until somebody interrupts. The profile is read anew for every page. WrongUse when the port is taken."""
    page = Page(lambda: profiles.load(profile.workspace, profile.system), run_dir)
    page.overview()  # collects the workspace once, and says what is wrong before anybody opens the page
    ready = prepared(page, run_dir, port)
    tell(ready.url)
    with suppress(KeyboardInterrupt):  # how people end it: nothing was broken off
        ready.server.run(sockets=ready.sockets)


def prepared(page: Page, run_dir: Path, port: int = 0) -> Prepared:
    """No access log: addresses hold no secret, and forms are nobody's business."""
    pages, apart = _listening(port), _listening(0)
    there = apart.getsockname()[1]
    app = Guard(made(page, f"http://{HOST}:{there}"), evidence.made(run_dir), there)
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=2
    )
    return Prepared(uvicorn.Server(config), [pages, apart], f"http://{HOST}:{pages.getsockname()[1]}/")


def _listening(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError as refused:
        listening.close()
        raise WrongUse(f"端口 {port} 用不了：{refused.strerror}。请换一个 --port。The port is taken.") from None
    listening.listen(64)
    return listening
