"""Numbers with units as business people write them -> plain values: 30 秒, 两分钟, 每秒 8 个, 1 %; knows no tables."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping

from crm_acceptance.errors import WrongUse, unknown

SECONDS: Mapping[str, float] = {
    "ms": 0.001,
    "毫秒": 0.001,
    "s": 1.0,
    "sec": 1.0,
    "second": 1.0,
    "seconds": 1.0,
    "秒": 1.0,
    "秒钟": 1.0,
    "min": 60.0,
    "minute": 60.0,
    "minutes": 60.0,
    "分": 60.0,
    "分钟": 60.0,
    "h": 3600.0,
    "hour": 3600.0,
    "hours": 3600.0,
    "小时": 3600.0,
}
_DIGITS = {**{one: value for value, one in enumerate("零一二三四五六七八九")}, "〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
NUMERAL = "[零〇一二两三四五六七八九十百千万半点]"
DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)"
"""A comma parts thousands and nothing else: 1,5 is no fifteen."""
NUMBER = rf"(?:{DIGITS}(?:\.\d+)?(?:\s?万)?|{NUMERAL}+)"
"""What a number may look like, for sentences."""
_PLAIN = re.compile(rf"({DIGITS}(?:\.\d+)?)(\s?万)?")
_EACH = re.compile(
    rf"(?:每(?P<zh>秒|分钟|分)\s*)?(?P<n>{NUMBER})\s*(?:次|个|件|笔|单)?\s*(?:(?:/\s*|per\s+|每)(?P<en>s|sec|second|min|minute|秒|分钟|分))?",
    re.IGNORECASE,
)


def number(text: str) -> float:
    """ "800", "1,200", "1.5 万", "八百", "一千二", "两", "半". ValueError for anything else."""
    shown = unicodedata.normalize("NFKC", text).strip()
    plain = _PLAIN.fullmatch(shown)
    if plain:
        return float(plain[1].replace(",", "")) * (10_000 if plain[2] else 1)
    if shown == "半":
        return 0.5
    whole, point, part = shown.partition("点")
    if not shown or (point and not all(one in _DIGITS for one in part or " ")):
        raise ValueError(shown)
    return _whole(whole) + (float("0." + "".join(str(_DIGITS[one]) for one in part)) if point else 0.0)


def _whole(shown: str) -> float:
    """十二, 八百, 一千二 (1200), 三万五 (35000)."""
    high, found, low = shown.partition("万")
    if not found:
        return _below(shown)
    spoken = low in _DIGITS and _DIGITS[low] > 0  # 三万五 leaves the thousand out
    return _below(high) * 10_000 + _below(low) * (1000 if spoken else 1) if high else _below("?")


def _below(shown: str) -> float:
    """Below 万, its units from the biggest down; a last digit without its unit counts tenths of the unit before it:
    八百五 is 850, 八百零五 805."""
    total, digit, unit, least = 0, -1, 1, 10_000
    for one in shown:
        if _TENS.get(one, 10_000) < least and digit and (digit > 0 or not total or one == "十"):
            total, digit, unit, least = total + abs(digit) * _TENS[one], -1, _TENS[one], _TENS[one]
        elif one in _DIGITS and digit <= 0 and (digit or _DIGITS[one]):
            digit, unit = _DIGITS[one], unit if _DIGITS[one] else 10
        else:
            raise ValueError(shown)  # 二三, 十十 and 零十 are no numbers
    if digit == 0 and total:
        raise ValueError(shown)  # 一百零
    return float(total + max(digit, 0) * max(1, unit // 10))


def seconds(where: str, text: str) -> float:
    """ "15 s", "500 ms", "两分钟" as seconds; WrongUse names the known units."""
    shown = unicodedata.normalize("NFKC", text)
    found = re.fullmatch(rf"\s*({NUMBER})\s*(?:个\s*)?([^\s\d]+?)\s*", shown)
    if not found:
        raise WrongUse(f"{where}：时间要写成数和单位，例如 15 s；这里是 {text!r}。Write a number and a unit.")
    if found[2] not in SECONDS:
        raise unknown(f"时间单位 unit（{where}）", found[2], SECONDS)
    return _number(where, found[1], text) * SECONDS[found[2]]


def percent(where: str, text: str) -> float:
    """ "1 %", "0.5％", "百分之一" as a ratio from 0 to 1."""
    shown = unicodedata.normalize("NFKC", text)
    found = re.fullmatch(rf"\s*(?:({NUMBER})\s*%|百分之({NUMBER}))\s*", shown)
    value = _number(where, found[1] or found[2], text) / 100 if found else -1.0
    if not 0 <= value <= 1:
        raise WrongUse(
            f"{where}：要写成 0 到 100 之间的百分数，例如 1 %；这里是 {text!r}。Write a percentage, 0 % to 100 %."
        )
    return value


def rate(where: str, text: str) -> float:
    """ "20 /s", "每秒 20 个", "30 每分钟", "20 per second" as a number per second."""
    shown = unicodedata.normalize("NFKC", text).strip()
    found = _EACH.fullmatch(shown)
    unit = (found["zh"] or found["en"]) if found else None
    if not found or not unit or (found["zh"] and found["en"]):
        raise WrongUse(
            f"{where}：速率要写成每秒多少个，例如 20 /s 或 每秒 20 个；这里是 {text!r}。Write a number per second."
        )
    return _number(where, found["n"], text) / SECONDS[unit.lower()]


def people(where: str, text: str) -> int:
    """ "800 人", "八百", "800 people" as a whole number."""
    found = re.fullmatch(rf"\s*({NUMBER})\s*(?:个?人|位|名|people)?\s*", unicodedata.normalize("NFKC", text))
    value = _number(where, found[1], text) if found else math.nan
    if not math.isfinite(value) or value != int(value):
        raise WrongUse(f"{where}：人数要写成整数，例如 800 人；这里是 {text!r}。Write a whole number of people.")
    return int(value)


def count(where: str, text: str) -> float:
    """ "0", "3 笔": how many of something bad are borne."""
    found = re.fullmatch(r"\s*(\d+)\s*(?:笔|个|次)?\s*", unicodedata.normalize("NFKC", text))
    if not found:
        raise WrongUse(f"{where}：要写个数，例如 0；这里是 {text!r}。Write a count.")
    return float(found[1])


def compared(where: str, text: str) -> tuple[float, bool]:
    """ "<= 0.8", "≥ 100", "0.8" (at most) as the number and whether it is the least."""
    shown = unicodedata.normalize("NFKC", text)
    found = re.fullmatch(r"\s*(<=|>=|≤|≥|<|>)?\s*(-?\d+(?:\.\d+)?)\s*", shown)
    if not found:
        raise WrongUse(f"{where}：要写比较和数，例如 <= 0.8；这里是 {text!r}。Write a comparison and a number.")
    return float(found[2]), (found[1] or "<=") in (">=", "≥", ">")


def growth(where: str, text: str, units: Mapping[str, float], example: str) -> float:
    """ "120 MB/min", "50 毫秒/分钟" as so much per second; `units` says what one of each is."""
    names = "|".join(map(re.escape, sorted(units, key=len, reverse=True)))
    shown = unicodedata.normalize("NFKC", text)
    found = re.fullmatch(
        rf"\s*(?:({NUMBER})\s*({names})\s*/\s*(min|分钟|分)|每分钟\s*({NUMBER})\s*({names}))\s*", shown
    )
    if not found:
        raise WrongUse(f"{where}：增长要写成每分钟多少，例如 {example}；这里是 {text!r}。Write so much per minute.")
    return _number(where, found[1] or found[4], text) * units[found[2] or found[5]] / 60


def _number(where: str, shown: str, text: str) -> float:
    try:
        return number(shown)
    except ValueError:
        raise WrongUse(f"{where}：看不懂这个数：{text!r}。This is no number.") from None
