"""What the generic door makes of small pieces of pages: values by label, controls by name, grids, messages, captcha."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from crm_acceptance.engines.browser import Browser
from crm_acceptance.systems.rest.screens_page import Glass

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    browser = Browser(tracing=False)
    with browser.scene() as scene:
        yield scene.page("http://127.0.0.1", "nobody", lambda p: None)
    browser.close()


def look(page: Page, html: str, call: str, *values: Any) -> Any:
    page.set_content(f"<!doctype html><body>{html}")
    return Glass(page, 5).look(call, *values)


VALUES = {
    "a description list": "<dl><dt>电话</dt><dd>138</dd></dl>",
    "a row with a head": "<table><tr><th>电话</th><td>138</td></tr></table>",
    "two cells side by side": "<table><tr><td>电话：</td><td>138</td><td>传真</td><td>9</td></tr></table>",
    "a label and its input": "<label for=a>电话 *</label><input id=a value=138>",
    "a label around its select": "<label>电话 <select><option>1<option selected>138</select></label>",
    "aria-labelledby": "<span id=l>电话</span><p>—</p><output aria-labelledby=l>138</output>",
    "aria-label": "<span aria-label=电话>138</span>",
    "two spans": "<div><span class=k>电话</span><span class=v>138</span></div>",
    "a grid of pairs": "<div><div class=p><b>传真</b><i>9</i></div><div class=p><b>电话</b><i>138</i></div></div>",
    "value in the label's element": "<p>电话 <strong>138</strong></p>",
    "one sentence": "<p>电话：138</p>",
    "a colon of its own": "<div class=l><span>电话</span><span>:</span></div><div class=c>138</div>",
    "an icon in the label": "<div><span class=n>电话<a title=改><img alt=改></a></span><span class=v>138</span></div>",
    "capital letters by style": "<div style='text-transform:uppercase'><b>电话</b><i>138</i></div>",
    "a label that opens a menu": "<div><div role=button class=label>电话</div></div><div><input value=138></div>",
}


@pytest.mark.parametrize("html", VALUES.values(), ids=VALUES.keys())
def test_a_value_is_found_by_its_label_in(page: Page, html: str) -> None:
    assert look(page, html, "facts(a[0], false)", {"phone": ["电话"], "fax": ["传真"]})["phone"]["text"] == "138"


def test_an_empty_value_never_takes_its_neighbours(page: Page) -> None:
    html = "<div><div class=p><b>电话</b><i></i></div><div class=p><b>网址</b><i>w</i></div></div>"
    assert look(page, html, "facts(a[0], false)", {"phone": ["电话"]})["phone"]["text"] == ""


def test_a_value_that_reads_like_a_label_is_a_value(page: Page) -> None:
    html = "<table><tr><th>公司</th><td>公司</td></tr><tr><th>电话</th><td>138</td></tr></table>"
    found = look(page, html, "facts(a[0], false)", {"company": ["公司"], "phone": ["电话"]})
    assert (found["company"]["text"], found["phone"]["text"]) == ("公司", "138")


CONTROLS = {
    "label for": "<label for=x>Owner user:</label><input id=x>",
    "placeholder": "<input placeholder='owner user'>",
    "aria-label": "<div role=textbox contenteditable=true aria-label='Owner user'></div>",
    "the text before": "<div><div>* Owner user</div><div><div><input></div></div></div>",
    "the text behind a box": "<div><input type=checkbox><span>Owner user</span></div>",
    "a hidden select": "<label for=s>Owner user</label><select id=s style='position:absolute;width:1px'></select>",
}


@pytest.mark.parametrize("html", CONTROLS.values(), ids=CONTROLS.keys())
def test_a_control_is_found_by(page: Page, html: str) -> None:
    assert look(page, html, "!!control(a[0], false)", ["Owner user"])


def test_a_note_below_a_control_is_no_label_of_the_next(page: Page) -> None:
    html = "<label for=a>Name</label><input id=a><i>the full one</i><div><label for=b>Phone</label><input id=b></div>"
    assert not look(page, html, "!!control(a[0], false)", ["the full one"])


def test_blanks_between_chinese_characters_and_counts_do_not_matter(page: Page) -> None:
    html = "<button>保 存</button><a href=#>附件 (3)</a><button>+ 新建</button>"
    for name in ("保存", "附件", "新建"):
        assert look(page, html, "!!pressable(a[0], false)", [name])


def test_what_a_dialog_lies_over_is_not_pressed(page: Page) -> None:
    html = "<button>编辑</button><div role=dialog style='position:fixed;inset:0;background:#fff'>详情</div>"
    assert not look(page, html, "!!pressable(a[0], false)", ["编辑"])


def test_heads_that_scroll_apart_belong_to_their_rows(page: Page) -> None:
    html = """<div><table><thead><tr><th>名称</th><th colspan=2>电话</th><th>级别</th></tr></thead></table></div>
    <div><table><tbody><tr style='height:0' aria-hidden=true><td></td></tr>
    <tr data-row-key=k7><td>甲</td><td>138</td><td>改</td><td><input value=A></td></tr></tbody></table></div>"""
    found = look(page, html, "list(a[0])", ["名称", "级别"])
    heads = {head["at"]: head["text"] for head in found["heads"]}
    row = found["rows"][0]
    assert {heads.get(cell["at"]): cell["text"] for cell in row["cells"] if cell["at"] in heads} == {
        "名称": "甲", "电话": "138", "级别": "A",
    }  # fmt: skip
    assert row["attributes"]["data-row-key"] == "k7"
    assert len(found["rows"]) == 1


def test_messages_tell_their_mood(page: Page) -> None:
    html = """<div role=alert><i class=icon-success></i>已保存</div><div class='toast toast-danger'>重复</div>
    <div role=alert>注意</div>
    <label for=a>名称</label><input id=a aria-invalid=true aria-describedby=e><p id=e>必填</p>"""
    found = {one["text"]: one["mood"] for one in look(page, html, "messages()")}
    assert found == {"已保存": "good", "重复": "bad", "注意": "bad?", "必填": "bad"}


@pytest.mark.parametrize(
    ("html", "is_one"),
    [
        ("<img alt=验证码><input placeholder=请输入验证码>", True),
        ("<iframe src='about:blank?recaptcha' title=reCAPTCHA width=300 height=80></iframe>", True),
        ("<div>图形验证码</div><div><input></div>", True),
        ("<input placeholder=密码><a href=#>短信验证码登录</a>", False),
    ],
)
def test_a_captcha_is_noticed(page: Page, html: str, is_one: bool) -> None:
    assert look(page, html, "captcha(a[0])", ["验证码", "captcha"]) is is_one


def test_only_a_page_that_says_no_is_a_no_not_one_that_shows_such_words(page: Page) -> None:
    long = "一段很长的备注。" * 100
    assert look(page, f"<h1>客户</h1><p>{long} Not found</p>", "refuses(a[0])", ["Not found"]) is None
    assert look(page, f"<h1>Not found</h1><p>{long}</p>", "refuses(a[0])", ["Not found"]) == "Not found"
