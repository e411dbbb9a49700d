"""Hands for customers and leads in the web client: register, look, search, convert, follow up, attach, pool."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from crm_acceptance.errors import Unsupported
from crm_acceptance.model import Action, Outcome, Page, Record
from crm_acceptance.systems.tryton.fields import known
from crm_acceptance.systems.tryton.forms import (
    ADD,
    REMOVE,
    ROWS,
    all_of,
    choose,
    dialog,
    field,
    fill,
    heard,
    open_new,
    open_record,
    pane,
    panel,
    pick,
    press,
    quiet,
    save,
    visit,
    write,
)
from crm_acceptance.systems.tryton.mapping import shape
from crm_acceptance.systems.tryton.own_records import OWNERS, POOL
from crm_acceptance.systems.tryton.seed_people import PEOPLE

Hand = Callable[[Any, str, Action], Outcome]
PARTY, LEAD = "party.party", "sale.opportunity"
WAYS = {"phone": "mobile", "email": "email"}


def _party(page: Any, url: str, name: str | None, ways: Mapping[str, Any], contact: str | None) -> str:
    open_new(page, url, PARTY)
    fill(pane(page), {"name": name})
    if not ways and contact:
        ways = {"other": contact}
    for ours, value in ways.items():
        reach = panel(page, "联系方式", "Contact Mechanisms")
        row = reach.locator("tbody tr").nth(reach.locator("tbody tr").count())
        reach.locator(ADD).first.click()
        row.wait_for()
        quiet(page)
        pick(row, "type", value=f'"{WAYS.get(ours, ours)}"')
        fill(row, {"value": value, "name": contact})
    return save(page, PARTY)


def _create_customer(page: Any, url: str, action: Action) -> Outcome:
    given = known(action, "name", "phone", "email")
    ways = {ours: given[ours] for ours in WAYS if ours in given}
    return Record("customer", _party(page, url, given.get("name"), ways, None))


def _create_lead(page: Any, url: str, action: Action) -> Outcome:
    """Two forms, as in Tryton: the company with its contact, then the lead that points at both."""
    given = known(action, "name", "company", "phone", "email", "source", "note")
    company = given.get("company") or given.get("name")
    ways = {ours: given[ours] for ours in WAYS if ours in given}
    _party(page, url, company, ways, given.get("name"))
    open_new(page, url, LEAD)
    choose(pane(page), "party", str(company))
    reached = next(iter(ways.values()), given.get("name"))
    if reached:
        choose(pane(page), "contact", str(reached))
    texts = {"description": given.get("name"), "reference": given.get("source"), "comment": given.get("note")}
    fill(pane(page), texts)
    return Record("lead", save(page, LEAD))


def _convert(page: Any, url: str, action: Action) -> Outcome:
    row = open_record(page, url, LEAD, action.id)
    if action.fields.get("amount") is not None:
        fill(pane(page), {"amount": action.fields["amount"]})
        write(page, LEAD)
    press(page, LEAD, "opportunity")
    contact = None if row["contact"] is None else str(row["contact"])
    ids = {"customer": str(row["party"]), "contact": contact, "opportunity": action.id}
    return Record("customer", str(row["party"]), ids)


def _change_customer(page: Any, url: str, action: Action) -> Outcome:
    given = known(action, "name")
    open_record(page, url, PARTY, action.id)
    fill(pane(page), given)
    write(page, PARTY)
    return Record("customer", str(action.id), given)


def _read(page: Any, url: str, action: Action) -> Outcome:
    """What the form shows, field by field under Tryton's names."""
    open_record(page, url, shape(action.object).model, action.id)
    shown = pane(page).locator("input[name], textarea[name]").evaluate_all("all => all.map(e => [e.name, e.value])")
    return Record(action.object, str(action.id), {name: value for name, value in shown if value})


def _list(page: Any, url: str, action: Action) -> Outcome:
    """The search box of the list; ids are those that the client was told, words those that it shows."""
    model = shape(action.object).model
    page.goto("about:blank")
    heard(page, f"model.{model}.search", lambda: visit(page, url, model))
    box = pane(page).locator(".filter-box input.form-control").locator("visible=true").first
    box.fill(str(action.options.get("q") or ""))
    ids = heard(page, f"model.{model}.search", lambda: box.press("Enter"))
    rows = pane(page).locator(ROWS)
    page.wait_for_function(  # of a long list the client draws the first rows only, the rest when somebody scrolls
        "([rows, n]) => { const drawn = [...document.querySelectorAll(rows)].filter(e => e.offsetParent).length;"
        " return n > 20 ? drawn >= 20 : drawn === n; }",
        arg=["#tabcontent > .tab-pane.active " + ROWS, len(ids)],
    )
    quiet(page)
    words = rows.locator("visible=true").all_inner_texts()
    found = (Record(action.object, str(id), {"shown": text}) for id, text in zip(ids, words, strict=False))
    return Page(tuple(found), len(ids))


def _follow_up(page: Any, url: str, action: Action) -> Outcome:
    given = known(action, "parent_object", "parent_id", "text")
    open_record(page, url, shape(str(given["parent_object"])).model, str(given["parent_id"]))
    pane(page).locator("button#note").click()
    notes = dialog(page)
    heard(page, "model.ir.note.default_get", notes.locator("#new_").click)
    field(dialog(page), "message").last.fill(given["text"])
    heard(page, "model.ir.note.create", dialog(page).locator("#save, button.btn-primary").last.click)
    return Record("followup", "", given)


def _attach(page: Any, url: str, action: Action) -> Outcome:
    """The paper clip takes a file and asks for the rest in a dialog."""
    open_record(page, url, shape(action.object).model, action.id)
    pane(page).locator("button#attach").click()
    name, body = action.options["filename"], action.options["body"]
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": body}
    clip = pane(page).locator(".dropdown.open input[type=file]")
    heard(page, "model.ir.attachment.default_get", lambda: clip.set_input_files([file]))
    heard(page, "model.ir.attachment.create", dialog(page).locator("button.btn-primary").last.click)
    return Record("attachment", "", {"name": name, "size": len(body)})


def _own(page: Any, url: str, party: str, to: str) -> Outcome:
    """Takes the categories of owner and pool off, and puts `to` on."""
    open_record(page, url, PARTY, party)
    kinds = panel(page, "类别", "Categories")
    all_of(page, kinds)
    for row in kinds.locator("tbody tr").filter(has_text=re.compile(f"^\\s*({OWNERS} / |{POOL})")).all():
        row.locator("input[type=checkbox]").first.check()
    if kinds.locator("tbody input[type=checkbox]:checked").count():
        kinds.locator(REMOVE).first.click()
        quiet(page)
    choose(kinds, "categories", to)
    write(page, PARTY)
    return Record("customer", party)


def _assign(page: Any, url: str, action: Action) -> Outcome:
    """The lead's employee first, then whose customer the company behind it is."""
    to = str(action.options["to"])
    if to not in PEOPLE:
        raise Unsupported(
            f"页面上只会选建站时的员工，没有 {to}。On screens only seeded people can be chosen, not {to}."
        )
    row = open_record(page, url, LEAD, action.id)
    choose(pane(page), "employee", PEOPLE[to][0])
    write(page, LEAD)
    _own(page, url, str(row["party"]), f"{OWNERS} / {PEOPLE[to][0]}")
    return Record("lead", str(action.id), {"owner": to})


def _release(page: Any, url: str, action: Action) -> Outcome:
    return _own(page, url, str(action.id), POOL)


def _claim(page: Any, url: str, action: Action) -> Outcome:
    name = page.locator("#user-preferences a.dropdown-toggle").first
    visit(page, url, PARTY)
    name.wait_for()
    return _own(page, url, str(action.id), f"{OWNERS} / {name.inner_text().split('[')[0].strip()}")


def name_of(page: Any, url: str, model: str, id: str) -> str:
    """The name at the top of a record's form, for a reference field elsewhere."""
    open_record(page, url, model, id)
    name = field(pane(page), "name").first.input_value()
    if not name:
        raise Unsupported(f"Tryton 的 {model} {id} 没有名称，页面上选不到它。Without a name it cannot be chosen.")
    return str(name)


HANDS: Mapping[tuple[str, str], Hand] = {
    ("customer", "create"): _create_customer, ("customer", "change"): _change_customer, ("customer", "read"): _read,
    ("customer", "list"): _list, ("customer", "attach"): _attach, ("customer", "release"): _release,
    ("customer", "claim"): _claim, ("followup", "create"): _follow_up, ("lead", "create"): _create_lead,
    ("lead", "convert"): _convert, ("lead", "assign"): _assign, ("lead", "read"): _read, ("lead", "list"): _list,
    ("opportunity", "read"): _read, ("order", "read"): _read, ("ticket", "read"): _read,
}  # fmt: skip
