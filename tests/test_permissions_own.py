"""Objects of a company's own, known by a mapping file alone, with ids that are no numbers: planted and judged."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from crm_acceptance.engines.permissions import table
from crm_acceptance.engines.permissions.replay import Replay, replay
from crm_acceptance.errors import Unproven
from crm_acceptance.model import Person, Site
from crm_acceptance.systems import KnowsFields
from crm_acceptance.systems.flow import Answer, Call
from crm_acceptance.systems.rest import described

PEOPLE = (Person("ann", "安", "sales", "rep", "ann"), Person("bob", "波", "sales", "rep", "bob"))
TABLE = "角色,动作,对象,范围,字段,需求\nrep,查看|列表|搜索|新建|修改|得知存在,x_contract,自己,,SEC-002\n"
MAPPING = """
title = "合同系统"
[auth]
login = { call = "POST /login", body = { user = "{login}" }, save = { token = "token" } }
headers = { "X-User" = "{token}" }
[calls]
create = { call = "POST {path}", body = "{fields}", record = "" }
read = { call = "GET {path}/{id}", record = "" }
list = { call = "GET {path}", params = { q = "{q}" }, rows = "items", total = "total" }
change = { call = "PATCH {path}/{id}", body = "{fields}", record = "" }
[objects.x_contract]
path = "/contracts"
[objects.x_contract.fields]
MAIN = "title"
amount = { path = "worth", type = "money" }
x_clause = "clause"
"""


class Contracts:
    """The company's system: contracts belong to whoever wrote them; `leak` opens them to everybody by their number."""

    def __init__(self, leak: bool = False) -> None:
        self.leak = leak
        self.rows: dict[str, dict[str, Any]] = {}
        self._numbers = itertools.count(1)

    def answer(self, call: Call) -> Answer:
        body = call.json or {}
        if call.path == "/login":
            return _told(200, {"token": body["user"]})
        who, id = call.headers["X-User"], call.path.removeprefix("/contracts").strip("/")
        if call.method == "POST":
            id = f"HT-2026-{next(self._numbers):05d}"
            self.rows[id] = {**body, "id": id, "owner": who}
        if not id:
            q = call.params.get("q", "")
            items = [row for row in self.rows.values() if row["owner"] == who and q in row["title"]]
            return _told(200, {"items": items, "total": len(items)})
        row = self.rows.get(id)
        if row is None or not (row["owner"] == who or (self.leak and call.method == "GET")):
            return _told(404, {"error": "没有"})
        row.update(body)
        return _told(200, row)


def _told(status: int, body: Any) -> Answer:
    return Answer(status, {"content-type": "application/json"}, json.dumps(body, default=str).encode())


def played(tmp_path: Path, crm: Contracts, main: str = "name") -> Replay:
    (tmp_path / "mapping.toml").write_text(MAPPING.replace("MAIN", main), encoding="utf-8")
    (tmp_path / "permissions.csv").write_text(TABLE, encoding="utf-8")
    system = described("contracts", tmp_path / "mapping.toml", PEOPLE)
    assert isinstance(system, KnowsFields)
    matrix = table.load(tmp_path / "permissions.csv", {"rep"}, {"SEC-002"}, PEOPLE, system.fields)
    site = Site("contracts", "http://contracts")
    return replay(system, site, matrix, PEOPLE, lambda person: "secret", lambda person: crm.answer)


@pytest.mark.parametrize(("leak", "cells"), [(False, set()), (True, {"read"})])
def test_an_object_of_the_companys_own_is_judged_like_any_other(tmp_path: Path, leak: bool, cells: set[str]) -> None:
    player = played(tmp_path, Contracts(leak))
    rules = player.garden.staff.matrix.rules
    assert len(rules) == 6
    assert {rule.action for rule in rules if player.findings(rule)} == cells


def test_without_a_name_that_can_be_written_nothing_is_proven(tmp_path: Path) -> None:
    player = played(tmp_path, Contracts(), "x_title")
    with pytest.raises(Unproven, match="name"):
        player.findings(player.garden.staff.matrix.rules[0])
