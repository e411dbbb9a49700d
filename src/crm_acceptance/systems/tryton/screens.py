"""The browser door of Tryton: signing in and out, and which hand serves which action; the hands are in screens_*."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crm_acceptance.errors import Refused, Unsupported
from crm_acceptance.model import Action, Outcome, Person, Site
from crm_acceptance.systems.tryton import screens_parties, screens_trade
from crm_acceptance.systems.tryton.forms import PASSWORD, quiet
from crm_acceptance.systems.tryton.screens_parties import Hand
from crm_acceptance.systems.tryton.wire import DATABASE, RPC

HANDS: Mapping[tuple[str, str], Hand] = {**screens_parties.HANDS, **screens_trade.HANDS}
# The client asks the server dozens of questions per form; on a busy machine one form takes half a minute.
PATIENCE_MS = 60_000
LOGOUT = re.compile("注销|退出|登出|Logout")
INSIDE = "#menu tbody tr, #user-preferences a"


class TrytonScreens:
    """Stateless: the page carries the login."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def login(self, page: Any, person: Person, password: str) -> None:
        """User name first, then the password in a dialog of its own. Refused("denied") when it is wrong."""
        page.set_default_timeout(PATIENCE_MS)
        page.goto("about:blank")
        page.goto(f"{self.site.url}/#{DATABASE}")
        page.locator("#login").wait_for()
        quiet(page)
        page.locator("#login").fill(person.login)
        page.locator("button[type=submit]").click()
        secret = page.locator(PASSWORD)
        secret.wait_for()
        with page.expect_response(lambda answer: "/session/login" in answer.url or answer.url.endswith(RPC)) as waited:
            secret.fill(password)
            secret.press("Enter")
        if waited.value.status == 401:
            raise Refused("denied", "Tryton 不接受这个密码", 401)
        page.locator(INSIDE).locator("visible=true").first.wait_for()

    def logout(self, page: Any) -> None:
        """By the menu under the person's name; from a fresh page, for open tabs make the client ask."""
        page.goto("about:blank")
        page.goto(f"{self.site.url}/#{DATABASE}")
        page.locator("#user-preferences a.dropdown-toggle").wait_for()
        quiet(page)
        page.locator("#user-preferences a.dropdown-toggle").click()
        with page.expect_response(lambda answer: "/logout" in answer.url):
            page.locator("#user-preferences ul a", has_text=LOGOUT).click()

    def do(self, page: Any, action: Action) -> Outcome:
        """One action by hand; Unsupported where nobody has written down how."""
        page.set_default_timeout(PATIENCE_MS)
        hand = HANDS.get((action.object, action.name))
        if hand is None:
            raise Unsupported(
                f"Tryton 网页上的 {action.verb} 还没有写操作步骤。{action.verb} is not described for Tryton's screens."
            )
        return hand(page, self.site.url, action)
