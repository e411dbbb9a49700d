"""What stands on the paper: a verdict and its signatures arranged as an acceptance form (验收单); writes no file.

Nothing here asks for the time, so that the same evidence and signatures always make the same paper.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from crm_acceptance.documents.packing import printable
from crm_acceptance.errors import unknown
from crm_acceptance.gate.matrix import Finding
from crm_acceptance.gate.verdict import Department
from crm_acceptance.model import CRITICALITIES, DEPARTMENTS, DIMENSIONS, Proof
from crm_acceptance.profile import FILE, Profile
from crm_acceptance.signoff import Standing
from crm_acceptance.signoff.standing import Signed
from crm_acceptance.signoff.subject import Subject

SHORT = 12
DECISIONS = {"go": "通过", "conditional": "有条件通过", "no-go": "不通过", "unproven": "证据不足"}
ANSWERS = {"yes": "同意", "conditional": "有条件同意", "no": "不同意"}
STATES = {"valid": "有效", "void": "作废", "missing": "未签", "expired": "条件过期", "refused": "不同意"}
PROOFS = {"proven": "已证明", "disproven": "被推翻", "unproven": "待证明"}
_KNOWN = ("project", "client", "vendor", "template")


@dataclass(frozen=True)
class Row:
    """One department on the paper. `cells`: proven/total per dimension, "" where nothing is required."""

    name: str
    decision: str
    count: str
    cells: tuple[str, ...]
    state: str
    why: str


@dataclass(frozen=True)
class Open:
    """One requirement that is not proven."""

    id: str
    department: str
    criticality: str
    text: str
    proof: str
    reason: str


@dataclass(frozen=True)
class Hand:
    """One signature. `counts` says in words whether it does, `short` is what people compare."""

    department: str
    name: str
    behalf: str
    answer: str
    reason: str
    at: str
    key: str
    short: str
    counts: str


@dataclass(frozen=True)
class Promise:
    """One condition of a conditional yes."""

    department: str
    text: str
    owner: str
    due: str


@dataclass(frozen=True)
class Paper:
    """Everything on the form. `head` is the SHA-256 of the run's chain, `code` what the QR code holds."""

    project: str
    client: str
    vendor: str
    system: str
    site: str
    run: str
    began: str
    ended: str
    decision: str
    accepted: str
    count: str
    dimensions: tuple[str, ...]
    rows: tuple[Row, ...]
    open: tuple[Open, ...]
    promises: tuple[Promise, ...]
    hands: tuple[Hand, ...]
    problems: tuple[str, ...]
    requirements: tuple[Open, ...]
    head: str

    @property
    def short(self) -> str:
        """The first digits of the head, as people read them out."""
        return self.head[:SHORT]

    @property
    def code(self) -> str:
        """What the QR code says: enough to find the run and to compare the whole digest, and no secret."""
        return f"crm-acceptance {self.run} sha256:{self.head}"


def paper(profile: Profile, what: Subject, standings: Sequence[Standing]) -> Paper:
    """The form of one run. WrongUse: a key of [documents] that nobody knows."""
    told = settings(profile)
    verdict, by_key = what.verdict, {one.department: one for one in standings}
    run, count = verdict.run, verdict.count
    dimensions = tuple(name for name in DIMENSIONS if any(name in one.dimensions for one in verdict.departments))
    every = tuple(_open(one) for one in verdict.findings)
    own = [[one for one in standing.signatures if one.signature.bound.run == run.id] for standing in standings]
    made: Paper = _clean(
        Paper(
            *(told.get("project", "CRM 系统"), told.get("client", ""), told.get("vendor", "")),
            *(run.system, run.site, run.id, _moment(run.started, run.zone), _moment(run.finished, run.zone)),
            decision=DECISIONS[verdict.decision.value],
            accepted=_accepted(standings),
            count=f"{count.proven} / {count.total}",
            dimensions=tuple(DIMENSIONS[name] for name in dimensions),
            rows=tuple(_row(one, dimensions, by_key.get(one.key)) for one in verdict.departments),
            open=tuple(one for one in every if one.proof != PROOFS[Proof.PROVEN]),
            promises=tuple(promise for one in standings for promise in _promises(one)),
            hands=tuple(_hand(one.department, said) for one, all in zip(standings, own, strict=True) for said in all),
            problems=(*what.problems, *verdict.problems),
            requirements=every,
            head=what.head,
        )
    )
    return made


def _clean(value: Any) -> Any:
    """The same without what no paper can bear, so that every template may print all of it."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, tuple):
        return tuple(map(_clean, value))
    return replace(value, **{name: _clean(inner) for name, inner in vars(value).items()})


def settings(profile: Profile) -> Mapping[str, str]:
    """[documents] of the profile."""
    for key in profile.documents:
        if key not in _KNOWN:
            raise unknown(f"配置项 key in {FILE} [documents]", key, _KNOWN)
    return {key: str(value) for key, value in profile.documents.items()}


def _accepted(standings: Sequence[Standing]) -> str:
    """What the signatures come to."""
    counted = [one for one in standings if one.counted]
    if any(one.state == "refused" for one in counted):
        return "有部门不同意上线"
    missing = [_department(one.department) for one in counted if one.state != "valid"]
    if missing or not counted:
        return f"签字未齐：{'、'.join(missing)}" if missing else "没有签字"
    return "各部门已签字，附条件" if any(one.answer == "conditional" for one in counted) else "各部门已签字同意"


def _row(one: Department, dimensions: Sequence[str], standing: Standing | None) -> Row:
    cells = [one.dimensions.get(name) for name in dimensions]
    state = standing.state if standing else "missing"
    return Row(
        name=one.name,
        decision=DECISIONS[one.count.decision.value],
        count=f"{one.count.proven} / {one.count.total}",
        cells=tuple(f"{cell.proven}/{cell.total}" if cell else "" for cell in cells),
        state=STATES[state] if one.needed else "不计入",
        why=standing.reasons[0] if standing and standing.reasons else "",
    )


def _open(finding: Finding) -> Open:
    one = finding.requirement
    return Open(
        *(one.id, _department(one.department), CRITICALITIES.get(one.criticality, one.criticality), one.text),
        *(PROOFS[finding.proof], finding.reasons[0] if finding.reasons else ""),
    )


def _hand(department: str, one: Signed) -> Hand:
    said = one.signature
    why = (*one.reasons, *one.overdue)
    return Hand(
        *(_department(department), one.name, one.behalf, ANSWERS.get(said.answer, said.answer), said.reason),
        *(_day_and_time(said.at), said.key[:SHORT], one.short, "有效" if one.counts else f"不算数：{why[0]}"),
    )


def _promises(standing: Standing) -> list[Promise]:
    signed = [one.signature for one in standing.signatures if one.counts or one.overdue]
    return [
        Promise(_department(standing.department), one.text, one.owner, one.due.isoformat())
        for said in signed
        for one in said.conditions
    ]


def _department(key: str) -> str:
    return DEPARTMENTS.get(key, key)


def _moment(milliseconds: int | None, zone: tzinfo | None) -> str:
    return _day_and_time(datetime.fromtimestamp(milliseconds / 1000).astimezone(zone)) if milliseconds else "—"


def _day_and_time(moment: datetime) -> str:
    """In the zone it was said in: a paper printed elsewhere says the same."""
    return moment.strftime("%Y-%m-%d %H:%M")


def plain(paper: Paper) -> dict[str, Any]:
    """The names under which a company's own template asks for it."""
    return {
        "项目": paper.project, "甲方": paper.client, "乙方": paper.vendor, "系统": paper.system, "站点": paper.site,
        "运行": paper.run, "开始": paper.began, "结束": paper.ended, "结论": paper.decision, "签字情况": paper.accepted,
        "已证明": paper.count, "维度": paper.dimensions, "部门": paper.rows, "未证明": paper.open,
        "条件": paper.promises, "签字": paper.hands, "问题": paper.problems, "需求": paper.requirements,
        "短码": paper.short, "校验码": paper.head, "二维码内容": paper.code,
    }  # fmt: skip
