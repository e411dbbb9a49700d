"""Sentences of IT: newcomers, leavers, sessions, the audit log."""

from __future__ import annotations

from crm_acceptance.actors import Cast
from crm_acceptance.model import Person
from crm_acceptance.sentences import sentence
from crm_acceptance.story import Story
from crm_acceptance.verbs import it, records
from crm_acceptance.vocabulary import DEPARTMENT_OF


@sentence("{who} 为新同事 {newcomer} 开通{role:role}账号", "{who} opens an account for {newcomer} as {role:role}")
def _(cast: Cast, story: Story, who: str, newcomer: str, role: str) -> None:
    login = f"u{story.marker}{len(story.notes)}"
    person = Person(login, newcomer, DEPARTMENT_OF[role], role, login)
    story.notes["newcomer", newcomer] = person
    it.open_account(cast[who], person, cast.doors.secrets(person))
    cast.add(person)


@sentence("{person} 能登录，看得到自己的客户列表", "{person} can sign in and open the list of customers")
def _(cast: Cast, person: str) -> None:
    door = cast.doors.another(cast.person(person))
    assert it.is_alive(door, door.sign_in(), "customer")


@sentence("{person} 已经登录", "{person} is signed in")
def _(cast: Cast, story: Story, person: str) -> None:
    door = cast.doors.another(cast.person(person))
    story.notes["session", person] = door, door.session()
    assert it.is_alive(door, door.session(), "customer")


@sentence("{person} 退出登录", "{person} signs out")
def _(story: Story, person: str) -> None:
    door, _session = story.notes["session", person]
    door.sign_out()


@sentence("{person} 原来的会话已经失效", "the old session of {person} is dead")
def _(story: Story, person: str) -> None:
    door, session = story.notes["session", person]
    assert not it.is_alive(door, session, "customer")


@sentence("{person} 无法再登录", "{person} cannot sign in any more")
def _(cast: Cast, person: str) -> None:
    assert not it.can_sign_in(cast.doors.another(cast.person(person)))


@sentence("{who} 停用 {leaver} 的账号", "{who} disables the account of {leaver}")
def _(cast: Cast, who: str, leaver: str) -> None:
    it.disable(cast[who], cast.person(leaver).login)


@sentence("{leaver} 离职，{who} 把其名下一切交接给 {to}", "{leaver} leaves and {who} hands everything over to {to}")
def _(cast: Cast, story: Story, leaver: str, who: str, to: str) -> None:
    it.hand_over(cast[who], cast.person(leaver).login, story.key_of(to))


@sentence("{who} 看到{kind:object}全部归 {owner} 负责", "{who} sees that all {kind:object} belong to {owner}")
def _(cast: Cast, story: Story, who: str, kind: str, owner: str) -> None:
    kept = dict(story.all(kind))
    assert kept, f"场景里没有 none in this scenario: {kind}"
    strays = {name: records.see(cast[who], record).get("owner") for name, record in kept.items()}
    assert set(strays.values()) == {story.key_of(owner)}, strays


@sentence(
    '{who} 在操作日志里看到 {person} 把{kind:object} "{name}" 的{field:field}从 "{old}" 改为 "{new}"',
    '{who} reads in the audit log that {person} changed the {field:field} of {kind:object} "{name}" from "{old}" to "{new}"',  # noqa: E501
)
def _(cast: Cast, story: Story, who: str, person: str, kind: str, name: str, field: str, old: str, new: str) -> None:
    log = records.audit(cast[who], story[kind, name])
    wanted = (field, str(story.real(kind, field, old)), str(story.real(kind, field, new)), story.key_of(person))
    told = [(row.get("field"), str(row.get("old")), str(row.get("new")), row.get("who")) for row in log]
    assert wanted in told


@sentence(
    '{who} 在操作日志里看到 {person} {deed:deed}了{kind:object} "{name}"',
    '{who} reads in the audit log of {person} {deed:deed} the {kind:object} "{name}"',
)
def _(cast: Cast, story: Story, who: str, person: str, deed: str, kind: str, name: str) -> None:
    log = records.audit(cast[who], story[kind, name])
    assert (deed, story.key_of(person)) in [(row.get("action"), row.get("who")) for row in log]
