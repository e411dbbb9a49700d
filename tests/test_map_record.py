"""`map --record`: what a walk through the pages gives, driven or recorded elsewhere, with and without a document."""

from __future__ import annotations

import http.server
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from refcrm_process import PASSWORD, running
from typer.testing import CliRunner

from crm_acceptance.cli import app
from crm_acceptance.drafting import assembling, walk, writing
from crm_acceptance.engines import recording
from crm_acceptance.errors import WrongUse
from crm_acceptance.systems.rest import mapping
from crm_acceptance.tools.browser import find_browser
from crm_acceptance.tools.missing import ToolMissing

PAGE = """<!doctype html><meta charset="utf-8"><title>客户</title>
<div id="app"><h1>登录</h1><label>工号 <input id="u"></label><label>口令 <input id="p" type="password"></label>
<button onclick="login()">进入</button></div>
<script>
const send = (method, path, body) => fetch('/gw/v1' + path, {method, headers: {'Content-Type': 'application/json',
  'X-Tok': window.tok || ''}, body: body && JSON.stringify(body)}).then(r => r.json());
const show = html => { document.getElementById('app').innerHTML = html };
async function login() {
  const told = await send('POST', '/session', {userCode: u.value, pwd: p.value});
  window.tok = told.payload.ticketKey; list();
}
async function list() {
  location.hash = '/kehu';
  const told = await send('GET', '/objs/kh?pg=1&ps=20');
  const rows = told.payload.recs.map(r => '<tr><td>' + r.f001 + '</td></tr>').join('');
  show('<h1>客户</h1><table><tr><th>客户名称</th></tr>' + rows
    + '</table><button onclick="edit()">新建客户</button>');
}
function edit() {
  location.hash = '/kehu/new';
  show('<h1>新建客户</h1><div class="form-item"><div class="form-label">客户名称</div><input id="a"></div>'
    + '<div class="form-item"><div class="form-label">联系电话</div><input id="b"></div>'
    + '<label>客户状态 <select id="c"><option value="1">公海</option><option value="2">跟进中</option></select></label>'
    + '<button onclick="save()">保存</button>');
}
async function save() {
  const told = await send('POST', '/objs/kh', {vals: {f001: a.value, f002: b.value, f003: c.value}});
  await send('GET', '/objs/kh/' + told.payload.oid); list();
}
</script>"""
WALK = """# 登录，然后新建一个客户
fill 工号 = lina
fill 口令 = {password}
click 进入
click 新建客户
fill 客户名称 = 远航设备有限公司
fill 联系电话 = 13800138000
choose 客户状态 = 跟进中
click 保存
wait 远航设备
"""


class OddCrm(http.server.BaseHTTPRequestHandler):
    """A page of its own kind over an API whose field names say nothing."""

    held: dict[str, dict[str, Any]]

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/gw/v1/objs/kh":
            return self.say({"ok": True, "payload": {"recs": list(self.held.values()), "cnt": len(self.held)}})
        if path.startswith("/gw/v1/objs/kh/"):
            return self.say({"ok": True, "payload": self.held[path.rpartition("/")[2]]})
        return self.say(PAGE, "text/html; charset=utf-8")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("/session"):
            return self.say({"ok": True, "payload": {"ticketKey": "t-1"}})
        row = {"oid": str(1000 + len(self.held)), **body["vals"]}
        self.held[row["oid"]] = row
        return self.say({"ok": True, "payload": row})

    def say(self, told: Any, media: str = "application/json") -> None:
        """The answer."""
        raw = told.encode() if isinstance(told, str) else json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *words: Any) -> None:
        """Quiet."""


@contextmanager
def odd_crm() -> Iterator[str]:
    """Its address while it runs."""
    handler = type(
        "Handler", (OddCrm,), {"held": {"1000": {"oid": "1000", "f001": "老客户", "f002": "1", "f003": "1"}}}
    )
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def browser() -> bool:
    """Whether there is one here."""
    try:
        return bool(find_browser())
    except ToolMissing:
        return False


needs_browser = pytest.mark.skipif(not browser(), reason="no browser on this machine")


@needs_browser
def test_a_driven_walk_tells_which_label_is_which_field_of_the_api(tmp_path: Path) -> None:
    with odd_crm() as site:
        steps = recording.steps(WALK, {"password": "geheim-4711"}.get)
        seen = walk.of_har(recording.record(site, steps), site)
    text = writing.written(assembling.recorded(seen, "怪异 CRM"), site)
    assert "geheim-4711" not in text and "13800138000" not in text
    file = tmp_path / "mapping.toml"
    file.write_text(text, encoding="utf-8")
    found = mapping.load(file)
    fields = found.objects["customer"].fields
    assert [fields[name].path for name in ("name", "phone", "state")] == ["f001", "f002", "f003"]
    assert fields["name"].label == ("客户名称",)
    assert fields["state"].choices == {"pool": "1", "active": "2"}
    customer = found.objects["customer"]
    assert customer.calls["create"].body == {"vals": "{fields}"}
    assert (customer.calls["create"].record, customer.calls["list"].rows) == ("payload", "payload.recs")
    assert customer.id == ("oid",)
    assert found.screens is not None
    assert found.screens["login"]["username"] == ["工号"] and found.screens["login"]["submit"] == ["进入"]
    assert found.screens["objects"]["customer"]["fields"]["phone"] == "联系电话"


@needs_browser
def test_pages_that_post_forms_give_screens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = tmp_path / "walk.txt"
    steps.write_text(
        "open /login\nfill 用户名 = lina\nfill 密码 = {password}\nclick 登录\nopen /customers\nclick 新建\n"
        "fill 名称 = 远航设备有限公司\nclick 保存\n",
        encoding="utf-8",
    )
    out = tmp_path / "mapping.toml"
    with running() as crm:
        monkeypatch.setenv("CRM_ACCEPTANCE_PASSWORD", PASSWORD)
        said = CliRunner().invoke(app, ["map", "--record", crm.url, "--walk", str(steps), "--out", str(out)])
    assert said.exit_code == 0, said.output + str(said.exception)
    screens = mapping.load(out).screens
    assert screens is not None
    assert screens["login"] == {"path": "/login", "username": ["用户名"], "password": ["密码"], "submit": ["登录"]}
    customer = screens["objects"]["customer"]
    assert (customer["path"], customer["new"], customer["record"]) == (
        "/customers",
        "/customers/new",
        "/customers/{id}",
    )
    assert customer["fields"]["phone"] == "手机"


@needs_browser
def test_a_step_that_cannot_be_done_names_its_line_and_what_the_page_shows() -> None:
    with odd_crm() as site, pytest.raises(WrongUse, match="第 2 行") as told:
        recording.PATIENCE_MS, held = 2_000.0, recording.PATIENCE_MS
        try:
            recording.record(site, recording.steps("# x\nclick 不存在\n", {}.get))
        finally:
            recording.PATIENCE_MS = held
    assert "进入" in str(told.value)


@pytest.mark.parametrize("text", ["jump 客户", "fill 客户", "fill 密码 = {nothing}"])
def test_a_wrong_step_is_told_with_its_line(text: str) -> None:
    with pytest.raises(WrongUse, match="第 1 行"):
        recording.steps(text, {}.get)


def test_without_a_screen_the_sentence_says_what_else_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "has_display", lambda: False)
    said = CliRunner().invoke(app, ["map", "--record", "http://127.0.0.1:9", "--out", str(tmp_path / "m.toml")])
    assert isinstance(said.exception, WrongUse) and "--walk" in str(said.exception)


def har(*entries: dict[str, Any]) -> dict[str, Any]:
    """A HAR as browsers save it: no labels."""
    return {"log": {"version": "1.2", "entries": list(entries)}}


def entry(method: str, path: str, answer: Any, body: Any = None, status: int = 200) -> dict[str, Any]:
    """One call of a HAR."""
    posted = {"postData": {"mimeType": "application/json", "text": json.dumps(body)}} if body is not None else {}
    return {
        "request": {"method": method, "url": f"https://crm.example.com{path}", "headers": [], **posted},
        "response": {
            "status": status, "headers": [],
            "content": {"mimeType": "application/json; charset=utf-8", "text": json.dumps(answer)},
        },
    }  # fmt: skip


CALLS = (
    entry("POST", "/api/login", {"data": {"accessToken": "abc"}}, {"username": "lina", "password": "p"}),
    entry("GET", "/api/leads?page=1&pageSize=20", {"data": [{"id": 7, "fullName": "王", "mobile": "1"}], "total": 1}),
    entry(
        "POST", "/api/leads", {"data": {"id": 8, "fullName": "李", "mobile": "2"}}, {"fullName": "李", "mobile": "2"}
    ),
    entry("GET", "/api/leads/8", {"data": {"id": 8, "fullName": "李", "mobile": "2"}}),
    entry("PATCH", "/api/leads/8", {"data": {"id": 8, "fullName": "李明"}}, {"fullName": "李明"}),
    entry("DELETE", "/api/leads/8", {"data": None}),
    entry("GET", "/static/app.js", {}),
)


def test_a_har_of_any_browser_is_enough_for_a_draft(tmp_path: Path) -> None:
    file, out = tmp_path / "walk.har", tmp_path / "mapping.toml"
    file.write_text(json.dumps(har(*CALLS)), encoding="utf-8")
    said = CliRunner().invoke(app, ["map", "--record", str(file), "--out", str(out), "--title", "某 CRM"])
    assert said.exit_code == 0, said.output + str(said.exception)
    found = mapping.load(out)
    assert found.prefix == "/api" and found.title == "某 CRM"
    assert found.auth.login is not None and found.auth.login.save == {"token": "data.accessToken"}
    lead = found.objects["lead"]
    assert {name: one.path for name, one in lead.fields.items()} == {"name": "fullName", "phone": "mobile"}
    assert {"list", "read", "create", "change", "delete", "count"} <= set(lead.calls)
    assert lead.calls["change"].call == "PATCH {path}/{id}"
    assert (found.paging.page, found.paging.size) == ("page", "pageSize")


def test_a_playwright_trace_is_read_with_its_bodies_and_selectors() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        lines = []
        for number, one in enumerate(CALLS):
            text = one["response"]["content"].pop("text")
            archive.writestr(f"resources/sha{number}.json", text)
            held = {
                **one,
                "response": {
                    **one["response"],
                    "content": {**one["response"]["content"], "_sha1": f"sha{number}.json"},
                },
            }
            lines.append(json.dumps({"type": "resource-snapshot", "snapshot": held}))
            one["response"]["content"]["text"] = text
        archive.writestr("trace.network", "\n".join(lines))
        acts = [
            {"type": "before", "method": "fill", "params": {"selector": 'internal:label="姓名"i', "value": "李"}},
            {"type": "before", "method": "click", "params": {"selector": 'internal:role=button[name="保存"i]'}},
        ]
        archive.writestr("trace.trace", "\n".join(json.dumps(one) for one in acts))
    found = walk._trace(packed.getvalue(), "trace.zip")
    assert [one.method for one in found.exchanges][:2] == ["POST", "GET"]
    assert found.exchanges[3].answer == {"data": {"id": 8, "fullName": "李", "mobile": "2"}}
    assert found.sights[0].clicked == "保存" and found.sights[0].controls[0]["label"] == "姓名"


def test_labels_of_a_walk_go_to_the_fields_of_a_document() -> None:
    from crm_acceptance.drafting import document

    body = {"type": "object", "properties": {"cf_3": {"type": "string"}, "name": {"type": "string"}}}
    path = {"post": {"requestBody": {"content": {"application/json": {"schema": body}}}}}
    root = {"openapi": "3.0.0", "servers": [{"url": "/api"}], "paths": {"/leads": path}}
    held = har(entry("POST", "/api/leads", {}, {"cf_3": "展会十二", "name": "王"}))
    held["log"]["_walk"] = [{"url": "https://crm.example.com/leads/new", "clicked": "保存", "controls": [
        {"label": "来源渠道", "name": "", "type": "text", "value": "展会十二"}]}]  # fmt: skip
    read = document.read(json.dumps(root), "d.json")
    draft = assembling.drafted(read, "", walk.of_har(held, "w"))
    assert draft.objects[0].fields["source"].path == "cf_3"


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04broken", b"{}", b'{"log": {}}', b"\xff\xfe", b"[1]"])
def test_what_is_no_recording_is_told(raw: bytes, tmp_path: Path) -> None:
    file = tmp_path / "walk.har"
    file.write_bytes(raw)
    with pytest.raises(WrongUse):
        walk.read(file)


def test_odd_entries_of_a_har_do_no_harm() -> None:
    entries: list[Any] = [{}, {"request": None}, {"request": {"url": "data:,x", "method": "GET"}}, 7, *CALLS]
    assert len(walk.of_har({"log": {"entries": entries, "_walk": [3, {}]}}, "x").exchanges) == len(CALLS)


def test_a_login_form_with_a_csrf_field_before_an_api_of_cookies_is_seen(tmp_path: Path) -> None:
    form = {
        "mimeType": "application/x-www-form-urlencoded",
        "text": "username=lina&password=geheim&csrfmiddlewaretoken=x",
    }
    page = {"status": 302, "headers": [], "content": {"mimeType": "text/html", "text": "<html>"}}
    signing = {
        "request": {"method": "POST", "url": "https://crm.example.com/login/", "postData": form},
        "response": page,
    }
    draft = assembling.recorded(walk.of_har(har(signing, *CALLS[1:]), "w"), "")
    file = tmp_path / "mapping.toml"
    file.write_text(writing.written(draft, "w"), encoding="utf-8")
    found = mapping.load(file)
    assert found.auth.kind == "form" and found.auth.login is not None
    assert found.auth.login.call == "POST //login/" and "geheim" not in file.read_text(encoding="utf-8")
    assert found.auth.login.form == {"username": "{login}", "password": "{password}"}
    assert found.auth.csrf == {"from": "input", "name": "csrfmiddlewaretoken", "as": "field:csrfmiddlewaretoken"}
