"""Whether passwords can be guessed: wrong ones lock or slow down, and the answer does not tell who exists."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from crm_acceptance.engines.sensitive.entrances import Entrance
from crm_acceptance.engines.sensitive.ground import Ground
from crm_acceptance.engines.sensitive.hiring import hired, new_password, newcomer
from crm_acceptance.engines.sensitive.verdict import Verdict
from crm_acceptance.errors import Refused, SiteOutOfReach, Unproven, WrongUse
from crm_acceptance.model import Person
from crm_acceptance.systems.flow import Answer

SLOW = 2.0
"""Seconds that an answer must take, and be slower than the first ones, to count as a brake."""
_CAPTCHA = re.compile(r"captcha|geetest|turnstile|verification code|验证码|滑块|人机", re.IGNORECASE)
_CHANGING = re.compile(r"[A-Za-z0-9+/_=-]{16,}|\d+")
_PASSING = ("date", "content-length", "set-cookie", "etag", "age", "x-request-id", "retry-after", "x-runtime", "cf-ray")


def guessing(ground: Ground) -> Verdict:
    """So many wrong passwords as are declared, then the right one: it must not simply be taken."""
    verdict = Verdict()
    for entrance in ground.entrances(rash=True):
        with hired(ground) as (person, password):
            _usable(entrance, person, password)
            brake = _tried(ground, entrance, person)
            last = _let_in(entrance, person, password)
        if brake or not last:
            verdict.saw(f"{entrance.name}：{brake or f'{ground.declared.attempts} 次之后正确的密码也被拒绝 locked'}")
        else:
            verdict.wrong(
                f"{entrance.name} 连续输错 {ground.declared.attempts} 次密码后，既不锁定也不减速，正确的密码马上放行："
                "密码可以一直猜下去。After so many wrong passwords the right one is taken at once: they can be guessed."
            )
        _neighbours(ground, entrance, verdict)
    return verdict


def _usable(entrance: Entrance, person: Person, password: str) -> None:
    try:
        entrance.enter(person, password)
    except (Refused, WrongUse) as no:
        raise Unproven(f"新建的账号登录不了（{entrance.name}）：{no}。The new account cannot sign in.") from None


def _tried(ground: Ground, entrance: Entrance, person: Person) -> str:
    """What stopped or slowed the guessing down; "" when nothing did."""
    took: list[float] = []
    asked = False
    for number in range(ground.declared.attempts):
        start = time.monotonic()
        try:
            answer = entrance.attempt(person, new_password())
        except SiteOutOfReach:
            if number == 0:
                raise
            return f"第 {number + 1} 次在 {ground.timeout:g} 秒内没有应答 no answer any more"
        took.append(time.monotonic() - start)
        if answer.status in (423, 429):
            return f"第 {number + 1} 次 HTTP {answer.status} locked or throttled"
        before, asked = asked, bool(_CAPTCHA.search(answer.text))
        if number and asked and not before:
            return f"第 {number + 1} 次要求验证码 asks for a captcha"
    slow = max(took[-2:])
    return f"每次等 {slow:.0f} 秒 slowed down" if slow > SLOW and slow > 4 * min(took) else ""


def _let_in(entrance: Entrance, person: Person, password: str) -> bool:
    try:
        entrance.enter(person, password)
    except (Refused, SiteOutOfReach, WrongUse, Unproven):
        return False
    return True


def _neighbours(ground: Ground, entrance: Entrance, verdict: Verdict) -> None:
    """A lock by address instead of by account shuts everybody out; that is told, and is no finding."""
    colleague = ground.entered[entrance.name].person
    if not _let_in(entrance, colleague, ground.password(colleague)):
        verdict.saw(f"{entrance.name}：同一地址的其他人也被挡住 others behind the same address are shut out, too")


def telling(ground: Ground) -> Verdict:
    """A wrong password of somebody and any password of nobody must be answered alike."""
    verdict = Verdict()
    with _somebody(ground) as person:
        for entrance in ground.entrances(rash=True):
            stranger = newcomer(ground)
            known, timed = _answered(entrance, person)
            unknown, other = _answered(entrance, stranger)
            if 429 in (known.status, unknown.status):
                raise Unproven(f"{entrance.name} 限流，没有看到答复。Throttled: the answers were not seen.")
            for what in _differences(_said(known, person), _said(unknown, stranger)):
                verdict.wrong(
                    f"{entrance.name}：账号存在与不存在的答复不一样，可以试出谁有账号。{what}"
                    " Whoever asks learns which accounts exist."
                )
            verdict.saw(f"{entrance.name}：HTTP {known.status} / {unknown.status}，{timed:.2f} s / {other:.2f} s")
    return verdict


@contextmanager
def _somebody(ground: Ground) -> Iterator[Person]:
    """An account made for it; where none can be made the last of the people, who mistypes once and then does not."""
    with ExitStack() as after:
        try:
            person, _ = after.enter_context(hired(ground))
        except Unproven:
            person = ground.people[-1]
            after.callback(_forgotten, ground, person)
        yield person


def _forgotten(ground: Ground, person: Person) -> None:
    """A login that succeeds sets the count of failures back."""
    for entrance in ground.entrances():
        _let_in(entrance, person, ground.password(person))


def _answered(entrance: Entrance, person: Person) -> tuple[Answer, float]:
    start = time.monotonic()
    answer = entrance.attempt(person, new_password())
    return answer, time.monotonic() - start


def _said(answer: Answer, person: Person) -> Answer:
    """The answer without what this person typed and what differs each time."""
    text = _CHANGING.sub("#", answer.text.replace(person.login, "").replace(person.name, ""))
    return replace(answer, body=" ".join(text.split()).encode())


def _differences(one: Answer, other: Answer) -> Iterator[str]:
    if one.status != other.status:
        yield f"状态码 status {one.status} / {other.status}"
    if one.text != other.text:
        yield f"内容 text “{_apart(one.text, other.text)}” / “{_apart(other.text, one.text)}”"
    names = {name for name in {*one.headers} ^ {*other.headers} if name not in _PASSING}
    if names:
        yield f"应答头 headers: {', '.join(sorted(names))}"


def _apart(one: str, other: str) -> str:
    """Where the first text begins to differ from the second."""
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[max(0, at - 10) : at + 60]
