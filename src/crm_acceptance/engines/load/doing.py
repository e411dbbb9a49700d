"""What people do at a peak in business words -> verbs and departments: 打单, 查客户, 登记线索, place orders."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_acceptance import vocabulary
from crm_acceptance.engines.load.work import VERBS
from crm_acceptance.errors import WrongUse, unknown

DEPARTMENTS: Mapping[str, str] = {
    "销售": "sales",
    "市场": "marketing",
    "客服": "service",
    "财务": "finance",
    "管理层": "management",
    "经理": "management",
    "sales": "sales",
    "marketing": "marketing",
    "service": "service",
    "finance": "finance",
    "management": "management",
}
DEPARTMENT_ZH = "|".join(word for word in DEPARTMENTS if not word.isascii())
DEPARTMENT_EN = "|".join(word for word in DEPARTMENTS if word.isascii())
_OWN = {"campaign": "marketing", "lead": "marketing", "payment": "finance", "invoice": "finance", "ticket": "service"}
"""Who works with an object where nothing else is said; the others are for sales."""
PHRASES: Mapping[str, str] = {
    **dict.fromkeys(("打单", "下单", "开单", "做单", "下订单", "place orders", "order"), "order.create"),
    **dict.fromkeys(("收款", "回款", "记账", "book payments", "take payments"), "payment.create"),
    **dict.fromkeys(("开工单", "报修", "提工单", "open tickets"), "ticket.create"),
    **dict.fromkeys(("看应收", "看应收报表", "read the receivables"), "report.receivables"),
    **dict.fromkeys(("看销售汇总", "看销售报表", "read the sales summary"), "report.sales_summary"),
    **dict.fromkeys(("看漏斗", "看销售漏斗", "read the pipeline"), "report.pipeline"),
    **dict.fromkeys(("看活动效果", "看活动回报", "read campaign results"), "report.campaign_roi"),
    **dict.fromkeys(("打开客户", "看客户", "open customers"), "customer.read"),
    **dict.fromkeys(("打开订单", "看订单", "open orders"), "order.read"),
}
REPORTING = {
    "report.receivables": "finance",
    "report.sales_summary": "management",
    "report.pipeline": "management",
    "report.campaign_roi": "marketing",
}
_ZH = (
    (r"(?:登记|录入|录|新建|新增|建|开)(?:新)?", "create"),
    (r"(?:查询|查找|搜索|查|搜|找)", "search"),
    (r"(?:翻看|翻|浏览)", "list"),
    (r"导出", "export"),
)
_EN = (
    (r"(?:register|create|enter|add)", "create"),
    (r"(?:look\s+for|search\s+for|search|find|look\s+up)", "search"),
    (r"(?:list|browse|page\s+through)", "list"),
    (r"export", "export"),
)
_OBJECTS = "|".join(map(re.escape, sorted(vocabulary.OBJECTS, key=len, reverse=True)))


@dataclass(frozen=True)
class Doing:
    """One thing that people do: as it was said, as a verb of the load, and whose work it is."""

    said: str
    verb: str
    department: str


def department(word: str) -> str:
    """The key of a department's word; "" for none."""
    return DEPARTMENTS.get(word.lower(), "")


def read(text: str, department: str = "") -> tuple[Doing, ...]:
    """Every thing that is said, joined by 和, 、 or and. WrongUse names what cannot be understood, and what can."""
    parts = [part.strip() for part in re.split(r"、|和|及|以及|与|/|\band\b", text) if part.strip()]
    if not parts:
        raise WrongUse(f"没有说做什么：{text!r}。例如：打单、查客户。It does not say what they do.")
    return tuple(Doing(part, verb := _verb(part), department or _whose(verb)) for part in parts)


def among(text: str, doings: Sequence[Doing]) -> Doing:
    """The one of these that is meant. WrongUse when nobody does it."""
    said = text.strip()
    verb = next((one.verb for one in doings if one.said == said), None) or _verb(said)
    found = next((one for one in doings if one.verb == verb), None)
    if found is None:
        raise unknown("动作（这句话里 in this sentence）", said, [one.said for one in doings])
    return found


def _verb(said: str) -> str:
    """ "查客户" is customer.search; a verb's own name is one, too."""
    plain = re.sub(r"\s+", " ", said.lower())
    if plain in VERBS:
        return plain
    if plain in PHRASES:
        return PHRASES[plain]
    for pattern, what in (*_ZH, *_EN):
        found = re.fullmatch(rf"{pattern}\s*(?:新)?({_OBJECTS})(?:列表|资料)?", said, re.IGNORECASE)
        if found:
            verb = f"{vocabulary.OBJECTS[found[1].lower() if found[1].isascii() else found[1]]}.{what}"
            return _possible(said, verb)
    raise _strange(said)


def _possible(said: str, verb: str) -> str:
    if verb not in VERBS:
        raise _strange(said)
    return verb


def _whose(verb: str) -> str:
    return REPORTING.get(verb) or _OWN.get(verb.partition(".")[0], "sales")


EXAMPLES = (
    *(
        "打单",
        "查客户",
        "登记客户",
        "登记线索",
        "登记商机",
        "收款",
        "开工单",
        "查订单",
        "查线索",
        "查工单",
        "翻客户列表",
    ),
    *("导出订单", "看应收", "看销售汇总", "看漏斗", "看活动效果", "place orders", "search customers", "register leads"),
)


def _strange(said: str) -> WrongUse:
    near = difflib.get_close_matches(said, [*PHRASES, *EXAMPLES], n=1, cutoff=0.3 if not said.isascii() else 0.6)
    hint = f"是不是 {near[0]}？did you mean {near[0]}? " if near else ""
    return WrongUse(
        f"不认识这个动作：{said}（unknown）。{hint}例如 known: {'、'.join(EXAMPLES)}；也可以写 {VERBS[0]} 这样的名字。"
    )
