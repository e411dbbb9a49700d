"""Which canonical object, choice or action a word of the CRM means, and how sure that is. Fields: naming_fields."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from crm_acceptance.drafting import pinyin
from crm_acceptance.drafting.words import ACTION_WORDS, AROUND, CHOICE_WORDS, OBJECT_WORDS, Listed

_UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ø": "o", "æ": "ae"}
)
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[\u4e00-\u9fff]+")
_ZH = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Meant:
    """What a word means, and how sure that is: 1.0 the very word, 0.5 something like it."""

    name: str
    sure: float


NOTHING = Meant("", 0.0)


@cache
def words(name: str) -> tuple[str, ...]:
    """ "customerName", "kh_mc", "Sales-Orders", "客户 名称" as lower-case words without accents."""
    plain = unicodedata.normalize("NFKD", str(name).translate(_UMLAUTS))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return tuple(word.lower() for word in _WORD.findall(plain))


@cache
def singular(word: str) -> str:
    """English plurals only; other languages have theirs in the tables."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "ches", "shes", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


def chinese(text: str) -> bool:
    """Whether there is a Chinese letter in it."""
    return bool(_ZH.search(text))


def keyed(table: Listed) -> dict[str, str]:
    """Word (without blanks) -> the first name that has it; pinyin in full for the Chinese ones."""
    known: dict[str, str] = {}
    for name, listed in table.items():
        for word in listed:
            known.setdefault(squeezed(word), name)
    for name, listed in table.items():
        for word in listed:
            if chinese(word) and len(word) > 1:
                known.setdefault(pinyin.full(word), name)
    return known


def _initials() -> dict[str, str]:
    """ "khxx" and "khgl" for 客户信息 and 客户管理, "lxr" for 联系人: two letters alone may mean anything."""
    known: dict[str, str] = {}
    for name, listed in OBJECT_WORDS.items():
        for short in (pinyin.initials(word) for word in listed if chinese(word)):
            for tail in ("", "xx", "gl", "da", "zl"):
                if len(short + tail) > 2:
                    known.setdefault(short + tail, name)
    return known


def squeezed(text: str) -> str:
    """The words of a text in one, the last one in singular: how the tables are looked up."""
    parts = words(text)
    return "".join((*parts[:-1], singular(parts[-1]))) if parts else ""


_OBJECTS = {**_initials(), **keyed(OBJECT_WORDS)}
_ACTIONS = keyed(ACTION_WORDS)


@cache
def object_of(name: str) -> Meant:
    """The canonical object that a path segment, schema name, tag or title means."""
    return _object_zh(name) if chinese(name) else _object_latin(words(name))


def _object_latin(parts: tuple[str, ...]) -> Meant:
    said_nothing = AROUND["neutral"] | AROUND["tails"]
    while parts and (parts[-1] in said_nothing and singular(parts[-1]) not in _OBJECTS):
        parts = parts[:-1]
    if not parts:
        return NOTHING
    for start in range(len(parts)):
        key = "".join((*parts[start:-1], singular(parts[-1])))
        found = (
            _OBJECTS.get(key) or _OBJECTS.get("".join(parts[start:])) or _STEMS.get(stem("".join(parts[start:])), "")
        )
        if found:
            return _modified(found, parts[:start])
    return NOTHING


def stem(word: str) -> str:
    """What is left of a German noun without its plural: "vorgaenge" and "vorgang" are one."""
    plain = word.replace("ae", "a").replace("oe", "o").replace("ue", "u")
    return re.sub(r"(en|e|n)$", "", plain) if len(plain) > 5 else ""


_STEMS = {stem(key): name for key, name in _OBJECTS.items() if stem(key) and key.isascii()}


def _modified(found: str, before: tuple[str, ...]) -> Meant:
    strange = [word for word in before if word not in AROUND["neutral"] and not word.isdigit() and len(word) > 1]
    if any(word in AROUND["hostile"] for word in strange):
        return NOTHING
    if any(_OBJECTS.get(singular(word), found) != found for word in strange):
        return Meant(found, 0.55)
    return Meant(found, 0.7 if strange else 0.95 if before else 1.0)


def _object_zh(name: str) -> Meant:
    text = "".join(_ZH.findall(name))
    for _ in range(3):
        for tail in AROUND["zh_neutral"]:
            if text.endswith(tail) and len(text) > len(tail):
                text = text[: -len(tail)]
    if text.endswith(tuple(AROUND["zh_satellites"])) or any(word in text for word in AROUND["zh_hostile"]):
        return NOTHING
    for start in range(len(text)):
        found = _OBJECTS.get(text[start:])
        if found:
            return Meant(found, 1.0 if start == 0 else 0.75)
    return NOTHING


def satellite(name: str) -> bool:
    """Whether the name is about an object, and not the object: lead_sources, order-items, 客户类型."""
    if chinese(name):
        return name.endswith(tuple(AROUND["zh_satellites"]))
    parts = words(name)
    return bool(parts) and len(parts) > 1 and parts[-1] in AROUND["satellites"]


@cache
def action_of(name: str) -> Meant:
    """The action that a whole path segment or method name means: "list", "findAll", "shenpi", "审批通过"."""
    parts = words(name)
    plain = parts[:-2] if parts[-2:] == ("by", "id") else parts
    found = _ACTIONS.get("".join(plain)) or _ACTIONS.get(squeezed(name))
    if found:
        return Meant(found, 1.0)
    if chinese(name):
        hits = [(len(word), _ACTIONS[word]) for word in _ACTIONS if chinese(word) and word in name]
        return Meant(max(hits)[1], 0.7) if hits else NOTHING
    return NOTHING


@cache
def action_and_noun(name: str) -> tuple[Meant, str]:
    """ "getCustomerList" -> list and "customer"; "addCustomer"; "crm.deal.list". No noun: ("", "")."""
    parts = words(name)
    best: tuple[Meant, str] = (NOTHING, "")
    for start, end in ((s, e) for s in range(len(parts)) for e in range(len(parts), s, -1)):
        noun, around = parts[start:end], (*parts[:start], *parts[end:])
        meant = object_of("_".join(noun)) if around else NOTHING
        act = action_of("_".join(word for word in around if word not in ("by", "id", "the", "a", "to", "crm")))
        if meant.name and act.name and meant.sure > best[0].sure:
            best = (Meant(act.name, meant.sure), "_".join(noun))
    return best


@cache
def choices_of(value: str) -> frozenset[str]:
    """Every canonical choice that a word may stand for."""
    key, plain = squeezed(value), "".join(words(value))
    exact = frozenset(name for name, listed in _CHOICES.items() if key in listed or plain in listed)
    root = genderless(plain)
    return exact or frozenset(name for name, listed in _ROOTS.items() if root and root in listed)


def genderless(word: str) -> str:
    """ "ganada" and "ganado", "gagnee" and "gagne", "annulees" without what agrees with the noun; "" when too short."""
    root = re.sub(r"(?:os|as|es|o|a|e|s)+$", "", word) if word.isascii() else ""
    return root if len(root) > 2 else ""


_CHOICES = {
    name: frozenset({name, *(squeezed(w) for w in listed), *("".join(words(w)) for w in listed)})
    for name, listed in CHOICE_WORDS.items()
}
_ROOTS = {name: frozenset(filter(None, map(genderless, listed))) for name, listed in _CHOICES.items()}


def rank(value: str, choice: str) -> int:
    """How far down the list of a choice's words this one stands: 0 is the very word."""
    listed = [choice, *(squeezed(word) for word in CHOICE_WORDS[choice])]
    key = squeezed(value)
    return listed.index(key) if key in listed else len(listed)


def best(meant: Iterable[Meant]) -> Meant:
    """The surest of several."""
    return max(meant, key=lambda one: one.sure, default=NOTHING)
