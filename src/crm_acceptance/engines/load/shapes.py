"""The shape of a load: how many arrivals per second (or people) when, as stages; what they do stands elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm_acceptance.engines.load import entries, quantities
from crm_acceptance.engines.load.entries import Table
from crm_acceptance.errors import WrongUse, unknown

KINDS = ("ramp", "plateau", "spike", "soak", "step")
KEYS = ("ramp", "plateau", "spike", "soak", "steps", "stages")
LONGEST, MOST = 24 * 3600.0, 1_000_000
"""Seconds of one peak, and arrivals that one plan may hold."""


@dataclass(frozen=True)
class Stage:
    """One stretch of the plan, in order. `kind`: ramp plateau spike soak step; `rate`: arrivals per second at its end,
    linear from the stage before (0 before the first) in a ramp, flat in all others; `counted`: whether what begins in
    it counts for thresholds."""

    kind: str
    seconds: float
    rate: float
    counted: bool


@dataclass(frozen=True)
class Unit:
    """In what the height of a stage is written: `key` is "rate" (arrivals per second) or "people"; `each` makes
    arrivals per second of one."""

    key: str
    each: float = 1.0

    def height(self, where: str, table: Table, key: str = "", default: float | None = None) -> float:
        """The entry as arrivals per second; `default` is in them, too."""
        asked = key or self.key
        if asked not in table and default is not None:
            return default
        if self.key == "people":
            found = entries.quantity(where, table, asked, lambda here, text: float(quantities.people(here, text)))
            return quantities.people(f"{where} 的 {asked}", f"{found:.10g}") * self.each
        return entries.quantity(where, table, asked, quantities.rate)


RATE = Unit("rate")


def read(where: str, table: Table, rate: float | None, unit: Unit = RATE) -> tuple[Stage, ...]:
    """The stages of a peak; () for the simple one, a ramp and a plateau at `rate`. WrongUse tells what cannot be."""
    if "stages" in table:
        _alone(where, table, "stages")
        return _checked(where, _written(where, table, rate, unit))
    long = [key for key in ("plateau", "soak", "steps") if key in table]
    if len(long) > 1:
        raise WrongUse(f"{where}：{'、'.join(long)} 只能写一个。Only one of {', '.join(long)}; use stages for more.")
    if "steps" in table:
        return _checked(where, _steps(where, table, unit))
    if rate is None:
        raise WrongUse(f"{where} 缺少 arrivals_per_second。The key arrivals_per_second (or people) is missing.")
    if "soak" in table:
        return _checked(where, [*_ramp(where, table, rate), Stage("soak", _length(where, table, "soak"), rate, True)])
    if "spike" in table:
        return _checked(where, [*_ramp(where, table, rate), *_spike(where, table, rate, unit)])
    flat = Stage("plateau", _length(where, table, "plateau"), rate, True)
    _checked(where, [*_ramp(where, table, rate), flat])
    return ()


def _alone(where: str, table: Table, key: str) -> None:
    others = [one for one in KEYS if one in table and one != key]
    if others:
        raise WrongUse(f"{where}：写了 {key} 就不能再写 {'、'.join(others)}。With {key} leave out {', '.join(others)}.")


def _length(where: str, table: Table, key: str) -> float:
    return entries.positive(where, key, quantities.seconds(f"{where} 的 {key}", entries.value(where, table, key, str)))


def _ramp(where: str, table: Table, rate: float) -> list[Stage]:
    length = quantities.seconds(f"{where} 的 ramp", entries.value(where, table, "ramp", str, "0 s"))
    return [Stage("ramp", length, rate, False)] if length > 0 else []


def _spike(where: str, table: Table, rate: float, unit: Unit) -> list[Stage]:
    """The plateau, cut in two by the spike `after` so long of it (default: half)."""
    inside, here = entries.value(where, table, "spike", dict), f"{where} spike"
    entries.keys(here, inside, (unit.key, "length", "after"))
    plateau, length = _length(where, table, "plateau"), _length(here, inside, "length")
    after = _length(here, inside, "after") if "after" in inside else plateau / 2
    if after >= plateau:
        raise WrongUse(
            f"{here}：after（{after:g} 秒）要短于 plateau（{plateau:g} 秒）。The spike begins within the plateau."
        )
    high = unit.height(here, inside)
    before, rest = Stage("plateau", after, rate, True), Stage("plateau", plateau - after, rate, True)
    return [before, Stage("spike", length, high, True), rest]


def _steps(where: str, table: Table, unit: Unit) -> list[Stage]:
    """Up in equal steps until the last one is reached: stress to break."""
    inside, here = entries.value(where, table, "steps", dict), f"{where} steps"
    entries.keys(here, inside, ("from", "to", "by", "each"))
    low, high, by = (unit.height(here, inside, key) for key in ("from", "to", "by"))
    each = _length(here, inside, "each")
    if high <= low:
        raise WrongUse(f"{here}：to 要大于 from。The last step must be higher than the first.")
    if (high - low) / by * each > LONGEST:
        raise WrongUse(f"{here}：台阶太多，要跑 {(high - low) / by * each / 3600:.3g} 小时。Too many steps.")
    heights = [low + n * by for n in range(int((high - low) / by + 1e-9) + 1)]
    return [*_ramp(where, table, low), *(Stage("step", each, height, True) for height in heights)]


def _written(where: str, table: Table, rate: float | None, unit: Unit) -> list[Stage]:
    """[[….stages]] as they stand; a height that is not written is the one before, or the peak's own."""
    found: list[Stage] = []
    for n, row in enumerate(entries.rows(where, table, "stages"), 1):
        here = f"{where} stage {n}"
        entries.keys(here, row, ("kind", "length", unit.key, "counted"))
        kind = entries.value(here, row, "kind", str)
        if kind not in KINDS:
            raise unknown(f"阶段 kind（{here}）", kind, KINDS)
        height = unit.height(here, row, default=found[-1].rate if found else rate)
        counted = entries.value(here, row, "counted", bool, kind != "ramp")
        found.append(Stage(kind, _length(here, row, "length"), height, counted))
    return found


def _checked(where: str, stages: Sequence[Stage]) -> tuple[Stage, ...]:
    if not any(stage.counted for stage in stages):
        raise WrongUse(f"{where}：没有一个阶段计入指标（counted）。No stage counts, so nothing could be judged.")
    length = sum(stage.seconds for stage in stages)
    if length > LONGEST:
        raise WrongUse(f"{where}：一共 {length / 3600:.3g} 小时，最长 {LONGEST / 3600:g} 小时。Too long a peak.")
    planned = area(stages)
    if planned > MOST:
        raise WrongUse(
            f"{where}：计划了 {planned:,.0f} 件事，一个高峰最多 {MOST:,} 件。请缩短时间或降低速率。"
            "More arrivals than one plan may hold: shorten it or lower the rate."
        )
    return tuple(stages)


def area(stages: Sequence[Stage], counted: bool = False) -> float:
    """How many arrivals these stages come to; with `counted`, only those that count."""
    total, before = 0.0, 0.0
    for stage in stages:
        mean = (before + stage.rate) / 2 if stage.kind == "ramp" else stage.rate
        total += mean * stage.seconds if stage.counted or not counted else 0.0
        before = stage.rate
    return total
