"""Tryton 8.0 as a System, a CRM that nobody here wrote: JSON-RPC and the sao web client, installed on demand."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from crm_acceptance.model import Site
from crm_acceptance.systems import Records, Screens


@dataclass(frozen=True)
class Tryton:
    """Everything behind it is imported when it is used: asking for the name must cost nothing."""

    name: str = "tryton"
    title: str = "Tryton 8.0"

    def supports(self, action: str, object: str) -> bool:
        """Whether the API serves this action; the screens offer a part of it."""
        from crm_acceptance.systems.tryton.adapter import plan

        return plan(action, object) is not None

    def records(self, site: Site) -> Records:
        """The API door."""
        from crm_acceptance.systems.tryton.adapter import TrytonRecords

        return TrytonRecords()

    def screens(self, site: Site) -> Screens:
        """The browser door."""
        from crm_acceptance.systems.tryton.screens import TrytonScreens

        return TrytonScreens(site)

    def launch(
        self, *, port: int = 0, password: str = "", options: Mapping[str, str] | None = None
    ) -> AbstractContextManager[Site]:
        """A seeded Tryton on 127.0.0.1, installed first when it is missing."""
        from crm_acceptance.systems.tryton.launch import launch

        return launch(port, password, options)


SYSTEM = Tryton()
