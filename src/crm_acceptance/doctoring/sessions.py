"""The ends of a login: a wrong password, a token that is dead, its renewal, a logout. Each is tried once."""

from __future__ import annotations

from crm_acceptance.doctoring.findings import BROKEN, WORKS
from crm_acceptance.doctoring.marking import unmarked
from crm_acceptance.doctoring.refusing import refusal
from crm_acceptance.doctoring.signing import SITE, saves
from crm_acceptance.doctoring.visit import Guest, Visit
from crm_acceptance.doctoring.why_calls import exchange_of, is_nowhere, is_of, said, unknown_address
from crm_acceptance.errors import AcceptanceError, Refused
from crm_acceptance.model import Action
from crm_acceptance.systems.flow import Answer, perform
from crm_acceptance.systems.rest.crm import standing
from crm_acceptance.systems.rest.shape import CallSpec


def stranger(visit: Visit, guest: Guest) -> None:
    """A wrong password, once, for one person: it must be refused as such."""
    if visit.mapping.auth.login is None or visit.mapping.auth.kind == "oauth2_client":
        return
    liar = visit.guest(guest.person, password="wrong-" + "x" * 9)
    try:
        liar.door.session()
    except Refused as no:
        if no.kind == "denied":
            visit.chart.mark(SITE, "wrong password", guest.key, WORKS)
            return
        finding = refusal(visit, liar.log, "denied", no.kind, "密码错误 a wrong password")
    except AcceptanceError as no:
        finding = visit.finding("auth.refused", f"密码错误时：{no}")
    else:
        finding = visit.finding(
            "auth.refused", "密码错误时登录仍然成功：把系统的话写在 refused（a wrong password signs in）。"
        )
    visit.chart.mark(SITE, "wrong password", guest.key, BROKEN, finding)


def leaving(visit: Visit, guest: Guest, probe: str) -> None:
    """Signing out, and whether the session is dead then. `probe` is an object whose list this person may see."""
    spec = visit.mapping.auth.logout
    if spec is None:
        return
    session = guest.door.sign_in()
    start = len(guest.log)
    try:
        perform(guest.door.records.logout(session), guest.send)
    except AcceptanceError as no:
        exchange = exchange_of(visit, spec, guest.log[start:])
        where = f"{spec.where}.call"
        what = f"{exchange.call.method} {exchange.call.path}：{said(exchange.answer)}" if exchange else ""
        visit.chart.mark(SITE, "logout", guest.key, BROKEN, visit.finding(where, f"退出 {what}。{no}"))
        return
    exchange = exchange_of(visit, spec, guest.log[start:])
    if exchange and exchange.answer and _did_not_leave(exchange.answer):
        asked = f"{exchange.call.method} {exchange.call.path}"
        finding = visit.finding(
            f"{spec.where}.call", f"退出 {asked}：{said(exchange.answer)}（the logout does not work）。"
        )
        visit.chart.mark(SITE, "logout", guest.key, BROKEN, finding)
        return
    visit.chart.mark(SITE, "logout", guest.key, WORKS)
    if not probe:
        return
    start = len(guest.log)
    try:
        guest.door.do_with(session, Action("list", probe))
    except Refused as no:
        if no.kind not in ("expired", "denied"):
            visit.chart.find(refusal(visit, guest.log[start:], "expired", no.kind, "退出以后 after signing out"))
    except AcceptanceError as no:
        _odd(visit, guest, start, f"退出以后再看 {probe}：{no}")
    else:
        visit.chart.note("退出以后，原来的令牌还能用：系统没有作废它（the token still works after signing out）。")


def _did_not_leave(answer: Answer) -> bool:
    """A redirect is how pages say goodbye."""
    return answer.status >= 400 or (answer.status < 300 and unknown_address(answer))


def renewal(visit: Visit, guest: Guest, probe: str) -> None:
    """A token that the CRM does not know (any more): said to be expired, and renewed by [auth] refresh."""
    spec = visit.mapping.auth.refresh
    proof = set(visit.mapping.auth.headers)
    if not probe or not proof:
        return
    session = guest.door.sign_in()
    if not isinstance(session.headers, dict):
        return
    dead = {name: f"{value[:-4]}zzzz" for name, value in session.headers.items() if name in proof}
    session.headers.update(dead)
    if "token" in standing(session).saved:  # or the renewal would bring the good one back
        standing(session).saved["token"] = "dead-" + "z" * 16
    start = len(guest.log)
    try:
        guest.door.do_with(session, Action("list", probe))
    except Refused as no:
        _not_renewed(visit, guest, spec, no, start)
    except AcceptanceError as odd:
        _odd(visit, guest, start, f"令牌失效后：{odd}")
    else:
        if spec is not None:
            visit.chart.mark(SITE, "refresh", guest.key, WORKS)
        return


def _not_renewed(visit: Visit, guest: Guest, spec: CallSpec | None, no: Refused, start: int) -> None:
    made = guest.log[start:]
    if no.kind != "expired":
        if made and made[-1].answer:
            visit.chart.find(refusal(visit, made, "expired", no.kind, "令牌失效后 with a token that is dead"))
        return
    exchange = next((one for one in made if spec is not None and is_of(visit, spec, one)), None)
    if spec is None or exchange is None or exchange.answer is None:
        return
    found = saves(visit, spec, exchange.answer) if exchange.answer.status < 300 else None
    asked = f"{exchange.call.method} {exchange.call.path}"
    lost = unknown_address(exchange.answer) or is_nowhere(visit, guest, exchange)
    part = "call" if lost else "body"
    finding = found or visit.finding(f"{spec.where}.{part}", f"续期 {asked}：{said(exchange.answer)}（not renewed）。")
    visit.chart.mark(SITE, "refresh", guest.key, BROKEN, finding)


def _odd(visit: Visit, guest: Guest, start: int, note: str) -> None:
    """Neither yes nor no: perhaps a refusal that nothing marks as one."""
    last = guest.log[-1] if len(guest.log) > start else None
    found = unmarked(visit, last.answer) if last else None
    if found:
        visit.chart.find(found)
    else:
        visit.chart.note(note)
