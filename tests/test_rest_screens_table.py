"""[screens] of a mapping file: what is read from it, and what is said, with its line, of each mistake. No browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_acceptance.errors import WrongUse
from crm_acceptance.systems.rest import described, mapping
from crm_acceptance.systems.rest.screens_shape import ScreensSpec
from crm_acceptance.systems.rest.screens_table import offers, spec_of

RIGHT = """title = "界面"
[screens]
patience = 40
[screens.login]
path = "/login"
username = ["用户名", "Username"]
password = "密码"
[screens.fields]
owner = "负责人"
[screens.buttons]
approve = "批准"
transfer = { set = { owner = "{to}" } }
[screens.asks]
approve = {}
[screens.objects.customer]
path = "/customers"
record = "/customers/{id}"
[screens.objects.customer.fields]
name = "客户名称"
level = { label = "级别", tab = ["更多", ["扩展", "More"]] }
[screens.objects.quote]
like = "customer"
menu = ["销售", "报价"]
[screens.objects.quote.fields]
product = "产品"
"""


def read(text: str) -> ScreensSpec:
    return spec_of(mapping.parse(Path("mapping.toml"), text))


def test_names_are_lists_whatever_way_they_are_written() -> None:
    customer = read(RIGHT).objects["customer"]
    assert customer.fields["name"].label == ("客户名称",)
    assert customer.fields["level"].tab == (("更多",), ("扩展", "More"))
    assert customer.fields["owner"].kind == "person"
    assert read(RIGHT).login.username == ("用户名", "Username")


def test_an_object_takes_over_what_another_has_and_its_own_verbs_only() -> None:
    quote = read(RIGHT).objects["quote"]
    assert (quote.path, quote.menu) == ("/customers", (("销售",), ("报价",)))
    assert set(quote.fields) == {"owner", "name", "level", "product"}
    assert quote.verbs["approve"].asks == {}
    assert "approve" not in read(RIGHT).objects["customer"].verbs


def test_labels_of_the_api_part_need_not_be_repeated() -> None:
    api = """
[objects.customer]
path = "/c"
calls = { list = { call = "GET /c", rows = "data" } }
[objects.customer.fields]
phone = { path = "mobile", label = ["手机"] }
industry = { path = "trade", type = "choice", choices = { it = "软件" }, label = ["行业"] }
"""
    fields = read(RIGHT + api).objects["customer"].fields
    assert fields["phone"].label == ("手机",)
    assert fields["industry"].choices == {"it": ("软件",)}


def test_a_system_says_what_its_screens_can_do(tmp_path: Path) -> None:
    file = tmp_path / "mapping.toml"
    file.write_text(RIGHT, encoding="utf-8")
    system = described("acme", file)
    assert system.supports("create", "customer")
    assert system.supports("approve", "quote")
    assert not system.supports("claim", "customer")
    assert not offers(mapping.load(file), "create", "ticket")


MISTAKES = (
    ('patience = 40', 'patience = 0', 3, "patience"),
    ('patience = 40', 'patiense = 40', 3, "patience"),
    ('patience = 40', 'absent = "maybe"', 3, "denied"),
    ('patience = 40', 'url = "crm.example.com"', 3, "http://"),
    ('patience = 40', 'prefix = "crm"', 3, '"/"'),
    ('[screens.login]\npath', '[screens.logon]\npath', 4, "login"),
    ('password = "密码"', 'pasword = "密码"', 7, "password"),
    ('password = "密码"', '', 4, "password"),
    ('password = "密码"', 'password = []', 7, "空"),
    ('password = "密码"', 'password = 7', 7, "文字"),
    ('owner = "负责人"', 'owner = { labels = "负责人" }', 9, "label"),
    ('approve = "批准"', 'aprove = "批准"', 11, "approve"),
    ('approve = "批准"', 'approve = { at = "table", button = "批准" }', 11, "record"),
    ('approve = "批准"', 'approve = { ok = "是" }', 11, "怎么做"),
    ('set = { owner = "{to}" }', 'set = { owner = "{too}" }', 12, "to"),
    ('path = "/customers"', 'path = "customers"', 16, '"/"'),
    ('path = "/customers"\nrecord = "/customers/{id}"\n', '', 15, "path"),
    ('record = "/customers/{id}"', 'record = "/customers/{no}"', 17, "{id}"),
    ('record = "/customers/{id}"', 'id = "/customers/[0-9+"', 17, "正则"),
    ('record = "/customers/{id}"', 'id = "/customers/[0-9]+"', 17, "括号"),
    ('record = "/customers/{id}"', 'id = "field:nam"', 17, "name"),
    ('record = "/customers/{id}"', 'find = "nam"', 17, "name"),
    ('record = "/customers/{id}"', 'mode = "detail"', 17, "details"),
    ('[screens.objects.customer]', '[screens.objects.custommer]', 15, "customer"),
    ('name = "客户名称"', 'nmae = "客户名称"', 19, "name"),
    ('level = { label = "级别", tab', 'level = { label = "级别", kind = "texts", tab', 20, "text"),
    ('like = "customer"', 'like = "customers"', 22, "customer"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("right", "wrong", "line", "word"), MISTAKES, ids=[wrong or f"no {r}" for r, wrong, *_ in MISTAKES]
)
def test_every_mistake_is_told_with_its_line(right: str, wrong: str, line: int, word: str) -> None:
    assert right in RIGHT
    with pytest.raises(WrongUse) as no:
        mapping.parse(Path("mapping.toml"), RIGHT.replace(right, wrong, 1))
    told = [one for one in str(no.value).splitlines() if f"mapping.toml:{line} " in one]
    assert told and any(word in one for one in told), str(no.value)


def test_several_mistakes_are_told_at_once() -> None:
    with pytest.raises(WrongUse) as no:
        mapping.parse(Path("m.toml"), RIGHT.replace('"/customers"', '"c"').replace("patience", "patient"))
    assert "m.toml:3 " in str(no.value)
    assert "m.toml:16 " in str(no.value)
