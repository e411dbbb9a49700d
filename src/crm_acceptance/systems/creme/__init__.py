"""Creme CRM 2.8 as a System without an API: its screens described by mapping.toml, installed on demand."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import cast

from crm_acceptance.model import Site
from crm_acceptance.systems import HasPages, Records, Screens


@dataclass(frozen=True)
class Creme:
    """Everything behind it is imported when it is used: asking for the name must cost nothing."""

    name: str = "creme"
    title: str = "Creme CRM 2.8"

    def supports(self, action: str, object: str) -> bool:
        """Whether the screens serve this action."""
        from crm_acceptance.systems.creme.screens import supports

        return supports(action, object)

    def screens(self, site: Site) -> Screens:
        """The only door for people."""
        from crm_acceptance.systems.creme.screens import CremeScreens

        return CremeScreens(site)

    def pages(self, site: Site) -> Records:
        """Its login over HTTP, so that its pages can be put under load."""
        from crm_acceptance.systems.creme.install import HERE
        from crm_acceptance.systems.rest import described

        return cast(HasPages, described(self.name, HERE / "mapping.toml")).pages(site)

    def launch(
        self, *, port: int = 0, password: str = "", options: Mapping[str, str] | None = None
    ) -> AbstractContextManager[Site]:
        """A seeded Creme on 127.0.0.1, installed first when it is missing."""
        from crm_acceptance.systems.creme.launch import launch

        return launch(port, password, options)


SYSTEM = Creme()
