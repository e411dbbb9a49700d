"""Finds records whose answer never came, by the words that were drawn for this run; what it finds is proven ours."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping

from crm_acceptance.cleaning import proof
from crm_acceptance.cleaning.hands import Hands
from crm_acceptance.cleaning.reading import Entry, Journal, Key
from crm_acceptance.model import Action, Page, Record

SIZE = 100
Found = tuple[Entry, Key, Mapping[str, str]]
BENEATH: Mapping[str, tuple[str, ...]] = {
    "customer": ("ticket", "order", "quote", "opportunity", "contact"),
    "order": ("payment", "invoice", "ticket"),
    "quote": ("order",),
    "opportunity": ("quote",),
    "campaign": ("lead", "customer", "opportunity"),
}
"""What may hang on a record of that kind."""


def lost(
    journal: Journal, hands: Hands, ours: Container[Key], thorough: bool, tell: Callable[[str], None]
) -> Iterator[Found]:
    """Records that some entry may have made and that no answer named; `tell` hears what cannot be looked for."""
    asked: set[tuple[str, str]] = set()
    texts = {text for entry in journal.entries for text in entry.texts}
    words = {key: entry.words for entry in journal.entries for key in entry.made}
    for entry in journal.entries:
        if entry.made and not thorough and entry.name != "import":
            continue
        ways = list(_ways(entry, words.get((entry.object, entry.on), ()), ours))
        if not ways and not entry.made and not entry.ended:
            tell(
                f"{entry.verb} 没有等到应答，也无从查找：{dict(entry.fields)}。No answer came, and it cannot be found."
            )
        for kind, options in ways:
            if (kind, str(options)) not in asked:
                asked.add((kind, str(options)))
                for row in _rows(hands, entry.who, kind, options):
                    if proof.drawn(row, texts, ours):
                        yield (
                            entry,
                            (kind, row.id or str(row.get("login") or "")),
                            entry.fields if kind == entry.object else {},
                        )


def beneath(parent: Key, hands: Hands, who: str) -> Iterator[Key]:
    """Whatever the CRM lists under this record and shows as hanging on it."""
    for kind in BENEATH.get(parent[0], ()):
        for row in _rows(hands, who, kind, {"where": {parent[0]: parent[1]}}):
            if str(row.get(parent[0])) == parent[1]:
                yield kind, row.id


def _ways(entry: Entry, inherited: tuple[str, ...], ours: Container[Key]) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Lists in which the records of this entry would stand: by a drawn word, its own or that of the record which it was
    done to, or beside others under our record."""
    kinds = {"convert": ("customer", "contact", "opportunity"), "order": ("order",)}.get(entry.name, (entry.object,))
    if entry.name == "attach" or entry.object == "followup":
        return
    if entry.object == "user":
        yield "user", {}
        return
    for kind in kinds:
        for word in entry.words or inherited:
            yield kind, {"q": word}
    if entry.name == "order":
        yield "order", {"where": {"quote": entry.on}}
    for name in proof.PARENTS:
        if not entry.words and (name, entry.fields.get(name, "")) in ours:
            yield entry.object, {"where": {name: entry.fields[name]}}


def _rows(hands: Hands, who: str, kind: str, options: Mapping[str, object]) -> Iterator[Record]:
    """All rows that the list shows to whoever may see it, the creator first."""
    seen: set[str] = set()
    for page in range(1, 100):
        action = Action("list", kind, options={**options, "size": SIZE, **({"page": page} if page > 1 else {})})
        outcome = hands.attempt(action, [who]).outcome
        rows = outcome.rows if isinstance(outcome, Page) else ()
        yield from rows
        ids = {row.id for row in rows}
        if len(rows) < SIZE or ids <= seen:  # a list that ignores paging shows the same for ever
            return
        seen |= ids
