"""Files on the screen: import with its result, export, attachments up and down."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Download, Locator, Response

from crm_acceptance.errors import Refused, SiteOutOfReach
from crm_acceptance.model import Action, Outcome
from crm_acceptance.systems.refcrm.screens_desk import Desk
from crm_acceptance.systems.refcrm.screens_labels import Names
from crm_acceptance.systems.refcrm.screens_lists import arranged
from crm_acceptance.systems.refcrm.screens_records import entries, home_of
from crm_acceptance.systems.refcrm.screens_sight import Sight


def load(desk: Desk, action: Action) -> Outcome:
    """Imports a CSV file (option `csv`, bytes); how many rows came in, and why the others did not."""
    sight = desk.open(f"{desk.labels.path(action.object)}/{desk.labels.place('import')}")
    name = str(action.options.get("filename", f"{action.object}.csv"))
    _chosen(desk, sight, name, action.options["csv"], "text/csv")
    done = desk.press(desk.button(sight, desk.labels.word("import")))
    created = next((fact.cell.text for fact in done.facts if fact.label in desk.labels.word("imported")), "")
    if not created.isdigit():
        raise SiteOutOfReach(f"{done.path} 没有写明导入了几条。The page does not say how many rows came in.")
    rejected = [{"row": int(r.cells[0].text), "reason": r.cells[1].text} for t in done.tables for r in t.rows]
    return {"created": int(created), "rejected": rejected}


def _chosen(desk: Desk, sight: Sight, name: str, body: bytes, kind: str) -> None:
    control = desk.labelled(sight, desk.labels.word("file"))
    control.set_input_files({"name": name, "mimeType": kind, "buffer": body})


def export(desk: Desk, action: Action) -> Outcome:
    """The file behind the export link of the list as searched and sorted."""
    sight = arranged(desk, action)
    return _fetched(desk, _link(desk, sight, desk.labels.word("export")))


def attach(desk: Desk, action: Action) -> Outcome:
    """Uploads a file (options `filename`, `body`) to the record."""
    sight = desk.open(home_of(desk, action))
    button = desk.button(sight, desk.labels.word("upload"))
    _chosen(desk, sight, str(action.options["filename"]), action.options["body"], "application/octet-stream")
    found = entries(desk, "attachment", desk.press(button), "attachments", _parent(action)).rows
    return max(found, key=lambda r: int(r.id), default=None)


def attachments(desk: Desk, action: Action) -> Outcome:
    """The record's files."""
    return entries(desk, "attachment", desk.open(home_of(desk, action)), "attachments", _parent(action))


def _parent(action: Action) -> dict[str, str]:
    return {"parent_object": action.object, "parent_id": action.id or ""}


def download(desk: Desk, action: Action) -> Outcome:
    """A file of the record: found by its number among the record's files; missing when it is not listed there."""
    wanted = str(action.options.get("attachment", ""))
    found = entries(desk, "attachment", desk.open(home_of(desk, action)), "attachments", _parent(action)).rows
    if wanted not in {r.id for r in found}:
        raise Refused("missing", f"附件列表里没有编号 {wanted}。The record lists no such file.")
    entry = desk.page.locator(f'li[data-id="{wanted}"]')
    return _fetched(desk, entry.get_by_role("link").first)


def _link(desk: Desk, sight: Sight, names: Names) -> Locator:
    name = next((n for n in names if n in sight.links), None)
    if name is None:
        raise Refused("denied", f"页面上没有“{names[0]}”链接。There is no link {names[-1]} on {sight.path}.")
    return desk.page.get_by_role("link", name=name, exact=True)


def _fetched(desk: Desk, link: Locator) -> bytes:
    """Presses a link that answers with a file. A refusal answers with a page instead, which is then judged."""
    arrived: list[Download] = []
    desk.page.once("download", lambda file: arrived.append(file))
    href = link.get_attribute("href") or ""
    with desk.page.expect_response(lambda r: _answers(r, href)) as answered:
        link.click()
    if answered.value.status >= 400:
        desk.page.wait_for_load_state("domcontentloaded")
        desk.judged(answered.value)
    if not arrived:
        desk.page.wait_for_event("download", predicate=lambda d: bool(d.url))
    return Path(arrived[0].path()).read_bytes()


def _answers(response: Response, href: str) -> bool:
    return response.url.endswith(href) and response.request.method == "GET"
