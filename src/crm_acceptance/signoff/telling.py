"""Where departments stand, as lines for a console; what the words are, for the page and the papers, too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rich.markup import escape

from crm_acceptance.page import words
from crm_acceptance.page.words import Both
from crm_acceptance.signoff.standing import Signed, Standing

STATES: Mapping[str, Both] = {
    "valid": Both("已签字", "signed"),
    "void": Both("签字失效", "void"),
    "missing": Both("待签字", "missing"),
    "expired": Both("条件过期", "expired"),
    "refused": Both("不同意", "refused"),
}
ANSWERS: Mapping[str, Both] = {
    "yes": Both("同意", "yes"),
    "conditional": Both("有条件同意", "conditional yes"),
    "no": Both("不同意", "no"),
}
COLOURS = {"valid": "green", "refused": "red"}


def table(found: Iterable[Standing]) -> Iterator[str]:
    """Rich markup, one line per department, indented ones for signatures and reasons."""
    for one in found:
        name, state = words.department(one.department), STATES[one.state]
        said = f" · {ANSWERS[one.answer].zh}" if one.answer else ""
        apart = "" if one.counted else " · 不计入 not counted"
        gate = words.named(words.DECISIONS, one.decision)
        yield (
            f"[{COLOURS.get(one.state, 'yellow')}]{state.zh} {state.en}[/]  {name.zh} {name.en}{said}"
            f"  {one.hands}/{one.needed} · 结论 gate: {gate.zh} {gate.en}{apart}"
        )
        yield from (f"    {escape(reason)}" for reason in one.reasons)
        yield from (_signed(signed) for signed in one.signatures)


def unsigned(found: Iterable[Standing], run: str) -> Iterator[str]:
    """Rich markup: what a whole bundle does not say, so that nobody takes it for a signed one."""
    counted = [one for one in found if one.counted]
    open_ = [
        f"{words.department(one.department).zh}（{STATES[one.state].zh}）" for one in counted if one.state != "valid"
    ]
    void = [
        f"{said.name} {said.short}" for one in counted for said in one.signatures if not said.counts and _of(said, run)
    ]
    if void:
        yield f"不算数的签字 {len(void)} 份 void signatures: {escape('、'.join(void))}"
    if open_ or not counted:
        yield f"不是各部门都签了字 not signed by every department: {escape('、'.join(open_)) or '-'}"


def _of(signed: Signed, run: str) -> bool:
    return signed.signature.bound.run == run


def _signed(one: Signed) -> str:
    said = one.signature
    who = f"{one.name}（代 {one.behalf}）" if one.behalf else one.name
    conditions = "".join(f"；{c.text}（{c.owner}，{c.due.isoformat()}）" for c in said.conditions)
    reason = f"：{said.reason}" if said.reason else ""
    why = "；".join((*one.reasons, *one.overdue)[:2])
    void = f" [yellow]不算数 void: {escape(why)}[/]" if why else ""
    when = said.at.astimezone().strftime("%Y-%m-%d %H:%M")
    return f"    {one.short} {escape(f'{who} {ANSWERS[said.answer].zh}{conditions}{reason} · {when}')}{void}"
