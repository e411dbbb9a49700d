"""The contract: which operation is which cell of the matrix, what has changed, what the table leaves out."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from crm_acceptance.engines.fuzz import contract, coverage
from crm_acceptance.engines.fuzz.cases import run_cases
from crm_acceptance.engines.fuzz.identities import Sender
from crm_acceptance.engines.fuzz.naming import Operation, meaning, operations
from crm_acceptance.engines.permissions.table import Matrix, Rule
from crm_acceptance.errors import SiteOutOfReach, WrongUse

PINNED = Path(__file__).parent.parent / "security" / "openapi" / "refcrm.json"
ITEM = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
BODY = {"required": True, "content": {"application/json": {"schema": ITEM}}}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {
        "/api/customers": {
            "get": {"operationId": "list", "responses": {"200": {"description": "ok"}}},
            "post": {"operationId": "new", "requestBody": BODY, "responses": {"201": {"description": "ok"}}},
        }
    },
}


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("get", "/api/v1/customers", ("customer", "list")),
        ("post", "/customers", ("customer", "create")),
        ("put", "/crm/opportunities/{id}", ("opportunity", "change")),
        ("get", "/api/v1/orders/sum", ("order", "sum")),
        ("post", "/api/v1/quotes/{id}/approve", ("quote", "approve")),
        ("get", "/api/v1/customers/{id}/attachments", ("customer", "attachments")),
        ("post", "/api/v1/customers/{id}/attachments", ("customer", "attach")),
        ("get", "/api/v1/attachments/{id}", ("*", "download")),
        ("post", "/api/v1/leads/{id}/followups", ("followup", "create")),
        ("get", "/api/v1/reports/{name}", ("report:*", "read")),
        ("get", "/api/v1/reports/pipeline", ("report:pipeline", "read")),
        ("get", "/api/v1/audit", ("audit", "list")),
        ("post", "/api/v1/logout", ("session", "logout")),
        ("get", "/internal/debug/{id}", ("", "")),
        ("get", "/api/v1/leads/sum", ("", "")),
        ("post", "/api/v1/customers/{id}/explode", ("", "")),
        ("delete", "/api/v1/reports/pipeline/{id}", ("", "")),
    ],
)
def test_method_and_path_tell_the_cell(method: str, path: str, expected: tuple[str, str]) -> None:
    assert meaning(method, path) == expected


def test_every_operation_of_the_pinned_contract_has_a_name_of_its_own_and_a_cell() -> None:
    found = operations(contract.pinned(PINNED))
    assert len({one.name for one in found}) == len(found) > 100
    assert [one.label for one in found if not one.action] == []


def test_what_the_table_leaves_out_is_told_by_role() -> None:
    one = Operation("GET", "/customers", "list", "customer", "list")
    matrix = Matrix((Rule("rep", "list", "customer", "own", {}, ("SEC-003",)),))
    assert coverage.silent(matrix, ("boss", "rep"), one) == ("boss",)
    assert coverage.requirements(matrix, ("boss", "rep"), one) == ("SEC-003",)
    assert coverage.silent(matrix, ("rep",), Operation("GET", "/debug", "debug")) == ("rep",)


def test_the_same_contract_has_no_difference_and_a_changed_one_says_where() -> None:
    changed = json.loads(json.dumps(DOCUMENT))
    changed["paths"]["/api/customers"]["delete"] = {}
    changed["info"]["version"] = "2"
    del changed["paths"]["/api/customers"]["get"]
    assert list(contract.differences(DOCUMENT, {**DOCUMENT, "servers": []})) == []
    assert list(contract.differences(DOCUMENT, changed)) == [
        '/info/version: "1" -> "2"',
        "/paths//api/customers/delete 是新的 new",
        "/paths//api/customers/get 不见了 gone",
    ]


@pytest.mark.parametrize(("text", "said"), [("{", "JSON"), ("[]", "OpenAPI"), ('{"paths": {}}', "OpenAPI")])
def test_a_pinned_file_that_is_no_contract_is_told(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "crm.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WrongUse, match=said):
        contract.pinned(path)
    with pytest.raises(WrongUse, match="找不到"):
        contract.pinned(tmp_path / "absent.json")


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing on the console."""

    server = HTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_contract_is_renewed_from_the_live_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "openapi" / "crm.json"
    with answering(200, json.dumps(DOCUMENT).encode()) as url:
        assert contract.main([url, str(path)]) == 0
        assert list(contract.differences(contract.pinned(path), contract.live(url, DOCUMENT))) == []
    assert contract.main([]) == 2
    assert "用法" in capsys.readouterr().err


@pytest.mark.parametrize("body", [b"<html>login</html>", b'{"error": 1}'])
def test_a_site_that_answers_no_contract_is_out_of_reach(body: bytes) -> None:
    with answering(200, body) as url, pytest.raises(SiteOutOfReach):
        contract.live(url, DOCUMENT)


def test_what_the_pinned_file_says_of_an_operation_goes_before_its_path() -> None:
    told = {"x-crm-acceptance": "customer.read", "x-crm-acceptance-id": "filterByTk", "responses": {}}
    (one,) = operations({"paths": {"/api/crm_customers:get": {"get": told}}})
    assert (one.object, one.action, one.key) == ("customer", "read", "filterByTk")
    with pytest.raises(WrongUse, match="customers"):
        operations({"paths": {"/x": {"get": {"x-crm-acceptance": "customers.read"}}}})
    with pytest.raises(WrongUse, match="reed"):
        operations({"paths": {"/x": {"get": {"x-crm-acceptance": "customer.reed"}}}})


def test_a_contract_pinned_in_part_is_compared_in_that_part_only() -> None:
    said = {"responses": {"200": {"description": "ok"}}}
    live = {"openapi": "3.0.3", "paths": {"/crm:list": {"get": said}, "/other:list": {"get": said}}, "tags": []}
    before = {"openapi": "3.0.3", contract.PART: "/api", "paths": {"/api/crm:list": {"get": said}}, "components": {}}
    before["paths"]["/api/crm:list"]["get"] = {**said, "x-crm-acceptance": "customer.list"}  # type: ignore[index]
    with answering(200, json.dumps(live).encode()) as url:
        assert list(contract.differences(before, contract.live(url, before))) == []
        del live["paths"]["/crm:list"]  # type: ignore[attr-defined]
    with answering(200, json.dumps(live).encode()) as url:
        assert list(contract.differences(before, contract.live(url, before))) == ["/paths//api/crm:list 不见了 gone"]


def test_a_record_named_in_the_query_is_aimed_at_like_one_in_the_path(tmp_path: Path) -> None:
    wanted = {"name": "filterByTk", "in": "query", "required": True, "schema": {"type": "integer"}}
    told = {"x-crm-acceptance": "customer.read", "x-crm-acceptance-id": "filterByTk", "parameters": [wanted]}
    said = {"responses": {"200": {"description": "ok"}}}
    document = {**DOCUMENT, "paths": {"/api/crm:get": {"get": {**told, **said}}}}
    path = tmp_path / "crm.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    sent: list[Any] = []
    run_cases(path, operations(document)[0], 2, lambda case: sent.append(dict(case.query)), {"filterByTk": "73"})
    assert sent
    assert {one["filterByTk"] for one in sent} == {"73"}


def test_generated_cases_are_few_and_the_same_every_time(tmp_path: Path) -> None:
    path = tmp_path / "crm.json"
    path.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    new = next(one for one in operations(DOCUMENT) if one.name == "new")
    first, again, broken = ([], [], [])  # type: tuple[list[Any], list[Any], list[Any]]
    assert run_cases(path, new, 3, lambda case: first.append(case.body)) == 3
    run_cases(path, new, 3, lambda case: again.append(case.body))
    run_cases(path, new, 3, lambda case: broken.append(case.body), negative=True)
    assert first == again
    assert all(isinstance(body["n"], int | float) for body in first)
    assert broken


def test_a_stranger_sends_no_credentials_of_any_kind() -> None:
    one = next(one for one in operations(contract.pinned(PINNED)) if one.name == "exportCustomers")
    sent: list[Any] = []
    run_cases(PINNED, one, 3, lambda case: sent.append({name.lower() for name in case.headers}))
    assert sent
    assert not any("authorization" in names for names in sent)


def test_a_site_that_is_gone_is_out_of_reach(tmp_path: Path) -> None:
    path = tmp_path / "crm.json"
    path.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    listing = next(one for one in operations(DOCUMENT) if one.name == "list")
    with pytest.raises(SiteOutOfReach, match="No answer"):
        run_cases(path, listing, 1, lambda case: Sender("http://127.0.0.1:9").send(case))
