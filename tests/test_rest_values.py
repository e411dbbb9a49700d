"""Values of described CRMs there and back: money, dates, choices, references, people; on a server that keeps JSON."""

from __future__ import annotations

import itertools
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crm_acceptance.errors import Unsupported, WrongUse
from crm_acceptance.model import Page, Record
from tests.odd_server import Asked, Doors, Says, serving


class Keeper:
    """Keeps whatever JSON it is given under running numbers; `shows` changes a row before it is shown."""

    def __init__(self, shows: dict[str, Any] | None = None) -> None:
        self.tables: dict[str, dict[int, dict[str, Any]]] = {}
        self.shows = shows or {}
        self._numbers = itertools.count(1)

    def __call__(self, asked: Asked) -> Says:
        table, _, id = asked.path.strip("/").partition("/")
        rows = self.tables.setdefault(table, {})
        if asked.method == "POST":
            number = next(self._numbers)
            rows[number] = {"id": number, **asked.json}
            return Says(201, {**rows[number], **self.shows})
        if id and int(id) not in rows:
            return Says(404, {"message": "not here"})
        if asked.method == "PATCH":
            rows[int(id)] |= asked.json
        if id:
            return Says(200, {**rows[int(id)], **self.shows})
        found = [
            row for row in rows.values() if all(str(row.get(key)) == value[0] for key, value in asked.query.items())
        ]
        return Says(200, found)

    def only(self, table: str = "deals") -> dict[str, Any]:
        """The one raw row of a table."""
        return next(iter(self.tables[table].values()))


HEAD = """
[calls]
list = { call = "GET {path}", rows = "" }
read = { call = "GET {path}/{id}", record = "" }
create = { call = "POST {path}", body = "{fields}", record = "" }
change = { call = "PATCH {path}/{id}", body = "{fields}", record = "" }
[query]
where = { "{field}" = "{value}" }
[objects.customer]
path = "/firms"
fields = { name = "title" }
[objects.opportunity]
path = "/deals"
[objects.opportunity.fields]
"""
# what the mapping says of the field, what a scenario writes, what stands in the CRM, what a scenario reads
THERE_AND_BACK: dict[str, tuple[str, str, Any, Any, Any]] = {
    "money": ("amount", '"sum"', Decimal("1234.50"), 1234.5, Decimal("1234.5")),
    "money in cents": ("amount", '{ path = "sum", unit = "cent" }', Decimal("1234.50"), 123450, Decimal("1234.5")),
    "money as text": ("amount", '{ path = "sum", format = "text" }', Decimal("1234.50"), "1234.50", Decimal("1234.50")),
    "money with two digits": ("amount", '{ path = "sum", format = "%.2f" }', Decimal("9"), "9.00", Decimal("9.00")),
    "money in a wrapper": (
        "amount", '{ path = "sum", wrap = { "__class__" = "Decimal", decimal = "{value|str}" } }', Decimal("1.50"),
        {"__class__": "Decimal", "decimal": "1.5"}, Decimal("1.5"),
    ),
    "large money": ("amount", '"sum"', Decimal("99999999.99"), 99999999.99, Decimal("99999999.99")),
    "date": ("close_date", '"due"', "2026-12-31", "2026-12-31", "2026-12-31"),
    "date in German": ("close_date", '{ path = "due", format = "%d.%m.%Y" }', "2026-12-31", "31.12.2026", "2026-12-31"),
    "date in milliseconds": (
        "close_date", '{ path = "due", format = "ms" }', "2026-12-31", 1798675200000, "2026-12-31"
    ),
    "choice": (
        "stage", '{ path = "st", choices = { qualify = "初步接洽", won = ["赢单", "成交"] } }', "won", "赢单", "won"
    ),
    "reference": ("customer", '"firm"', "7", 7, "7"),
    "reference in a wrap": ("customer", '{ path = "firm", wrap = { id = "{value}" } }', "7", {"id": 7}, "7"),
    "reference into a table": (
        "customer", '{ path = "firm.id", write = "firm.connect.id" }', "7", {"connect": {"id": 7}}, None
    ),
    "uuid": ("customer", '"firm"', "0f8fad5b-d9cb-469f", "0f8fad5b-d9cb-469f", "0f8fad5b-d9cb-469f"),
    "long number as text": ("customer", '"firm"', "1234567890123456789", "1234567890123456789", "1234567890123456789"),
    "person by login": ("owner", '"holder"', "lina", "lina@example.com", "lina"),
    "into a list": ("name", '{ path = "lines.0.name" }', "商机", [{"name": "商机"}], "商机"),
    "flag in letters": (
        "x_hot", '{ path = "h", type = "bool", choices = { true = "Y", false = "N" } }', True, "Y", True
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", THERE_AND_BACK)
def test_a_value_goes_there_in_the_crms_way_and_comes_back_canonical(what: str, tmp_path: Path) -> None:
    name, spec, given, kept, read = THERE_AND_BACK[what]
    keeper = Keeper()
    with serving(keeper) as running:
        doors = Doors(running, f"{HEAD}{name} = {spec}\n", tmp_path)
        made = doors.do("create", "opportunity", fields={name: given})
        row = keeper.only()
        assert row[next(key for key in row if key != "id")] == kept
        assert isinstance(made, Record)
        assert made.get(name) == read


# what the mapping says of the field, what the CRM shows, what a scenario reads
SHOWN: dict[str, tuple[str, str, Any, Any]] = {
    "money with separators": ("amount", '"v"', "¥1,234,567.50", Decimal("1234567.50")),
    "money in German": ("amount", '"v"', "1.234,50 €", Decimal("1234.50")),
    "exact money": ("amount", '"v"', 0.1, Decimal("0.1")),
    "masked": ("amount", '"v"', "****", "****"),
    "moment in milliseconds": ("x_at", '{ path = "v", type = "moment" }', 1798675200000, "2026-12-31T00:00:00+00:00"),
    "moment with zone": (
        "x_at",
        '{ path = "v", type = "moment" }',
        "2026-12-31T08:00:00+08:00",
        "2026-12-31T08:00:00+08:00",
    ),
    "date of a moment": ("close_date", '"v"', "2026-12-31T00:00:00.000Z", "2026-12-31"),
    "flag as number": ("x_hot", '{ path = "v", type = "bool" }', 1, True),
    "expanded reference": ("customer", '"v"', {"id": 9, "title": "甲"}, "9"),
    "reference with its name": ("customer", '"v.0"', [9, "甲"], "9"),
    "no reference": ("customer", '"v"', False, None),
    "no text": ("name", '"v"', None, None),
    "every line": ("name", '{ path = "v.*.name" }', [{"name": "甲"}, {"name": "乙"}], "甲, 乙"),
    "text as number": ("name", '"v"', 13800001111, "13800001111"),
    "expanded person": ("owner", '"v"', {"id": 3, "login": "lina@example.com"}, "lina"),
    "stranger": ("owner", '"v"', "robot", "robot"),
    "another word for a choice": ("stage", '{ path = "v", choices = { won = ["赢单", "成交"] } }', "成交", "won"),
    "a choice without name": ("stage", '{ path = "v", choices = { won = "赢单" } }', "冻结", "冻结"),
    "probability in per cent": ("probability", '"v"', "40%", 40),
}


@pytest.mark.parametrize("what", SHOWN)
def test_what_the_crm_shows_is_read_as_what_it_means(what: str, tmp_path: Path) -> None:
    name, spec, shown, read = SHOWN[what]
    with serving(Keeper({"v": shown})) as running:
        doors = Doors(running, f'{HEAD}x_mark = "c"\n{name} = {spec}\n', tmp_path)
        made = doors.do("create", "opportunity", fields={"x_mark": "1"})
        assert isinstance(made, Record)
        assert made.get(name) == read


@pytest.mark.parametrize(
    ("name", "spec", "shown"),
    [
        ("amount", '"v"', "viel"), ("amount", '"v"', {"eur": 1}), ("close_date", '"v"', "morgen"),
        ("probability", '"v"', "0.5"), ("x_hot", '{ path = "v", type = "bool" }', "vielleicht"),
        ("name", '"v"', {"de": "a", "zh": "b"}), ("customer", '"v"', {"uuid": 1}),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_one_sentence_with_the_line(
    name: str, spec: str, shown: Any, tmp_path: Path
) -> None:
    with serving(Keeper({"v": shown})) as running:
        doors = Doors(running, f'{HEAD}x_mark = "c"\n{name} = {spec}\n', tmp_path)
        with pytest.raises(WrongUse, match=rf"mapping\.toml:16 .*{name}.*path = 'v'"):
            doors.do("create", "opportunity", fields={"x_mark": "1"})


def test_a_choice_that_the_mapping_lacks_is_never_sent(tmp_path: Path) -> None:
    keeper = Keeper()
    with serving(keeper) as running:
        doors = Doors(running, HEAD + 'stage = { path = "st", choices = { won = "赢单" } }\n', tmp_path)
        with pytest.raises(WrongUse, match=r"lost.*won"):
            doors.do("create", "opportunity", fields={"stage": "lost"})
        assert running.asked == []


@pytest.mark.parametrize("field", ["phone", "probability"])
def test_a_field_that_cannot_be_written_is_unsupported(field: str, tmp_path: Path) -> None:
    with serving(Keeper()) as running:
        doors = Doors(running, HEAD + 'probability = "p"\nname = "n"\n', tmp_path)
        with pytest.raises(Unsupported, match=field):
            doors.do("create", "opportunity", fields={"name": "x", field: 1})


def test_what_the_mapping_does_not_name_stays_to_be_seen(tmp_path: Path) -> None:
    with serving(Keeper({"secret_phone": "13812345678"})) as running:
        made = Doors(running, HEAD + 'name = "n"\n', tmp_path).do("create", "opportunity", fields={"name": "x"})
        assert isinstance(made, Record)
        assert made["x_other"] == {"secret_phone": "13812345678"}


def test_a_reference_by_name_is_looked_up_there_and_back(tmp_path: Path) -> None:
    keeper = Keeper()
    with serving(keeper) as running:
        doors = Doors(running, HEAD + 'customer = { path = "firm_name", lookup = "name" }\n', tmp_path)
        first, second = (doors.do("create", "customer", fields={"name": name}) for name in ("甲公司", "乙公司"))
        assert isinstance(first, Record)
        assert isinstance(second, Record)
        made = doors.do("create", "opportunity", fields={"customer": second.id})
        assert isinstance(made, Record)
        assert (keeper.only()["firm_name"], made["customer"]) == ("乙公司", second.id)
        keeper.only()["firm_name"] = "甲公司"
        fresh = Doors(running, HEAD + 'customer = { path = "firm_name", lookup = "name" }\n', tmp_path)
        for _ in range(2):
            page = fresh.do("list", "opportunity")
            assert isinstance(page, Page)
            assert page.rows[0]["customer"] == first.id
        assert len([one for one in running.asked if one.query.get("title") == ["甲公司"]]) == 1


STAFF = """
[people]
by = "id"
list = { call = "GET /staff", rows = "staff" }
id = "no"
login = "mail"
"""


def test_people_are_numbers_that_the_list_of_people_tells_once(tmp_path: Path) -> None:
    keeper = Keeper()

    def dialect(asked: Asked) -> Says:
        if asked.path == "/staff":
            people = [{"no": 17, "mail": "lina@example.com"}, {"no": 18, "mail": "chenjing@example.com"}]
            return Says(200, {"staff": people})
        return keeper(asked)

    toml = STAFF + HEAD + 'owner = "holder"\n[objects.opportunity.calls]\n' + (
        'transfer = { call = "PATCH {path}/{id}", body = { holder = "{to}" }, record = "" }\n'
    )  # fmt: skip
    with serving(dialect) as running:
        doors = Doors(running, toml, tmp_path)
        made = doors.do("create", "opportunity", fields={"owner": "lina"})
        assert isinstance(made, Record)
        assert (made["owner"], keeper.only()["holder"]) == ("lina", 17)
        moved = doors.do("transfer", "opportunity", made.id, to="chenjing")
        assert isinstance(moved, Record)
        assert (moved["owner"], keeper.only()["holder"]) == ("chenjing", 18)
        with pytest.raises(WrongUse, match="people"):
            doors.do("create", "opportunity", fields={"owner": "nobody"})
        assert running.paths().count("/staff") == 1


def test_somebody_who_may_not_list_people_still_reads_records(tmp_path: Path) -> None:
    keeper = Keeper()

    def dialect(asked: Asked) -> Says:
        return Says(403, {}) if asked.path == "/staff" else keeper(asked)

    with serving(dialect) as running:
        doors = Doors(running, STAFF + HEAD + 'name = "n"\nowner = "holder"\n', tmp_path)
        keeper.shows = {"holder": 17}
        for _ in range(2):
            made = doors.do("create", "opportunity", fields={"name": "x"})
            assert isinstance(made, Record)
            assert made["owner"] == "17"
        assert running.paths().count("/staff") == 1


def test_a_renamed_record_is_looked_up_anew(tmp_path: Path) -> None:
    keeper = Keeper()
    with serving(keeper) as running:
        doors = Doors(running, HEAD + 'customer = { path = "firm_name", lookup = "name" }\n', tmp_path)
        firm = doors.do("create", "customer", fields={"name": "旧名"})
        assert isinstance(firm, Record)
        doors.do("create", "opportunity", fields={"customer": firm.id})
        doors.do("change", "customer", firm.id, fields={"name": "新名"})
        doors.do("create", "opportunity", fields={"customer": firm.id})
        assert [row["firm_name"] for row in keeper.tables["deals"].values()] == ["旧名", "新名"]
