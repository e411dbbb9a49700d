"""CRMs with one address for everything: JSON-RPC with positions (as Tryton speaks it) and GraphQL; real servers."""

from __future__ import annotations

import base64
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crm_acceptance.errors import Refused
from crm_acceptance.model import Action, Page, Record
from tests.odd_server import PASSWORD, Asked, Doors, Says, serving

RPC = """
[auth]
kind = "bearer"
headers = { Authorization = "Session {basic login user token}" }
[auth.login]
call = "POST /crm/"
body = { method = "login", params = ["{login}", { password = "{password}" }, "en"] }
save = { user = "result.0", token = "result.1" }
[auth.logout]
call = "POST /crm/"
body = { method = "logout", params = [] }

[calls]
read = { call = "POST /crm/", body = { method = "{path}.read", params = [["{id}"]] }, record = "result.0" }
delete = { call = "POST /crm/", body = { method = "{path}.delete", params = [["{id}"]] } }
[calls.list]
call = "POST /crm/"
body = { method = "{path}.search", params = ["{filter}", "{offset}", "{size}", "{order|null}"] }
rows = "result"
[calls.count]
call = "POST /crm/"
body = { method = "{path}.count", params = ["{filter}"] }
value = "result"
[calls.create]
call = "POST /crm/"
body = { method = "{path}.create", params = [["{fields}"]] }
record = "result.0"
then = "read"
[calls.change]
call = "POST /crm/"
body = { method = "{path}.write", params = [["{id}"], "{fields}"] }

[paging]
kind = "offset"
largest = 50
[query]
json = "domain"
condition = ["{field}", "=", "{value}"]
match = ["{field}", "ilike", "%{q}%"]
any = ["OR", "...{conditions}"]
all = "{conditions}"
sort = { order = [["{field}", "{direction}"]] }
ascending = "ASC"
descending = "DESC"
[errors]
code = "error.0"
message = "error.1"
[errors.codes]
AccessError = "denied"
UserError = "invalid"
LoginException = "denied"

[objects.customer]
path = "party"
search = ["name", "phone"]
[objects.customer.fields]
name = "name"
phone = "mobile"
[objects.opportunity]
path = "sale"
[objects.opportunity.fields]
customer = "party"
amount = { path = "amount", wrap = { "__class__" = "Decimal", decimal = "{value|str}" } }
"""


class Rpc:
    """Positions count; ids are numbers; errors come with HTTP 200."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[int, dict[str, Any]]] = {"party": {}, "sale": {}}
        self.asked: list[Any] = []

    def __call__(self, asked: Asked) -> Says:
        method, params = asked.json["method"], asked.json["params"]
        self.asked.append(params)
        if method == "login":
            right = params[1]["password"] == PASSWORD
            return Says(200, {"result": [7, "tok-0123456789", None]} if right else {"error": ["LoginException", "no"]})
        kind, _, word = asked.headers.get("authorization", "").partition(" ")
        if kind != "Session" or base64.b64decode(word).decode() != "lina@example.com:7:tok-0123456789":
            return Says(401, None)
        if method == "logout":
            return Says(200, {"result": None})
        model, _, verb = method.partition(".")
        return Says(200, self.done(self.rows[model], verb, params))

    def done(self, rows: dict[int, dict[str, Any]], verb: str, params: list[Any]) -> dict[str, Any]:
        if verb == "create":
            rows[len(rows) + 1] = {"id": len(rows) + 1, **params[0][0]}
            return {"result": [len(rows)]}
        if verb in ("read", "write", "delete") and params[0][0] not in rows:
            return {"error": ["AccessError", "you may not", []]}
        if verb == "write":
            rows[params[0][0]] |= params[1]
        if verb in ("search", "count"):
            found = [row for row in rows.values() if all(self.fits(row, one) for one in params[0])]
            return {"result": found[params[1] :][: params[2]] if verb == "search" else len(found)}
        return {"result": [rows[params[0][0]]] if verb == "read" else None}

    def fits(self, row: dict[str, Any], clause: list[Any]) -> bool:
        if clause[0] == "OR":
            return any(self.fits(row, one) for one in clause[1:])
        name, operator, value = clause
        return value.strip("%") in str(row[name]) if operator == "ilike" else bool(row[name] == value)


def test_a_crm_with_one_address_and_positions_is_sayable(tmp_path: Path) -> None:
    crm = Rpc()
    with serving(crm) as running:
        doors = Doors(running, RPC, tmp_path)
        firm = doors.do("create", fields={"name": "甲公司", "phone": "138"})
        assert isinstance(firm, Record)
        assert (firm.id, firm["name"]) == ("1", "甲公司")
        doors.do("create", fields={"name": "乙公司", "phone": "139"})
        found = doors.do("list", q="乙", where={"phone": "139"}, sort="-name", size=5)
        assert isinstance(found, Page)
        assert [row["name"] for row in found.rows] == ["乙公司"]
        assert crm.asked[-1] == [
            [["mobile", "=", "139"], ["OR", ["name", "ilike", "%乙%"], ["mobile", "ilike", "%乙%"]]], 0, 5,
            [["name", "DESC"]],
        ]  # fmt: skip
        assert doors.do("list", size=5) is not None
        assert crm.asked[-1] == [[], 0, 5, None]
        assert doors.do("count") == 2
        sale = doors.do("create", "opportunity", fields={"customer": firm.id, "amount": Decimal("12.50")})
        assert isinstance(sale, Record)
        assert (sale["customer"], sale["amount"]) == ("1", Decimal("12.5"))
        assert crm.rows["sale"][1]["party"] == 1
        changed = doors.do("change", id="1", fields={"phone": "130"})
        assert isinstance(changed, Record)
        assert changed["phone"] == "130"
        assert doors.do("delete", id="1") is None
        for verb in ("read", "delete"):
            with pytest.raises(Refused) as no:
                doors.do(verb, id="99")
            assert no.value.kind == "denied"


def test_a_wrong_password_over_rpc_is_denied_and_a_dead_session_expired(tmp_path: Path) -> None:
    with serving(Rpc()) as running:
        doors = Doors(running, RPC, tmp_path)
        with pytest.raises(Refused) as no:
            doors.of(password="wrong").session()
        assert no.value.kind == "denied"
        door = doors.of()
        session = door.session()
        session.headers["Authorization"] = "Session bm8="  # type: ignore[index]
        with pytest.raises(Refused) as no:
            door.do_with(session, Action("list", "customer"))
        assert no.value.kind == "expired"


GRAPHQL = """
[auth]
kind = "api_key"
[calls.list]
call = "POST /graphql"
body = { query = "query($f:F,$n:Int){{ firms(filter:$f,first:$n){{ nodes {{ id title }} total }} }}", variables = { f = "{filter}", n = "{size}" } }
rows = "data.firms.nodes"
total = "data.firms.total"
[calls.create]
call = "POST /graphql"
body = { query = "mutation($d:D!){{ add(d:$d){{ id title }} }}", variables = { d = "{fields}" } }
record = "data.add"
[query]
json = "filter"
condition = { "{field}" = { eq = "{value}" } }
[errors]
code = "errors.0.extensions.code"
message = "errors.0.message"
codes = { FORBIDDEN = "denied" }
[objects.customer]
fields = { name = "title" }
"""  # noqa: E501


def test_graphql_is_sayable(tmp_path: Path) -> None:
    def dialect(asked: Asked) -> Says:
        given = asked.json["variables"]
        if "mutation" not in asked.json["query"]:
            nodes = [{"id": "Z1", "title": str(given.get("f"))}]
            return Says(200, {"data": {"firms": {"nodes": nodes, "total": 1}}})
        if given["d"]["title"] == "secret":
            return Says(200, {"data": None, "errors": [{"message": "no", "extensions": {"code": "FORBIDDEN"}}]})
        return Says(200, {"data": {"add": {"id": "Z2", **given["d"]}}})

    with serving(dialect) as running:
        doors = Doors(running, GRAPHQL, tmp_path)
        page = doors.do("list", where={"name": "甲"})
        assert isinstance(page, Page)
        assert (page.total, page.rows[0]["name"]) == (1, "{'title': {'eq': '甲'}}")
        made = doors.do("create", fields={"name": "乙"})
        assert isinstance(made, Record)
        assert (made.id, made["name"]) == ("Z2", "乙")
        with pytest.raises(Refused) as no:
            doors.do("create", fields={"name": "secret"})
        assert no.value.kind == "denied"
