"""What stands in databases and backups: no password, no equal hashes, no declared field in plain. Reads, judges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from crm_acceptance.actors import RecordsDoor
from crm_acceptance.engines.sensitive import archives, needles, salts
from crm_acceptance.engines.sensitive.archives import Allowance
from crm_acceptance.engines.sensitive.ground import Ground
from crm_acceptance.engines.sensitive.hiring import hired
from crm_acceptance.engines.sensitive.sights import Sights
from crm_acceptance.engines.sensitive.verdict import Verdict
from crm_acceptance.errors import Refused, SiteOutOfReach, Unproven, Unsupported
from crm_acceptance.model import Action, Page, Record

MEGABYTE = 1_000_000
_SHOWN_BY = "name"
Values = Mapping[str, str]
"""Value -> what it is."""


def files(ground: Ground) -> tuple[Path, ...]:
    """The database of a launched system, and what is declared. Unproven without either."""
    store = (Path(ground.site.store),) if ground.site.store else ()
    if not (store or ground.declared.files):
        raise Unproven(
            "没有数据库或备份文件可看：请在 sensitive.toml 的 [storage] files 写上它的路径。"
            "No database or backup was named: give its path in [storage] files of sensitive.toml."
        )
    return store + ground.declared.files


def passwords(ground: Ground) -> Verdict:
    """Nobody's password stands in the files, neither plain nor coded nor hashed without salt."""
    verdict = Verdict()
    files(ground)
    wanted = {needle: how for one in _passwords(ground) for needle, how in needles.of_password(one).items()}
    if not wanted:
        raise Unproven("所有密码都太短，找到也可能是巧合。Every password is too short to be looked for.")
    for name, met in _searched(ground, wanted):
        verdict.saw(f"{name}：找了 {len(wanted)} 种写法 spellings looked for")
        for how in sorted({wanted[one] for one in met}):
            verdict.wrong(f"{name} 里有人员的密码（{how}）。A password of the people stands in the file: {how}.")
    return verdict


def _passwords(ground: Ground) -> Iterator[str]:
    """The people's, and that of an account made now: some systems write new ones down where they do not belong."""
    for password in {ground.password(person) for person in ground.people}:
        if len(password) >= needles.SHORTEST:
            yield password
    if ground.site.store:
        with suppress(Unproven), hired(ground) as (_, password):
            yield password


def salted(ground: Ground) -> Verdict:
    """People with the same password have different hashes."""
    groups: dict[str, list[str]] = defaultdict(list)
    for person in ground.people:
        groups[ground.password(person)].append(person.login)
    if not any(len(logins) > 1 for logins in groups.values()):
        raise Unproven(
            "没有两个人的密码相同，看不出有没有加盐。No two people share a password, so salt cannot be seen."
        )
    verdict, allowance = Verdict(), _allowance(ground)
    for path in files(ground):
        found = salts.judged(path, groups.values(), allowance)
        verdict.looked += found.looked
        verdict.findings += found.findings
    return verdict.judged("文件里没有找到人员的密码散列。No hash of anybody's password was found in the files.")


def encrypted(ground: Ground, sights: Sights) -> Verdict:
    """Values of fields declared to be encrypted do not stand in the files, though their records do."""
    said = ground.declared.encrypted
    if said is None:
        raise Unproven(
            "没有声明哪些字段应加密保存：sensitive.toml [storage] encrypted（不需要时写 encrypted = {}）。"
            "Which fields must be encrypted at rest is not declared; write encrypted = {} for none."
        )
    verdict = Verdict()
    paths = files(ground)
    if not any(said.values()):
        verdict.saw(f"公司声明没有字段需要加密保存 nothing is declared to be encrypted（{', '.join(map(str, paths))}）")
        return verdict
    for kind, names in said.items():
        shown, secret = _values(ground, sights, kind, names)
        _judge(ground, verdict, shown, secret)
    return verdict.judged(
        "文件里没有找到这些记录，或没有人看得到这些字段的明文，加密没有看到。"
        "The records were not found in the files, or nobody sees these fields in plain: nothing was looked at."
    )


def _judge(ground: Ground, verdict: Verdict, shown: Values, secret: Values) -> None:
    wanted = {needle: what for value, what in secret.items() for needle in needles.of_value(value)}
    beside = {needle: what for value, what in shown.items() for needle in needles.of_value(value)}
    if not wanted or not beside:
        return
    for name, met in _searched(ground, {**beside, **wanted}):
        for what in sorted({wanted[one] for one in met if one in wanted}):
            verdict.wrong(
                f"{name} 里 {what} 是明文，声明为加密保存。Declared to be encrypted, it stands there in plain."
            )
        if known := {beside[one] for one in met if one in beside}:
            verdict.saw(f"{name}：{', '.join(sorted(known))} 的记录在其中 its records are in it")


def _values(ground: Ground, sights: Sights, kind: str, names: tuple[str, ...]) -> tuple[Values, Values]:
    """Of records that people see: names, which show that a record is in the file, and the values to be protected."""
    shown: dict[str, str] = {}
    secret: dict[str, str] = {}
    for record in _records(ground, sights, kind):
        if len(str(record.get(_SHOWN_BY) or "")) >= needles.SHORTEST:
            shown[str(record[_SHOWN_BY])] = f"{kind}.{_SHOWN_BY}"
        for name in names:
            value = str(record.get(name) or "")
            if len(value) >= needles.SHORTEST and "*" not in value:
                secret[value] = f"{kind}.{name}"
    return shown, secret


def _records(ground: Ground, sights: Sights, kind: str) -> Iterator[Record]:
    assert ground.records is not None
    for person in ground.people[:3]:
        door = RecordsDoor(ground.records, person, ground.password(person), ground.send)
        planted = sights.planted.get((kind, "id"))
        for action in (Action("list", kind, options={"size": 20}), Action("read", kind, planted)):
            with suppress(Refused, Unsupported, SiteOutOfReach):
                outcome = door.do(action) if action.name == "list" or planted else None
                yield from outcome.rows if isinstance(outcome, Page) else ()
                yield from (outcome,) if isinstance(outcome, Record) else ()


def _searched(ground: Ground, wanted: Mapping[bytes, str]) -> Iterator[tuple[str, set[bytes]]]:
    allowance = _allowance(ground)
    for path in files(ground):
        for name, pieces in archives.streams(path, allowance):
            yield name, archives.found(pieces, wanted)


def _allowance(ground: Ground) -> Allowance:
    return Allowance(ground.declared.megabytes * MEGABYTE)
