"""What a page shows, taken in one look: alert, labels, buttons, facts, tables, entries. Interprets nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

# One round trip to the browser instead of one per cell. Only what a person, or a screen reader, is told is read:
# labels, roles, headings, links, times; and the record numbers that the rows carry.
LOOK = """() => {
  const text = e => (e.textContent || '').trim();
  const cell = e => ({text: text(e), href: e.querySelector('a[href]')?.getAttribute('href') ?? null,
                      time: e.querySelector('time[datetime]')?.getAttribute('datetime') ?? null});
  const all = (query, make) => [...document.querySelectorAll(query)].map(make);
  const title = e => e.closest('[aria-label]')?.getAttribute('aria-label') ?? '';
  const alert = document.querySelector('[role=alert]');
  return {
    path: location.pathname,
    alert: alert && {text: text(alert), code: alert.dataset.code || ''},
    status: text(document.querySelector('[role=status]') || document.createElement('p')),
    labels: all('label', text),
    buttons: all('button', e => ({text: text(e), idle: e.disabled})),
    links: all('a[href]', e => ({text: text(e), href: e.getAttribute('href')})),
    facts: all('dl dt', e => ({label: text(e), ...cell(e.nextElementSibling)})),
    tables: all('table', t => ({title: t.getAttribute('aria-label') || title(t),
      heads: [...t.querySelectorAll('thead th')].map(h => ({text: text(h), order: h.getAttribute('aria-sort') || '',
                                                            link: !!h.querySelector('a')})),
      rows: [...t.querySelectorAll('tbody tr')].map(r => ({id: r.dataset.id ?? null,
                                                           cells: [...r.children].map(cell)}))})),
    entries: all('li[data-id]', e => ({id: e.dataset.id, title: title(e), parts: Object.fromEntries(
      [...e.querySelectorAll('[data-field]')].map(p => [p.dataset.field, cell(p)]))})),
    total: document.querySelector('[data-total]')?.dataset.total ?? null,
    sums: Object.fromEntries(all('[data-sum]', e => [e.dataset.sum, text(e)])),
    here: text(document.querySelector('main nav [aria-current=page]:not(a)') || document.createElement('p')) || '1',
  };
}"""


@dataclass(frozen=True)
class Cell:
    """One value on the page: what it says, where it leads, the exact time behind it."""

    text: str
    href: str | None = None
    time: str | None = None


@dataclass(frozen=True)
class Fact:
    """One term of a description list."""

    label: str
    cell: Cell


@dataclass(frozen=True)
class Head:
    """One column head; `link` when pressing it sorts."""

    text: str
    order: str
    link: bool


@dataclass(frozen=True)
class Row:
    """One row of a table."""

    id: str | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """One table with its accessible name."""

    title: str
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Entry:
    """One entry of a list of follow-ups or files."""

    id: str
    title: str
    parts: Mapping[str, Cell]


@dataclass(frozen=True)
class Sight:
    """One look at a page. `alert` is (code, words) or None; `buttons` maps a name to whether it can be pressed."""

    path: str
    alert: tuple[str, str] | None
    labels: tuple[str, ...]
    buttons: Mapping[str, bool]
    links: Mapping[str, str]
    facts: tuple[Fact, ...]
    tables: tuple[Table, ...]
    entries: tuple[Entry, ...]
    total: int | None
    sums: Mapping[str, str]
    here: str


def look(page: Page) -> Sight:
    """Takes in the page as it is now."""
    seen: dict[str, Any] = page.evaluate(LOOK)
    alert = seen["alert"]
    return Sight(
        path=seen["path"],
        alert=(alert["code"], alert["text"]) if alert else None,
        labels=tuple(seen["labels"]),
        buttons={b["text"]: not b["idle"] for b in seen["buttons"]},
        links={link["text"]: link["href"] for link in seen["links"]},
        facts=tuple(Fact(f["label"], _cell(f)) for f in seen["facts"]),
        tables=tuple(_table(t) for t in seen["tables"]),
        entries=tuple(_entry(e) for e in seen["entries"]),
        total=int(seen["total"]) if seen["total"] is not None else None,
        sums=seen["sums"],
        here=seen["here"],
    )


def _cell(seen: Mapping[str, Any]) -> Cell:
    return Cell(seen["text"], seen.get("href"), seen.get("time"))


def _table(seen: Mapping[str, Any]) -> Table:
    rows = tuple(Row(r["id"], tuple(_cell(c) for c in r["cells"])) for r in seen["rows"])
    return Table(seen["title"], tuple(Head(h["text"], h["order"], h["link"]) for h in seen["heads"]), rows)


def _entry(seen: Mapping[str, Any]) -> Entry:
    return Entry(seen["id"], seen["title"], {name: _cell(part) for name, part in seen["parts"].items()})
