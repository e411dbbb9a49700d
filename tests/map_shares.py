"""How much of a document the drafting gets right, against tests/openapi/expected.toml; `python tests/map_shares.py`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_acceptance.drafting import assembling, document
from crm_acceptance.drafting.drafts import Draft, ObjectDraft

DOCUMENTS = Path(__file__).parent / "openapi"


@dataclass(frozen=True)
class Share:
    """Right and expected, for calls and for fields; `wrong` names what is not right."""

    calls: tuple[int, int]
    fields: tuple[int, int]
    wrong: tuple[str, ...]


def documents() -> dict[str, Path]:
    """Name -> file of the samples."""
    return {path.stem: path for path in sorted(DOCUMENTS.iterdir()) if path.stem in expected()}


def expected() -> dict[str, Any]:
    """What a draft of each sample should hold."""
    return tomllib.loads((DOCUMENTS / "expected.toml").read_text(encoding="utf-8"))


def drafted(path: Path) -> Draft:
    """The draft of a file."""
    return assembling.drafted(document.read(path.read_text(encoding="utf-8"), path.name), "sample")


def share(name: str, path: Path) -> Share:
    """How much of one sample is right."""
    found = {one.name: one for one in drafted(path).objects}
    calls, fields, wrong = [0, 0], [0, 0], []
    for object_, wanted in expected()[name].items():
        one = found.get(object_)
        for verb, line in wanted["calls"].items():
            right = one is not None and called(one, verb) == line and one.path == wanted["path"]
            calls = [calls[0] + right, calls[1] + 1]
            wrong += [] if right else [f"{object_}.{verb}: {called(one, verb) if one else 'no such object'} for {line}"]
        for field, place in wanted["fields"].items():
            read = one.fields[field].path if one and field in one.fields else ""
            fields = [fields[0] + (read == place), fields[1] + 1]
            wrong += [] if read == place else [f"{object_}.{field}: {read or 'nothing'} for {place}"]
    return Share((calls[0], calls[1]), (fields[0], fields[1]), tuple(wrong))


def called(one: ObjectDraft, verb: str) -> str:
    """ "GET {path}" of a drafted call, "" when there is none."""
    if verb not in one.calls:
        return ""
    table = one.calls[verb].table
    return str(table.get("call") or table["steps"][0]["call"])


if __name__ == "__main__":
    for name, path in documents().items():
        told = share(name, path)
        print(f"{name:16} calls {told.calls[0]}/{told.calls[1]}  fields {told.fields[0]}/{told.fields[1]}")
        for line in told.wrong:
            print(f"    {line}")
