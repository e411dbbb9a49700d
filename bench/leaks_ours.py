"""Our half of the leak bench, a process of its own, for the meter: `python -m bench.leaks_ours matrix|net OUT`.

The site stands in CRM_ACCEPTANCE_SITE. Writes what was found where, and how many requests it took.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests

from crm_acceptance.catalogue import load as load_catalogue
from crm_acceptance.engines.fuzz import coverage
from crm_acceptance.engines.fuzz.aims import widening
from crm_acceptance.engines.fuzz.naming import operations
from crm_acceptance.engines.fuzz.net import Net
from crm_acceptance.engines.permissions import table
from crm_acceptance.engines.permissions.replay import Replay
from crm_acceptance.engines.permissions.replay import replay as replay_of
from crm_acceptance.engines.permissions.vocabulary import AFTERWARDS
from crm_acceptance.errors import Unproven, Unsupported
from crm_acceptance.model import Person, Site
from crm_acceptance.profile import load as load_profile
from crm_acceptance.sending import http_send, line
from crm_acceptance.systems import find

ROOT = Path(__file__).parent.parent
Found = Iterator[tuple[str, str]]
"""Where something was found: the id of a cell, or "METHOD /path" of an operation; and the requirement, if it is one."""


def main(way: str, out: Path) -> None:
    """Run one way and write {"found": [[where, requirement], ...], "requests": n}."""
    sent = itertools.count()
    _counting(sent)
    replay = _replay(Site(**json.loads(os.environ["CRM_ACCEPTANCE_SITE"])))
    found = sorted(set(by_matrix(replay) if way == "matrix" else by_net(replay)))
    out.write_text(json.dumps({"found": found, "requests": next(sent)}, ensure_ascii=False), encoding="utf-8")


def by_matrix(replay: Replay) -> Found:
    """Every cell of the table, by the API."""
    for rule in replay.garden.staff.matrix.rules:
        try:
            asked = rule.object != "session" or rule.action in AFTERWARDS
            findings = replay.findings(rule) if asked else []
        except (Unproven, Unsupported):
            continue
        if findings:
            yield "-".join(rule.cell).replace(":", "."), ""


def by_net(replay: Replay) -> Found:
    """Every operation as everybody, and along the links."""
    path = ROOT / "security" / "openapi" / "refcrm.json"
    net = Net(replay.garden, path, _site().url)
    known = load_catalogue(load_profile(ROOT)).requirements
    for one in operations(net.document):
        for id in coverage.requirements(net.staff.matrix, net.roles, one, known):
            if net.as_roles(one, id):
                yield one.label, id
        if net.stranger(one):
            yield one.label, "SEC-001"
        if one.looks and widening(net.shape(one)) and net.widened(one):
            yield one.label, coverage.RELATED
    for role in net.roles:
        for one in net.walked(role).leaks:
            yield from ((one.label, id) for id in coverage.walked(net.staff.matrix, role, one, known))


def _site() -> Site:
    return Site(**json.loads(os.environ["CRM_ACCEPTANCE_SITE"]))


def _replay(site: Site) -> Replay:
    profile = load_profile(ROOT)
    catalogue = load_catalogue(profile)
    matrix = table.declared(profile, catalogue)
    assert matrix is not None

    def password(person: Person) -> str:
        return os.environ["CRM_ACCEPTANCE_PASSWORD"]

    people = tuple(catalogue.people.values())
    return replay_of(find("refcrm"), site, matrix, people, password, lambda one: http_send(line(site), site))


def _counting(sent: Iterator[int]) -> None:
    """Every request of this process goes through requests, ours and schemathesis' alike."""
    plain = requests.Session.send

    def counted(self: requests.Session, *words: Any, **named: Any) -> requests.Response:
        next(sent)
        return plain(self, *words, **named)

    requests.Session.send = counted  # type: ignore[method-assign]


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
