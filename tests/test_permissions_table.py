"""permissions.csv: every mistake is one sentence that says what was asked and what is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_acceptance.engines.permissions import table
from crm_acceptance.errors import WrongUse

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
