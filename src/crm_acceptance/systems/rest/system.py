"""The described System in its three shapes, so that isinstance tells the truth: API, screens, or both."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from crm_acceptance import catalogue, profile
from crm_acceptance.errors import AcceptanceError
from crm_acceptance.model import Person, Site
from crm_acceptance.systems import Records, Screens, System
from crm_acceptance.systems.rest import records, screens_table, shape
from crm_acceptance.systems.rest.crm import Crm
from crm_acceptance.systems.rest.people import Staff

People = Iterable[Person] | Callable[[], Iterable[Person]]


def of(name: str, mapping: shape.Mapping, people: People = ()) -> System:
    """The System with the doors that the mapping describes."""
    api = any(spec.calls or spec.moves for spec in mapping.objects.values())
    if mapping.screens is None:
        return ByApi(name, mapping.title, mapping, people)
    return ByBoth(name, mapping.title, mapping, people) if api else ByScreens(name, mapping.title, mapping, people)


@dataclass
class Described:
    """What all of them have; `mapping` is the whole file."""

    name: str
    title: str
    mapping: shape.Mapping
    people: People = ()
    _sites: dict[Site, Records] = field(default_factory=dict, compare=False, repr=False)

    def supports(self, action: str, object: str) -> bool:
        """Whether a door can do this."""
        return records.supports(self.mapping, action, object) or self._on_screen(action, object)

    def fields(self, object: str) -> frozenset[str] | None:
        """The canonical fields that can be written; None for what is not described, or by screens alone."""
        spec = self.mapping.objects.get(object)
        if spec is None or "create" not in spec.calls:
            return None
        return frozenset(name for name, one in spec.fields.items() if one.write)

    def _on_screen(self, action: str, object: str) -> bool:
        return self.mapping.screens is not None and screens_table.offers(self.mapping, action, object)

    def _records(self, site: Site) -> Records:
        """One API door per site: what the site told once, it need not tell again."""
        if site not in self._sites:
            self._sites[site] = records.DescribedRecords(
                Crm(self.mapping, site, Staff(self.mapping.people, self.known))
            )
        return self._sites[site]

    def known(self) -> Iterable[Person]:
        """Everybody of people.csv: as given, else from the workspace that the mapping file lies in."""
        told = self.people() if callable(self.people) else tuple(self.people)
        return told or _of_workspace(self.mapping, self.name)

    def _screens(self, site: Site) -> Screens:
        from crm_acceptance.systems.rest import screens  # Playwright is heavy, and API runs do not need it

        return screens.screens(self.mapping, site, people=self.known())


def _of_workspace(mapping: shape.Mapping, system: str) -> Iterable[Person]:
    """The people of the workspace; nobody when there is none, or when its tables are wrong (others say so)."""
    told = os.environ.get("CRM_ACCEPTANCE_WORKSPACE")
    try:
        found = Path(told) if told else profile.find_workspace(mapping.file.resolve().parent)
        found = found or profile.find_workspace(Path.cwd())
        return tuple(catalogue.load(profile.load(found, system)).people.values()) if found else ()
    except AcceptanceError:
        return ()


class ByApi(Described):
    """A CRM with an API."""

    def records(self, site: Site) -> Records:
        """The API door."""
        return self._records(site)


class ByScreens(Described):
    """A CRM with screens only; with [auth] its pages can be fetched over HTTP, which is enough for a peak."""

    def pages(self, site: Site) -> Records:
        """The login over HTTP."""
        return self._records(site)

    def screens(self, site: Site) -> Screens:
        """The browser door."""
        return self._screens(site)


class ByBoth(Described):
    """A CRM with both doors."""

    def records(self, site: Site) -> Records:
        """The API door."""
        return self._records(site)

    def screens(self, site: Site) -> Screens:
        """The browser door."""
        return self._screens(site)
