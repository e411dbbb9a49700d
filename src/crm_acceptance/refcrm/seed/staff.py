"""The people who work here unless a people.csv says otherwise, and reading one."""

from __future__ import annotations

import csv
from pathlib import Path

from ..auth import User
from ..people import DEPARTMENT_OF

STAFF: tuple[User, ...] = (
    User("lina", "李娜", "sales_rep", "sales", team="一组"),
    User("wangqiang", "王强", "sales_rep", "sales", team="一组"),
    User("hejun", "何军", "sales_rep", "sales", team="二组"),
    User("chenjing", "陈静", "sales_manager", "sales"),
    User("liuyang", "刘洋", "sales_lead", "sales", team="一组"),
    User("huangli", "黄丽", "sales_lead", "sales", team="二组"),
    User("zhaomin", "赵敏", "marketer", "marketing"),
    User("sunli", "孙丽", "service_agent", "service"),
    User("zhoutao", "周涛", "service_agent", "service"),
    User("wufang", "吴芳", "accountant", "finance"),
    User("zhengwei", "郑伟", "executive", "management"),
    User("fenglei", "冯磊", "it_admin", "it"),
)


def read(path: Path) -> tuple[User, ...]:
    """The people of a CSV: key,name,department,role,login, perhaps team. Raises ValueError with one sentence."""
    try:
        rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"读不出人员表 {path}:{error}。 Cannot read the people file.") from None
    lacking = {"name", "role", "login"} - set(rows[0] if rows else ())
    if lacking:
        raise ValueError(f"人员表 {path} 缺少列 {'、'.join(sorted(lacking))}。 Columns are missing.")
    for number, row in enumerate(rows, start=2):
        if row["role"] not in DEPARTMENT_OF:
            known = "、".join(DEPARTMENT_OF)
            raise ValueError(f"人员表第 {number} 行的角色 {row['role']} 不存在,可用:{known}。 Unknown role.")
    return tuple(_user(row) for row in rows)


def _user(row: dict[str, str]) -> User:
    return User(row["login"], row["name"], row["role"], DEPARTMENT_OF[row["role"]], team=row.get("team") or "")
