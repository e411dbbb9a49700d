"""After the checks: removes what the run created at a site that is not ours, and says what stays. Judges nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from crm_acceptance.actors import Window
from crm_acceptance.cleaning.pieces import Cleaned
from crm_acceptance.cleaning.reading import read
from crm_acceptance.cleaning.work import clean
from crm_acceptance.errors import AcceptanceError
from crm_acceptance.model import Person, Site
from crm_acceptance.profile import Profile
from crm_acceptance.systems import HasRecords, find

SHOWN = 20
"""So many left-overs of a kind are named on the console; all of them stand in run.json and on the page."""


def tidy(
    folder: Path, profile: Profile, people: Iterable[Person], site: Site, console: Console, *, thorough: bool
) -> dict[str, Any]:
    """What run.json is to say of it. A site that is out of reach leaves everything to `crm-acceptance clean`."""
    try:
        with console.status("清除本次创建的记录 removing what the run created …"):
            cleaned = worked_off(folder, profile, people, site, console, thorough=thorough)
    except AcceptanceError as gone:
        console.print(
            f"[yellow]本次创建的记录没有清除：{escape(str(gone))} 之后请执行 crm-acceptance clean。"
            "Not removed: run `crm-acceptance clean` when the site is back.[/]"
        )
        return {"created": len(read(folder).entries), "removed": 0, "left_over": _unknown(folder)}
    tell(cleaned, console)
    left = [{"object": one.object, "id": one.id, "reason": one.reason} for one in (*cleaned.left, *cleaned.closed)]
    return {"created": cleaned.created, "removed": cleaned.removed, "left_over": left}


def worked_off(
    folder: Path, profile: Profile, people: Iterable[Person], site: Site, console: Console, *, thorough: bool
) -> Cleaned:
    """The journal worked off, through the API or, where there is none, by hand in a browser."""
    with contextlib.ExitStack() as open_things:

        def window() -> Window:
            if not windows:
                windows.append(open_things.enter_context(_browser(site.ca)))
            return windows[0]

        windows: list[Window] = []
        by_hand = not isinstance(find(profile.system, profile.path("mapping")), HasRecords)
        return clean(
            folder, profile, people, site,
            thorough=thorough, window=window if by_hand else None,
            say=lambda line: console.print(escape(line), highlight=False),
        )  # fmt: skip


def tell(cleaned: Cleaned, console: Console) -> None:
    """One line for all, and one for each record that stays."""
    if cleaned.created or cleaned.notices:
        console.print(f"清除 removed: {cleaned.removed}/{cleaned.created}", highlight=False)
    for notice in cleaned.notices:
        console.print(f"[yellow]{escape(notice)}[/]", highlight=False)
    groups: dict[tuple[str, str], list[str]] = {}
    for one in (*cleaned.left, *cleaned.closed):
        groups.setdefault((one.object, one.reason), []).append(f"#{one.id}")
    for (kind, reason), ids in groups.items():
        more = f" …… +{len(ids) - SHOWN}" if len(ids) > SHOWN else ""
        named = f"[yellow]留下 left over: {kind} {escape(' '.join(ids[:SHOWN]))}{more}[/]"
        console.print(f"  {named} {escape(reason)}", highlight=False)


def _unknown(folder: Path) -> list[dict[str, str]]:
    journal = read(folder)
    keys = dict.fromkeys(key for entry in journal.entries for key in entry.made if key not in journal.gone)
    return [{"object": kind, "id": id, "reason": "没有清除 not removed"} for kind, id in keys]


@contextlib.contextmanager
def _browser(ca: str) -> Iterator[Window]:
    from crm_acceptance.engines.browser import Browser

    browser = Browser(tracing=False, ca=ca)
    try:
        with browser.scene() as scene:
            yield scene
    finally:
        browser.close()
