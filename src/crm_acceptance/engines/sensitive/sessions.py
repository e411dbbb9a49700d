"""Whether a login is a session of its own: new each time, never chosen by others, signed, ended in due time."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from dataclasses import replace

from crm_acceptance.engines.sensitive import crumbs, lifetimes
from crm_acceptance.engines.sensitive.cookieflags import needed
from crm_acceptance.engines.sensitive.entrances import Entrance
from crm_acceptance.engines.sensitive.ground import Ground
from crm_acceptance.engines.sensitive.probe import Probe
from crm_acceptance.engines.sensitive.verdict import Verdict
from crm_acceptance.errors import Refused, Unproven
from crm_acceptance.systems.flow import Send


def renewed(ground: Ground) -> Verdict:
    """Two logins of one person have two proofs, and no proof that was there before the login survives it."""
    verdict = Verdict()
    for entrance in ground.sessions():
        first = ground.entered[entrance.name]
        second = entrance.enter(first.person, ground.password(first.person))
        if not second.proofs:
            raise Unproven(f"{entrance.name} 的登录没有会话凭证（每次都发密码？）。No session: nothing can be renewed.")
        if set(second.proofs) & set(first.proofs):
            time.sleep(1.1)  # tokens that hold their second of issue are equal within it, and that is no mistake
            second = entrance.enter(first.person, ground.password(first.person))
        probe = entrance.probe(second)
        same = _proving(probe, ground.send) & set(first.proofs)
        verdict.saw(f"{entrance.name}：两次登录，{len(same)} 个凭证相同 two logins, {len(same)} proofs alike")
        if same:
            verdict.wrong(f"{entrance.name} 两次登录给出同一个会话凭证。Two logins share one proof: a copy stays good.")
        if second.cookies:
            _fixed(ground, entrance, probe, verdict)
    return verdict


def _proving(probe: Probe, send: Send) -> set[str]:
    """The words that prove the login: of the headers, and of those cookies that cannot be left out."""
    words = {value.split()[-1] for value in probe.headers.values() if value.strip()}
    return words | {probe.cookies[name] for name in (needed(probe, send) if probe.cookies else ())}


def _fixed(ground: Ground, entrance: Entrance, probe: Probe, verdict: Verdict) -> None:
    """Somebody plants a session of their own making, or an anonymous one, and the victim signs in with it."""
    person = ground.entered[entrance.name].person
    for name in needed(probe, ground.send):
        for value in (f"chosen{secrets.token_hex(13)}", *_anonymous(ground, entrance, name)):
            try:
                entrance.enter(person, ground.password(person), {name: value})
            except (Refused, Unproven):
                verdict.saw(f"{entrance.name}：带着种下的 {name} 登录不了 a planted cookie is not taken")
                continue
            let_in = probe.ask(ground.send, headers={}, cookies={**probe.cookies, name: value})
            told = "有效 good" if let_in else "无效 dead"
            verdict.saw(f"{entrance.name}：先种下 {name} 再登录 planted before the login -> {told}")
            if let_in:
                verdict.wrong(
                    f"{entrance.name} 登录后沿用登录前的 {name}（会话固定）：谁先种下它，谁就能用这个登录。"
                    "Session fixation: whoever planted the cookie shares the login."
                )


def _anonymous(ground: Ground, entrance: Entrance, name: str) -> list[str]:
    """A session that the site itself gives before the login, where it gives one."""
    for exchange in ground.entered[entrance.name].exchanges:
        if exchange.call.method == "GET" and any(crumb.name == name for crumb in crumbs.set_by(exchange.answer)):
            again = ground.send(replace(exchange.call, headers={}))
            return [crumb.value for crumb in crumbs.set_by(again) if crumb.name == name and crumb.value]
        if exchange.call.method != "GET":
            break
    return []


def limited(ground: Ground) -> Verdict:
    """A login says when it ends, and that is within the declared hours. Unproven where it says nothing."""
    verdict, silent = Verdict(), []
    for entrance in ground.sessions():
        entered = ground.entered[entrance.name]
        proving = needed(entrance.probe(entered), ground.send) if entered.cookies else ()
        told = list(lifetimes.of(entered, proving))
        if not told:
            silent.append(entrance.name)
        for where, seconds in told:
            verdict.saw(f"{entrance.name}：{where} {seconds / 3600:.2f} h")
        if told and (longest := max(told, key=lambda one: one[1]))[1] > ground.declared.hours * 3600:
            verdict.wrong(
                f"{entrance.name} 的会话有效 {longest[1] / 3600:.1f} 小时（{longest[0]}），超过规定的 "
                f"{ground.declared.hours:g} 小时。The session lasts longer than declared."
            )
    if silent and not verdict.findings:
        raise Unproven(
            f"{'、'.join(silent)} 没有说会话何时到期（JWT exp、expires_in、Cookie Max-Age 都没有），没有等到它过期。"
            "Nothing tells when the session ends, and nobody waited for it."
        )
    return verdict


def forged(ground: Ground) -> Verdict:
    """A proof of somebody's own making opens nothing: one letter changed, a JWT without signature, none at all."""
    verdict = Verdict()
    for entrance in ground.entrances():
        probe = entrance.probe(ground.entered[entrance.name])
        for what, headers, cookies in _forgeries(probe, needed(probe, ground.send) if probe.cookies else ()):
            let_in = probe.ask(ground.send, headers, cookies)
            verdict.saw(f"{entrance.name}：{what} -> {'放行 let in' if let_in else '拒绝 refused'}")
            if let_in:
                verdict.wrong(f"{entrance.name} 接受伪造的会话（{what}）。A forged session is let in.")
    return verdict


def _forgeries(probe: Probe, proving: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    headers, cookies = dict(probe.headers), dict(probe.cookies)
    for table, names in ((headers, tuple(headers)), (cookies, proving)):
        for name in names:
            kind, blank, word = table[name].rpartition(" ")
            for what, fake in _fakes(word):
                forged = {**table, name: f"{kind}{blank}{fake}"}
                yield (f"{name} {what}", forged, cookies) if table is headers else (f"{name} {what}", headers, forged)
    yield "没有凭证 none", {}, {}


def _fakes(word: str) -> Iterator[tuple[str, str]]:
    if claims := lifetimes.claims_of(word):
        head, body, _ = word.split(".")
        late = lifetimes.packed({**claims, "exp": int(time.time()) + 10**8})
        yield "签名方式 alg none", f"{lifetimes.packed({'alg': 'none', 'typ': 'JWT'})}.{body}."
        yield "改了内容 changed claims", f"{head}.{late}.{word.split('.')[2]}"
    elif len(word) >= 16:
        middle = len(word) // 2
        yield (
            "改了一个字符 one letter changed",
            word[:middle] + ("A" if word[middle] != "A" else "B") + word[middle + 1 :],
        )


def ended(ground: Ground) -> Verdict:
    """After the sign-out the proof is dead, wherever the way in knows how to sign out."""
    verdict = Verdict()
    for entrance in ground.sessions():
        before = ground.entered[entrance.name]
        entered = entrance.enter(before.person, ground.password(before.person))
        probe = entrance.probe(entered)
        if not entrance.leave(entered):
            verdict.saw(f"{entrance.name}：找不到退出的办法 no way to sign out was found")
            continue
        let_in = probe.ask(ground.send)
        verdict.saw(f"{entrance.name}：退出后 after signing out -> {'放行 let in' if let_in else '拒绝 refused'}")
        if let_in:
            verdict.wrong(f"{entrance.name} 退出登录后，旧的会话凭证仍然有效。The proof outlives the sign-out.")
    return verdict
