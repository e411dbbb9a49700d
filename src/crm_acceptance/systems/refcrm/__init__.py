"""The reference CRM as a System: which doors it has and how it starts; the wire is in adapter, the pages in screens."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from crm_acceptance.model import Site
from crm_acceptance.systems import Records, Screens
from crm_acceptance.systems.refcrm.adapter import RefcrmRecords, supports
from crm_acceptance.systems.refcrm.launch import launch


@dataclass(frozen=True)
class Refcrm:
    """The embedded CRM with switchable defects, reached like any other: by HTTP and by browser."""

    name: str = "refcrm"
    title: str = "参考 CRM（内置）Reference CRM"

    def supports(self, action: str, object: str) -> bool:
        """Whether the API has such a route; the screens offer no more than it."""
        return supports(action, object)

    def records(self, site: Site) -> Records:
        """The API door. The site's address is the sender's business: flows hold paths only."""
        return RefcrmRecords()

    def screens(self, site: Site) -> Screens:
        """The browser door; imported only now, because Playwright is heavy and API runs do not need it."""
        from crm_acceptance.systems.refcrm.screens import RefcrmScreens

        return RefcrmScreens(site)

    def launch(
        self, *, port: int = 0, password: str = "", options: Mapping[str, str] | None = None
    ) -> AbstractContextManager[Site]:
        """A fresh reference CRM on 127.0.0.1; options: defects, size, seed, db, lang, people, control_key."""
        return launch(port=port, password=password, options=options or {})


SYSTEM = Refcrm()
