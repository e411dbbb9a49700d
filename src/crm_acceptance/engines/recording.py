"""Records a walk through a CRM's pages: every call as HAR, and beside it what the pages showed. It judges nothing.

The walk is somebody's at a screen, or driven by a few lines of text where there is none. It stays in memory and in a
private temporary folder; passwords typed are in the calls, as in every HAR: nothing here writes them anywhere else.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from playwright.sync_api import BrowserContext, Error, Locator, Page, Playwright, sync_playwright

from crm_acceptance.errors import SiteOutOfReach, WrongUse
from crm_acceptance.tools.browser import find_browser, launch_args

PATIENCE_MS = 15_000.0
STEP = re.compile(r"(open|click|fill|choose|wait|press|back)\b\s*(.*)")
SEEN = "_walk"
"""The key of the HAR's log under which the pages are kept; HAR allows own keys that begin with "_"."""


@dataclass(frozen=True)
class Step:
    """One line of a walk: open /path, click 名称, fill 标签 = 值, choose 标签 = 值, wait 文字, press 键, back.

    A name that begins with "css=" is a selector, for what the page gives no name.
    """

    line: int
    deed: str
    name: str
    value: str = ""


def steps(text: str, secrets: Callable[[str], str | None]) -> list[Step]:
    """The steps of a text. {password} and the like come from `secrets`. WrongUse names the line."""
    found = []
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            found.append(_step(number, stripped, secrets))
    return found


def _step(number: int, line: str, secrets: Callable[[str], str | None]) -> Step:
    matched = STEP.fullmatch(line)
    if matched is None:
        raise WrongUse(
            f"第 {number} 行不是一步：{line}。已知 known: open click fill choose wait press back。Not a step."
        )
    deed, rest = matched.groups()
    name, sign, value = rest.partition("=") if deed in ("fill", "choose") else (rest, "", "")
    if deed in ("fill", "choose") and not sign:
        raise WrongUse(f"第 {number} 行应写成 {deed} 标签 = 值。It must be {deed} LABEL = VALUE.")

    def known(asked: re.Match[str]) -> str:
        told = secrets(asked.group(1))
        if told is None:
            raise WrongUse(
                f"第 {number} 行要用 {asked.group()}，环境变量里没有。Not in the environment: {asked.group()}."
            )
        return told

    return Step(number, deed, name.strip(), re.sub(r"\{(\w+)\}", known, value.strip()))


def has_display() -> bool:
    """Whether a window can be shown to somebody."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def record(url: str, driven: list[Step] | None, state: Path | None = None) -> dict[str, Any]:
    """The HAR of a walk that begins at `url`. Without steps a window is shown and the walk ends when it is closed."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        har = Path(folder) / "walk.har"
        seen: list[Mapping[str, Any]] = []
        context = _context(driver, har, state, headed=driven is None)
        context.expose_binding("__walk", lambda _, told: seen.append(told))
        context.add_init_script(_watcher())
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        _open(page, url)
        _drive(page, url, driven) if driven is not None else _watch(context)
        context.close()
        document: dict[str, Any] = json.loads(har.read_text(encoding="utf-8"))
    document["log"][SEEN] = seen
    return document


def _watcher() -> str:
    return (files("crm_acceptance.engines") / "recording.js").read_text(encoding="utf-8")


def _context(driver: Playwright, har: Path, state: Path | None, *, headed: bool) -> BrowserContext:
    try:
        browser = driver.chromium.launch(executable_path=find_browser(), args=launch_args(), headless=not headed)
        return browser.new_context(
            locale="zh-CN", storage_state=state, record_har_path=har, record_har_content="embed",
            viewport={"width": 1280, "height": 900},
        )  # fmt: skip
    except Error as error:
        raise WrongUse(
            f"浏览器打不开（{error.message.splitlines()[0]}）。没有屏幕时用 --walk 步骤文件，或 --record 录制好的.har。"
            "The browser cannot be opened: without a screen use --walk, or a recorded HAR file."
        ) from None


def _open(page: Page, url: str) -> None:
    try:
        page.goto(url, wait_until="load")
        _settled(page)
    except Error as error:
        raise SiteOutOfReach(f"打不开 {url}：{error.message.splitlines()[0]}。The site cannot be opened.") from None


def _watch(context: BrowserContext) -> None:
    """Until the last window is closed."""
    while context.pages:
        context.pages[-1].wait_for_event("close", timeout=0)


def _drive(page: Page, url: str, driven: list[Step]) -> None:
    for step in driven:
        try:
            _do(page, url, step)
            _settled(page)
        except Error as error:
            shown = error.message.split("\n")[0].removeprefix("Locator.")[:100]
            raise WrongUse(
                f"第 {step.line} 行 {step.deed} {step.name} 做不到（the step failed）：{shown}。页面 page {page.url}，"
                f"上面有 it shows: {', '.join(_shown(page)) or '(nothing)'}。"
            ) from None


def _shown(page: Page) -> list[str]:
    """The labels, buttons and links of the page, so that the right name can be written."""
    try:
        told = page.locator("label:visible, button:visible, a:visible, [role=button]:visible").all_inner_texts()
    except Error:
        return []
    return list(dict.fromkeys(" ".join(one.split())[:30] for one in told if one.strip()))[:40]


def _do(page: Page, url: str, step: Step) -> None:
    if step.deed == "open":
        page.goto(urljoin(url, step.name))
    elif step.deed == "back":
        page.go_back()
    elif step.deed == "press":
        page.keyboard.press(step.name)
    elif step.deed == "wait":
        page.get_by_text(step.name).first.wait_for()
    elif step.deed == "click":
        _named(page, step.name).click()
    elif step.deed == "fill":
        _labelled(page, step.name).fill(step.value)
    else:
        _choose(page, step)


def _choose(page: Page, step: Step) -> None:
    control = _labelled(page, step.name)
    if control.evaluate("node => node.tagName") == "SELECT":
        control.select_option(label=step.value)
    else:
        control.click()
        page.get_by_role("option", name=step.value).or_(page.get_by_text(step.value, exact=True)).first.click()


def _named(page: Page, name: str) -> Locator:
    """A button, link, tab or menu entry; else whatever shows the text."""
    if name.startswith("css="):
        return page.locator(name).first
    roles = ("button", "link", "menuitem", "tab")
    exact = [page.get_by_role(role, name=name, exact=True) for role in roles]  # type: ignore[arg-type]
    loose = [page.get_by_role(role, name=name) for role in roles]  # type: ignore[arg-type]
    return _first(page, [*exact, *loose, page.get_by_text(name, exact=True), page.get_by_text(name)])


def _labelled(page: Page, name: str) -> Locator:
    """By its label; else the control named so, or the first one behind a text that says so."""
    if name.startswith("css="):
        return page.locator(name).first
    found = [page.get_by_label(name, exact=True), page.get_by_placeholder(name), page.get_by_label(name)]
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    behind = page.get_by_text(name, exact=True).locator(
        "xpath=following::*[self::input or self::select or self::textarea][1]"
    )
    return _first(page, [*found, page.locator(f'[name="{quoted}"]'), behind])


def _first(page: Page, places: list[Locator]) -> Locator:
    """The first place that is on the page now; the last one is waited for."""
    either = places[0]
    for place in places[1:]:
        either = either.or_(place)
    either.first.wait_for()
    return next((one.first for one in places if any(_visible(one))), either.first)


def _visible(place: Locator) -> Iterator[bool]:
    return (one.is_visible() for one in place.all()[:3])


def _settled(page: Page) -> None:
    """Pages that keep a line open are never idle: half a second without a call is enough, and not having it, too."""
    try:
        page.wait_for_load_state("networkidle", timeout=2500)
    except Error:
        page.wait_for_load_state("domcontentloaded")
    page.evaluate("window.__walkTell && window.__walkTell()")
