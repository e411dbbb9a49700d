"""The proof of a login that goes with every call: which other header would be let in. Sends a few harmless lists."""

from __future__ import annotations

from dataclasses import replace

from crm_acceptance.doctoring import answers
from crm_acceptance.doctoring.findings import Finding
from crm_acceptance.doctoring.visit import Exchange, Guest, Visit
from crm_acceptance.doctoring.why_calls import exchange_of, said, works
from crm_acceptance.systems.rest.templates import MISSING


def headers(visit: Visit, guest: Guest, exchange: Exchange) -> Finding:
    """The headers that go with every call: which others would be let in."""
    mine = visit.mapping.auth.headers
    where = f"auth.headers.{next(iter(mine))}" if mine else "auth.params" if visit.mapping.auth.params else "auth.kind"
    lead = f"登录成功，但所有调用都被拒：{said(exchange.answer)}（signed in, yet every call is refused）。"
    token = _token(visit, guest)
    rest = {name: value for name, value in exchange.call.headers.items() if name not in mine}
    for name, value in _ways(token, tuple(mine)) if token else ():
        if works(visit, visit.raw(guest, replace(exchange.call, headers={**rest, name: value}))):
            template = value.replace(token, "{token}")
            return visit.finding(where, f'{lead}试过 {name} = "{template}" 就可以（did you mean that?）。')
    sent = ", ".join(mine) or "没有头 no headers"
    asks = (exchange.answer.headers.get("www-authenticate", "") if exchange.answer else "")[:80]
    return visit.finding(where, f"{lead}发了 {sent}。{asks}")


def _token(visit: Visit, guest: Guest) -> str:
    spec = visit.mapping.auth.login
    exchange = exchange_of(visit, spec, guest.log[:3]) if spec else None
    if spec and exchange and exchange.answer and "token" in spec.save:
        found = answers.at(exchange.answer, spec.save["token"])
        return "" if found is MISSING else str(found)
    return visit.secrets(guest.person) if spec is None and visit.mapping.auth.kind in ("token", "api_key") else ""


def _ways(token: str, names: tuple[str, ...]) -> list[tuple[str, str]]:
    usual = [("Authorization", f"{word} {token}") for word in ("Bearer", "Token", "JWT", "Basic")]
    own = [(name, f"{word}{token}") for name in names for word in ("", "Bearer ", "Token ")]
    return [
        *usual,
        ("Authorization", token),
        *own,
        ("X-API-Key", token),
        ("X-Auth-Token", token),
        ("Cookie", f"token={token}"),
    ]
