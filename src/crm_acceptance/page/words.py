"""What the page calls things, Chinese and English. No logic but looking a name up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from crm_acceptance.model import DEPARTMENTS, DIMENSIONS
from crm_acceptance.vocabulary import OBJECTS


class Both(NamedTuple):
    """One term in both languages."""

    zh: str
    en: str


DECISIONS: Mapping[str, Both] = {
    "go": Both("通过", "Go"),
    "conditional": Both("有条件通过", "Conditional"),
    "no-go": Both("不通过", "No-go"),
    "unproven": Both("证据不足", "Unproven"),
}
SENTENCES: Mapping[str, Both] = {
    "go": Both(
        "计入的需求都有完整证据，可以签字上线。", "Every requirement that counts has full evidence: ready to be signed."
    ),
    "conditional": Both(
        "还有事先约定可以容忍的缺口，要由部门写明条件、责任人和期限后签字，才可以上线。",
        "Gaps remain that were declared tolerable beforehand: only with conditions that departments sign.",
    ),
    "no-go": Both(
        "不可上线：有需求被证据推翻，CRM 与要求不符。",
        "Must not go live: evidence disproves at least one requirement, the CRM is wrong.",
    ),
    "unproven": Both(
        "还不能上线：没有发现不符，但证据不完整。没有证明就不是通过。",
        "Cannot go live yet: nothing was found wrong, but evidence is missing. Unproven is not a yes.",
    ),
}
PROOFS: Mapping[str, Both] = {
    "proven": Both("已证明", "Proven"),
    "disproven": Both("被推翻", "Disproven"),
    "unproven": Both("待证明", "Unproven"),
}
CRITICALITIES: Mapping[str, Both] = {
    "critical": Both("关键", "critical"),
    "major": Both("重要", "major"),
    "minor": Both("一般", "minor"),
}
STATUSES: Mapping[str, Both] = {
    "passed": Both("通过", "passed"),
    "failed": Both("不符合", "failed"),
    "broken": Both("检查出错", "broken"),
    "skipped": Both("跳过", "skipped"),
    "unknown": Both("不明", "unknown"),
    "missing": Both("没有结果", "no result"),
    "flaky": Both("时好时坏", "flaky"),
}
ENGINES: Mapping[str, Both] = {
    "scenarios": Both("业务场景", "Scenarios"),
    "permissions": Both("权限表", "Permission table"),
    "fuzz": Both("接口探测", "API fuzzing"),
    "hypothesis": Both("状态推演", "State exploration"),
    "sensitive": Both("敏感数据", "Sensitive data"),
    "load": Both("压力测试", "Load"),
}
SHORT_DIMENSIONS: Mapping[str, Both] = {
    "functional": Both("功能", "Functional"),
    "scenario": Both("场景", "Scenarios"),
    "performance": Both("性能", "Load"),
    "security": Both("安全", "Security"),
    "abnormal": Both("异常", "Abnormal"),
}
FIGURES: Mapping[str, Both] = {
    "name": Both("名称", "Name"),
    "title": Both("名称", "Title"),
    "peak": Both("高峰", "Peak"),
    "verb": Both("动作", "Action"),
    "count": Both("次数", "Count"),
    "errors": Both("错误", "Errors"),
    "users": Both("同时在线", "Users"),
    "per_second": Both("每秒", "Per second"),
    "p50_ms": Both("p50 毫秒", "p50 ms"),
    "p90_ms": Both("p90 毫秒", "p90 ms"),
    "p95_ms": Both("p95 毫秒", "p95 ms"),
    "p99_ms": Both("p99 毫秒", "p99 ms"),
    "max_ms": Both("最长 毫秒", "max ms"),
    "sentence": Both("结论", "Verdict"),
    "thresholds": Both("门槛", "Thresholds"),
    "expected": Both("要求", "Expected"),
    "actual": Both("实际", "Actual"),
    "met": Both("达到", "Met"),
    "requirement": Both("需求", "Requirement"),
    "measure": Both("指标", "Measure"),
    "value": Both("数值", "Value"),
    "valid": Both("有效", "Valid"),
    "reason": Both("原因", "Reason"),
    "ramp_s": Both("爬升（秒）", "ramp (s)"),
    "plateau_s": Both("持续（秒）", "plateau (s)"),
    "late_p95_ms": Both("压测机迟到 p95（毫秒）", "generator late p95 (ms)"),
    "cpu_of_one_core": Both("压测机占用（1 = 一个核）", "generator's share of a core"),
    "wall_s": Both("用时（秒）", "took (s)"),
    "server_memory_mb": Both("服务器内存（MB）", "server memory (MB)"),
    "server_cpu_of_one_core": Both("服务器占用（1 = 一个核）", "server's share of a core"),
    "acknowledged": Both("已确认写入", "writes acknowledged"),
    "tried": Both("尝试写入", "writes tried"),
}


DOINGS: Mapping[str, str] = {
    "create": "登记",
    "search": "查询",
    "list": "翻看",
    "read": "打开",
    "sort": "排序",
    "filter": "筛选",
    "export": "导出",
}


REPORTS: Mapping[str, str] = {
    "sales_summary": "销售汇总报表",
    "receivables": "应收报表",
    "pipeline": "销售漏斗报表",
    "campaign_roi": "活动回报报表",
}


def action(verb: str) -> Both:
    """What a load figure is about, "customer.search" or "" for everything; a verb that nobody knows says itself."""
    if not verb:
        return Both("全部", "all")
    kind, _, doing = verb.partition(".")
    if kind == "report" and doing in REPORTS:
        return Both(REPORTS[doing], verb)
    called = next((word for word, name in OBJECTS.items() if name == kind and word != kind), "")
    return Both(f"{DOINGS[doing]}{called}" if called and doing in DOINGS else verb, verb)


def department(key: str) -> Both:
    """A department's name; a key that nobody knows stands for itself."""
    return Both(DEPARTMENTS.get(key, key), "IT" if key == "it" else key.capitalize())


def dimension(key: str) -> Both:
    """A dimension's full name."""
    return Both(DIMENSIONS.get(key, key), SHORT_DIMENSIONS.get(key, Both(key, key)).en)


def in_both(title: str, engine: str) -> Both:
    """A check's title in each language: 不得查看 · must not read. A scenario's is as its author wrote it."""
    zh, parted, en = title.rpartition(" · ")
    return Both(zh, en) if parted and engine != "scenarios" else Both(title, title)


def named(table: Mapping[str, Both], key: str) -> Both:
    """The term for `key`; a key that the table does not know stands for itself."""
    return table.get(key, Both(key, key))
