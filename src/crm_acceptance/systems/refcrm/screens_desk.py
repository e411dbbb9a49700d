"""One person's page at the reference CRM: opening, pressing, and telling a refusal from an answer."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, Response

from crm_acceptance.errors import REFUSALS, Refused, SiteOutOfReach, Unsupported
from crm_acceptance.model import Site
from crm_acceptance.systems.refcrm.screens_labels import Labels, Names, shown_as
from crm_acceptance.systems.refcrm.screens_sight import Sight, look
from crm_acceptance.systems.rest import screens_page

PATIENCE_MS = 15_000.0
KINDS = {"unauthenticated": "expired", "malformed": "invalid", "too_large": "invalid", "unsupported": "invalid"}


@dataclass(frozen=True)
class Desk:
    """A page, the site it belongs to, and the names of what is on it."""

    page: Page
    site: Site
    labels: Labels

    def open(self, path: str) -> Sight:
        """Goes to `path`. Refused when the page says no or the login is over."""
        return self.judged(self._fetched(path))

    def entrance(self) -> Sight:
        """The login page, which is there for whoever is not logged in."""
        self._fetched(self.labels.place("login"))
        return look(self.page)

    def _fetched(self, path: str) -> Response | None:
        return self.page.goto(self.site.url + path, wait_until="domcontentloaded", timeout=PATIENCE_MS)

    def press(self, control: Locator) -> Sight:
        """Presses a control that leads to a page, and takes that page in."""
        with self.page.expect_navigation(wait_until="domcontentloaded", timeout=PATIENCE_MS) as moved:
            control.click(timeout=PATIENCE_MS)
        return self.judged(moved.value)

    def judged(self, answer: Response | None) -> Sight:
        """The page, if it is an answer and not a refusal."""
        if answer is not None and answer.status >= 500:
            raise SiteOutOfReach(f"{answer.url} 应答 HTTP {answer.status}：系统内部出错。The CRM broke down.")
        sight = look(self.page)
        if sight.alert:
            code, words = sight.alert
            status = answer.status if answer is not None else 0
            raise Refused(code if code in REFUSALS else KINDS.get(code, "invalid"), words, status)
        if sight.path.endswith(self.labels.place("login")):
            raise Refused("expired", "登录已失效，页面回到了登录页。The session is over.")
        return sight

    def button(self, sight: Sight, names: Names, why: str = "denied") -> Locator:
        """The button of one of these names. Absent: Refused(why): no right, no button. Idle: Refused("conflict")."""
        name = shown_as(names, sight.buttons)
        if name is None:
            raise Refused(why, f"页面上没有“{names[0]}”按钮。There is no button {names[-1]} on {sight.path}.")
        if not sight.buttons[name]:
            raise Refused("conflict", f"“{names[0]}”按钮当前不可用。{names[-1]} is not possible in this state.")
        return self.page.get_by_role("button", name=name, exact=True)

    def labelled(self, sight: Sight, names: Names, within: Locator | Page | None = None) -> Locator:
        """The control of that label; Unsupported when the form has none, with the labels it has."""
        name = shown_as(names, sight.labels)
        if name is None:
            known = "、".join(dict.fromkeys(sight.labels))
            raise Unsupported(f"{sight.path} 的表单上没有“{names[0]}”，只有：{known}。The form has no {names[-1]}.")
        return (within or self.page).get_by_label(name, exact=True)


def sentences(desk: Desk) -> AbstractContextManager[None]:
    """Turns Playwright's own failures, whatever was being done, into one sentence without its call log."""
    return screens_page.sentences(desk.page, desk.site.url, PATIENCE_MS / 1000)
