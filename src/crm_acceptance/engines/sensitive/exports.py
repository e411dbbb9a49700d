"""Whether an exported file masks what the matrix masks on the screen: the usual way in which a mask is walked round."""

from __future__ import annotations

from collections.abc import Iterator

from crm_acceptance.actors import RecordsDoor
from crm_acceptance.engines.permissions.oracle import shown
from crm_acceptance.engines.permissions.staff import Staff
from crm_acceptance.engines.permissions.table import Matrix
from crm_acceptance.engines.permissions.wording import the_field, thing, who
from crm_acceptance.engines.sensitive.entrances import Tape
from crm_acceptance.engines.sensitive.ground import Ground
from crm_acceptance.engines.sensitive.sights import Sights
from crm_acceptance.engines.sensitive.verdict import Verdict
from crm_acceptance.errors import Refused, SiteOutOfReach, Unsupported
from crm_acceptance.model import Action

LOOKS = ("read", "list")


def masked(ground: Ground, sights: Sights, matrix: Matrix) -> Verdict:
    """For every role that may export: a declared field that it sees masked or not at all is not plain in the file."""
    verdict = Verdict()
    staff = Staff(ground.people, matrix)
    for role, kind, fields in _blurred(ground, matrix):
        values = {sights.planted[kind, name]: name for name in fields if (kind, name) in sights.planted}
        if not values or not ground.system.supports("export", kind):
            continue
        actor = staff.actor(role)
        tape = Tape(actor.name, ground.send)
        assert ground.records is not None
        try:
            RecordsDoor(ground.records, actor, ground.password(actor), tape).do(Action("export", kind))
        except (Refused, Unsupported, SiteOutOfReach) as no:
            verdict.saw(f"{who(actor)}导出{thing(kind)}：{no}")
            continue
        plain = shown(values, [(one.call, one.answer) for one in tape.kept])
        verdict.saw(f"{who(actor)}导出{thing(kind)}：看了 {len(values)} 个字段 fields looked for")
        for value in plain:
            verdict.wrong(
                f"{who(actor)}导出{thing(kind)}时，文件里的{the_field(values[value])}没有掩码。Plain in the export."
            )
    return verdict


def _blurred(ground: Ground, matrix: Matrix) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Role, object, and the declared fields that this role never sees in plain, for every role that may export it."""
    for role in dict.fromkeys(person.role for person in ground.people):
        for kind, fields in ground.declared.fields.items():
            if matrix.scope(role, "export", kind) == "none":
                continue
            rules = [rule for action in LOOKS if (rule := matrix.find(role, action, kind)) is not None]
            hidden = {name for rule in rules for name in rule.treated("masked", "hidden")}
            if wanted := tuple(name for name in fields if name in hidden):
                yield role, kind, wanted
