"""A mapping file as a whole: what it says, its short forms, and every mistake of it with its line."""

# ruff: noqa: E501  one mistake a line
from __future__ import annotations

from pathlib import Path

import pytest

from crm_acceptance.errors import WrongUse
from crm_acceptance.systems.rest import mapping
from crm_acceptance.systems.rest.checks import WrongMapping
from crm_acceptance.systems.rest.shape import Mapping

WHOLE = """\
title = "易联 CRM"
[api]
prefix = "/api"
headers = { X-Tenant = "{secret.TENANT}" }
[auth]
kind = "bearer"
login = { call = "POST /in", body = { a = "{login}", p = "{password}" }, save = { token = "data.token" } }
[people]
by = "id"
list = { call = "GET /users", rows = "data" }
[calls]
list = { call = "GET {path}", rows = "data", total = "meta.count" }
read = { call = "GET {path}/{id}", record = "data" }
create = { call = "POST {path}", body = "{fields}", record = "data" }
change = { call = "PATCH {path}/{id}", body = "{fields}", record = "data" }
delete = "DELETE {path}/{id}"
count = "list"
[objects.customer]
path = "/customers"
required = ["name"]
without = ["delete"]
[objects.customer.fields]
name = "company"
owner = { path = "owner.id", write = "" }
state = { path = "status", choices = { active = "A", pool = "P" } }
[objects.customer.moves]
release = { to = "pool" }
[objects.order]
path = "/orders"
[objects.order.fields]
customer = { path = "customer.id", write = "customer", wrap = { id = "{value}" } }
amount = "total"
due = "open"
[objects.quote]
like = "order"
path = "/quotes"
[objects.quote.fields]
state = "state"
[objects.quote.calls]
order = { yields = "order", steps = [ { do = "quote.read", id = "{id}", save = { quote = "" } }, { do = "order.create", fields = { customer = "{quote.customer}" }, save = { order = "" } } ], result = { id = "{order.id}" } }
[paging]
kind = "page"
[query]
where = { "f[{field}]" = "{value}" }
[errors.status]
418 = "denied"
"""


def read(text: str) -> Mapping:
    return mapping.parse(Path("mapping.toml"), text)


def mistakes(text: str) -> list[tuple[str, str]]:
    """(place as people read it, sentence) of everything that is wrong."""
    with pytest.raises(WrongMapping) as wrong:
        read(text)
    return [(one.place, one.sentence) for one in wrong.value.mistakes]


def test_what_is_given_to_all_reaches_every_object_but_those_without() -> None:
    whole = read(WHOLE)
    assert set(whole.objects["order"].calls) == {"list", "read", "create", "change", "delete", "count"}
    assert "delete" not in whole.objects["customer"].calls
    assert whole.objects["order"].calls["delete"].call == "DELETE {path}/{id}"


def test_an_object_like_another_has_its_fields_and_calls_and_its_own() -> None:
    quote = read(WHOLE).objects["quote"]
    assert set(quote.fields) == {"customer", "amount", "due", "state"} and "order" in quote.calls
    assert quote.path == "/quotes" and quote.fields["amount"].where == "objects.order.fields.amount"


def test_the_vocabulary_says_what_the_file_leaves_out() -> None:
    order = read(WHOLE).objects["order"].fields
    assert (order["amount"].type, order["customer"].type, order["customer"].object) == ("money", "ref", "customer")
    assert order["due"].write == "" and order["amount"].write == order["amount"].query == "total"
    assert read(WHOLE).objects["customer"].fields["owner"].type == "person"


def test_the_kind_of_login_brings_its_header() -> None:
    assert read(WHOLE).auth.headers == {"Authorization": "Bearer {token}"}
    oauth = 'login = { call = "POST /token" }'
    text = WHOLE.replace('kind = "bearer"', 'kind = "oauth2_password"')
    text = text.replace(next(line for line in text.splitlines() if line.startswith("login = {")), oauth)
    login = read(text).auth.login
    assert login is not None and login.form is not None and login.form["grant_type"] == "password"
    assert login.save["token"] == "access_token"


WRONG = [
    ("an unknown table", "[paging]", "[pageing]", 41, "pageing", "did you mean paging"),
    ("an unknown key", 'title = "易联 CRM"', 'titel = "x"', 1, "titel", "did you mean title"),
    ("an unknown key of a call", 'rows = "data", total', 'row = "data", total', 12, "list.row", "did you mean rows"),
    ("an unknown object", "[objects.customer]", "[objects.custmer]", 18, "objects.custmer", "did you mean customer"),
    ("an unknown field", 'name = "company"', 'nmae = "company"', 23, "nmae", "did you mean name"),
    ("an unknown verb", 'count = "list"', 'cuont = "list"', 17, "cuont", "did you mean count"),
    ("an unknown template name", 'body = { a = "{login}"', 'body = { a = "{logon}"', 7, "login.body.a", "did you mean login"),
    ("an unknown field in a template", '"{quote.customer}"', '"{qoute.customer}"', 40, "fields.customer", "template name"),
    ("a method that is none", "PATCH {path}", "PACTH {path}", 15, "change.call", "not a METHOD"),
    ("a method in small letters", '"GET {path}/{id}"', '"get {path}/{id}"', 13, "read.call", "did you mean GET"),
    ("a path without a slash", "POST /in", "POST in", 7, "login.call", "starts with"),
    ("a whole address", "POST /in", "POST https://x.example/in", 7, "login.call", "host is the site's"),
    ("an object's path without a slash", 'path = "/orders"', 'path = "orders"', 29, "path", "starts with"),
    ("a prefix without a slash", 'prefix = "/api"', 'prefix = "api"', 3, "prefix", "start with"),
    ("a wrong type", "without = [\"delete\"]", "without = 3", 21, "without", "wrong type"),
    ("an unknown type", 'amount = "total"', 'amount = { path = "t", type = "cash" }', 32, "amount.type", "known:"),
    ("an unknown unit", 'amount = "total"', 'amount = { path = "t", unit = "fen" }', 32, "amount.unit", "known:"),
    ("an unknown login", 'kind = "bearer"', 'kind = "bearrer"', 6, "kind", "did you mean bearer"),
    ("an unknown paging", 'kind = "page"', 'kind = "pages"', 42, "kind", "did you mean page"),
    ("an unknown refusal", '418 = "denied"', '418 = "deny"', 46, "418", "did you mean denied"),
    ("a status that is none", "418 = ", "4018 = ", 46, "4018", "not an HTTP status"),
    ("a ref to nothing", 'wrap = { id = "{value}" }', 'object = "company"', 31, "customer.object", "mapped object"),
    ("a move to no state", 'release = { to = "pool" }', 'release = { to = "pol" }', 27, "release.to", "did you mean pool"),
    ("a double choice", 'pool = "P"', 'pool = "A"', 25, "choices.pool", "double value"),
    ("a choice that is none", 'pool = "P"', 'pol = "P"', 25, "choices.pol", "did you mean pool"),
    ("a brace left open", '"{fields}", record = "data" }\nchange', '"{fields", record = "data" }\nchange', 14, "create.body", "brace"),
    ("an id at birth", "POST {path}\", body", "POST {path}/{id}\", body", 14, "create.call", "no {id} here"),
    ("a list without rows", ', rows = "data", total = "meta.count"', "", 12, "list", "rows is missing"),
    ("rows where there is a record", 'id}", record = "data" }\ncreate', 'id}", rows = "data" }\ncreate', 13, "read.rows", "use record"),
    ("an unmapped step", "order.create", "invoice.create", 40, "steps.1.do", "unknown"),
    ("a verb that is no verb", "order.create", "order.creat", 40, "steps.1.do", "did you mean create"),
    ("steps in a circle", "order.create", "quote.order", 40, "order", "circle"),
    ("a required field that is read-only", 'path = "/orders"', 'path = "/orders"\nrequired = ["due"]', 30, "required", "read-only"),
    ("a secret in the file", "{secret.TENANT}", "sk_live_1234567890abcdef", 4, "X-Tenant", "A secret in the file"),
    ("a password in the file", '"{password}"', '"geheim99", password = "geheim99"', 7, "login.body.password", "secret"),
    ("a like in a circle", 'like = "order"', 'like = "quote"', 35, "like", "itself"),
    ("a like of nobody", 'like = "order"', 'like = "ordr"', 35, "like", "did you mean order"),
    ("no token saved", ', save = { token = "data.token" }', "", 7, "login", "where is the token"),
    ("people by id without ids", 'list = { call = "GET /users", rows = "data" }', "", 9, "by", "list or ids"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("right", "wrong", "line", "place", "said"), [row[1:] for row in WRONG], ids=[r[0] for r in WRONG]
)
def test_a_mistake_is_told_with_its_line_its_place_and_what_to_do(
    right: str, wrong: str, line: int, place: str, said: str
) -> None:
    assert WHOLE.count(right) >= 1
    found = mistakes(WHOLE.replace(right, wrong, 1))
    assert any(
        where.startswith(f"mapping.toml:{line} ") and place in where and said in text for where, text in found
    ), found


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = WHOLE.replace("PATCH", "PACTH").replace('kind = "page"', 'kind = "x"').replace("[api]", "[apy]")
    places = [place for place, _ in mistakes(text)]
    assert [place.split(" ")[0] for place in places] == ["mapping.toml:2", "mapping.toml:15", "mapping.toml:42"]


def test_like_in_a_circle_of_two_is_told() -> None:
    text = WHOLE.replace('path = "/orders"', 'path = "/orders"\nlike = "quote"')
    assert any("a loop" in text for _, text in mistakes(text))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"title = \n", "mapping.toml:1"),
        ("title = '易联'".encode("gbk"), "UTF-8"),
        (b"", "empty"),
        (b"a = 1\n\n[x\n", "mapping.toml:3"),
        (b"a = " + b"[" * 3000 + b"]" * 3000, "too deeply"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_one_sentence(raw: bytes, said: str, tmp_path: Path) -> None:
    file = tmp_path / "mapping.toml"
    file.write_bytes(raw)
    with pytest.raises(WrongUse, match=said):
        mapping.load(file)


def test_a_missing_file_says_how_to_draft_one(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="crm-acceptance map"):
        mapping.load(tmp_path / "mapping.toml")


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "mapping.toml"
    file.write_text(WHOLE, encoding="utf-8-sig")
    assert mapping.load(file).title == "易联 CRM"


def test_a_filter_that_there_is_not_is_told_with_the_nearest_one() -> None:
    text = WHOLE.replace('a = "{login}"', 'a = "{login|uper}"')
    assert any("uper" in one and "did you mean upper" in one for _, one in mistakes(text))
