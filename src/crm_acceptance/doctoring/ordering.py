"""What somebody asked the doctor for -> a visit at the right site as the right people; then exit code and JSON."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from crm_acceptance import catalogue, sites
from crm_acceptance.doctoring.drawing import draw
from crm_acceptance.doctoring.examination import examine
from crm_acceptance.doctoring.findings import Chart
from crm_acceptance.doctoring.visit import Visit
from crm_acceptance.errors import WrongUse, unknown
from crm_acceptance.manners.guest import guest
from crm_acceptance.model import Person, Site
from crm_acceptance.profile import Profile, at_site, load
from crm_acceptance.systems import HasRecords, HasScreens, System, find, names
from crm_acceptance.systems.rest import described, mapping
from crm_acceptance.systems.rest.shape import Mapping

Pages = Callable[[Visit], None]


@dataclass(frozen=True)
class Order:
    """The options of the command; "" and None: as the profile says."""

    system: str = ""
    site: str = ""
    mapping: Path | None = None
    people: Path | None = None
    json_out: Path | None = None
    who: tuple[str, ...] = ()
    browser: bool = True

    @property
    def anything(self) -> bool:
        """Whether more than the machine's own tools was asked for."""
        return bool(self.system or self.site or self.mapping or self.people or self.json_out or self.who)


def has_site(workspace: Path | None) -> bool:
    """Whether the workspace's profile names a site and a mapping: then both belong to the check-up."""
    if workspace is None:
        return False
    profile = load(workspace)
    return bool(profile.url and profile.mapping)


def carry_out(order: Order, workspace: Path | None, console: Console) -> int:
    """Examines, draws, writes the JSON; the exit code. WrongUse and SiteOutOfReach pass to whoever asked."""
    profile = _profile(order, workspace)
    file = _mapping_file(order, profile)
    table = mapping.load(file)
    console.print(f"[green]✓[/] {escape(file.name)}：静态检查没有错误（no mistakes in the file）", highlight=False)
    people = _people(order, profile)
    own = _own(profile, file)
    system = own or described(profile.system, file, people)
    with sites.opened(profile) as site:
        chart = _examined(profile, table, system, site, people, console, _pages(order, table, own, site))
    draw(chart, table, people, console)
    if order.json_out:
        order.json_out.write_text(json.dumps(chart.as_json(), ensure_ascii=False, indent=2), encoding="utf-8")
    return exit_code(chart)


def exit_code(chart: Chart) -> int:
    """0: every mapped verb works for somebody; 2: a line is wrong; 3: something is not proven."""
    return 2 if chart.findings else 0 if chart.sound else 3


def _own(profile: Profile, file: Path) -> System | None:
    """A built-in system whose screens need Python beside its mapping; None: the file says everything."""
    if profile.system not in names():
        return None
    system = find(profile.system)
    if isinstance(system, HasRecords) or file.resolve() != _built_in(profile):
        return None
    return system


def _pages(order: Order, table: Mapping, own: System | None, site: Site) -> Pages | None:
    """What tries [screens]; None when there are none."""
    if table.screens is None:
        return None
    from crm_acceptance.doctoring import screens_round  # Playwright is heavy, and a mapping without screens needs none

    if not order.browser:
        return screens_round.left_out
    door = own.screens(site) if isinstance(own, HasScreens) else None
    return lambda visit: screens_round.examined(visit, door)


def _examined(
    profile: Profile,
    table: Mapping,
    system: System,
    site: Site,
    people: tuple[Person, ...],
    console: Console,
    pages: Pages | None,
) -> Chart:
    cleaner = Person(profile.cleaner, profile.cleaner, "it", "cleaner", profile.cleaner) if profile.cleaner else None
    folder = profile.workspace / "reports" / f"doctor-{datetime.now():%Y%m%d-%H%M%S}"
    folder.mkdir(parents=True, exist_ok=True)
    with guest(profile, site, folder), console.status("体检 examining …") as status:
        visit = Visit(
            table, system, site, people, lambda person: sites.password_of(profile, person), profile.timeout, cleaner,
            say=lambda line: status.update(f"{escape(line)} …"), pages=pages,
        )  # fmt: skip
        examine(visit)
    return visit.chart


def _profile(order: Order, workspace: Path | None) -> Profile:
    """The workspace's profile with what was asked for instead; one of its own where there is no workspace."""
    if workspace is not None:
        profile = load(workspace, order.system or None)
    elif order.mapping and (order.site or order.system):
        profile = Profile(workspace=Path.cwd(), system=order.system or "mapped", people="people.csv")
    else:
        raise WrongUse(
            "这里不是验收工作区，请给出 --site、--mapping 和 --people。"
            "Not a workspace: give --site, --mapping and --people, or `crm-acceptance init` first."
        )
    profile = at_site(profile, order.site) if order.site else profile
    return replace(profile, people=str(order.people.resolve())) if order.people else profile


def _mapping_file(order: Order, profile: Profile) -> Path:
    if order.mapping:
        return order.mapping
    told = profile.path("mapping") or _built_in(profile)
    if told is None:
        raise WrongUse(
            f"{profile.system} 没有映射文件：写 [tables] mapping，或用 --mapping。"
            f"{profile.system} is not described by a mapping: nothing to examine."
        )
    return Path(told)


def _built_in(profile: Profile) -> Path | None:
    """The mapping that comes with a built-in system."""
    package = type(find(profile.system)).__module__
    told = getattr(importlib.import_module(package), "MAPPING", None)
    beside = files(package).joinpath("mapping.toml")
    found = told or (beside if beside.is_file() else None)
    return Path(str(found)).resolve() if found else None


def _people(order: Order, profile: Profile) -> tuple[Person, ...]:
    """Everybody of people.csv, or those that --as names, by key, name or login."""
    everybody = tuple(catalogue.people(profile.workspace / profile.people).values())
    named = {name: one for one in everybody for name in (one.key, one.name, one.login)}
    for key in order.who:
        if key not in named:
            raise unknown("人员 person", key, [one.key for one in everybody])
    return tuple(dict.fromkeys(named[key] for key in order.who)) or everybody
