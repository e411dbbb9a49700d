"""The journals of a run as values: what was sent, by whom, what came back, what is gone since. Sends nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from crm_acceptance.errors import WrongUse
from crm_acceptance.manners.journal import SITE_FILE

FOLDER = "journal"
"""The journals' folder inside a run folder."""
CLEANED = "cleaned.jsonl"
Key = tuple[str, str]


@dataclass(frozen=True)
class Entry:
    """One creating request. `made` is (object, id) of what the CRM said it made; `ended` is False when no answer came.

    verb: `customer.create`; on: the record that it was done to; words: drawn for this run and sent along; texts: the
    values in which they stood.
    """

    who: str
    verb: str
    on: str
    fields: Mapping[str, str]
    words: tuple[str, ...]
    texts: tuple[str, ...] = ()
    made: tuple[Key, ...] = ()
    ended: bool = False

    @property
    def object(self) -> str:
        """What it was done to: `customer` of customer.create, `lead` of lead.convert."""
        return self.verb.partition(".")[0]

    @property
    def name(self) -> str:
        """What was done."""
        return self.verb.partition(".")[2]


@dataclass(frozen=True)
class Journal:
    """Everything that a run has written down. `gone` are the records that cleaning has seen go.

    changes: what records were changed to, by whoever it was of ours, in any order.

    launched: the run started that CRM itself, so that it ended with the run.
    """

    folder: Path
    system: str = ""
    url: str = ""
    launched: bool = False
    entries: tuple[Entry, ...] = ()
    words: frozenset[str] = frozenset()
    gone: frozenset[Key] = frozenset()
    settled: bool = False
    changes: Mapping[Key, tuple[Mapping[str, str], ...]] = field(default_factory=dict)

    @property
    def unsettled(self) -> bool:
        """Whether something may still be there: a record that nobody has seen go, or an answer that never came."""
        if self.launched or self.settled:
            return False
        return any(not entry.ended or not self.gone.issuperset(entry.made) for entry in self.entries)


def read(folder: Path) -> Journal:
    """The journals in `folder`. A last line that was cut off by a crash was never sent, so it is left out."""
    about = _about(folder)
    entries: list[Entry] = []
    words: set[str] = set()
    changes: dict[Key, tuple[Mapping[str, str], ...]] = {}
    for file in sorted(folder.glob("*.jsonl")):
        if file.name != CLEANED:
            entries += _entries(file, words)
            for key, fields in _changes(file):
                changes[key] = (*changes.get(key, ()), fields)
    done = list(_lines(folder / CLEANED))
    gone = frozenset((str(line["object"]), str(line["id"])) for line in done if "object" in line)
    settled = bool(done) and "settled" in done[-1]
    return Journal(folder, *about, tuple(entries), frozenset(words), gone, settled, changes)


def settle(folder: Path) -> None:
    """Writes down that nothing is left, and that nothing was found where an answer never came."""
    with (folder / CLEANED).open("a", encoding="utf-8") as out:
        out.write('{"settled": true}\n')


def forget(folder: Path, key: Key, how: str) -> None:
    """Writes down that this record is no more."""
    with (folder / CLEANED).open("a", encoding="utf-8") as out:
        out.write(json.dumps({"object": key[0], "id": key[1], "how": how}, ensure_ascii=False) + "\n")


def _about(folder: Path) -> tuple[str, str, bool]:
    try:
        body = json.loads((folder / SITE_FILE).read_text(encoding="utf-8"))
        return str(body["system"]), str(body["url"]), bool(body.get("launched"))
    except (OSError, ValueError, KeyError, TypeError):
        raise WrongUse(
            f"{folder} 里没有写明站点（{SITE_FILE}），不知道该到哪里去删除。The journal does not say at which site."
        ) from None


def _entries(file: Path, words: set[str]) -> list[Entry]:
    """In order of sending; a line of the file may be the first or the second half of an entry, or a word."""
    found: dict[int, Entry] = {}
    for line in _lines(file):
        if "word" in line:
            words.add(str(line["word"]))
        elif "do" in line:
            found[int(line["do"])] = _entry(line)
        elif int(line.get("did", 0)) in found:
            made = tuple((str(kind), str(id)) for kind, id in line.get("made", ()))
            found[line["did"]] = replace(found[line["did"]], made=made, ended=True)
    return list(found.values())


def _changes(file: Path) -> Iterator[tuple[Key, Mapping[str, str]]]:
    for line in _lines(file):
        if "changed" in line:
            kind, id = line["changed"]
            yield (str(kind), str(id)), {str(name): str(value) for name, value in line["fields"].items()}


def _entry(line: Mapping[str, Any]) -> Entry:
    fields = {str(name): str(value) for name, value in line["fields"].items()}
    return Entry(
        str(line["who"]), str(line["verb"]), str(line["on"]), fields, tuple(line["words"]), tuple(line.get("texts", ()))
    )


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    if not file.is_file():
        return
    for raw in file.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            yield json.loads(raw)
        except ValueError:
            continue
