"""How cells and findings speak to business people: roles, deeds, records in their own words; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping

from crm_acceptance.engines.permissions.table import Rule
from crm_acceptance.engines.permissions.vocabulary import QUESTIONS
from crm_acceptance.model import Action, Person
from crm_acceptance.vocabulary import FIELDS, OBJECTS, ROLES


def _chinese(*tables: Mapping[str, str]) -> dict[str, str]:
    """Canonical name -> its first Chinese word in the tables; the first table that knows it wins."""
    found: dict[str, str] = {}
    for table in tables:
        for word, name in table.items():
            if not word.isascii():
                found.setdefault(name, word)
    return found


_ROLES = _chinese(ROLES)
_FIELDS = _chinese(FIELDS) | {"attachment": "附件名", "content": "附件内容"}
_THINGS = _chinese(OBJECTS) | {
    "followup": "跟进记录",
    "audit": "操作日志",
    "notification": "提醒",
    "user": "账号",
    "session": "登录状态",
    "report": "报表",
    "report:*": "报表",
    "report:sales_summary": "销售汇总报表",
    "report:receivables": "应收账款报表",
    "report:pipeline": "销售漏斗报表",
    "report:campaign_roi": "活动投入产出报表",
    "*": "任何记录",
}
_DOINGS: Mapping[str, str] = {
    "read": "查看{}",
    "list": "翻看{}",
    "search": "搜索{}",
    "sort": "排序翻看{}",
    "count": "统计{}的数目",
    "sum": "汇总{}的金额",
    "export": "导出{}",
    "attachments": "查看{}的附件清单",
    "download": "下载{}的附件",
    "audit": "查看{}的修改历史",
    "create": "新建{}",
    "import": "导入{}",
    "change": "修改{}",
    "delete": "删除{}",
    "transfer": "转移{}",
    "attach": "给{}添加附件",
    "tamper": "改写{}的只读字段",
    "stale": "看到已经转走的{}",
    "exists": "得知看不到的{}是否存在",
    "related": "借关联资料看到别人的{}资料",
    "after_logout": "退出登录后继续使用系统",
    "after_disabling": "停用账号后继续使用系统",
    "after_role_change": "换了角色还用旧角色的权限",
    "after_handover": "交接之后继续使用系统",
    "after_password_change": "改密码后用旧会话继续使用系统",
    "convert": "转化{}",
    "assign": "分派{}",
    "claim": "领取{}",
    "release": "退回{}到公海",
    "check_duplicate": "给{}查重",
    "advance": "推进{}",
    "submit": "提交{}",
    "approve": "批准{}",
    "reject": "驳回{}",
    "order": "把{}转成订单",
    "confirm": "确认{}",
    "cancel": "取消{}",
    "resolve": "解决{}",
    "close": "关闭{}",
    "disable": "停用{}",
    "enable": "启用{}",
    "handover": "交接{}",
    "login": "登录系统",
    "logout": "退出系统",
}
_ENGLISH: Mapping[str, str] = {
    "attachments": "see attachments of",
    "download": "download attachments of",
    "audit": "see the history of",
    "attach": "attach files to",
    "sum": "total",
    "tamper": "forge read-only fields of",
    "stale": "still see, once handed over,",
    "exists": "learn that there is an out-of-reach",
    "related": "see others' records in answers about their",
    "after_logout": "go on after signing out with",
    "after_disabling": "go on after the account was disabled with",
    "after_role_change": "keep the old role's rights with",
    "after_handover": "go on after the hand-over with",
    "after_password_change": "go on after a change of password with",
    "order": "turn into an order",
    "check_duplicate": "look for duplicates of",
}
# what an own or department scope grants ends there: the cell asks about the others, too
_GRANTS: Mapping[str, tuple[str, str, str, str]] = {
    "own": ("只可以", "自己的", "may only", "their own "),
    "team": ("只可以", "本团队的", "may only", "their team's "),
    "department": ("只可以", "本部门的", "may only", "their department's "),
    "all": ("可以", "所有", "may", "any "),
    "none": ("不得", "", "must not", ""),
}
_NOBODYS = ("report", "audit", "user", "session")


def role(key: str) -> str:
    """销售代表 for sales_rep; a role that nobody named stands for itself."""
    return _ROLES.get(key, key)


def who(person: Person) -> str:
    """李娜（销售代表）."""
    return f"{person.name}（{role(person.role)}）"


def thing(kind: str) -> str:
    """订单 for order; an object that nobody named stands for itself."""
    return _THINGS.get(kind, kind.removeprefix("x_"))


def the_record(kind: str, id: str) -> str:
    """订单#172."""
    return f"{thing(kind)}#{id}"


def the_field(name: str) -> str:
    """金额 for amount; a field that nobody named stands for itself."""
    return _FIELDS.get(name, name)


def doing(action: str, kind: str, whose: str = "") -> str:
    """取消订单, or with `whose` 取消自己的订单; an action that nobody named stands for itself."""
    return _DOINGS.get(action, f"{action} {{}}").format(f"{whose}{thing(kind)}")


def deed(action: Action) -> str:
    """What somebody did: 取消订单."""
    return doing(action.name, action.object)


def cell(rule: Rule) -> str:
    """A cell's title in both languages: 销售代表不得查看市场活动 · sales_rep must not read campaign."""
    may, whose, may_en, whose_en = _grant(rule)
    said = f"{role(rule.role)}{may}{doing(rule.action, rule.object, whose)}"
    return f"{said} · {rule.role} {may_en} {_ENGLISH.get(rule.action, rule.action)} {whose_en}{rule.object}"


def on_screen(role_key: str, kind: str) -> str:
    """The title of a check in the browser: 销售代表在页面上只看得到 … 的客户 · sales_rep on screen: customer."""
    what = "首页和导航里的内容" if kind == "start" else thing(kind)
    return f"{role(role_key)}在页面上只看得到、也只动得了权限内的{what} · {role_key} on screen: {kind}"


def _grant(rule: Rule) -> tuple[str, str, str, str]:
    if rule.action in QUESTIONS:
        return _GRANTS["none"]
    if rule.object.partition(":")[0] in _NOBODYS and rule.scope != "none":
        return "可以", "", "may", ""
    return _GRANTS[rule.scope]
