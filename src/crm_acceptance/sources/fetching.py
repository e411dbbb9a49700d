"""The stories of a source by its kind, or the rows of a file, as cells of requirements; writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from crm_acceptance import catalogue, sheets
from crm_acceptance.catalogue import REQUIREMENT_COLUMNS, REQUIREMENT_HEADINGS
from crm_acceptance.errors import WrongUse
from crm_acceptance.profile import Profile
from crm_acceptance.sources import jirastories, tapdstories
from crm_acceptance.sources.settings import Source, source
from crm_acceptance.sources.stories import Story, checked, story

Fetch = Callable[[Source], list[Story]]
_KINDS: Mapping[str, tuple[Fetch, Mapping[str, str], Mapping[str, str]]] = {
    "jira": (jirastories.stories, jirastories.DEFAULTS, jirastories.PRIORITIES),
    "tapd": (tapdstories.stories, tapdstories.DEFAULTS, tapdstories.PRIORITIES),
}
NEW: Mapping[str, str] = {"criticality": "major", "dimension": "functional"}
"""What a new requirement is when nobody says."""


def fetched(profile: Profile, name: str) -> tuple[Source, tuple[Story, ...]]:
    """Of a source of the profile, or of a .csv or .xlsx file. WrongUse and SiteOutOfReach in one sentence each."""
    if is_file(name):
        return _file(Path(name))
    found = source(profile, name)
    fetch, fields, values = _KINDS[found.kind]
    whole = replace(
        found,
        fields={**fields, **found.fields},
        values={**values, **found.values},
        defaults={**NEW, **found.defaults},
    )
    return whole, checked(whole, fetch(whole))


def is_file(name: str) -> bool:
    """Whether this is a table rather than the name of a source."""
    return name.lower().endswith(".csv") or sheets.is_sheet(Path(name))


def _file(path: Path) -> tuple[Source, tuple[Story, ...]]:
    """Another table, with the headings that the own one may have."""
    if not path.exists():
        raise WrongUse(f"找不到 {path}（no such file）。")
    table = catalogue.read_table(path, REQUIREMENT_COLUMNS, ("text_en",), REQUIREMENT_HEADINGS)
    columns = {name: name for name in (*REQUIREMENT_COLUMNS, "text_en") if name in table.columns}
    whole = Source(path.name, "file", "", fields=columns)
    found = [story(whole, f"{path.name}:{row.line}", row.cells["id"], row.cells) for row in table.rows]
    return whole, checked(whole, found)
