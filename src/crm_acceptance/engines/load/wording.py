"""A peak said in one sentence -> the same table that peaks.toml would hold; runs nothing.

月底 9 点 800 人同时打单，每人 30 秒一次，持续 2 分钟，95% 在 2 秒内，错误不超过 1%
at month's end 800 people place orders at the same time, each every 30 seconds, for 2 minutes, 95% within 2 seconds
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crm_acceptance.engines.load import doing, quantities
from crm_acceptance.engines.load.doing import Doing
from crm_acceptance.errors import WrongUse

EVERY, LASTING, GATHERING, MOST_GATHERING = 30.0, 60.0, 0.1, 10.0
"""Seconds between two things of one person and seconds that count, where the sentence does not say; and the part of
them (at most so many seconds) in which people come, before anything counts."""
PATIENCE, BEYOND = 10.0, 1.5
"""Seconds for one answer at least, and as a multiple of the slowest limit."""
PERCENTILES = {50.0: "p50", 90.0: "p90", 95.0: "p95", 99.0: "p99", 99.9: "p999"}
_WHOLE = r"(?:\d[\d,]*\s?万?|[零〇一二两三四五六七八九十百千万]+)"
_TIME = (
    rf"(?P<time>{quantities.NUMBER}\s*(?:个\s*)?(?:毫秒|秒钟|秒|分钟|分|小时|ms|seconds?|sec|s|minutes?|min|hours?|h))"
)
_SHARE = rf"(?:百分之{quantities.NUMBER}|{quantities.NUMBER}\s*%?)"
_STAFF = "(?:人员|员工|同事|人|用户)"
_ZH = re.compile(
    rf"(?P<when>.*?)(?P<n>-?{_WHOLE}(?:\.\d+)?)\s*(?:个|名|位)?\s*"
    rf"(?:(?P<who>{doing.DEPARTMENT_ZH})(?:部门|部)?的?\s*{_STAFF}?|{_STAFF})"
    r"\s*(?:一起|同时)(?P<verbs>[^，,；;]+)(?P<rest>.*)"
)
_EN = re.compile(
    rf"(?P<when>.*?)(?P<n>-?\d[\d,]*(?:\.\d+)?)\s+(?P<who>{doing.DEPARTMENT_EN})?\s*(?:people|persons?|users?|staff)\s+"
    r"(?P<verbs>[^,;]+?)\s+at\s+(?:the\s+same\s+time|once)(?P<rest>.*)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Said:
    """What the sentence asks for: seconds, and limits as rows of [[….threshold]] without their requirement."""

    title: str
    people: int
    doings: tuple[Doing, ...]
    every: float = EVERY
    lasting: float = LASTING
    gathering: float | None = None
    limits: tuple[Mapping[str, str], ...] = ()

    def table(self, requirement: str) -> dict[str, Any]:
        """As peaks.toml would say it, for peaks.read."""
        gathering = min(MOST_GATHERING, self.lasting * GATHERING) if self.gathering is None else self.gathering
        return {
            "title": self.title,
            "people": self.people,
            "think_time": f"{self.every:g} s",
            "ramp": f"{gathering:g} s",
            "plateau": f"{self.lasting:g} s",
            "timeout": f"{self._patience():g} s",
            "mix": [{"department": one.department, "verb": one.verb, "share": 1} for one in self.doings],
            "threshold": [{"requirement": requirement, **limit} for limit in self.limits],
        }

    def _patience(self) -> float:
        """Seconds for one answer: enough to see by how much the slowest limit is missed."""
        timed = [float(one["limit"].removesuffix(" s")) for one in self.limits if one["limit"].endswith(" s")]
        return max(PATIENCE, *(BEYOND * one for one in timed)) if timed else PATIENCE


def is_peak(text: str) -> bool:
    """Whether the sentence is about so many people doing something at the same time, well said or not."""
    return _match(text) is not None


def read(text: str) -> Said:
    """The peak of the sentence. WrongUse says which part cannot be understood, and how it is said."""
    found = _match(text)
    if found is None:
        raise WrongUse(f"这句话里没有“多少人同时做什么”：{text}。It does not say how many people do what.")
    people = quantities.people("人数", found["n"])
    if people <= 0:
        raise WrongUse(f"人数必须大于零，这里是 {people}。The number of people must be more than zero.")
    said = Said(
        title=found.string[: found.start("rest")].strip(),
        people=people,
        doings=doing.read(found["verbs"], doing.department(found["who"] or "")),
    )
    for clause in _clauses(found["rest"]):
        said = _clause(said, clause)
    if not said.limits:
        raise WrongUse(f"没有说要多快：{text}。例如：95% 在 2 秒内。It does not say how quick: 95% within 2 seconds.")
    return said


def _match(text: str) -> re.Match[str] | None:
    shown = unicodedata.normalize("NFKC", text).strip()
    return _ZH.fullmatch(shown) or _EN.fullmatch(shown)


def _clauses(rest: str) -> list[str]:
    parts = re.split(r"[,，;；。]|\band\b(?=\s+(?:\d|no|errors|for|each))|并且|而且", rest)
    return [part.strip().rstrip(".") for part in parts if part.strip(" .")]


def _clause(said: Said, clause: str) -> Said:
    for pattern, heard in _CLAUSES:
        found = re.fullmatch(pattern, clause, re.IGNORECASE)
        if found:
            return heard(said, found)
    known = "、".join(f"“{one}”" for one in EXAMPLES)
    raise WrongUse(f"听不懂这一段：{clause}。会听的 known: {known}。This part is not understood.")


EXAMPLES = (
    "95% 在 2 秒内",
    "其中查客户 95% 在 1 秒内",
    "最慢不超过 5 秒",
    "错误不超过 1%",
    "每秒至少完成 20 件",
    "一笔不丢也不重",
    "持续 2 分钟",
    "每人 30 秒一次",
    "10 秒内到齐",
)


def _time(found: re.Match[str]) -> float:
    value = quantities.seconds("时间", found["time"])
    if value <= 0:
        raise WrongUse(f"时间必须大于零：{found[0]}。A time must be more than zero.")
    return value


def _every(said: Said, found: re.Match[str]) -> Said:
    return replace(said, every=_time(found))


def _lasting(said: Said, found: re.Match[str]) -> Said:
    return replace(said, lasting=_time(found))


def _gathering(said: Said, found: re.Match[str]) -> Said:
    return replace(said, gathering=_time(found))


def _quick(said: Said, found: re.Match[str]) -> Said:
    shown = re.sub(r"\s", "", found["share"])
    if shown in ("一半", "half"):
        return _limited(said, found, "p50", f"{_time(found):g} s")
    asked = shown if "%" in shown or "百分之" in shown else f"{shown}%"
    share = round(quantities.percent("百分比", asked) * 100, 6)
    if share == 100:
        return _limited(said, found, "max", f"{_time(found):g} s")
    if share not in PERCENTILES:
        known = "、".join(f"{one:g}%" for one in PERCENTILES)
        raise WrongUse(f"没有 {share:g}% 这个百分位，已知 known: {known}、100%。No such percentile.")
    return _limited(said, found, PERCENTILES[share], f"{_time(found):g} s")


def _slowest(said: Said, found: re.Match[str]) -> Said:
    return _limited(said, found, "max", f"{_time(found):g} s")


def _errors(said: Said, found: re.Match[str]) -> Said:
    share = found["share"]
    return _limited(said, found, "errors", f"{quantities.percent('错误率', share) * 100:g} %")


def _faultless(said: Said, found: re.Match[str]) -> Said:
    return _limited(said, found, "errors", "0 %")


def _kept(said: Said, found: re.Match[str]) -> Said:
    return _limited(said, found, "writes", "0")


def _through(said: Said, found: re.Match[str]) -> Said:
    return _limited(said, found, "throughput", f"{quantities.number(found['n']):g} /s")


def _limited(said: Said, found: re.Match[str], measure: str, limit: str) -> Said:
    """One more threshold; of one verb alone where the clause names it."""
    named = found.groupdict().get("verb") or ""
    row = {"measure": measure, "limit": limit}
    if named:
        row["verb"] = doing.among(named, said.doings).verb
    return replace(said, limits=(*said.limits, row))


_OF = r"(?:其中)?(?P<verb>[^\d\s%百]*?)(?:的)?\s*"
_CLAUSES: Sequence[tuple[str, Callable[[Said, re.Match[str]], Said]]] = (
    (rf"每(?:个)?人每?(?:隔)?\s*{_TIME}\s*(?:做|来)?\s*一(?:次|单|笔|件)", _every),
    (rf"(?:each|everybody|one each)\s+every\s+{_TIME}", _every),
    (rf"(?:一共|连续)?持续\s*{_TIME}", _lasting),
    (rf"for\s+{_TIME}", _lasting),
    (rf"{_TIME}\s*(?:之)?内(?:陆续)?到齐", _gathering),
    (rf"(?:all\s+)?(?:there|gathered)\s+within\s+{_TIME}", _gathering),
    (r"(?:没有|零|不许有|不能有)(?:错误|出错|失败)|不出错|no errors", _faultless),
    (r"一[笔单条件][也都]?不丢[、,]?[也]?(?:一[笔单条件])?[也都]?(?:不重复?|不多)?|nothing is lost or doubled", _kept),
    (
        rf"(?:错误|出错|失败)(?:率|比例)?\s*(?:不超过|不高于|不多于|低于|小于|少于|<=|≤|<)\s*(?P<share>{_SHARE})",
        _errors,
    ),
    (rf"errors\s+(?:at most|under|below|no more than)\s+(?P<share>{_SHARE})", _errors),
    (
        rf"每秒\s*(?:至少|不少于|不低于)?\s*(?:完成|做)?\s*(?P<n>{quantities.NUMBER})\s*(?:件|笔|单|次|个)(?:以上)?",
        _through,
    ),
    (rf"at least\s+(?P<n>{quantities.NUMBER})\s+(?:done\s+)?(?:a|per)\s+second", _through),
    (rf"{_OF}最(?:慢|长)的?(?:也)?\s*(?:不超过|在)\s*{_TIME}(?:(?:之|以)?内)?", _slowest),
    (rf"(?:the\s+)?slowest\s+within\s+{_TIME}", _slowest),
    (
        rf"{_OF}(?P<share>一半|{_SHARE})\s*的?\s*(?:操作|请求|动作|人)?\s*(?:都|要|能|应)?\s*在\s*{_TIME}\s*(?:之|以)?内(?:完成|做完|打开)?",
        _quick,
    ),
    (
        rf"(?:of\s+which\s+(?P<verb>[a-z .]+?)\s+)?(?P<share>half|{_SHARE})(?:\s+of\s+them)?\s+within\s+{_TIME}",
        _quick,
    ),
)
