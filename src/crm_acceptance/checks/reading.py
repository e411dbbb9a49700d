"""pytest item -> Check: its requirements, engine, phase, title and the labels of its result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from crm_acceptance.checks.check import Check
from crm_acceptance.checks.content import content_of
from crm_acceptance.gherkin import collect
from crm_acceptance.gherkin.collect import example_of, template_of
from crm_acceptance.lint.outline import PLACEHOLDER
from crm_acceptance.model import DEPARTMENTS, Requirement
from crm_acceptance.profile import Profile

ROOMS = ("features", "security", "load")
ENGINES = {"features": "scenarios", "load": "load"}
"""The engine of a room whose checks do not name one themselves."""
FILES = {"test_permissions": "permissions", "test_fuzz": "fuzz", "test_order_life": "hypothesis"}
SEVERITY = {"critical": "critical", "major": "normal", "minor": "minor"}


def room_of(item: pytest.Item, workspace: Path) -> str:
    """The top folder of the workspace that an item lies in, or "" when it is none of ours."""
    if not item.path.is_relative_to(workspace):
        return ""
    parts = item.path.relative_to(workspace).parts
    return parts[0] if len(parts) > 1 and parts[0] in ROOMS else ""


def check_of(
    item: pytest.Item, room: str, requirements: Mapping[str, Requirement], stamp: Mapping[str, str], profile: Profile
) -> Check:
    """Reads one item. `stamp` holds the labels that are the same for the whole run (run, system)."""
    markers = frozenset(marker.name for marker in item.iter_markers())
    asked = tuple(dict.fromkeys(_ids(item, markers, requirements)))
    engine = engine_of(item, room)
    template = template_of(item)
    known = [requirements[id] for id in asked if id in requirements]
    story = template.feature.name if template else _first_line(getattr(item, "module", None)) or item.path.stem
    return Check(
        nodeid=item.nodeid,
        title=title_of(item),
        requirements=asked,
        engine=engine,
        phase=phase_of(room, engine),
        path=tuple(item.nodeid.split("::")[0].split("/")),
        labels=tuple(_labels(item.nodeid, asked, known, {**stamp, "engine": engine, "story": story})),
        markers=markers,
        description=template.description.strip() if template else _doc(getattr(item, "function", None)),
        example=example_of(item) if template else None,
        content=content_of(item, profile),
    )


def engine_of(item: pytest.Item, room: str) -> str:
    """As `pytestmark = pytest.mark.engine("fuzz")` says, or a scenario's sentence, else by file name, else by room."""
    marker = item.get_closest_marker("engine")
    if marker and marker.args:
        return str(marker.args[0])
    if spoken := collect.engine_of(item):
        return spoken
    by_file = next((engine for stem, engine in FILES.items() if item.path.stem.startswith(stem)), room)
    return ENGINES.get(room, by_file)


def phase_of(room: str, engine: str) -> str:
    """Fuzzing runs last and apart, a peak beside nothing else wherever its sentence stands; else a room is a phase."""
    return engine if engine in ("fuzz", "load") else {"features": "scenarios"}.get(room, room)


def title_of(item: pytest.Item) -> str:
    """What people call the check: a scenario with its example filled in, a Python check's `title` mark or docstring."""
    template, marker = template_of(item), item.get_closest_marker("title")
    if marker and marker.args:
        return str(marker.args[0])
    if template is None:
        said = _first_line(getattr(item, "function", None)) or item.name.split("[")[0]
        callspec = getattr(item, "callspec", None)
        return f"{said} [{_readable(callspec.id)}]" if callspec else said
    row = example_of(item)
    name = PLACEHOLDER.sub(lambda found: str(row.get(found[1], found[0])), template.name)
    return name if name != template.name or not row else f"{name} ({', '.join(row.values())})"


def _ids(item: pytest.Item, markers: frozenset[str], requirements: Mapping[str, Requirement]) -> Iterator[str]:
    yield from sorted(markers & requirements.keys())
    for marker in item.iter_markers("requirement"):
        yield from map(str, marker.args)


def _labels(
    nodeid: str, asked: tuple[str, ...], known: list[Requirement], stamp: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    yield "nodeid", nodeid
    yield from stamp.items()
    yield from (("requirement", id) for id in asked)
    yield from (("feature", f"{one.id} {one.text}") for one in known)
    for key in dict.fromkeys(one.department for one in known):
        yield "department", key
        yield "epic", DEPARTMENTS[key]
    yield from (("dimension", key) for key in dict.fromkeys(one.dimension for one in known))
    heaviest = min((list(SEVERITY).index(one.criticality) for one in known), default=1)
    yield "severity", list(SEVERITY.values())[heaviest]


def _doc(thing: object) -> str:
    return (getattr(thing, "__doc__", None) or "").strip()


def _first_line(thing: object) -> str:
    doc = _doc(thing)
    return doc.splitlines()[0].rstrip(".。") if doc else ""


def _readable(param_id: str) -> str:
    """pytest escapes non-ASCII ids; people should read 李娜, not backslashes."""
    if not param_id.isascii() or "\\u" not in param_id:
        return param_id
    try:
        return param_id.encode().decode("unicode-escape")
    except UnicodeDecodeError:
        return param_id
