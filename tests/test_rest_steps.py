"""Verbs of described CRMs that are moves or several steps, and what a mapping says it can do; on a real server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crm_acceptance.errors import Refused, Unsupported
from crm_acceptance.model import Action
from crm_acceptance.systems.rest.records import supports
from tests.odd_server import LINA, Asked, Doors, Says, serving
from tests.test_rest_calls import record


class Trade:
    """Quotes and orders whose states are numbers; an order is made by the caller, not by a call of its own."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}

    def __call__(self, asked: Asked) -> Says:
        parts = asked.path.strip("/").split("/")
        if asked.method == "POST":
            id = f"{parts[0][0]}{len(self.rows) + 1}"
            self.rows[id] = {"id": id, "state": 0, **asked.json}
            return Says(201, self.rows[id])
        row = self.rows.get(parts[1])
        if row is None:
            return Says(404, {})
        if asked.method == "PUT":
            row |= asked.json
        return Says(200, row)


TRADE = """
[calls]
read = { call = "GET {path}/{id}", record = "" }
create = { call = "POST {path}", body = "{fields}", record = "" }
change = { call = "PUT {path}/{id}", body = "{fields}", record = "" }
[objects.customer]
path = "/firms"
fields = { name = "title" }
[objects.quote]
path = "/quotes"
always = { channel = "tests" }
[objects.quote.fields]
customer = "firm"
total = { path = "sum", write = "sum" }
state = { path = "state", choices = { draft = 0, approved = 1, ordered = 2 } }
owner = "holder"
x_why = "why"
[objects.quote.moves]
approve = { to = "approved" }
x_give = { field = "owner", to = "{to}", takes = ["x_why"] }
[objects.quote.calls.order]
yields = "order"
steps = [
    { do = "quote.read", id = "{id}", save = { quote = "" } },
    { do = "order.create", fields = { customer = "{quote.customer}", quote = "{id}", amount = "{quote.total}" }, save = { order = "" } },
    { do = "quote.change", id = "{id}", fields = { state = "ordered" } },
]
result = { id = "{order.id}" }
[objects.order]
path = "/orders"
fields = { customer = "firm", quote = "quote", amount = "sum" }
"""  # noqa: E501


def test_moves_and_steps_do_what_the_crm_has_no_call_for(tmp_path: Path) -> None:
    crm = Trade()
    with serving(crm) as running:
        doors = Doors(running, TRADE, tmp_path)
        firm = record(doors.do("create", fields={"name": "甲"}))
        quote = record(doors.do("create", "quote", fields={"customer": firm.id, "total": 90}))
        assert crm.rows[quote.id]["channel"] == "tests"
        assert record(doors.do("approve", "quote", quote.id))["state"] == "approved"
        given = record(doors.do("x_give", "quote", quote.id, to="chenjing", x_why="休假"))
        assert (given["owner"], crm.rows[quote.id]["why"]) == ("chenjing", "休假")
        order = record(doors.do("order", "quote", quote.id))
        assert (order.object, order["quote"], order["customer"], order["amount"]) == ("order", quote.id, firm.id, 90)
        assert record(doors.do("read", "quote", quote.id))["state"] == "ordered"


def test_what_the_mapping_can_do_is_told_truly(tmp_path: Path) -> None:
    with serving(Trade()) as running:
        doors = Doors(running, TRADE, tmp_path)
        mapping = doors.system.mapping  # type: ignore[attr-defined]
        can = [verb for verb in ("create", "approve", "order", "reject", "list") if supports(mapping, verb, "quote")]
        assert can == ["create", "approve", "order"]
        for verb, object in (("reject", "quote"), ("create", "invoice")):
            with pytest.raises(Unsupported, match=rf"\[objects\.{object}"):
                doors.do(verb, object, "1")


def test_all_calls_of_an_action_are_counted_under_it(tmp_path: Path) -> None:
    crm = Trade()
    with serving(crm) as running:
        doors = Doors(running, TRADE, tmp_path)
        quote = record(doors.do("create", "quote", fields={"customer": "f9", "total": 1}))
        verbs: list[str] = []
        send = doors.send()
        door = doors.of(LINA, send=lambda call: (verbs.append(call.verb), send(call))[1])
        door.do(Action("order", "quote", quote.id))
        assert verbs == ["quote.order"] * 4


TWO_STEPS = """
[calls]
read = { call = "GET {path}/{id}", record = "" }
[objects.customer]
path = "/firms"
fields = { name = "title" }
[objects.customer.calls.attach]
yields = "attachment"
steps = [
    { call = "POST /blobs", files = { blob = "{file}" }, save = { blob = "key" } },
    { call = "POST {path}/{id}/links", body = { blob = "{blob}", title = "{filename}" } },
]
result = { id = "{blob}", name = "{filename}" }
"""


def test_a_file_that_is_stored_first_and_linked_then(tmp_path: Path) -> None:
    with serving(lambda asked: Says(201, {"key": "b-7"})) as running:
        made = record(Doors(running, TWO_STEPS, tmp_path).do("attach", id="5", filename="a.txt", body=b"hello"))
        assert (made.object, made.id, made["name"]) == ("attachment", "b-7", "a.txt")
        assert b"hello" in running.asked[0].body
        assert (running.asked[1].path, running.asked[1].json) == ("/firms/5/links", {"blob": "b-7", "title": "a.txt"})


WHOLE = """
[calls]
read = { call = "GET {path}/{id}", record = "data" }
change = { call = "PUT {path}", body = { "..." = ["{old}", "{fields}"], id = "{id}" }, record = "data" }
transfer = { call = "PUT {path}", body = { "..." = "{old}", holder = "{to}" }, record = "data" }
[objects.customer]
path = "/firms"
fields = { name = "title", phone = "tel", owner = "holder" }
"""


def test_a_crm_that_wants_the_whole_record_gets_what_it_shows_with_the_change_in_it(tmp_path: Path) -> None:
    row: dict[str, Any] = {"id": 5, "title": "甲", "tel": "139", "holder": "lina", "size": 3}

    def dialect(asked: Asked) -> Says:
        if asked.method == "PUT":
            if asked.json.keys() != row.keys():
                return Says(400, {"message": "the whole record, please"})
            row.update(asked.json)
        return Says(200, {"data": row}) if asked.path in ("/firms", "/firms/5") else Says(404, {})

    with serving(dialect) as running:
        doors = Doors(running, WHOLE, tmp_path)
        changed = record(doors.do("change", id="5", fields={"phone": "138"}))
        assert (changed["name"], changed["phone"], row["size"]) == ("甲", "138", 3)
        assert record(doors.do("transfer", id="5", to="chenjing"))["owner"] == "chenjing"
        with pytest.raises(Refused, match="missing"):
            doors.do("change", id="6", fields={"phone": "1"})
        assert len(running.paths("PUT")) == 2, "what cannot be read is not written"


def test_the_whole_record_cannot_be_had_without_a_read(tmp_path: Path) -> None:
    with serving(lambda asked: Says(200, {})) as running:
        doors = Doors(running, WHOLE.replace("read = ", "x_look = "), tmp_path)
        with pytest.raises(Unsupported, match="read"):
            doors.do("change", id="5", fields={"phone": "1"})
        assert running.asked == []


CONVERT = """
[calls]
read = { call = "GET {path}/{id}", record = "" }
[objects.customer]
path = "/firms"
fields = { name = "title" }
[objects.lead]
path = "/leads"
fields = { name = "title" }
[objects.lead.calls.convert]
yields = "customer"
steps = [{ call = "POST {path}/{id}/convert", save = { firm = "firm", deal = "deal" } }]
result = { id = "{firm}", customer = "{firm}", opportunity = "{deal}" }
"""


def test_ids_that_steps_bring_are_text_like_all_ids_even_when_the_crm_counts(tmp_path: Path) -> None:
    with serving(lambda asked: Says(200, {"firm": 7, "deal": 9})) as running:
        made = record(Doors(running, CONVERT, tmp_path).do("convert", "lead", "5"))
        assert (made.id, made["customer"], made["opportunity"]) == ("7", "7", "9")
