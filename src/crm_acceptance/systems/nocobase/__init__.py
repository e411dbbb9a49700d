"""NocoBase 2.2 as a company customised it: mapping.toml describes it (API and screens), launch.py starts it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

from crm_acceptance.model import Site
from crm_acceptance.systems import HasRecords, HasScreens, Records, Screens, System

MAPPING = Path(__file__).with_name("mapping.toml")


@cache
def _described() -> System:
    from crm_acceptance.systems.rest import described

    return described("nocobase", MAPPING)


@dataclass(frozen=True)
class NocoBase:
    """Everything behind it is imported when it is used: asking for the name must cost nothing."""

    name: str = "nocobase"
    title: str = "NocoBase 2.2"

    def supports(self, action: str, object: str) -> bool:
        """Whether any door can do this."""
        return _described().supports(action, object)

    def records(self, site: Site) -> Records:
        """The API door, as the mapping file says."""
        return cast(HasRecords, _described()).records(site)

    def screens(self, site: Site) -> Screens:
        """The browser door, as the same file says."""
        return cast(HasScreens, _described()).screens(site)

    def launch(
        self, *, port: int = 0, password: str = "", options: Mapping[str, str] | None = None
    ) -> AbstractContextManager[Site]:
        """A seeded NocoBase on 127.0.0.1, installed first when it is missing."""
        from crm_acceptance.systems.nocobase.launch import launch

        return launch(port, password, options)


SYSTEM = NocoBase()
