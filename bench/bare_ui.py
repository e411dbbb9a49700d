"""The UI scenario written bare in Playwright: `python -m bench.bare_ui COUNT [--tracing]`. Knows no harness code.

It does what an engineer would do by hand: one browser, one log-in kept for later windows, a fresh context per scenario.
The address comes from CRM_ACCEPTANCE_SITE, the password from CRM_ACCEPTANCE_PASSWORD, the browser from BENCH_BROWSER.
"""

from __future__ import annotations

import json
import os
import sys
import uuid
from typing import Any

import requests
from playwright.sync_api import Browser, Page, expect, sync_playwright

SITE = json.loads(os.environ["CRM_ACCEPTANCE_SITE"])["url"]
PASSWORD = os.environ["CRM_ACCEPTANCE_PASSWORD"]
BROWSER: dict[str, Any] = json.loads(os.environ["BENCH_BROWSER"])
WINDOW: Any = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": {"width": 1280, "height": 800}}

LABELS = {"name": "姓名", "company": "公司", "phone": "手机", "source": "来源", "note": "备注"}


def main(count: int, tracing: bool) -> None:
    """`count` scenarios, one after the other."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(headless=True, **BROWSER)
        state, manager = signed_in(browser, "lina"), api_session("chenjing")
        for number in range(count):
            scenario(browser, state, manager, number, tracing)
        browser.close()


def signed_in(browser: Browser, login: str) -> Any:
    """The cookies of somebody who logged in by the form."""
    page = browser.new_context(**WINDOW).new_page()
    page.goto(f"{SITE}/login", wait_until="domcontentloaded")
    page.get_by_label("用户名", exact=True).fill(login)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("button", name="退出", exact=True)).to_be_visible()
    state = page.context.storage_state()
    page.context.close()
    return state


def api_session(login: str) -> requests.Session:
    """A session with somebody's bearer token."""
    session = requests.Session()
    session.trust_env = False
    answer = session.post(f"{SITE}/api/v1/login", json={"username": login, "password": PASSWORD}, timeout=15)
    session.headers["Authorization"] = f"Bearer {answer.json()['token']}"
    return session


def scenario(browser: Browser, state: Any, manager: requests.Session, number: int, tracing: bool) -> None:
    """李娜 registers a lead by hand; 陈静 sees it through the API just as registered."""
    marker = uuid.uuid4().hex[:7]
    values = {
        "name": f"王建{number}{marker}",
        "company": f"苏州华东{number}机械{marker}有限公司",
        "phone": f"138{int(marker, 16) % 10**8:08}",
        "source": "展会",
        "note": "想了解企业版，下周三上午回电",
    }
    context = browser.new_context(storage_state=state, **WINDOW)
    if tracing:
        context.tracing.start(screenshots=False, snapshots=True, sources=False)
    id = registered(context.new_page(), values)
    shown = manager.get(f"{SITE}/api/v1/leads/{id}", timeout=15).json()
    assert {name: shown[name] for name in values} == values
    context.close()


def registered(page: Page, values: dict[str, str]) -> str:
    """Fill the form, save, and read the number of the new record from the address."""
    page.goto(f"{SITE}/leads/new", wait_until="domcontentloaded")
    for name, label in LABELS.items():
        page.get_by_label(label, exact=True).fill(values[name])
    with page.expect_navigation(wait_until="domcontentloaded"):
        page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("status")).to_be_visible()
    return page.url.rpartition("/")[2]


if __name__ == "__main__":
    main(int(sys.argv[1]), "--tracing" in sys.argv)
