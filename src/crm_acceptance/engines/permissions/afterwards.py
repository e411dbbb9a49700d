"""What is left of somebody's rights after signing out, disabling, a new role, a hand-over, a new password.

Before, the old session must show what is in reach; afterwards it must not. Without the first the second says nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from crm_acceptance.engines.permissions.eyes import Eyes
from crm_acceptance.engines.permissions.looks import Look
from crm_acceptance.engines.permissions.reach import Sight, allowed, lost_roles, sees, sights
from crm_acceptance.engines.permissions.users import Hired, fresh_password, heir_of, hired
from crm_acceptance.engines.permissions.voices import Heard, Voices
from crm_acceptance.engines.permissions.wording import deed, role, who
from crm_acceptance.errors import Refused, Unproven, Unsupported
from crm_acceptance.model import Action, Person
from crm_acceptance.systems import Session


def session(look: Look) -> Iterator[str]:
    """One question about what is left afterwards."""
    yield from AFTERWARDS[look.rule.action](look)


def _voices(look: Look) -> Voices:
    voices = look.garden.voices
    if not isinstance(voices, Voices):
        raise Unsupported(
            "没有接口，旧会话留不下来，无从再试。Without an API an old session cannot be kept to be tried again."
        )
    return voices


def _kept(session: Session) -> Session:
    """The session as a thief would have kept it: what signing out does to ours must not reach this one."""
    memory = {name: _copied(value) for name, value in session.memory.items()}
    return replace(session, headers=dict(session.headers), cookies=dict(session.cookies), memory=memory)


def _copied(value: object) -> object:
    twin = copy.copy(value)
    for name, part in vars(value).items() if hasattr(value, "__dict__") else ():
        if isinstance(part, dict | list | set):
            object.__setattr__(twin, name, copy.copy(part))  # values may be frozen
    return twin


def _seen_before(look: Look, person: Person, session: Session, found: tuple[Sight, ...]) -> tuple[Sight, ...]:
    """Those sights that the living session does show."""
    there = tuple(one for one in found if sees(one, _voices(look).hear_with(person, session, one.action)))
    if not there:
        raise Unproven(
            f"{who(person)}登录后连该看到的记录都看不到，事后看不到也不说明问题。"
            "The living session shows nothing of what is in reach, so a dead one proves nothing."
        )
    return there


def after_logout(look: Look) -> Iterator[str]:
    """The session that was signed out of, tried again as whoever had copied it would."""
    if isinstance(look.garden.voices, Eyes):
        yield from _logged_out_by_hand(look, look.garden.voices)
        return
    voices, person = _voices(look), look.actor
    open_one = voices.fresh_session(person)
    there = _seen_before(look, person, open_one, sights(look, person))
    thief = _kept(open_one)
    voices.leave(person, open_one)
    yield from _still(look, person, thief, there, "退出登录后，原来的会话")


def _logged_out_by_hand(look: Look, eyes: Eyes) -> Iterator[str]:
    """In the window itself: the record's address, once its person has left by the button and the cookies are back."""
    for one in sights(look, look.actor):
        if one.action.name != "read" or not sees(one, eyes.hear(look.actor, one.action)):
            continue
        if sees(one, eyes.after_leaving(look.actor, one.action)):
            yield f"泄露 leak: {who(look.actor)}退出登录后，原来的会话仍然看得到{one.told}。It is still shown."
        return
    raise Unproven(f"{who(look.actor)}在页面上打不开该看到的记录，退出后看不到也不说明问题。Nothing was shown before.")


def after_disabling(look: Look) -> Iterator[str]:
    """The session that was open, and a new sign-in."""
    with _employed(look) as (one, old, there):
        yield from _gone(look, one, old, there, Action("disable", "user", one.person.login), "停用")


def after_handover(look: Look) -> Iterator[str]:
    """The same for somebody who left and whose records a colleague has."""
    with _employed(look) as (one, old, there):
        heir = heir_of(look.staff, one.person)
        action = Action("handover", "user", one.person.login, options={"to": heir.key})
        yield from _gone(look, one, old, there, action, "离职交接")


@contextmanager
def _employed(look: Look) -> Iterator[tuple[Hired, Session, tuple[Sight, ...]]]:
    """An account of the row's role, its open session, and what that session shows."""
    voices = _voices(look)
    with hired(look, look.rule.role) as one:
        old = voices.fresh_session(one.person)
        yield one, old, _seen_before(look, one.person, old, sights(look, one.person))


def _gone(look: Look, one: Hired, old: Session, there: tuple[Sight, ...], action: Action, what: str) -> Iterator[str]:
    refuses = _refuses_the_dead(look, one.person, there)
    _required(look, one.hirer, action)
    yield from _still(look, one.person, old, there, f"账号{what}后，原来的会话", refuses)
    try:
        again = _voices(look).enter(one.person)
    except Refused:
        return
    yield from _still(look, one.person, again, there, f"账号{what}后重新登录", refuses)


def _required(look: Look, doer: Person, action: Action) -> Heard:
    """Does what everything is about; Unproven or Unsupported when it cannot be done."""
    if not look.garden.system.supports(action.name, action.object):
        raise Unsupported(f"{look.garden.system.title} 不支持“{deed(action)}”。There is no {action.verb}.")
    heard = look.garden.voices.hear(doer, action)
    if heard.refusal:
        raise Unproven(f"{who(doer)}没能{deed(action)}：{heard.refusal}。It could not be done, so nothing is known.")
    return heard


def _refuses_the_dead(look: Look, person: Person, there: tuple[Sight, ...]) -> bool:
    """Whether this site refuses a session that was signed out of; then one that it does not refuse is alive."""
    voices = _voices(look)
    dead = voices.fresh_session(person)
    thief = _kept(dead)
    try:
        voices.leave(person, dead)
    except (Unsupported, Refused):
        return False
    return all(voices.hear_with(person, thief, one.action).refusal for one in there)


def _still(
    look: Look, person: Person, session: Session, there: tuple[Sight, ...], when: str, refuses: bool = False
) -> Iterator[str]:
    """One finding when the session still shows anything, or is answered at a site that refuses dead ones."""
    for one in there:
        heard = _voices(look).hear_with(person, session, one.action)
        if sees(one, heard):
            yield f"泄露 leak: {who(person)}{when}仍然看得到{one.told}。What was in reach is still shown."
            return
        if refuses and heard.refusal is None:
            yield f"越权 trespass: {who(person)}{when}没有被拒绝（{deed(one.action)}）。It is still let in."
            return


def after_role_change(look: Look) -> Iterator[str]:
    """With the session of before: what only the old role sees must be gone, what only the new one sees be there."""
    voices = _voices(look)
    new, gained = lost_roles(look)
    with hired(look, look.rule.role) as one:
        old = voices.fresh_session(one.person)
        found = tuple(sight for sight in sights(look, one.person) if not allowed(look.staff, new, sight))
        there = _seen_before(look, one.person, old, found)
        _required(look, one.hirer, Action("change", "user", one.person.login, fields={"role": new}))
        renewed = replace(one.person, role=new)
        when = f"从{role(look.rule.role)}改为{role(new)}后，"
        yield from _still(look, renewed, old, there, f"{when}原来的会话")
        again = voices.enter(one.person)
        yield from _still(look, renewed, again, there, f"{when}重新登录")
        yield from _not_yet(look, renewed, (old, again), gained, when)


def _not_yet(
    look: Look, person: Person, ways: tuple[Session, ...], gained: tuple[Sight, ...], when: str
) -> Iterator[str]:
    """A site may end the old session; then the new one must show what the new role may see."""
    for one in gained:
        heard = [_voices(look).hear_with(person, way, one.action) for way in ways]
        alive = [each for each in heard if each.refusal is None or each.refusal.kind != "expired"]
        if not all(sees(one, each) for each in alive or heard[-1:]):
            yield f"误拒 wrongly refused: {who(person)}{when}应当看到{one.told}，却看不到。The new right is not there."


def after_password_change(look: Look) -> Iterator[str]:
    """Sessions of before the change, and the old password, must open nothing."""
    voices = _voices(look)
    with _employed(look) as (one, old, there):
        password = fresh_password()
        voices.adopt(renewed := replace(one.person, key=f"{one.person.key}-new"), password)
        _new_password(look, one, password)
        try:
            voices.enter(renewed)
        except Refused as no:
            raise Unproven(f"改密码没有生效：新密码登录不了（{no}）。The new password does not work.") from no
        yield from _still(look, one.person, old, there, "改密码后，改之前打开的会话")
        try:
            again = voices.enter(one.person)
        except Refused:
            return
        yield from _still(look, one.person, again, there, "改密码后，用旧密码登录")


def _new_password(look: Look, one: Hired, password: str) -> None:
    """By the person, in another window than the one that is asked about; else by whoever hires."""
    action = Action("change", "user", one.person.login, fields={"password": password})
    if not look.garden.system.supports("change", "user"):
        raise Unsupported(f"{look.garden.system.title} 不支持改密码。There is no user.change.")
    voices = _voices(look)
    heard = voices.hear_with(one.person, voices.fresh_session(one.person), action)
    if heard.refusal:
        _required(look, one.hirer, action)


AFTERWARDS: Mapping[str, Callable[[Look], Iterator[str]]] = {
    "after_logout": after_logout,
    "after_disabling": after_disabling,
    "after_role_change": after_role_change,
    "after_handover": after_handover,
    "after_password_change": after_password_change,
}
