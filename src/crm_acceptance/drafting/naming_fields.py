"""Which canonical field a property means: by name, title, pinyin and type. It reads no document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from crm_acceptance.drafting import pinyin
from crm_acceptance.drafting.naming import chinese, singular, squeezed, words
from crm_acceptance.drafting.schemas import GROUPS, Prop
from crm_acceptance.drafting.words import AROUND, FIELD_WORDS, OBJECT_WORDS
from crm_acceptance.systems.rest.canonical import OBJECTS, Field

LEAST = 0.45
"""Below this a property is not taken for a field."""


@dataclass(frozen=True)
class Match:
    """A property taken for a field."""

    field: str
    prop: Prop
    sure: float
    why: str


@cache
def _vocabulary(object: str, field: str) -> dict[str, float]:
    """Key of a word -> how sure it makes: the object's own words before the general ones."""
    found: dict[str, float] = {squeezed(field): 1.0}
    own = FIELD_WORDS.get(object, {}).get(field, [])
    canonical = OBJECTS[object].fields[field]
    refers = OBJECT_WORDS.get(canonical.object, [])
    for listed, sure in ((own, 0.98), (FIELD_WORDS["*"].get(field, []), 0.95), (refers, 0.92)):
        for place, word in enumerate(listed):
            found.setdefault(squeezed(word), sure - place * 0.004)
            if chinese(word):
                found.setdefault(pinyin.full(word), sure - 0.1)
                if len(word) > 1:
                    found.setdefault(pinyin.initials(word), 0.62 if len(word) > 2 else 0.5)
    if refers:
        tails = ("id", "nummer", "nr", "no", "number", "key", "code", "uid", "编号", "编码", "主键", "标识")
        found |= {
            key + tail: 0.9 * sure for key, sure in list(found.items()) for tail in tails if key + tail not in found
        }
    return found


@cache
def own_words(object: str) -> frozenset[str]:
    """Words that a property may begin with without saying anything: customer_name of a customer."""
    listed = OBJECT_WORDS.get(object, [])
    spelt = {squeezed(word) for word in listed} | {pinyin.initials(word) for word in listed if chinese(word)}
    return frozenset(spelt | {pinyin.full(word) for word in listed if chinese(word)})


def matches(object: str, props: Iterable[Prop]) -> list[Match]:
    """The surest property for each field of an object, each property once, above LEAST."""
    candidates = sorted(
        _candidates(object, list(props)), key=lambda one: (-one.sure, one.prop.path.count("."), one.prop.path)
    )
    taken: dict[str, Match] = {}
    used: set[str] = set()
    for one in candidates:
        if one.field not in taken and one.prop.path not in used:
            taken[one.field] = one
            used.add(one.prop.path)
    return [taken[name] for name in OBJECTS[object].fields if name in taken]


def _candidates(object: str, props: list[Prop]) -> Iterator[Match]:
    for field in OBJECTS[object].fields.values():
        for prop in props:
            sure, why = _likeness(object, field, prop)
            sure *= _fitting(field, prop) * _near(field, prop)
            if sure >= LEAST:
                yield Match(field.name, prop, round(sure, 3), why)


def _likeness(object: str, field: Field, prop: Prop) -> tuple[float, str]:
    """How alike name or titles are, and which of them said so."""
    if prop.related:
        return _named(object, field, " ".join(prop.path.split(".")[-2:])), f"名称 name {prop.path}"
    by_name = _named(object, field, prop.name, prop.type == "object")
    found = (by_name, f"名称 name {prop.path}")
    for title in prop.titles:
        sure = 0.97 * _named(object, field, title) if chinese(title) or len(words(title)) < 5 else 0.0
        if sure > found[0] + 0.02:
            found = (sure, f"标题 title {title}")
    if not found[0] and prop.schema.get("format") == "email" and field.name == "email":
        return 0.6, "格式 format email"
    return found


def likeness(object: str, field: str, name: str) -> float:
    """How sure it is that a name means this field; "new" in front of it says nothing."""
    parts = [word for word in words(name) if word not in ("new", "to", "target", "xin")]
    return _named(object, OBJECTS[object].fields[field], "_".join(parts))


def _named(object: str, field: Field, name: str, whole: bool = False) -> float:
    """`whole`: the property is an object, so that "Account_Name" may be the account itself."""
    known = _vocabulary(object, field.name)
    parts = tuple(part for part in words(name) if not part.isdigit())
    key = squeezed("_".join(parts))
    refers = field.type in ("ref", "person")
    if whole and refers and len(parts) > 1 and parts[-1] == "name":
        parts = parts[:-1]
        key = squeezed("_".join(parts))
    if not parts:
        return 0.0
    if key in known:
        return known[key]
    if field.type == "money" and (bare := _without_unit(parts)) not in (parts, ()):
        return 0.97 * _named(object, field, "_".join(bare))
    stripped = _stripped(object, parts, refers)
    return max((_tail(known, one) * worth for one, worth in stripped), default=0.0) or _glued(known, key, refers)


def _without_unit(parts: tuple[str, ...]) -> tuple[str, ...]:
    """ "betrag_cent", "amountInCents", "summe_eur", "金额_分" and "amountcents" without what they count in."""
    while parts and (parts[-1] in AROUND["units"] or parts[-1] in AROUND["cents"]):
        parts = parts[:-1]
    if not parts or chinese(parts[-1]):
        return parts
    tail = next((one for one in AROUND["cents"] if len(one) > 3 and parts[-1].endswith(one)), "")
    return (*parts[:-1], parts[-1].removesuffix(tail))


def _glued(known: dict[str, float], key: str, refers: bool) -> float:
    """ "industrycode", "closeprobability", "associatedcompanyid": words written without anything between them."""
    plain = key.removesuffix("id") if refers else key
    for tail in ("code", "name", "no", "str"):
        if plain.removesuffix(tail) in known and plain.endswith(tail) and len(plain) > len(tail) + 3:
            return 0.7 * known[plain.removesuffix(tail)]
    return max((0.6 * sure for word, sure in known.items() if len(word) > 5 and plain.endswith(word)), default=0.0)


def _stripped(object: str, parts: tuple[str, ...], refers: bool) -> Iterator[tuple[tuple[str, ...], float]]:
    """The name without its object in front, without "id" behind when the field refers to something."""
    if refers and len(parts) > 1 and parts[-1] in ("value", "ref", "link"):
        parts = parts[:-1]
        yield parts, 0.95
    if refers and len(parts) > 1 and parts[-1] in AROUND["ids"]:
        yield parts[:-1], 1.0
        parts = parts[:-1]
        yield parts[1:], 0.75
    elif refers and len(parts) > 1 and parts[0] in AROUND["ids"]:
        yield parts[1:], 1.0
    elif refers and parts[-1].endswith("id") and len(parts) == 1:
        yield (parts[0][:-2],), 0.95
    if len(parts) > 1 and singular(parts[0]) in own_words(object):
        yield parts[1:], 0.93
    front = parts
    while len(front) > 1 and front[0] in AROUND["places"]:
        front = front[1:]
        yield front, 0.85
    if len(parts) > 1 and not refers:
        yield parts[:-1], 0.45
        yield from ((parts[start:], 0.7 if start == 1 else 0.62) for start in range(1, len(parts)))
    elif chinese(parts[-1]):
        yield parts, 1.0


def _tail(known: dict[str, float], parts: tuple[str, ...]) -> float:
    if not parts:
        return 0.0
    key = "".join((*parts[:-1], singular(parts[-1])))
    if key in known:
        return known[key]
    if chinese(key):
        return max(
            (0.72 * sure for word, sure in known.items() if chinese(word) and len(word) > 1 and key.endswith(word)),
            default=0.0,
        )
    return 0.0


def _near(field: Field, prop: Prop) -> float:
    """What stands inside another record (accountManager.email) is seldom the record's own, unless shown from there."""
    inside = sum(1 for part in prop.path.split(".")[:-1] if part.lower() not in GROUPS)
    return 1.0 if field.readonly else 0.65**inside


def _fitting(field: Field, prop: Prop) -> float:
    """Whether the type can be the field's."""
    kind, format = prop.type, prop.schema.get("format", "")
    if kind == "array":
        return 0.4 if field.type in ("ref", "person") else 0.8 if field.name in ("phone", "email") else 0.0
    if kind == "object" and field.type not in ("ref", "person", "choice"):
        return 0.0
    if kind == "boolean":
        return 1.0 if field.type in ("bool", "choice") else 0.0 if field.type in ("money", "date") else 0.3
    if field.type in ("money", "number") and (kind == "string" and format in ("date", "date-time", "email", "uuid")):
        return 0.0
    if field.type in ("date", "moment") and kind == "number":
        return 0.3
    if field.type in ("text", "choice") and format in ("date", "date-time"):
        return 0.3
    if field.type == "choice" and not prop.schema.get("enum"):
        return 0.95
    return 1.0
