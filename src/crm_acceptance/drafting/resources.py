"""Gathers routes into things, and finds out which canonical object each thing is. It reads no field."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from crm_acceptance.drafting.document import text
from crm_acceptance.drafting.naming import NOTHING, Meant, best, object_of, satellite, singular, words
from crm_acceptance.drafting.routes import CRUD, Route
from crm_acceptance.drafting.words import CORE

ENOUGH = 0.5
_AFFIX = re.compile(
    r"(?i)^(new|create|update|patch|edit|save|add|post|put|get|list)|"
    r"(request|response|dto|vo|bo|po|entity|model|input|output|create|update|patch|edit|save|form|query|page|list|in|out"
    r"|read|write|item|data|schema|param|params|req|resp|result|change|base|body|payload)+$"
)


@dataclass
class Thing:
    """One thing of the CRM: its path, its routes by verb (best first), and what it is taken for."""

    base: str
    noun: str
    routes: dict[str, list[Route]] = field(default_factory=lambda: defaultdict(list))
    meant: Meant = NOTHING
    why: str = ""
    tag: str = ""

    def route(self, verb: str) -> Route | None:
        """The best route for a verb."""
        return self.routes[verb][0] if self.routes.get(verb) else None

    @property
    def crud(self) -> int:
        """How many of the five everyday verbs it has."""
        return sum(1 for verb in CRUD if self.routes.get(verb))

    @property
    def all(self) -> Iterator[Route]:
        """Every route of it."""
        for listed in self.routes.values():
            yield from listed


def things(routes: Iterable[Route]) -> list[Thing]:
    """The things of a document, each with what it probably is."""
    found: dict[str, Thing] = {}
    for one in routes:
        key = _key(one.base)
        thing = found.setdefault(key, Thing(one.base, one.noun))
        thing.routes[one.verb].append(one)
        if one.verb in ("list", "create") and not one.spelt:
            thing.base, thing.noun = one.base, one.noun
    for thing in found.values():
        for listed in thing.routes.values():
            listed.sort(key=_order)
        thing.meant, thing.why = _meant(thing)
    return _joined(list(found.values()))


def _joined(found: list[Thing]) -> list[Thing]:
    """Steps that are called beside the things they are about, /ApproveQuote beside /QuoteSet, belong to those."""
    for thing in found:
        if thing.crud or not thing.meant.name:
            continue
        owner = next((one for one in found if one.crud > 2 and _about(thing, one)), thing)
        for verb, listed in thing.routes.items() if owner is not thing else ():
            owner.routes[verb] = [*owner.routes.get(verb, ()), *listed]
    return found


def _about(step: Thing, owner: Thing) -> bool:
    """Whether both are the same object, in the same folder."""
    return step.meant.name == owner.meant.name and step.base.rpartition("/")[0] == owner.base.rpartition("/")[0]


def chosen(found: list[Thing]) -> dict[str, Thing]:
    """For each canonical object the best of the things that may be it."""
    picked: dict[str, Thing] = {}
    for thing in found:
        name = thing.meant.name
        if name and thing.crud >= 1 and _worth(thing) > (_worth(picked[name]) if name in picked else 0):
            picked[name] = thing
    return picked


def leftover(found: list[Thing], picked: dict[str, Thing]) -> list[Thing]:
    """Things with everyday verbs that are no canonical object: offered, not drafted."""
    taken = {id(thing) for thing in picked.values()}
    rest = [one for one in found if id(one) not in taken and one.crud >= 3 and one.noun]
    return sorted(rest, key=lambda one: (-one.crud, one.base))


def _key(base: str) -> str:
    """Paths that differ by plural, case or the name of a parameter only are one thing."""
    parts = ["{}" if part.startswith(("{", ":")) else part for part in base.strip("/").split("/")]
    return "/".join(["/".join(parts[:-1]).lower(), singular("".join(words(parts[-1])))])


def _order(one: Route) -> tuple[int, int, int, int, int]:
    """Plain paths first, one record before many at once, PATCH before PUT, lists that page first, short paths first."""
    paged = any(name in " ".join(one.operation.query).lower() for name in ("page", "limit", "size", "offset"))
    paged = paged or one.spelt.lower() in ("list", "page", "query")
    method = {"PATCH": 0, "PUT": 1, "POST": 2, "DELETE": 1, "GET": 0}.get(one.operation.method, 3)
    many = one.verb in ("read", "change", "delete") and not one.item
    listed = 0 if one.verb != "list" or paged else 1
    return (listed, 1 if one.spelt else 0, 1 if many else 0, method, len(one.operation.path))


def _worth(thing: Thing) -> float:
    extra = sum(1 for verb in thing.routes if verb and verb not in CRUD)
    return thing.meant.sure * (1 + thing.crud) + 0.05 * min(extra, 8) - 0.01 * thing.base.count("/")


def _meant(thing: Thing) -> tuple[Meant, str]:
    """By the path's own word; if that says nothing, by schema, tag, title and operation names."""
    if satellite(thing.noun):
        return NOTHING, ""
    by_path = object_of(thing.noun)
    if by_path.sure >= 0.9:
        return by_path, f"路径 path {thing.base}"
    voices = [(by_path, f"路径 path {thing.base}"), *_voices(thing)]
    top = best(meant for meant, _ in voices)
    if top.sure < ENOUGH:
        return NOTHING, ""
    return top, next(why for meant, why in voices if meant == top)


def _voices(thing: Thing) -> Iterator[tuple[Meant, str]]:
    for one in thing.all:
        if one.verb not in CRUD:
            continue
        for tag in one.operation.tags:
            yield _weighed(tag, 0.8), f"标签 tag {tag}"
        for schema in (one.operation.body, one.operation.answer):
            title = _AFFIX.sub("", text(schema.get("title")))
            yield _weighed(title, 0.75), f"模型 schema {title}"
        if one.operation.summary:
            yield _weighed(_spoken(one.operation.summary), 0.7), f"说明 summary {one.operation.summary}"
        yield _weighed(_spoken(one.operation.id), 0.6), f"operationId {one.operation.id}"


def _weighed(name: str, weight: float) -> Meant:
    if not name or satellite(name):
        return NOTHING
    meant = object_of(name)
    return Meant(meant.name, meant.sure * weight) if meant.name in CORE else NOTHING


def _spoken(summary: str) -> str:
    """ "获取客户列表" -> "客户", "List all customers" -> "customers"."""
    plain = re.sub(
        r"(分页|批量|查询|获取|新增|创建|添加|新建|修改|更新|编辑|删除|导出|导入|查看|详情|列表|保存|根据|通过|单个|所有|全部|一个|id|ID|的)",
        "",
        summary,
    )
    plain = re.sub(
        r"(?i)\b(list|get|all|create|update|delete|a|an|the|by|id|one|find|search|new|single|of|retrieve)\b", " ", plain
    )
    return plain.strip()
