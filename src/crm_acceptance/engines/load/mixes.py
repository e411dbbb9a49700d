"""The mix: which department does which verb how often, with data from which table; how many in all is shapes.py's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crm_acceptance.engines.load import entries, expecting, feeding, quantities
from crm_acceptance.engines.load.entries import Table
from crm_acceptance.engines.load.expecting import Expect
from crm_acceptance.engines.load.pages import METHODS, NOBODY
from crm_acceptance.engines.load.work import VERBS
from crm_acceptance.errors import WrongUse, unknown
from crm_acceptance.model import DEPARTMENTS, Person

MIX = ("department", "people", "verb", "share", "data", "take")
HTTP = ("department", "people", "method", "path", "share", "weight", "rate", "expect")


@dataclass(frozen=True)
class Share:
    """One line of the mix: these people do this verb, `share` parts of all arrivals. `rows`: what it is done with,
    by canonical field, one row after another, or, when `drawn`, any."""

    verb: str
    people: tuple[str, ...]
    share: float
    department: str = ""
    rows: tuple[Mapping[str, str], ...] = ()
    drawn: bool = False


def read(where: str, table: Table, people: Sequence[Person], folder: Path) -> tuple[Share, ...]:
    """What people do, and which pages they open; a peak may have either or both. `folder`: that of the peaks file."""
    pages = entries.rows(where, table, "http") if "http" in table else []
    shares = entries.rows(where, table, "mix") if "mix" in table or not pages else []
    return (
        *(_share(f"{where} mix {n}", one, people, folder) for n, one in enumerate(shares, 1)),
        *(_page(f"{where} http {n}", one, people) for n, one in enumerate(pages, 1)),
    )


def expected(where: str, table: Table) -> tuple[tuple[str, Expect], ...]:
    """What the answers to pages have to be, where they say it. WrongUse for a page of which two things are expected."""
    found: dict[str, Expect | None] = {}
    for n, row in enumerate(entries.rows(where, table, "http") if "http" in table else (), 1):
        verb, asked = f"{row.get('method', 'GET')} {row['path']}", expecting.read(f"{where} http {n}", row)
        if found.setdefault(verb, asked) != asked:
            raise WrongUse(
                f"{where} http {n}：前面对 {verb} 的要求不一样。Something else was expected of this page before."
            )
        if asked is not None and asked.bodily and verb.startswith("HEAD "):
            raise WrongUse(f"{where} http {n} expect：HEAD 的应答没有内容，只能要求 status。HEAD brings no body.")
    return tuple((verb, asked) for verb, asked in found.items() if asked is not None)


def plain(mix: Sequence[Share]) -> bool:
    """Whether it consists of pages that need no login."""
    return all(share.people == (NOBODY.key,) for share in mix)


def part(mix: Sequence[Share], verb: str, department: str) -> float:
    """What part of all arrivals is this verb's ("": any) and this department's."""
    asked = [one.share for one in mix if verb in ("", one.verb) and department in ("", one.department)]
    return sum(asked) / sum(one.share for one in mix)


def _page(where: str, table: Table, people: Sequence[Person]) -> Share:
    entries.keys(where, table, HTTP)
    method, path = entries.value(where, table, "method", str, "GET"), entries.value(where, table, "path", str)
    if method not in METHODS:
        raise unknown(f"方法 method（{where}）", method, METHODS)
    if not re.fullmatch(r"/[^\s]*", path):
        raise WrongUse(f"{where}：path 应当以 / 开头、没有空格；这里是 {path!r}。A path begins with a slash.")
    parts = _part_of(where, table)
    if "department" not in table and "people" not in table:
        return Share(f"{method} {path}", (NOBODY.key,), parts)
    return Share(f"{method} {path}", *_done_by(where, table, people, parts))


def _part_of(where: str, table: Table) -> float:
    """Its rate per second, or its weight among the others."""
    told = [key for key in ("rate", "share", "weight") if key in table]
    if len(told) > 1:
        raise WrongUse(f"{where}：{'、'.join(told)} 只能写一个。Only one of {', '.join(told)}.")
    if not told:
        return 1.0
    return entries.quantity(where, table, told[0], quantities.rate if told == ["rate"] else _no_text)


def _share(where: str, table: Table, people: Sequence[Person], folder: Path) -> Share:
    entries.keys(where, table, MIX)
    verb = entries.value(where, table, "verb", str)
    if verb not in VERBS:
        raise unknown(f"动作 verb（{where}）", verb, VERBS)
    parts = entries.quantity(where, table, "share", _no_text)
    done_by = _done_by(where, table, people, parts)
    return Share(verb, *done_by, *feeding.read(where, table, verb, folder))


def _no_text(where: str, text: str) -> float:
    raise WrongUse(f"{where} 应当是数 number，这里是 {text!r}。It must be a number.")


def _done_by(where: str, table: Table, people: Sequence[Person], parts: float) -> tuple[tuple[str, ...], float, str]:
    department = entries.value(where, table, "department", str)
    if department not in DEPARTMENTS:
        raise unknown(f"部门 department（{where}）", department, DEPARTMENTS)
    inside = {person.key for person in people if person.department == department}
    named = entries.value(where, table, "people", list, sorted(inside))
    for key in named:
        if key not in inside:
            raise unknown(f"{department} 部门的人 person（{where}）", str(key), inside)
    if not named:
        raise WrongUse(f"{where}：{department} 部门没有人，压不出负载。Nobody works in this department.")
    return tuple(named), parts, department
