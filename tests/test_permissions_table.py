"""permissions.csv: every mistake is one sentence that says what was asked and what is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_acceptance import sheets
from crm_acceptance.engines.permissions import table
from crm_acceptance.errors import WrongUse
from crm_acceptance.model import Person

ROLES = ("sales_rep", "accountant")
REQUIREMENTS = ("SEC-002", "SEC-006")
HEADER = "role,action,object,scope,fields,requirement\n"
GOOD = "sales_rep,read|list,customer,own,phone:masked;owner:read-only,SEC-002\n"


def loaded(tmp_path: Path, text: str, encoding: str = "utf-8") -> table.Matrix:
    path = tmp_path / "permissions.csv"
    path.write_bytes(text.encode(encoding))
    return table.load(path, ROLES, REQUIREMENTS)


def test_a_row_with_joined_actions_is_one_rule_per_action(tmp_path: Path) -> None:
    rules = loaded(tmp_path, HEADER + GOOD).rules
    assert [rule.cell for rule in rules] == [("sales_rep", "read", "customer"), ("sales_rep", "list", "customer")]
    assert rules[0].fields == {"phone": "masked", "owner": "read-only"}
    assert rules[0].requirements == ("SEC-002",)


def test_a_silent_table_grants_nothing(tmp_path: Path) -> None:
    matrix = loaded(tmp_path, HEADER + GOOD)
    assert (matrix.scope("sales_rep", "read", "customer"), matrix.scope("sales_rep", "delete", "customer")) == (
        "own",
        "none",
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_table_saved_by_excel_is_read_like_any_other(tmp_path: Path, encoding: str) -> None:
    assert len(loaded(tmp_path, HEADER + GOOD, encoding).rules) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEADER + "sales_repp,read,customer,own,,SEC-002\n", "是不是 sales_rep"),
        (HEADER + "auditor,read,customer,own,,SEC-002\n", "没有人担任"),
        (HEADER + "sales_rep,raed,customer,own,,SEC-002\n", "did you mean read"),
        (HEADER + "sales_rep,confirm,customer,own,,SEC-002\n", "confirm"),
        (HEADER + "sales_rep,read,custommer,own,,SEC-002\n", "did you mean customer"),
        (HEADER + "sales_rep,read,customer,mine,,SEC-002\n", "已知 known: all, department, none, own"),
        (HEADER + "sales_rep,read,customer,own,fone:masked,SEC-002\n", "fone"),
        (HEADER + "sales_rep,read,customer,own,phone:blurred,SEC-002\n", "blurred"),
        (HEADER + "sales_rep,read,customer,own,phone,SEC-002\n", "字段:处理"),
        (HEADER + "sales_rep,read,customer,own,phone:masked;phone:plain,SEC-002\n", "矛盾"),
        (HEADER + "sales_rep,read,customer,own,,SEC-099\n", "SEC-099"),
        (HEADER + "sales_rep,read||list,customer,own,,SEC-002\n", "空的"),
        (HEADER + GOOD + "sales_rep,list,customer,all,,SEC-002\n", "第 2 行和第 3 行互相矛盾"),
        (HEADER + GOOD + GOOD, "第 2 行和第 3 行重复"),
        ("role,action,object,scoop,fields,requirement\n" + GOOD, "scope"),
        (HEADER, "没有一行内容"),
    ],
)
def test_every_mistake_is_told_with_what_is_known(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(WrongUse) as wrong:
        loaded(tmp_path, text)
    assert said in str(wrong.value)


def test_a_missing_table_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"permissions\.csv"):
        table.load(tmp_path / "permissions.csv", ROLES, REQUIREMENTS)


CHINESE = "角色,动作,对象,范围,字段,需求\n销售代表,查看|列表,客户,自己,手机号:掩码；负责人：只读,SEC-002\n"


def test_chinese_headings_and_words_mean_the_same_as_the_keys(tmp_path: Path) -> None:
    assert loaded(tmp_path, CHINESE) == loaded(tmp_path, HEADER + GOOD)


def test_a_workbook_is_the_same_table(tmp_path: Path) -> None:
    (tmp_path / "permissions.xlsx").write_bytes(sheets.write([line.split(",") for line in CHINESE.split()], "权限"))
    assert table.load(tmp_path / "permissions.xlsx", ROLES, REQUIREMENTS) == loaded(tmp_path, HEADER + GOOD)


def test_two_files_side_by_side_that_differ_are_told_in_one_sentence(tmp_path: Path) -> None:
    other = CHINESE.replace("自己", "全部")
    (tmp_path / "permissions.xlsx").write_bytes(sheets.write([line.split(",") for line in other.split()], "权限"))
    with pytest.raises(WrongUse, match=r"permissions.csv 和 permissions.xlsx 并排放着却不一样（2 格") as wrong:
        loaded(tmp_path, HEADER + GOOD)
    assert "\n" not in str(wrong.value)


def test_every_mistake_is_told_at_once_each_with_its_line(tmp_path: Path) -> None:
    text = (
        HEADER
        + GOOD
        + (
            "boss,read,customer,own,,SEC-002\n"
            "sales_rep,raed,customer,own,fone:masked,SEC-002\n"
            "sales_rep,read,boat,own,,SEC-002\n"
            "sales_rep,read|list,customer,all,,SEC-002\n"
        )
    )
    with pytest.raises(WrongUse) as wrong:
        loaded(tmp_path, text)
    lines = str(wrong.value).split("\n")
    assert [said for line in lines for said in ("boss", "fone", "raed", "boat", "互相矛盾") if said in line] == [
        "boss", "fone", "raed", "boat", "互相矛盾",
    ]  # fmt: skip
    assert [number for number in "3456" if any(f"第 {number} 行" in line for line in lines)] == list("3456")
    assert "等 2 格" in lines[-1]


def test_a_role_that_nobody_has_is_told_apart_from_a_strange_word(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="没有人担任"):
        loaded(tmp_path, HEADER + "executive,read,customer,own,,SEC-002\n")


def test_a_team_row_needs_the_teams_of_its_people(tmp_path: Path) -> None:
    loaded(tmp_path, HEADER + "sales_rep,read,customer,team,,SEC-002\n")
    people = [Person("lina", "李娜", "sales", "sales_rep", "lina")]
    with pytest.raises(WrongUse, match="李娜"):
        table.load(tmp_path / "permissions.csv", ROLES, REQUIREMENTS, people)


def test_an_object_of_the_companys_own_is_known_as_far_as_the_system_knows_it(tmp_path: Path) -> None:
    text = HEADER + "sales_rep,read,x_contract,own,x_price:masked,SEC-002\n"
    with pytest.raises(WrongUse, match="映射文件"):
        loaded(tmp_path, text)
    for fields in (("name", "x_price"), ()):
        matrix = table.load(tmp_path / "permissions.csv", ROLES, REQUIREMENTS, own=lambda kind, told=fields: told)
        assert matrix.rules[0].fields == {"x_price": "masked"}
    with pytest.raises(WrongUse, match="x_price"):
        table.load(tmp_path / "permissions.csv", ROLES, REQUIREMENTS, own=lambda kind: ("name",))


def test_a_typing_error_in_chinese_is_told_with_the_chinese_words(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="没有这个范围 scope：自已（unknown）。是不是 自己") as wrong:
        loaded(tmp_path, CHINESE.replace("自己", "自已"))
    assert "本部门" in str(wrong.value) and "department" not in str(wrong.value)


def test_an_empty_cell_is_told_by_its_column_and_a_remark_among_the_rows_is_called_one(tmp_path: Path) -> None:
    with pytest.raises(WrongUse) as wrong:
        loaded(tmp_path, HEADER + "sales_rep,read,customer,,,SEC-002\n请于周五前确认,,,,,\n")
    first, second = str(wrong.value).split("\n")
    assert "范围 scope 是空的" in first and "第 2 行" in first and "自己 own" in first
    assert "只有一格有内容：请于周五前确认" in second and "第 3 行" in second


def test_a_contradiction_in_the_fields_names_the_fields(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"销售代表 列表 客户.*：phone:masked;owner:read-only / phone:plain。"):
        loaded(tmp_path, HEADER + GOOD + "sales_rep,list,customer,own,phone:plain,SEC-002\n")
