"""The one place that starts a browser: one per process, one context per person. Knows no CRM and no check."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Error, Page, Playwright, Response, StorageState, sync_playwright

from crm_acceptance.engines.pins import pins
from crm_acceptance.engines.traces import masked_trace
from crm_acceptance.errors import SiteOutOfReach, WrongUse
from crm_acceptance.tools.browser import find_browser, launch_args

PATIENCE_MS = 15_000.0
REST_MS = 5_000.0
"""How long a page may go on fetching before it is looked at as it is."""
VIEWPORT: Any = {"width": 1280, "height": 800}


@dataclass(frozen=True)
class Shot:
    """What a person's screen showed: `kind` is "png" (the window) or "zip" (a masked trace), `person` a key."""

    person: str
    kind: str
    body: bytes


@dataclass(frozen=True)
class _Seat:
    """One person's window in one scene."""

    context: BrowserContext
    page: Page
    site: str


class Browser:
    """The process's browser: started when first needed, ended by close(). Not for use from several threads.

    A trace of calls and network costs nothing that can be measured; with `snapshots` of every page beside it a
    scenario takes 1.11 to 1.15 times the CPU of the same steps in bare Playwright (bench/), so they are asked for.
    """

    def __init__(self, *, tracing: bool = True, snapshots: bool = False, ca: str = "") -> None:
        """`ca`: a PEM file; sites whose certificate has its key are trusted, and no others than before."""
        self._pins = pins(Path(ca)) if ca else ()
        self.tracing = tracing
        self.snapshots = snapshots
        self._driver: Playwright | None = None
        self._chromium: Chromium | None = None
        self._logins: dict[tuple[str, str], StorageState] = {}

    def scene(self, *, tracing: bool = True) -> Scene:
        """The windows of one scenario; leave it with `with` or close().

        Without `tracing` for windows that stay open for long: a trace grows with everything that they do.
        """
        return Scene(self, self.tracing and tracing)

    def forget(self, site: str, person: str) -> None:
        """The next window of this person logs in anew (after a logout, or when the CRM ended the session)."""
        self._logins.pop((site, person), None)

    def context(self, site: str, person: str) -> BrowserContext:
        """A fresh context, already logged in if this person was before."""
        state = self._logins.get((site, person))
        made = self._started().new_context(
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport=VIEWPORT,
            storage_state=state,
            ignore_https_errors=False,
        )
        made.set_default_timeout(PATIENCE_MS)
        return made

    def known(self, site: str, person: str) -> bool:
        """Whether this person logged in before in this process."""
        return (site, person) in self._logins

    def remember(self, site: str, person: str, context: BrowserContext) -> None:
        """Keeps the login of `context` for this person's later windows."""
        self._logins[(site, person)] = context.storage_state()

    def close(self) -> None:
        """Ends the browser and its driver; a browser that is already gone is no error."""
        for part in (self._chromium, self._driver):
            with suppress(Error):
                if part is not None:
                    part.close() if isinstance(part, Chromium) else part.stop()
        self._chromium = self._driver = None

    def _started(self) -> Chromium:
        if self._chromium is None or not self._chromium.is_connected():
            self.close()
            self._chromium = self._launched()
        return self._chromium

    def _launched(self) -> Chromium:
        found = find_browser()
        args = launch_args() + ([f"--ignore-certificate-errors-spki-list={','.join(self._pins)}"] if self._pins else [])
        self._driver = sync_playwright().start()
        try:
            return self._driver.chromium.launch(executable_path=found, args=args, headless=True)
        except Error as error:
            self.close()
            reason = error.message.splitlines()[0]
            raise WrongUse(
                f"浏览器 {found} 启动不了 (cannot be started): {reason}。请执行 run: crm-acceptance doctor"
            ) from None


class Scene:
    """The people of one scenario, each with a window of their own; nothing of it outlives close()."""

    def __init__(self, browser: Browser, tracing: bool) -> None:
        self._browser = browser
        self._tracing = tracing
        self._seats: dict[str, _Seat] = {}

    def page(self, site: str, person: str, login: Callable[[Page], None]) -> Page:
        """This person's page. `login` is called only when nobody remembers this person's login at `site`.

        Tracing begins after the login, so that a typed password is in no trace. What `login` raises goes through.
        """
        if person not in self._seats:
            self._seats[person] = self._seated(site, person, login)
        return self._seats[person].page

    def leave(self, person: str) -> None:
        """Closes this person's window and forgets the login; the next page() logs in again."""
        seat = self._seats.pop(person, None)
        if seat is not None:
            self._browser.forget(seat.site, person)
            with suppress(Error):
                seat.context.close()

    def shots(self, secrets: Iterable[str] = ()) -> tuple[Shot, ...]:
        """Picture and trace of every window, the secrets and all cookies masked. Ends the tracing."""
        known = tuple(secrets)
        return tuple(shot for person, seat in self._seats.items() for shot in self._of(person, seat, known))

    def close(self) -> None:
        """Closes all windows. Traces that nobody asked for are dropped unwritten."""
        while self._seats:
            _, seat = self._seats.popitem()
            with suppress(Error):
                seat.context.close()

    def __enter__(self) -> Scene:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _seated(self, site: str, person: str, login: Callable[[Page], None]) -> _Seat:
        context = self._browser.context(site, person)
        try:
            page = context.new_page()
            if not self._browser.known(site, person):
                login(page)
                self._browser.remember(site, person, context)
        except BaseException:
            context.close()
            raise
        if self._tracing:
            context.tracing.start(screenshots=False, snapshots=self._browser.snapshots, sources=False)
        return _Seat(context, page, site)

    def _of(self, person: str, seat: _Seat, secrets: tuple[str, ...]) -> list[Shot]:
        """A window that crashed has no picture; that must not hide why the scenario failed."""
        taken: list[Shot] = []
        with suppress(Error):
            taken.append(Shot(person, "png", seat.page.screenshot()))
        if self._tracing:
            with suppress(Error):
                taken.append(Shot(person, "zip", _trace(seat.context, secrets)))
        return taken


def body_of(response: Response) -> bytes:
    """What came with this answer; nothing when the page was left before it was read (the browser forgets it then)."""
    with suppress(Error):
        return response.body()
    return b""


def opened(page: Page, url: str) -> None:
    """Draws the page of that address and waits for what its scripts fetch, but not for a site that never rests.

    SiteOutOfReach when no page comes.
    """
    try:
        page.goto(url, wait_until="load", timeout=PATIENCE_MS)
    except Error as error:
        reason = error.message.splitlines()[0]
        raise SiteOutOfReach(f"{url} 打不开：{reason}。The page does not open.") from None
    with suppress(Error):
        page.wait_for_load_state("networkidle", timeout=REST_MS)


def fetched(page: Page, method: str, url: str, body: Mapping[str, Any]) -> tuple[int, dict[str, str], bytes, str]:
    """Status, headers, body and final address of a request with the page's own cookies; its scripts are not run.

    `body`: `form` or `multipart`, or nothing. SiteOutOfReach when no answer comes.
    """
    try:
        reply = page.request.fetch(url, method=method, timeout=PATIENCE_MS, **body)
        return reply.status, dict(reply.headers), reply.body(), reply.url
    except Error as error:
        reason = error.message.splitlines()[0]
        raise SiteOutOfReach(f"{url} 没有应答：{reason}。The window got no answer.") from None


def _trace(context: BrowserContext, secrets: tuple[str, ...]) -> bytes:
    """The unmasked archive is only ever in a private temporary folder, gone when this returns."""
    cookies = tuple(str(cookie.get("value", "")) for cookie in context.cookies())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.zip"
        context.tracing.stop(path=path)
        return masked_trace(path.read_bytes(), (*secrets, *(c for c in cookies if len(c) >= 12)))
