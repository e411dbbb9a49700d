"""The matrix by hand: what pages, their source, scripts' answers and files show a role, and what their forms let it do.

One check per role and object, and one for the role's first page with whatever it leads to; so many pages each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from crm_acceptance.engines.permissions.drafts import PARENT, PLANTABLE
from crm_acceptance.engines.permissions.garden import Canary, Garden
from crm_acceptance.engines.permissions.learning import Learnt, learnt, renewed
from crm_acceptance.engines.permissions.looks import leak_sentence
from crm_acceptance.engines.permissions.oracle import shown
from crm_acceptance.engines.permissions.pages import SLOT, Form, Offered
from crm_acceptance.engines.permissions.sight import PLAIN_LOOKS, Leak
from crm_acceptance.engines.permissions.staff import covers
from crm_acceptance.engines.permissions.table import Matrix
from crm_acceptance.engines.permissions.vocabulary import actions_of
from crm_acceptance.engines.permissions.voices import Exchange, Heard
from crm_acceptance.engines.permissions.windows import Windows
from crm_acceptance.engines.permissions.wording import the_record, thing, who
from crm_acceptance.engines.permissions.writes import WRITES, state_of
from crm_acceptance.errors import Unproven, Unsupported
from crm_acceptance.manners import journal
from crm_acceptance.model import Action, Person

START = "start"
"""Stands for the first page after signing in, where others name an object."""
NEARBY = 3
"""Pages beside a list (a new record's form, an import) that are looked at."""
FOLLOWED = 20
"""Links of the first page that are followed."""
SEARCHED = 2
"""Foreign records that are looked for with the search on the first page."""
_RECORD = re.compile(r"/\d+(?:/|$)")
_DEEDS = {"edit": "change", "update": "change", "attachments": "attach", "upload": "attach"}


def rooms(matrix: Matrix) -> list[tuple[str, str]]:
    """(role, object) of every check: objects that the role has rows about, and its first page.

    Whoever reads everybody's log sees values there that no other page may show, so there is no such check.
    """
    found = dict.fromkeys((rule.role, rule.object) for rule in matrix.rules if rule.object in PLANTABLE)
    roles = dict.fromkeys(role for role, _ in found)
    starts = [(role, START) for role in roles if matrix.scope(role, "list", "audit") != "all"]
    return [*found, *starts]


def unseen(matrix: Matrix, actor: Person, canaries: Iterable[Canary]) -> dict[str, Leak]:
    """Value -> leak for every planted value that no row about reading, listing or exporting lets the actor see."""
    leaks: dict[str, Leak] = {}
    granted: set[str] = set()
    for canary in canaries:
        rules = [matrix.find(actor.role, action, canary.object) for action in PLAIN_LOOKS]
        inside = [rule for rule in rules if rule and covers(rule.scope, actor, canary.owner)]
        for name, value in canary.values.items():
            if any(name not in rule.treated("masked", "hidden") for rule in inside):
                granted.add(value)
            else:
                leaks[value] = Leak(canary, name)
    return {value: leak for value, leak in leaks.items() if value not in granted}


def _upwards(kind: str) -> set[str]:
    """The kind and everything that it hangs on."""
    found = {kind}
    while kind in PARENT:
        kind = PARENT[kind]
        found.add(kind)
    return found


@dataclass
class Sweep:
    """One site with its windows; canaries are planted by the API where there is one, and serve every check."""

    garden: Garden
    windows: Windows
    _learnt: dict[str, Learnt] = field(default_factory=dict)

    def findings(self, role: str, kind: str) -> list[str]:
        """What pages show or let be done that no row allows. Unproven where the role's own records are not shown."""
        actor = self.garden.staff.actor(role)
        told = self._start(actor) if kind == START else self._room(actor, kind)
        return list(dict.fromkeys(told))

    def _leaks(self, actor: Person, action: Action, exchanges: Iterable[Exchange], *more: Canary) -> Iterator[str]:
        wanted = unseen(self.garden.staff.matrix, actor, (*self.garden.planted(), *more))
        for value in sorted(shown(wanted, exchanges)):
            yield leak_sentence(actor, action, wanted[value])

    def _leaks_in(self, actor: Person, heard: Heard) -> Iterator[str]:
        """A list by hand shows records of its kind and what they hang on.

        What else a CRM keeps in one register (a lead's company among the customers) is told by the pages about that.
        """
        if heard.action.name != "list" or heard.refusal:
            yield from self._leaks(actor, heard.action, heard.exchanges)
            return
        wanted = unseen(self.garden.staff.matrix, actor, self.garden.planted())
        kinds = _upwards(heard.action.object)
        wanted = {value: leak for value, leak in wanted.items() if leak.canary.object in kinds}
        for value in sorted(shown(wanted, heard.exchanges)):
            yield leak_sentence(actor, heard.action, wanted[value])

    def _room(self, actor: Person, kind: str) -> Iterator[str]:
        canaries = self.garden.canaries(kind)
        if not canaries:
            raise Unproven(f"权限表里没有人可以新建{thing(kind)}，没有金丝雀可看。Nobody may create one.")
        known = self._known(kind)
        inside = [one for one in canaries if self._in_reach(actor, one)]
        outside = [one for one in canaries if one not in inside]
        tried = 0
        for heard in self._by_hand(actor, kind, inside[:1], outside[:1]):
            tried += 1
            yield from self._leaks_in(actor, heard)
        if not tried and not known.addresses:
            raise Unsupported(f"{self.garden.system.title} 的页面上没有{thing(kind)}。No screens show any {kind}.")
        for canary in (*outside[:1], *inside[:1]):
            for address in known.addresses:
                exchange = self.windows.fetch(actor, address.replace(SLOT, canary.id))
                yield from self._leaks(actor, Action("read", kind, canary.id), [exchange])
        yield from self._forged(actor, kind, known)

    def _known(self, kind: str) -> Learnt:
        if kind not in self._learnt:
            self._learnt[kind] = learnt(self.windows, self.garden, kind)
        return self._learnt[kind]

    def _in_reach(self, actor: Person, canary: Canary) -> bool:
        matrix = self.garden.staff.matrix
        return any(covers(matrix.scope(actor.role, one, canary.object), actor, canary.owner) for one in PLAIN_LOOKS)

    def _by_hand(self, actor: Person, kind: str, inside: list[Canary], outside: list[Canary]) -> Iterator[Heard]:
        """The list and what stands beside it; address, search and file for what is foreign; what is one's own."""
        listed = self.windows.by_hand(actor, Action("list", kind))
        if listed is not None:
            yield listed
            if listed.refusal is None:
                yield self._beside(actor, kind)
        for canary in outside:
            lookup = canary.draft.lookup
            for action in (
                Action("read", kind, canary.id),
                *((Action("list", kind, options=lookup),) if listed and not listed.refusal else ()),
                *((Action("export", kind, options=lookup),) if listed and not listed.refusal else ()),
            ):
                heard = self.windows.by_hand(actor, action)
                if heard is not None:
                    yield heard
        for canary in inside:
            yield from self._own(actor, canary)

    def _own(self, actor: Person, canary: Canary) -> Iterator[Heard]:
        """Whoever does not even see what is in reach proves nothing by not seeing the rest."""
        ways = (Action("read", canary.object, canary.id), Action("list", canary.object, options=canary.draft.lookup))
        wanted = set(canary.values.values()) - set(unseen(self.garden.staff.matrix, actor, [canary]))
        offered, seen = False, False
        for action in ways:
            heard = None if seen else self.windows.by_hand(actor, action)
            if heard is not None:
                offered, seen = True, bool(shown(wanted, heard.exchanges))
                yield heard
        if offered and len(wanted) < len(canary.values):  # something of it is masked: in files, too
            file = self.windows.by_hand(actor, Action("export", canary.object, options=canary.draft.lookup))
            yield from [file] if file is not None else []
        if offered and wanted and not seen:
            raise Unproven(
                f"{who(actor)}的页面上连该看到的 {the_record(canary.object, canary.id)} 都没有，看不到别的不说明问题。"
                "These pages do not even show what is in reach, so what they do not show proves nothing."
            )

    def _beside(self, actor: Person, kind: str) -> Heard:
        """Forms for new records and the like: lists to choose from are lists, too."""
        where, page = self.windows.here(actor)
        root = where.partition("?")[0].rstrip("/")
        near = [one for one in page.links if root and one.startswith(f"{root}/") and not _RECORD.search(one)]
        kept = tuple(self.windows.fetch(actor, link) for link in near[:NEARBY] if "export" not in link)
        return Heard(Action("list", kind), None, None, kept)

    def _forged(self, actor: Person, kind: str, known: Learnt) -> Iterator[str]:
        """Forms that somebody else was given, sent by the actor for a record that the actor must not change."""
        staff = self.garden.staff
        owners = [one for one in staff.families(kind) if not self._covered(actor, kind, "change", one)]
        if not owners or not known.forms:
            return
        target = self.garden.victim(kind, owners[0], "sweep", lambda: self.garden.spare(kind, owners[0]))
        before = state_of(self.garden, target, "change")
        for form in known.forms:
            if self._allowed(actor, kind, form, owners[0]) or before is None:
                continue
            sent = renewed(form, known, self.garden, target.id)
            exchange = self._sent(actor, Action(form.deed, kind, target.id), sent)
            yield from self._leaks(actor, Action("change", kind, target.id), [exchange], target)
            after = state_of(self.garden, target, "change")
            if before != after:
                self.garden.spoilt(target)
                yield (
                    f"越权 trespass: {who(actor)}提交页面表单“{form.deed}”，改动了 {target.owner.name} 的 "
                    f"{the_record(kind, target.id)}，权限表不允许。A form of the pages changed it."
                )
            before = after

    def _sent(self, actor: Person, deed: Action, form: Form) -> Exchange:
        """Written down like any other deed: a form that converts a lead makes records that are to be removed."""
        kept: list[Exchange] = []
        post = lambda: kept.append(self.windows.post(actor, form, self._own_tokens(actor)))  # noqa: E731
        journal.performed(actor.key, deed, post)
        return kept[0]

    def _covered(self, actor: Person, kind: str, action: str, owner: Person) -> bool:
        return covers(self.garden.staff.matrix.scope(actor.role, action, kind), actor, owner)

    def _allowed(self, actor: Person, kind: str, form: Form, owner: Person) -> bool:
        """Whether a row grants what the form may stand for. What is in no pool is claimed by nobody."""
        deed = _DEEDS.get(form.deed, form.deed)
        words = (deed,) if deed in actions_of(kind) else tuple(word for word in WRITES if word != "claim")
        return any(self._covered(actor, kind, word, owner) for word in words)

    def _own_tokens(self, actor: Person) -> dict[str, str]:
        _, page = self.windows.here(actor)
        return {name: form.fields[name] for form in page.forms for name in form.hidden if name in form.fields}

    def _start(self, actor: Person) -> Iterator[str]:
        """The first page, what it leads to, and its search."""
        for kind in PLANTABLE:
            try:
                self.garden.canaries(kind)
            except (Unproven, Unsupported):  # told by the checks about that object
                continue
        action = Action("read", "*")
        yield from self._leaks(actor, action, self.windows.start(actor).exchanges)
        where, page = self.windows.here(actor)
        for link in [one for one in page.links if one != where][:FOLLOWED]:
            yield from self._leaks(actor, action, [self.windows.fetch(actor, link)])
        yield from self._searched(actor, page)

    def _searched(self, actor: Person, page: Offered) -> Iterator[str]:
        hidden = unseen(self.garden.staff.matrix, actor, self.garden.planted()).values()
        foreign = list(
            {one.canary.draft.token: one.canary for one in hidden if one.field in ("name", "title", "product")}
        )
        for form in [one for one in page.forms if one.method == "get"][:1]:
            names = [name for name in form.fields if name not in form.hidden]
            for token in foreign[:SEARCHED] if names else ():
                exchange = self.windows.fetch(actor, f"{form.action or '/'}?{names[0]}={token}")
                yield from self._leaks(actor, Action("search", "*"), [exchange])
