"""Calls of described CRMs: ids of every kind, prefixes, redirects, files, refusals; each on a real little server."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from crm_acceptance.errors import Refused, SiteOutOfReach, WrongUse
from crm_acceptance.model import Page, Record
from tests.odd_server import Asked, Doors, Says, serving

PLAIN = """
[calls]
list = { call = "GET {path}", rows = "items" }
read = { call = "GET {path}/{id}", record = "data" }
create = { call = "POST {path}", body = "{fields}", record = "data" }
change = { call = "PATCH {path}/{id}", body = "{fields}", record = "data" }
delete = "DELETE {path}/{id}"
[objects.customer]
path = "/firms"
fields = { name = "title" }
"""


def record(outcome: object) -> Record:
    assert isinstance(outcome, Record)
    return outcome


@pytest.mark.parametrize("id", ["17", "0017", "ab c/d", "é中", "8f14e45f-ceea-467f-a0e6-b0b8a0b0c0d0"])
def test_ids_of_every_kind_are_quoted_in_the_address(id: str, tmp_path: Path) -> None:
    with serving(lambda asked: Says(200, {"data": {"id": id, "title": asked.path}})) as running:
        found = record(Doors(running, PLAIN, tmp_path).do("read", id=id))
        assert (found.id, found["name"]) == (id, f"/firms/{id}")


def test_a_composite_id_is_one_text_outside_and_its_parts_in_the_address(tmp_path: Path) -> None:
    toml = PLAIN.replace('path = "/firms"', 'path = "/firms"\nid = ["org", "no"]').replace(
        "{path}/{id}", "{path}/{id.1}/{id.2}"
    )

    def dialect(asked: Asked) -> Says:
        rows = [{"org": "A,1", "no": 7, "title": asked.path}]
        return Says(200, {"items": rows, "data": rows[0]})

    with serving(dialect) as running:
        doors = Doors(running, toml, tmp_path)
        page = doors.do("list")
        assert isinstance(page, Page)
        assert page.rows[0].id == "A%2C1,7"
        again = record(doors.do("read", id=page.rows[0].id))
        assert (again.id, again["name"]) == ("A%2C1,7", "/firms/A,1/7")


@pytest.mark.parametrize(
    "delete", ['"DELETE {path}/{id}"', '{ call = "POST {path}:destroy", params = { pk = "{id}" } }']
)
def test_a_call_whose_id_is_empty_is_never_sent(delete: str, tmp_path: Path) -> None:
    with serving(lambda asked: Says(204)) as running:
        doors = Doors(running, PLAIN.replace('"DELETE {path}/{id}"', delete), tmp_path)
        for id in (None, ""):
            with pytest.raises(WrongUse, match=r"\{id\}"):
                doors.do("delete", id=id)
        assert running.asked == []


@pytest.mark.parametrize("link", ["http://{host}/crm/api/items?from=2", "/crm/api/items?from=2", "?from=2"])
def test_under_a_prefix_links_and_redirects_of_the_crm_are_followed(link: str, tmp_path: Path) -> None:
    def dialect(asked: Asked) -> Says:
        if not asked.path.startswith("/crm/api/"):
            return Says(404, {})
        if asked.path == "/crm/api/firms":
            return Says(307, None, (("Location", f"/crm/api/items?size={asked.one('size')}"),))
        if asked.one("from") == "2":
            return Says(200, {"items": [{"id": 2}]})
        return Says(200, {"items": [{"id": 1}], "next": link.format(host=asked.headers["host"])})

    base = "?from=2" if link.startswith("?") else link
    toml = '[api]\nprefix = "/api"\n[paging]\nkind = "cursor"\nnext = "next"\n' + PLAIN
    if base == "?from=2":
        toml = toml.replace('path = "/firms"', 'path = "/items"')
    with serving(dialect) as running:
        page = Doors(running, toml, tmp_path, "/crm").do("list", size=5)
        assert isinstance(page, Page)
        assert [row.id for row in page.rows] == ["1", "2"]


@pytest.mark.parametrize(
    "says",
    [
        Says(201, {"data": {"id": 5, "title": "甲"}}),
        Says(201, {"data": [{"id": 5, "title": "甲"}]}),
        Says(201, {"data": 5}),
        Says(201, {"data": {"id": 5}}),
        Says(201, None, (("Location", "/firms/5"),)),
        Says(303, None, (("Location", "/firms/5"),)),
    ],
)
def test_a_created_record_is_had_however_the_crm_names_it(says: Says, tmp_path: Path) -> None:
    def dialect(asked: Asked) -> Says:
        return says if asked.method == "POST" else Says(200, {"data": {"id": 5, "title": "甲"}})

    toml = PLAIN.replace(
        'body = "{fields}", record = "data" }\nchange', 'body = "{fields}", record = "data", then = "read" }\nchange'
    )
    with serving(dialect) as running:
        made = record(Doors(running, toml, tmp_path).do("create", fields={"name": "甲"}))
        assert (made.id, made["name"]) == ("5", "甲")


def test_a_created_record_without_a_name_is_a_mistake_of_the_mapping(tmp_path: Path) -> None:
    with serving(lambda asked: Says(200, {"result": {"ok": True}})) as running:
        doors = Doors(running, PLAIN, tmp_path)
        with pytest.raises(WrongUse, match=r"mapping\.toml:5 .*data.*result"):
            doors.do("create", fields={"name": "甲"})


@pytest.mark.parametrize("says", [Says(204), Says(200, {"data": []}), Says(200, {"data": None})])
def test_a_change_answered_with_nothing_is_read_again(says: Says, tmp_path: Path) -> None:
    def dialect(asked: Asked) -> Says:
        return says if asked.method == "PATCH" else Says(200, {"data": {"id": 5, "title": "乙"}})

    with serving(dialect) as running:
        assert record(Doors(running, PLAIN, tmp_path).do("change", id="5", fields={"name": "乙"}))["name"] == "乙"


def test_what_was_given_away_need_not_be_shown_any_more(tmp_path: Path) -> None:
    toml = PLAIN + '[objects.customer.calls]\ntransfer = { call = "POST {path}/{id}/give", then = "read" }\n'
    with serving(lambda asked: Says(204 if asked.method == "POST" else 404)) as running:
        assert Doors(running, toml, tmp_path).do("transfer", id="5", to="chenjing") == Record("customer", "5", {})


def test_an_answer_without_record_may_mean_a_refusal(tmp_path: Path) -> None:
    toml = PLAIN.replace(
        '{path}/{id}", record = "data" }\ncreate', '{path}/{id}", record = "data", empty = "missing" }\ncreate'
    )
    with serving(lambda asked: Says(200, {"data": None})) as running:
        doors = Doors(running, toml, tmp_path)
        with pytest.raises(Refused) as no:
            doors.do("read", id="5")
        assert no.value.kind == "missing"


FILES = (
    PLAIN
    + """
[objects.customer.calls]
attach = { call = "POST {path}/{id}/files", files = { up = "{file}" }, form = { title = "{filename}" }, record = "" }
attachments = { call = "GET {path}/{id}/files", rows = "" }
download = { call = "GET /files/{attachment}", file = true }
export = { call = "GET {path}/export", file = true }
[objects.customer.calls.import]
call = "POST {path}/import"
files = { csv = "{file}" }
save = { n = "ok", bad = "errors" }
result = { created = "{n}", rejected = "{bad}" }
[objects.attachment]
fields = { name = "file_name", size = "bytes" }
"""
)


def test_files_go_up_come_down_and_are_listed(tmp_path: Path) -> None:
    kept: dict[str, bytes] = {}

    def dialect(asked: Asked) -> Says:
        if asked.method == "POST":
            assert "multipart/form-data" in asked.headers["content-type"]
            assert 'name="title"' in asked.body.decode(errors="replace")
            kept["a1"] = asked.body.split(b"\r\n\r\n")[-1].rpartition(b"\r\n--")[0]
            return Says(201, {"id": "a1", "file_name": "合同.pdf", "bytes": len(kept["a1"])})
        if asked.path == "/files/a1":
            return Says(200, kept["a1"])
        return Says(200, [{"id": "a1", "file_name": "合同.pdf", "bytes": 5}])

    with serving(dialect) as running:
        doors = Doors(running, FILES, tmp_path)
        made = record(doors.do("attach", id="9", filename="合同.pdf", body=b"%PDF\x00"))
        assert (made.object, made["parent_id"], made["size"]) == ("attachment", "9", 5)
        page = doors.do("attachments", id="9")
        assert isinstance(page, Page)
        assert page.rows[0]["name"] == "合同.pdf"
        assert doors.do("download", id="9", attachment=page.rows[0].id) == b"%PDF\x00"


def test_a_file_may_be_the_whole_body(tmp_path: Path) -> None:
    toml = FILES.replace('files = { up = "{file}" }, form = { title = "{filename}" }', 'body = "{file}"', 1)

    def dialect(asked: Asked) -> Says:
        assert (asked.body, asked.headers["content-type"]) == (b"%PDF\x00", "application/pdf")
        return Says(201, {"id": "a1", "file_name": "a.pdf", "bytes": 5})

    with serving(dialect) as running:
        made = record(Doors(running, toml, tmp_path).do("attach", id="9", filename="a.pdf", body=b"%PDF\x00"))
        assert (made.id, made["size"]) == ("a1", 5)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
def test_an_export_comes_with_canonical_headings_whatever_its_encoding(encoding: str, tmp_path: Path) -> None:
    toml = FILES.replace('fields = { name = "title" }', 'fields = { name = { path = "title", label = ["公司名称"] } }')
    with serving(lambda asked: Says(200, "公司名称,电话\r\n甲,138\r\n".encode(encoding))) as running:
        body = Doors(running, toml, tmp_path).do("export")
        assert isinstance(body, bytes)
        assert list(csv.DictReader(io.StringIO(body.decode("utf-8-sig")))) == [{"name": "甲", "电话": "138"}]


def test_an_import_goes_in_the_crms_headings_and_its_result_comes_back(tmp_path: Path) -> None:
    with serving(lambda asked: Says(200, {"ok": 1, "errors": [{"row": 2, "reason": "空"}]})) as running:
        said = Doors(running, FILES, tmp_path).do("import", csv="name\r\n甲\r\n".encode("utf-8-sig"))
        assert said == {"created": 1, "rejected": [{"row": 2, "reason": "空"}]}
        assert "title\r\n甲" in running.asked[0].body.decode()


def test_the_key_of_a_repeated_sending_and_the_version_travel_only_when_given(tmp_path: Path) -> None:
    toml = PLAIN.replace(
        '"POST {path}", body = "{fields}"', '"POST {path}", headers = { Once = "{key}" }, body = "{fields}"'
    )
    toml = toml.replace(
        '{path}/{id}", body = "{fields}"', '{path}/{id}", body = { "..." = "{fields}", rev = "{version}" }'
    )
    with serving(lambda asked: Says(200, {"data": {"id": 1}})) as running:
        doors = Doors(running, toml, tmp_path)
        doors.do("create", fields={"name": "a"}, key="k-1")
        doors.do("create", fields={"name": "a"})
        doors.do("change", id="1", fields={"name": "b"}, version=3)
        doors.do("change", id="1", fields={"name": "b"})
        assert [one.headers.get("once") for one in running.asked[:2]] == ["k-1", None]
        assert [one.json for one in running.asked[2:]] == [{"title": "b", "rev": 3}, {"title": "b"}]


@pytest.mark.parametrize(
    ("says", "kind"),
    [
        (Says(400, {"error": {"code": "X1", "message": "重复"}}), "duplicate"),
        (Says(400, {"error": {"code": "X9", "message": "该客户已存在"}}), "duplicate"),
        (Says(400, {"error": {"code": "X9", "message": "?"}}), "invalid"),
        (Says(418, {}), "invalid"), (Says(403, {}), "denied"), (Says(404, {}), "missing"), (Says(409, {}), "conflict"),
        (Says(429, {}, (("Retry-After", "0"),)), "throttled"), (Says(402, {}), "denied"),
        (Says(200, {"error": {"code": "X1"}}), "duplicate"), (Says(500, {"error": {"code": "X1"}}), "duplicate"),
    ],
)  # fmt: skip
def test_every_no_has_its_kind(says: Says, kind: str, tmp_path: Path) -> None:
    toml = (
        PLAIN
        + """
[errors]
code = "error.code"
message = "error.message"
status = { 402 = "denied" }
codes = { X1 = "duplicate" }
words = { "已存在" = "duplicate" }
"""
    )
    with serving(lambda asked: says) as running:
        doors = Doors(running, toml, tmp_path)
        with pytest.raises(Refused) as no:
            doors.do("create", fields={"name": "x"})
        assert no.value.kind == kind


@pytest.mark.parametrize(
    "says",
    [Says(500, {"message": "oops"}), Says(502, "<html>Bad Gateway</html>"), Says(200, "<html>Willkommen</html>")],
)
def test_a_breakdown_is_no_refusal(says: Says, tmp_path: Path) -> None:
    with serving(lambda asked: says) as running:
        doors = Doors(running, PLAIN, tmp_path)
        for name in ("list", "read"):
            with pytest.raises(SiteOutOfReach):
                doors.do(name, id="1")


def test_http_200_that_says_no_is_a_no(tmp_path: Path) -> None:
    toml = PLAIN + '[errors]\nmessage = "msg"\nsuccess = { path = "code", values = [0, "200"] }\n[errors.codes]\n'
    toml = toml.replace('message = "msg"', 'message = "msg"\ncode = "code"') + '403 = "denied"\n'
    answers = iter([{"code": 0, "items": []}, {"code": "200", "items": []}, {"code": 403, "msg": "无权"}, {"code": 7}])
    with serving(lambda asked: Says(200, next(answers))) as running:
        doors = Doors(running, toml, tmp_path)
        assert isinstance(doors.do("list"), Page)
        assert isinstance(doors.do("list"), Page)
        for kind in ("denied", "invalid"):
            with pytest.raises(Refused) as no:
                doors.do("list")
            assert no.value.kind == kind


def test_a_header_of_the_moment_is_another_one_in_every_call(tmp_path: Path) -> None:
    toml = '[api]\nheaders = { Trace = "{uuid}", Tenant = "{secret.TENANT|upper}" }\n' + PLAIN
    with serving(lambda asked: Says(200, {"items": []})) as running, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRM_ACCEPTANCE_TENANT", "acme-tenant")
        doors = Doors(running, toml, tmp_path)
        doors.do("list")
        doors.do("list")
        assert len({one.headers["trace"] for one in running.asked}) == len(running.asked) == 2
        assert {one.headers["tenant"] for one in running.asked} == {"ACME-TENANT"}
