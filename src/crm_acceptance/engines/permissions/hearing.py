"""By which door a replay listens: the API, or the screens of a system that cannot tell two people apart by its API."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from crm_acceptance import evidence
from crm_acceptance.actors import ScreensDoor
from crm_acceptance.engines.permissions.eyes import Eyes
from crm_acceptance.engines.permissions.voices import Hearing, Voices
from crm_acceptance.errors import Unproven, Unsupported
from crm_acceptance.model import Person, Site
from crm_acceptance.systems import HasRecords, HasScreens, Session, System
from crm_acceptance.systems.flow import Answer, Send

Password = Callable[[Person], str]
DoorOf = Callable[[Person], ScreensDoor]


def hearing(
    system: System,
    site: Site,
    people: Iterable[Person],
    password: Password,
    send: Callable[[Person], Send],
    door: DoorOf | None = None,
) -> Hearing:
    """How people act at this site: by its API where it knows them apart, else by hand through `door`.

    Unsupported without a door; Unproven when the only one is an API that takes everybody for one and the same.
    """
    by_hand = Eyes(door) if isinstance(system, HasScreens) and door is not None else None
    if not isinstance(system, HasRecords):
        if by_hand is None:
            raise Unsupported(f"{system.title} 没有接口也没有可用的界面。{system.title} has no door to act through.")
        return by_hand
    voices = Voices(system.records(site), password, send)
    reason = one_voice(voices, people)
    if not reason:
        return voices
    if by_hand is None:
        raise Unproven(f"{system.title}：{reason}没有可用的界面，权限无从验证。There are no screens either: unproven.")
    evidence.attach("text", "改用页面 by hand", f"{system.title}：{reason}改用页面来查。The screens are taken.")
    return by_hand


def one_voice(voices: Voices, people: Iterable[Person]) -> str:
    """Why the API cannot act as two people, as a sentence; "" when it can, or when nobody two can sign in."""
    known: list[tuple[Person, Session]] = []
    for person in people:
        try:
            known.append((person, voices.session(person)))
        except Unproven:  # cannot sign in: that person's role is told when its cells are asked for
            continue
        if len(known) == 2:
            return _alike(voices, known[0], known[1])
    return ""


def _alike(voices: Voices, one: tuple[Person, Session], other: tuple[Person, Session]) -> str:
    names = f"{one[0].name}和{other[0].name}"
    if _proof(one[1]) == _proof(other[1]) and _told(one[1], other[1]):
        return (
            f"接口把{names}当成同一个人：两个人的登录凭证完全一样（比如共用一把密钥）。"
            "Two people prove themselves by the same key, so the API cannot act as two. "
        )
    if _me(one[1]) and _me(one[1]) == _me(other[1]):
        return f"接口把{names}当成同一个人：登录后它说两个人都是同一个用户。The API says that both are the same user. "
    if _asked(voices, one[0]) and _asked(voices, one[0]) == _asked(voices, other[0]) and _drawn(voices, one, other):
        return f"接口把{names}当成同一个人：两个人的登录请求一字不差。Two people sign in by the very same request. "
    return ""


def _proof(session: Session) -> tuple[Mapping[str, str], Mapping[str, str], Mapping[str, str]]:
    """What every request of the session carries."""
    params: Any = getattr(session.memory.get("standing"), "params", {})
    return dict(session.headers), dict(session.cookies), dict(params)


def _told(*sessions: Session) -> bool:
    """Whether it is known what proves the sessions: some adapters may keep it where nobody else can look."""
    return any(any(_proof(session)) or not set(session.memory) - {"standing"} for session in sessions)


def _me(session: Session) -> str:
    saved: Any = getattr(session.memory.get("standing"), "saved", {})
    return str(saved.get("user") or "")


def _asked(voices: Voices, person: Person) -> list[str]:
    """The login of that person as it went over the wire, for comparing only; headers are _drawn's business."""
    calls = [call for call, _ in voices.logins.get(person.key, ())]
    return [repr((call.method, call.path, call.params, call.json, call.form, call.body)) for call in calls]


def _drawn(voices: Voices, *known: tuple[Person, Session]) -> bool:
    """Whether everything in which the sessions differ was given out by the login: tokens, and no name of anybody."""
    said = [[_text(answer) for _, answer in voices.logins.get(person.key, ())] for person, _ in known]
    values = [{value for part in _proof(session) for value in part.values()} for _, session in known]
    own = (values[0] - values[1], values[1] - values[0])
    return all(any(value.split()[-1] in text for text in texts) for texts, mine in zip(said, own, strict=True)
               for value in mine if value.strip())  # fmt: skip


def _text(answer: Answer) -> str:
    return f"{dict(answer.headers)} {answer.text}"
