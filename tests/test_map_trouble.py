"""`map` with documents that are broken, empty, elsewhere or no documents: one clear sentence, the rest drafted."""

from __future__ import annotations

import copy
import http.server
import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import map_shares
import pytest
from typer.testing import CliRunner

from crm_acceptance.cli import app
from crm_acceptance.drafting import assembling, document, fetching, writing
from crm_acceptance.errors import AcceptanceError, SiteOutOfReach, WrongUse
from crm_acceptance.systems.rest import mapping

CUSTOMER = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}, "phone": {"type": "string"}},
}


def answer(schema: Any) -> dict[str, Any]:
    """An answer 200 of this schema."""
    return {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}


def paths(schema: Any) -> dict[str, Any]:
    """Customers that can be listed and read."""
    return {
        "/customers": {"get": {"responses": answer({"type": "array", "items": schema})}},
        "/customers/{id}": {"get": {"responses": answer(schema)}},
    }


def read(root: Any) -> document.Document:
    """A document at hand, read."""
    return document.read(json.dumps(root), "made.json")


@contextmanager
def served(pages: dict[str, tuple[int, str, str]]) -> Iterator[str]:
    """A site that answers (status, media type, text) by path; what it is asked with is in `pages["asked"]`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            token = self.headers.get("Authorization", "")
            status, media, text = pages.get(self.path + (" " + token if token else ""), (404, "text/plain", "no"))
            self.send_response(status)
            self.send_header("Content-Type", media)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *words: Any) -> None:
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("", "空的"),
        ("<!doctype html><title>x</title>", "网页"),
        ('<form><input type="password"></form>', "登录页"),
        ("[1, 2]", "不是 OpenAPI"),
        ("{not json: [", "JSON"),
        ("just words", "不是 OpenAPI"),
        ('{"openapi": "3.0.0", "info": {}}', "paths"),
        ('{"openapi": "3.0.0", "paths": {}}', "paths"),
        ('{"openapi": "3.0.0", "paths": [1]}', "paths"),
    ],
)
def test_what_is_no_document_is_said_in_one_sentence(raw: str, said: str) -> None:
    with pytest.raises(WrongUse, match=said) as told:
        document.read(raw, "some.json")
    assert "\n" not in str(told.value)


def test_a_page_that_shows_a_document_says_where_it_is() -> None:
    page = '<html><script>SwaggerUIBundle({url: "/v3/api-docs/openapi.json"})</script></html>'
    with pytest.raises(WrongUse, match=r"https://crm\.example\.com/v3/api-docs/openapi\.json"):
        document.read(page, "https://crm.example.com/swagger-ui/index.html")


def test_a_schema_that_contains_itself_ends() -> None:
    person: dict[str, Any] = {"type": "object", "properties": {"name": {"type": "string"}}}
    person["properties"]["manager"] = {"$ref": "#/components/schemas/P"}
    person["properties"]["team"] = {"type": "array", "items": {"$ref": "#/components/schemas/P"}}
    loop = {"$ref": "#/components/schemas/Loop"}
    root = {
        "openapi": "3.1.0",
        "paths": paths({"$ref": "#/components/schemas/P"}),
        "components": {"schemas": {"P": person, "Loop": loop}},
    }
    root["paths"]["/loops"] = {"get": {"responses": answer(loop)}}
    draft = assembling.drafted(read(root), "")
    assert draft.objects[0].fields["name"].path == "name"
    assert any("circular" in one for one in draft.problems)


def test_what_is_sound_is_drafted_and_what_is_not_is_listed() -> None:
    root = {
        "openapi": "3.0.0",
        "paths": {
            **paths(CUSTOMER),
            "/leads": {"get": {"responses": answer({"$ref": "#/components/schemas/Gone"})}},
            "no slash": {},
            "/deals": "not a table",
            "/quotes": {"get": ["wrong"], "post": {"parameters": "x", "responses": 7, "tags": 3, "operationId": 9}},
            "/orders": {"get": {"operationId": "a"}, "post": {"operationId": "a", "requestBody": {"content": [1]}}},
        },
        "servers": "nowhere", "info": [], "components": 5, "security": 1,
    }  # fmt: skip
    draft = assembling.drafted(read(root), "")
    assert "customer" in [one.name for one in draft.objects]
    said = "\n".join(draft.problems)
    for part in ("dangling", "no slash", "/deals", "GET /quotes", "duplicate: a"):
        assert part in said


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, [{}], {"a": []}, True])
def test_any_value_in_any_place_leads_to_no_traceback(value: Any) -> None:
    keys = ("parameters", "requestBody", "responses", "tags", "operationId", "summary", "security")
    root = {
        "swagger": "2.0",
        "paths": {
            **{f"/customers/{key}": {"post": {key: value}} for key in keys},
            "/customers": value,
            **paths(CUSTOMER),
        },
        **{key: value for key in ("servers", "basePath", "components", "securityDefinitions", "info", "tags")},
    }
    assert assembling.drafted(read(root), "").operations >= 2


def test_a_reference_to_another_host_is_left_out_and_told(tmp_path: Path) -> None:
    file = tmp_path / "doc.json"
    file.write_text(
        json.dumps({"openapi": "3.0.0", "paths": paths({"$ref": "https://elsewhere.example.com/x.json#/C"})})
    )
    source = fetching.Source(str(file))
    draft = assembling.drafted(document.read(source.text(), file.name, source.remote()), "")
    assert any("elsewhere.example.com" in one and "--allow-remote" in one for one in draft.problems)


def test_a_reference_to_a_file_beside_is_read_and_one_outside_is_not(tmp_path: Path) -> None:
    inside, secret = tmp_path / "api", tmp_path / "secret.json"
    inside.mkdir()
    secret.write_text(json.dumps({"C": CUSTOMER}))
    (inside / "parts.json").write_text(json.dumps({"C": CUSTOMER}))
    for reference, found in (("parts.json#/C", True), ("../secret.json#/C", False)):
        file = inside / "doc.json"
        file.write_text(json.dumps({"openapi": "3.0.0", "paths": paths({"$ref": reference})}))
        source = fetching.Source(str(file))
        draft = assembling.drafted(document.read(source.text(), file.name, source.remote()), "")
        assert ("phone" in draft.objects[0].fields) is found


def test_a_document_behind_a_login_needs_a_header_and_is_then_read() -> None:
    text = json.dumps({"openapi": "3.0.0", "paths": paths(CUSTOMER)})
    pages = {"/doc": (401, "application/json", "{}"), "/doc Bearer t1": (200, "application/json", text)}
    with served(pages) as site:
        with pytest.raises(SiteOutOfReach, match="--header"):
            fetching.Source(f"{site}/doc").text()
        told = fetching.headers_of(["Authorization: Bearer t1"])
        assert fetching.Source(f"{site}/doc", told).text() == text


def test_a_missing_page_and_a_dead_host_are_out_of_reach() -> None:
    with served({}) as site, pytest.raises(SiteOutOfReach, match="404"):
        fetching.Source(f"{site}/openapi.json").text()
    with pytest.raises(SiteOutOfReach):
        fetching.Source(f"{site}/openapi.json").text()


def test_a_file_that_exists_is_never_overwritten_in_silence(tmp_path: Path) -> None:
    out, doc = tmp_path / "mapping.toml", tmp_path / "doc.json"
    out.write_text("mine")
    doc.write_text(json.dumps({"openapi": "3.0.0", "paths": paths(CUSTOMER)}))
    said = CliRunner().invoke(app, ["map", "--openapi", str(doc), "--out", str(out)])
    assert isinstance(said.exception, WrongUse) and said.exception.exit_code == 2
    assert out.read_text() == "mine"
    said = CliRunner().invoke(app, ["map", "--openapi", str(doc), "--out", str(out), "--force"])
    assert said.exit_code == 0, said.output
    assert mapping.load(out).objects["customer"].path == "/customers"


@pytest.mark.parametrize(
    "words", [[], ["--openapi", "gone.json"], ["--record", "gone.har"], ["--header", "nonsense", "--openapi", "x"]]
)
def test_wrong_use_is_told_and_nothing_is_written(words: list[str], tmp_path: Path) -> None:
    out = tmp_path / "mapping.toml"
    said = CliRunner().invoke(app, ["map", *words, "--out", str(out)])
    assert isinstance(said.exception, AcceptanceError) and said.exception.exit_code == 2
    assert not out.exists()


def test_names_that_toml_does_not_like_are_quoted(tmp_path: Path) -> None:
    odd = {
        "type": "object",
        "properties": {'na"me\n': {"type": "string"}, "Telefon Nr.": {"type": "string"}, "id": {"type": "integer"}},
    }
    doc, out = tmp_path / "doc.json", tmp_path / "mapping.toml"
    doc.write_text(json.dumps({"openapi": "3.0.0", "info": {"title": 'a "b"\n# c'}, "paths": paths(odd)}))
    said = CliRunner().invoke(app, ["map", "--openapi", str(doc), "--out", str(out)])
    assert said.exit_code == 0, said.output
    assert "customer" in mapping.load(out).objects


JUNK: tuple[Any, ...] = (
    None, 1, -1.5, "", "日本 {x} \"' \n", [], {}, [1, "a", None], True, {"$ref": "#/x"}, {"$ref": 5}, {"type": ["a"]},
    {"enum": [1, None, [1]]}, {"properties": [1]}, {"allOf": {}}, {"items": [{}]}, {"properties": {"n{a}": 7}},
    {"const": "{x}"}, {"default": {"a": 1}}, {"title": {"a": 2}},
)  # fmt: skip


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value of a document."""
    if path:
        yield path
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in pairs:
        yield from places(value, (*path, key))


def spoilt(root: Any, chance: random.Random) -> Any:
    """The document with junk in up to twenty places."""
    ways = list(places(root))
    for way in chance.sample(ways, min(len(ways), chance.randint(1, 20))):
        holder = root
        for key in way[:-1]:
            holder = holder[key] if isinstance(holder, dict | list) and _has(holder, key) else None
        if isinstance(holder, dict) or (isinstance(holder, list) and _has(holder, way[-1])):
            holder[way[-1]] = copy.deepcopy(chance.choice(JUNK))
    return root


def _has(holder: Any, key: Any) -> bool:
    return key in holder if isinstance(holder, dict) else isinstance(key, int) and key < len(holder)


@pytest.mark.parametrize("name", map_shares.documents())
def test_junk_anywhere_in_a_document_leaves_a_mapping_that_can_be_read(name: str, tmp_path: Path) -> None:
    whole = document.parsed(map_shares.documents()[name].read_text(encoding="utf-8"), name)
    drafts = 0
    for seed in range(6):
        raw = json.dumps(spoilt(copy.deepcopy(whole), random.Random(f"{name} {seed}")))
        try:
            draft = assembling.drafted(document.read(raw, name), "")
        except WrongUse as told:
            assert "paths" in str(told)
            continue
        mapping.parse(tmp_path / "mapping.toml", writing.written(draft, name))
        drafts += 1
    assert drafts > 2
