"""Files on the screen: attachments up and down, export, import. What a file says is not read here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import ElementHandle

from crm_acceptance.errors import Refused, SiteOutOfReach
from crm_acceptance.model import Action, Outcome, Record
from crm_acceptance.systems.rest import screens_lists as lists
from crm_acceptance.systems.rest.screens_acts import entries, go_there, spec
from crm_acceptance.systems.rest.screens_controls import labelled
from crm_acceptance.systems.rest.screens_desk import Desk
from crm_acceptance.systems.rest.screens_page import script
from crm_acceptance.systems.rest.screens_shape import VerbScreen
from crm_acceptance.systems.rest.screens_submit import carried_out, press


def attach(desk: Desk, action: Action) -> Outcome:
    """Uploads a file (options `filename`, `body`) to the record, through the file control or the button's chooser."""
    verb = spec(desk, action)
    go_there(desk, verb, action)
    name, body = str(action.options["filename"]), action.options["body"]
    _put(desk, verb, action.object, name, "application/octet-stream", body)
    fields = {"parent_object": action.object, "parent_id": action.id or "", "name": name, "size": len(body)}
    if "attachments" not in desk.object(action.object).verbs:
        return Record("attachment", name, fields)
    found = entries(desk, Action("attachments", action.object, action.id), "attachment").rows
    mine = next((one for one in found if name in str(one["name"])), None)
    if mine is None:
        raise SiteOutOfReach(f"上传了 {name}，附件里却没有。Uploaded, but the record does not list it.")
    return Record("attachment", mine.id, fields)


def _put(desk: Desk, verb: VerbScreen, object: str, name: str, kind: str, body: bytes) -> None:
    file: Any = {"name": name, "mimeType": kind, "buffer": body}
    names, where = (verb.file, f"{verb.where}.file") if verb.file else desk.word(object, "file")
    control = desk.glass.thing("control(a[0], false)", names)
    if control is not None and control.evaluate(script("nature(a).type")) == "file":
        control.set_input_files(file)
        if verb.button:
            press(desk, desk.thing(verb.button, f"{verb.where}.button"))
        else:
            desk.glass.rest()
        return
    button = desk.thing(verb.button, f"{verb.where}.button") if verb.button else labelled(desk, names, where)
    with desk.glass.page.expect_file_chooser() as chooser:
        button.click()
    carried_out(desk, lambda: chooser.value.set_files(file))
    if verb.ok:
        press(desk, desk.thing(verb.ok, f"{verb.where}.ok"))


def attachments(desk: Desk, action: Action) -> Outcome:
    """The record's files."""
    return entries(desk, action, "attachment")


def download(desk: Desk, action: Action) -> Outcome:
    """A file of the record, by its id in the list of attachments; Refused("missing") when it is not listed."""
    wanted = str(action.options.get("attachment", ""))
    found = entries(desk, Action("attachments", action.object, action.id), "attachment").rows
    mine = next((one for one in found if one.id == wanted), None)
    if mine is None:
        raise Refused("missing", f"附件列表里没有 {wanted}。The record lists no such file.")
    return fetched(desk, desk.thing((str(mine["name"]),), "screens.words.file"))


def export(desk: Desk, action: Action) -> Outcome:
    """The file behind the export button of the list as searched and sorted."""
    shape = desk.object(action.object)
    rest = lists.arranged(desk, shape, action)
    if rest:
        raise Refused("invalid", f"界面上的导出不能只要 {', '.join(rest)}。The list cannot be narrowed by them.")
    verb = shape.verbs.get("export")
    names, where = (verb.button, verb.where) if verb else desk.word(action.object, "export")
    desk.chain(verb.menu if verb else (), where)
    if verb is None or not verb.ok:
        return fetched(desk, desk.thing(names, where))
    desk.press(names, where)
    return fetched(desk, desk.thing(verb.ok, f"{verb.where}.ok", in_front=True))


def fetched(desk: Desk, control: ElementHandle) -> bytes:
    """Presses what answers with a file; a refusal answers with a page or a message instead, which is then judged."""
    carried_out(desk, control.click)
    if not desk.glass.traffic.files:
        desk.glass.rest()
    for file in desk.glass.traffic.files:
        return Path(file.path()).read_bytes()
    raise desk.refusal() or SiteOutOfReach(f"{desk.glass.page.url} 没有给出文件。No file arrived.")


def load(desk: Desk, action: Action) -> Outcome:
    """Imports a CSV file (option `csv`, bytes): how many rows came in, as the page says beside `section`."""
    verb = spec(desk, action)
    go_there(desk, verb, action)
    name = str(action.options.get("filename", f"{action.object}.csv"))
    _put(desk, verb, action.object, name, "text/csv", action.options["csv"])
    said = desk.glass.look("facts(a[0], false)", {"created": verb.section or ("成功条数", "Imported")}).get("created")
    if said is None or not said["text"].isdigit():
        raise SiteOutOfReach(f"{desk.glass.page.url} 没有写明导入了几条。The page does not say how many rows came in.")
    rows = [table["cells"] for table in desk.glass.look("tables().flatMap(t => t.body.map(rowData))")]
    wrong = [{"row": int(c[0]["text"]), "reason": c[1]["text"]} for c in rows if c[0]["text"].isdigit()]
    return {"created": int(said["text"]), "rejected": wrong}
