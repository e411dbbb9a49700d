"""A right mapping of a running CRM, one line broken at a time: the doctor names that line, and no other."""

# ruff: noqa: E501  one mistake a line
from __future__ import annotations

from pathlib import Path

import kontor_crm
import pytest
from doctor_rounds import WHOLE, examined

# (what is wrong, the right text, the wrong text, the dotted place of the broken line)
BROKEN = [
    ("wrong prefix", 'prefix = "/rest/v2"', 'prefix = "/rest/v3"', "api.prefix"),
    ("wrong login path", "POST /sitzung\"\nbody", "POST /anmeldung\"\nbody", "auth.login.call"),
    ("wrong login method", "POST /sitzung\"\nbody", "PUT /sitzung\"\nbody", "auth.login.call"),
    ("wrong login key", "body = { konto =", "body = { kontoo =", "auth.login.body"),
    ("wrong password key", "kennwort =", "passwort =", "auth.login.body"),
    ("wrong token path", "antwort.schluessel\"\nsave.refresh", "antwort.token\"\nsave.refresh", "auth.login.save.token"),
    ("wrong person path", "antwort.person.nr", "antwort.person.id", "auth.login.save.user"),
    ("wrong header name", "headers = { X-Kontor", "headers = { X-Kontur", "auth.headers"),
    ("wrong header template", '"Schluessel {token}"', '"Bearer {token}"', "auth.headers"),
    ("wrong refresh path", "POST /sitzung/erneuern", "POST /sitzung/neu", "auth.refresh.call"),
    ("wrong refresh key", "body = { erneuern =", "body = { refresh =", "auth.refresh.body"),
    ("wrong logout", "DELETE /sitzung", "DELETE /sitzungen", "auth.logout.call"),
    ("wrong object path", 'path = "/faelle"', 'path = "/fall"', "objects.ticket.path"),
    ("wrong list method", "GET {path}\"\nrows", "POST {path}\"\nrows", "calls.list.call"),
    ("wrong list path", "GET {path}\"\nrows", "GET {path}/alle\"\nrows", "calls.list.call"),
    ("wrong rows", 'rows = "ergebnis.zeilen"\ntotal', 'rows = "ergebnis.items"\ntotal', "calls.list.rows"),
    ("wrong total", "ergebnis.blatt.anzahl", "ergebnis.blatt.gesamt", "calls.list.total"),
    ("another number as total", "ergebnis.blatt.anzahl", "ergebnis.blatt.seite", "calls.list.total"),
    ("wrong read path", "GET {path}/{id}\"\nrecord", "GET {path}/lesen/{id}\"\nrecord", "calls.read.call"),
    ("wrong read record", "{id}\"\nrecord = \"antwort\"\n\n[calls.create", "{id}\"\nrecord = \"data\"\n\n[calls.create",
     "calls.read.record"),
    ("wrong create method", "POST {path}\"\nbody = \"{fields}\"", "PUT {path}\"\nbody = \"{fields}\"", "calls.create.call"),
    ("wrong create record", "record = \"antwort\"\n\n[calls.change", "record = \"data\"\n\n[calls.change",
     "calls.create.record"),
    ("wrong change method", "PUT {path}/{id}", "PATCH {path}/{id}", "calls.change.call"),
    ("fields wrapped wrongly", 'call = "PUT {path}/{id}"\nbody = "{fields}"',
     'call = "PUT {path}/{id}"\nbody = { data = "{fields}" }', "calls.change.body"),
    ("wrong delete", "DELETE {path}/{id}", "DELETE {path}/{id}/weg", "calls.delete"),
    ("wrong id", 'path = "/chancen"\nid = "nr"', 'path = "/chancen"\nid = "titel"', "objects.opportunity.id"),
    ("unknown id", 'path = "/chancen"\nid = "nr"', 'path = "/chancen"\nid = "uuid"', "objects.opportunity.id"),
    ("wrong field", 'phone = "mobil"', 'phone = "mobile"', "objects.customer.fields.phone"),
    ("wrong read path of a field", 'email = "post"', 'email = { path = "mail", write = "post" }',
     "objects.customer.fields.email"),
    ("wrong write path of a field", 'email = "post"', 'email = { path = "post", write = "mail" }',
     "objects.customer.fields.email"),
    ("two fields crossed", 'email = "post"', 'email = { path = "mobil", write = "post" }', "objects.customer.fields.email"),
    ("wrong required field", 'name = "titel"', 'name = "title"', "objects.opportunity.fields.name"),
    ("wrong money unit", 'unit = "cent"\n', "", "objects.opportunity.fields.amount"),
    ("wrong date format", "%d.%m.%Y", "%Y-%m-%d", "objects.opportunity.fields.close_date.format"),
    ("no wrap", 'query = "firma"\nwrap = { nr = "{value}" }\n\n[objects.opportunity', 'query = "firma"\n\n[objects.opportunity',
     "objects.opportunity.fields.customer"),
    ("wrong wrap", 'query = "firma"\nwrap = { nr = "{value}" }', 'query = "firma"\nwrap = { id = "{value}" }',
     "objects.opportunity.fields.customer.wrap"),
    ("a choice misspelt", 'high = "hoch"', 'high = "hoh"', "objects.ticket.fields.priority.choices.high"),
    ("swapped states", 'new = "neu"\nassigned = "vergeben"', 'new = "vergeben"\nassigned = "neu"',
     "objects.ticket.fields.state.choices.assigned"),
    ("wrong move state", 'resolve = { to = "resolved"', 'resolve = { to = "closed"', "objects.ticket.moves.resolve"),
    ("wrong person by", 'by = "id"', 'by = "login"', "people.by"),
    ("wrong people rows", 'rows = "ergebnis.zeilen"\n\n[calls.list]', 'rows = "ergebnis.leute"\n\n[calls.list]', "people.list.rows"),
    ("wrong search", "{ suche =", "{ such =", "query.search"),
    ("wrong where", '"f_{field}"', '"filter_{field}"', "query.where"),
    ("wrong query path of a field", 'phone = "mobil"', 'phone = { path = "mobil", query = "handy" }',
     "objects.customer.fields.phone"),
    ("wrong sort parameter", "{ ordnung =", "{ sortierung =", "query.sort"),
    ("sorted the wrong way", 'ascending = "auf"\ndescending = "ab"', 'ascending = "ab"\ndescending = "auf"',
     "query.ascending"),
    ("wrong page parameter", 'page = "seite"', 'page = "page"', "paging.page"),
    ("wrong first page", "first = 0", "first = 1", "paging.first"),
    ("wrong size parameter", 'size = "anzahl"', 'size = "limit"', "paging.size"),
    ("denied taken for a conflict", 'E2 = "denied"', 'E2 = "conflict"', "errors.codes.E2"),
    ("invalid taken for a conflict", 'E3 = "invalid"', 'E3 = "conflict"', "errors.codes.E3"),
    ("missing taken for a conflict", '404 = "missing"', '404 = "conflict"', "errors.status.404"),
    ("wrong code path", 'code = "fehler.nr"', 'code = "fehler.code"', "errors.code"),
    ("wrong attach field", "files = { datei =", "files = { file =", "calls.attach.files"),
    ("wrong attach path", "POST {path}/{id}/anlagen", "POST {path}/{id}/dateien", "calls.attach.call"),
    ("wrong attachments rows", 'rows = "ergebnis.zeilen"\n\n[calls.download', 'rows = "zeilen"\n\n[calls.download',
     "calls.attachments.rows"),
    ("wrong download", "GET /anlagen/{attachment}", "GET /anlage/{attachment}", "calls.download.call"),
    ("wrong export", "GET {path}.csv", "GET {path}.xlsx", "calls.export.call"),
    ("wrong transfer key", "body = { an =", "body = { an_wen =", "calls.transfer.body"),
    ("wrong transfer path", "POST {path}/{id}/uebergabe", "POST {path}/{id}/owner", "calls.transfer.call"),
    ("a login that the list of people lacks", 'login = "konto"', 'login = "name"', "people.login"),
    ("an id that the list of people lacks", 'id = "nr"\nlogin', 'id = "id"\nlogin', "people.id"),
    ("wrong list of people", 'call = "GET /leute"', 'call = "GET /personal"', "people.list.call"),
    ("wrong owner", 'owner = { path = "betreuer", write = "" }\n\n[objects.customer.fields.state]',
     'owner = { path = "besitzer", write = "" }\n\n[objects.customer.fields.state]', "objects.customer.fields.owner"),
    ("a state in other letters", 'active = "aktiv"', 'active = "Aktiv"', "objects.customer.fields.state.choices"),
    ("wrong token of a renewal", 'save = { token = "antwort.schluessel" }', 'save = { token = "antwort.token" }',
     "auth.refresh.save.token"),
    ("a release that releases nothing", 'release = { to = "pool" }', 'release = { to = "active" }',
     "objects.customer.moves.release"),
    ("order and direction crossed", '"{field}:{direction}"', '"{direction}:{field}"', "query.sort"),
    ("amounts as text", 'unit = "cent"\n', 'unit = "cent"\nformat = "text"\n', "objects.opportunity.fields.amount.format"),
    ("the token in the address", 'headers = { X-Kontor = "Schluessel {token}" }', 'params = { key = "{token}" }', "auth.params"),
    ("wrong id of a file", '[objects.attachment]\nid = "nr"', '[objects.attachment]\nid = "id"', "objects.attachment.id"),
    ("wrong message", 'message = "fehler.text"', 'message = "fehler.msg"', "errors.message"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "where"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_the_broken_line_is_named_and_no_other(right: str, wrong: str, where: str, tmp_path: Path) -> None:
    text = WHOLE.read_text(encoding="utf-8")
    assert text.count(right) >= 1, right
    broken = text.replace(right, wrong, 1)
    with kontor_crm.running() as (url, _):
        chart, mapping = examined(broken, url, tmp_path)
    assert chart.findings, chart.as_json()
    line = mapping.lines.of(where)
    named = {(finding.line, finding.where) for finding in chart.findings}
    assert {number for number, _ in named} == {line}, "\n".join(map(str, chart.findings))
    assert not chart.sound
