"""The browser door of a CRM described by [screens]: signing in and out, and which module carries out which action."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from crm_acceptance.errors import Unsupported
from crm_acceptance.model import Action, Outcome, Person, Site
from crm_acceptance.systems.rest import screens_acts as acts
from crm_acceptance.systems.rest import screens_files as files
from crm_acceptance.systems.rest import screens_lists as lists
from crm_acceptance.systems.rest import screens_login as entrance
from crm_acceptance.systems.rest import screens_records as records
from crm_acceptance.systems.rest.screens_desk import Desk
from crm_acceptance.systems.rest.screens_page import Glass, sentences
from crm_acceptance.systems.rest.screens_shape import ScreensSpec
from crm_acceptance.systems.rest.screens_table import spec_of
from crm_acceptance.systems.rest.shape import Mapping as Described

Do = Callable[[Desk, Action], Outcome]
Hand = Callable[[Any, str, Action], Outcome]
"""What a table cannot say, in code of a system's own: (Playwright page, address of the screens, action) -> outcome."""
ANY: Mapping[str, Do] = {
    "create": records.create,
    "read": records.read,
    "change": records.change,
    "delete": acts.delete,
    "list": lists.listing,
    "count": lists.count,
    "sum": acts.total,
    "export": files.export,
    "import": files.load,
    "attach": files.attach,
    "attachments": files.attachments,
    "download": files.download,
    "audit": acts.audit,
}
SPECIAL: Mapping[str, Do] = {
    "followup.create": acts.follow,
    "followup.list": acts.follow_list,
    "audit.list": acts.audit,
}


class DescribedScreens:
    """One person's browser door. The page carries the session; the door only remembers what records are called."""

    def __init__(self, spec: ScreensSpec, site: Site, hands: Mapping[tuple[str, str], Hand] | None = None) -> None:
        self.spec = spec
        self.site = site
        self.hands = hands or {}
        self._titles: dict[tuple[str, str], str] = {}

    def login(self, page: Any, person: Person, password: str) -> None:
        """Through the login page, or with a stored browser state. Refused("denied") when it says no."""
        with self._sentences(page):
            entrance.sign_in(self._desk(page), person, password)

    def logout(self, page: Any) -> None:
        """As [screens.logout] says."""
        with self._sentences(page):
            entrance.sign_out(self._desk(page))

    def do(self, page: Any, action: Action) -> Outcome:
        """One action by hand. Refused as the pages refuse; Unsupported names the key that is missing."""
        desk = self._desk(page)
        with self._sentences(page):
            hand = self.hands.get((action.object, action.name))
            if hand is not None:
                return hand(page, desk.address(""), action)
            work = SPECIAL.get(action.verb) or ANY.get(action.name) or acts.act
            return work(desk, action)

    def _desk(self, page: Any) -> Desk:
        page.set_default_timeout(self.spec.patience * 1000)
        return Desk(Glass(page, self.spec.patience, self.spec.rest), self.spec, self.site, self._titles)

    def _sentences(self, page: Any) -> Any:
        return sentences(page, self.spec.url or self.site.url, self.spec.patience)


def screens(
    mapping: Described,
    site: Site,
    hands: Mapping[tuple[str, str], Hand] | None = None,
    people: Iterable[Person] = (),
) -> DescribedScreens:
    """The browser door of a mapping at a site. WrongMapping lists every mistake; Unsupported without [screens].

    `people` are called on the page as [screens.people] says, or else by their name.
    """
    if mapping.screens is None:
        raise Unsupported(f"{mapping.file.name} 没有 [screens]：界面没有描述。The screens are not described.")
    spec = spec_of(mapping)
    names = {person.key: (person.name, person.login) for person in people}
    return DescribedScreens(replace(spec, people={**names, **spec.people}), site, hands)


__all__ = ["DescribedScreens", "Hand", "screens", "spec_of"]
