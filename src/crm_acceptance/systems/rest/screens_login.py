"""Signing in and out by the login page: one page or two, captcha noticed, stored browser states taken over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crm_acceptance.errors import Refused, SiteOutOfReach, Unproven, Unsupported, WrongUse
from crm_acceptance.model import Person
from crm_acceptance.systems.rest.screens_controls import labelled
from crm_acceptance.systems.rest.screens_desk import Desk
from crm_acceptance.systems.rest.screens_page import script
from crm_acceptance.systems.rest.screens_submit import press

_WHERE = "screens.login"


def sign_in(desk: Desk, person: Person, password: str) -> None:
    """Through the login page, or with the stored browser state of that person.

    Refused("denied") when the page says no, Unproven behind a captcha, Unsupported for a label that is not there.
    """
    login = desk.spec.login
    if login.state:
        _restore(desk, person)
        return
    desk.open(login.path)
    _type(desk, "username", person.login)
    _captcha(desk)
    if login.next:
        desk.press(login.next, f"{_WHERE}.next")
    _captcha(desk)
    _type(desk, "password", password)
    _submit(desk)
    desk.chain(((name,) for name in login.then), f"{_WHERE}.then")
    _inside(desk)


def _type(desk: Desk, which: str, value: str) -> None:
    names = getattr(desk.spec.login, which)
    try:
        control = labelled(desk, names, f"{_WHERE}.{which}")
    except (Unsupported, Refused):
        _captcha(desk)
        raise
    control.fill(value)
    held = control.evaluate(script("valueOf(a)"))
    if held != value:  # a page that was still waking up wiped what was typed
        desk.glass.rest()
        labelled(desk, names, f"{_WHERE}.{which}").fill(value)


def _submit(desk: Desk) -> None:
    """Every no of the login page, in whatever form, is a refusal of these words."""
    login = desk.spec.login
    try:
        if login.submit:
            press(desk, desk.thing(login.submit, f"{_WHERE}.submit"))
        else:
            labelled(desk, login.password, f"{_WHERE}.password").press("Enter")
            desk.glass.rest()
    except Refused as no:
        _captcha(desk)
        kind = "throttled" if no.kind == "throttled" else "denied"
        raise Refused(kind, no.message, no.status) from None
    if login.refused and (said := desk.glass.look("says(a[0])", login.refused)):
        raise Refused("denied", said)


def _inside(desk: Desk) -> None:
    """What proves being signed in: a name of `inside`; else that no password is asked any more."""
    login = desk.spec.login
    proof = "pressable(a[0], false) || carriers(a[0])[0] || null"
    if login.inside and desk.glass.seek(proof, login.inside) is not None:
        return
    state = desk.glass.look("state()")
    if state["password"]:
        _captcha(desk)
        said = "; ".join(message["text"] for message in state["messages"])
        raise Refused("denied", said or "登录后仍停在登录页。Still at the login page.")
    if login.inside:
        raise desk.absent("登录后的标志 sign of being inside", login.inside, f"{_WHERE}.inside", ("buttons", "links"))


def _captcha(desk: Desk) -> None:
    words = desk.spec.login.captcha or desk.spec.words["captcha"]
    if desk.glass.look("captcha(a[0])", words):
        raise Unproven(
            f"登录页 {desk.glass.page.url} 要验证码，机器不能代填。请人工登录一次并保存浏览器状态："
            f"playwright open --save-storage=<folder>/<person>.json {desk.address(desk.spec.login.path)}，"
            '再在 [screens.login] 写 state = "<folder>"。The login asks for a captcha: store a browser state.'
        )


def _restore(desk: Desk, person: Person) -> None:
    """Takes over cookies and local storage that a person saved after signing in by hand."""
    state = _state(desk, person)
    page = desk.glass.page
    page.context.add_cookies(state.get("cookies", []))
    for origin in state.get("origins", []):
        _remember(desk, origin)
    desk.open("/")
    desk.glass.rest()
    if desk.at_login() or not _seems_inside(desk):
        raise Refused(
            "expired", f"{person.key} 保存的浏览器状态已失效，请重新登录并保存。The stored state has run out."
        )


def _seems_inside(desk: Desk) -> bool:
    names = desk.spec.login.inside
    return not names or bool(desk.glass.look("!!(pressable(a[0], false) || carriers(a[0])[0])", names))


def _remember(desk: Desk, origin: Mapping[str, Any]) -> None:
    """Local storage belongs to an address: it is written on a page of that address that runs nothing."""
    page = desk.glass.page
    page.route(f"{origin['origin']}/**", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto(f"{origin['origin']}/")
    page.evaluate("all => all.forEach(one => localStorage.setItem(one.name, one.value))", origin["localStorage"])
    page.unroute(f"{origin['origin']}/**")


def _state(desk: Desk, person: Person) -> dict[str, Any]:
    file = desk.spec.file.parent / desk.spec.login.state / f"{Path(person.key).name}.json"
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise WrongUse(
            f"{desk.spec.lines.at(f'{_WHERE}.state')}: 没有 {person.name} 的浏览器状态 {file}。请人工登录后保存："
            f"playwright open --save-storage={file.name} {desk.address(desk.spec.login.path)}。No stored browser state."
        ) from None
    except (OSError, ValueError) as broken:
        raise WrongUse(f"浏览器状态 {file} 读不了：{broken}。The stored browser state cannot be read.") from None
    if not isinstance(found, dict) or not {"cookies", "origins"} & set(found):
        raise WrongUse(f"{file} 不是 Playwright 的 storage_state（cookies、origins）。Not a stored browser state.")
    return found


def sign_out(desk: Desk) -> None:
    """By the menu and button of [screens.logout], or by opening its page; done when the password is asked again."""
    logout = desk.spec.logout
    if logout.path:
        desk.open(logout.path)
    elif not logout.button:
        raise Unsupported(f"{desk.spec.file.name} 没有 [screens.logout]。How to sign out is not described.")
    else:
        _press_out(desk)
    if not (
        desk.glass.until("state().password || null") or desk.glass.look("!!control(a[0])", desk.spec.login.username)
    ):
        raise SiteOutOfReach(
            f"退出后没有回到登录页：{desk.glass.page.url}。Not back at the login page after signing out."
        )


def _press_out(desk: Desk) -> None:
    logout = desk.spec.logout
    if desk.glass.page.url == "about:blank":
        desk.open("/")
    desk.chain((*logout.menu, logout.button), "screens.logout.button")
    if logout.ok:
        desk.press(logout.ok, "screens.logout.ok", in_front=True)
