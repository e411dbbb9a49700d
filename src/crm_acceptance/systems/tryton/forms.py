"""The sao web client by hand: open a form, fill a field, add a row, press, save. Waits for what the client hears."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from crm_acceptance.errors import Refused
from crm_acceptance.systems.flow import Answer
from crm_acceptance.systems.tryton.rpc import result, worded
from crm_acceptance.systems.tryton.wire import DATABASE, RPC

PASSWORD = ".modal.in input[type=password]"
ALERT = f".modal.in .alert, .infobar .alert, .infobar.alert, {PASSWORD}"
ADD = '[title="新建"], [title="New"]'
OPEN = '[title="打开"], [title="Open"]'
REMOVE = '[title="删除"], [title="Remove"], [title="Delete"]'
ROWS = ".treeview tbody tr"
_visit = itertools.count(1)

# The client draws a form anew when defaults or computed values arrive, and wipes what was typed meanwhile: so typing
# waits until no request has been under way for ten frames in a row.
_QUIET = "([key]) => (window[key] = jQuery.active ? 0 : (window[key] || 0) + 1) > 10"

_SETTLED = """([alert, pattern]) => [...document.querySelectorAll(alert)].some(e => e.offsetParent)
    || new RegExp(pattern).test(location.hash)"""


def pane(page: Any) -> Any:
    """The tab in front."""
    return page.locator("#tabcontent > .tab-pane.active")


def heard(page: Any, method: str, do: Callable[[], Any]) -> Any:
    """Does something and returns what Tryton answers the client's call of `method`; Refused when it refuses."""

    def fits(answer: Any) -> bool:
        return answer.url.endswith(RPC) and (answer.request.post_data_json or {}).get("method") == method

    with page.expect_response(fits) as waited:
        do()
    said = waited.value
    return result(Answer(said.status, said.headers, said.body(), said.url))


_OPENED = """([form]) => {
    const front = [...document.querySelectorAll('.modal.in')].pop();
    return front && getComputedStyle(front).opacity === '1' && (!form || front.contains(document.activeElement));
}"""


def dialog(page: Any, *, form: bool = False) -> Any:
    """The dialog in front, once it has come in. A form then puts the cursor into its first field, and would take it
    away from who types already."""
    page.wait_for_function(_OPENED, arg=[form])
    quiet(page)
    return page.locator(".modal.in").last


def quiet(page: Any) -> None:
    """Returns when the client has nothing left to ask the server."""
    page.wait_for_function(_QUIET, arg=[f"quiet{next(_visit)}"])


def visit(page: Any, url: str, model: str, id: str | None = None, **params: Any) -> None:
    """A fresh load of the client on that model: what earlier steps left open is gone."""
    said = "".join(f";{name}={quote(json.dumps(value))}" for name, value in params.items())
    page.goto(f"{url}/?{next(_visit)}#{DATABASE}/model/{model}" + (f"/{id}" if id else "") + said)


def open_record(page: Any, url: str, model: str, id: str | None) -> dict[str, Any]:
    """The record's form, and what the client read for it. Refused when the person may not see it."""
    if not str(id).isdigit():
        raise Refused("missing", f"Tryton 没有编号 {id!r} 的记录")
    page.goto("about:blank")  # answers to the page before would be taken for this one's
    rows = heard(page, f"model.{model}.read", lambda: visit(page, url, model, id))
    row: dict[str, Any] = rows[0]
    pane(page).locator("#save").locator("visible=true").wait_for()
    quiet(page)
    return row


def open_new(page: Any, url: str, model: str) -> None:
    """An empty form with Tryton's defaults in it."""
    visit(page, url, model)
    heard(page, f"model.{model}.default_get", pane(page).locator("#new_").locator("visible=true").click)
    pane(page).locator("#save:enabled").locator("visible=true").wait_for()
    quiet(page)


def field(within: Any, name: str) -> Any:
    """The field's widget: input, textarea or select, the one that is to be seen."""
    return within.locator(f'input[name="{name}"], textarea[name="{name}"], select[name="{name}"]').locator(
        "visible=true"
    )


def fill(within: Any, fields: Mapping[str, Any]) -> None:
    """Types into each field and leaves it, so that the client takes the value.

    A number shows another input while it is being edited: so first into the field, then look again, then type.
    """
    for name, value in fields.items():
        if value is not None:
            widget = field(within, name).first
            widget.focus()
            widget.fill(str(value))
            widget.press("Tab")
            quiet(within.page)


def pick(within: Any, name: str, **option: str) -> None:
    """One option of a selection, by `value` (JSON) or `label`. The field has to be entered and left to take it."""
    widget = field(within, name).first
    widget.focus()
    widget.select_option(**option)
    widget.press("Tab")
    quiet(within.page)


def choose(within: Any, name: str, text: str) -> None:
    """Types into a reference field and takes the first completion with that text; short references are selections."""
    widget = field(within, name).first
    if widget.evaluate("element => element.tagName") == "SELECT":
        pick(within, name, label=text)
        return
    widget.fill("")
    widget.press_sequentially(text)
    box = widget.locator("xpath=ancestor::*[contains(concat(' ', @class, ' '), ' dropdown ')][1]")
    box.locator("li.completion", has_text=text).first.click()
    quiet(within.page)


def panel(page: Any, *titles: str) -> Any:
    """The list of children with one of these headings."""
    heading = re.compile("^(" + "|".join(map(re.escape, titles)) + ")$")
    kinds = ".form-one2many, .form-many2many"
    return pane(page).locator(kinds).filter(has=page.locator("label", has_text=heading)).last


def all_of(page: Any, children: Any) -> None:
    """Every row of a list of children, which the client draws only when somebody asks for more."""
    children.scroll_into_view_if_needed()
    more = children.locator("tbody button", has_text=re.compile("更多|More"))
    while more.count():
        more.evaluate_all("all => all.forEach(button => button.click())")  # it may draw them by itself meanwhile
        quiet(page)


def save(page: Any, model: str) -> str:
    """The id that the record then has. Refused with the client's words when it does not save."""
    pane(page).locator("#save").locator("visible=true").click()
    pattern = f"model/{re.escape(model)}/[0-9]+"
    page.wait_for_function(_SETTLED, arg=[ALERT, pattern])
    complain(page)
    return str(re.search(r"/(\d+)", page.evaluate("location.hash").split(model, 1)[1])[1])  # type: ignore[index]


def write(page: Any, model: str) -> None:
    """Saves a record that was there before."""
    heard(page, f"model.{model}.write", pane(page).locator("#save:enabled").locator("visible=true").click)


def press(page: Any, model: str, button: str, *, asks: bool = False) -> Any:
    """A button of the form, and yes where it asks. Refused("conflict") when the form does not offer it now."""
    there = pane(page).locator(f'button[name="{button}"]').locator("visible=true")
    if not there.count():
        raise Refused("conflict", f"页面上没有按钮 {button}。The form does not offer {button} now.")
    click = there.first.click
    if asks:
        click()
        click = dialog(page).locator("button.btn-primary").last.click
    return heard(page, f"model.{model}.{button}", click)


def complain(page: Any) -> None:
    """Refused with the words of the alert that the client shows, if it shows one."""
    if page.locator(PASSWORD).locator("visible=true").count():
        raise Refused("expired", "Tryton 的会话已结束，页面又要密码。The client asks for the password again.")
    shown = page.locator(ALERT).locator("visible=true")
    if shown.count():
        raise worded(shown.first.inner_text())
