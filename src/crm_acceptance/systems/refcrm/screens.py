"""The browser door of the reference CRM: logging in and out, and which module carries out which action."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from playwright.sync_api import Page

from crm_acceptance.errors import Refused, Unsupported
from crm_acceptance.model import Action, Outcome, Person, Site
from crm_acceptance.systems.refcrm import screens_acts as acts
from crm_acceptance.systems.refcrm import screens_files as files
from crm_acceptance.systems.refcrm import screens_lists as lists
from crm_acceptance.systems.refcrm import screens_office as office
from crm_acceptance.systems.refcrm import screens_records as records
from crm_acceptance.systems.refcrm.screens_desk import Desk, sentences
from crm_acceptance.systems.refcrm.screens_labels import labels

Do = Callable[[Desk, Action], Outcome]
BUTTONS = ("transfer", "assign", "claim", "release", "advance", "submit", "approve", "reject", "confirm", "cancel")
ANY: Mapping[str, Do] = {
    "create": records.create,
    "read": records.read,
    "change": records.change,
    "audit": records.history,
    "delete": acts.delete,
    "list": lists.listing,
    "count": lists.count,
    "sum": lists.total,
    "export": files.export,
    "import": files.load,
    "attach": files.attach,
    "attachments": files.attachments,
    "download": files.download,
    **dict.fromkeys((*BUTTONS, "resolve", "close"), acts.act),
}
SPECIAL: Mapping[str, Do] = {
    "lead.convert": acts.convert,
    "quote.order": acts.order,
    "followup.create": acts.follow,
    "followup.list": acts.followups,
    "audit.list": lists.whole_audit,
    "report.read": office.report,
    "user.list": office.users,
    "user.create": office.add,
    "user.disable": office.switch,
    "user.enable": office.switch,
    "user.change": office.change,
    "user.handover": office.handover,
    "notification.list": office.notifications,
}


class RefcrmScreens:
    """Stateless: the page carries the session. `page` is a Playwright page of engines.browser."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def login(self, page: Any, person: Person, password: str) -> None:
        """Through the login page. Refused("denied") when it says no."""
        desk = self._desk(page)
        try:
            with sentences(desk):
                _signed(desk, person.login, password)
        except Refused as no:
            raise Refused("denied" if no.kind == "expired" else no.kind, no.message, no.status) from None

    def logout(self, page: Any) -> None:
        """By the button that is on every page; opens one first, should the page still be empty."""
        desk = self._desk(page)
        with sentences(desk):
            sight = desk.open("/")
            button = desk.button(sight, desk.labels.word("sign_out"))
            try:
                desk.press(button)
            except Refused as no:
                if no.kind != "expired":  # where logging out leads: to the login page
                    raise

    def do(self, page: Any, action: Action) -> Outcome:
        """One action by hand. Refused as the page refuses, Unsupported when the pages have no such thing."""
        work = SPECIAL.get(action.verb) or ANY.get(action.name)
        if work is None:
            raise Unsupported(f"参考 CRM 的界面没有 {action.verb} 这个操作。The pages have no {action.verb}.")
        desk = self._desk(page)
        with sentences(desk):
            return work(desk, action)

    def _desk(self, page: Page) -> Desk:
        return Desk(page, self.site, labels())


def _signed(desk: Desk, login: str, password: str) -> None:
    words = desk.labels.word
    sight = desk.entrance()
    desk.labelled(sight, words("username")).fill(login)
    desk.labelled(sight, words("password")).fill(password)
    desk.press(desk.button(sight, words("sign_in")))
