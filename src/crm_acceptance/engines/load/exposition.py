"""What a server says of itself: Prometheus or OpenMetrics text, and a Prometheus server's answers, as plain numbers.

Asks nobody (listening.py does) and remembers nothing.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

MB = 2.0**20


class Nonsense(ValueError):
    """What came is not what such an address says; the message is the end of a sentence."""


@dataclass(frozen=True)
class Known:
    """One figure under our name: the sum of a family's samples, `rising` ones per second; `scale` makes it cores or MB;
    samples with any of `without` (label: value) are not added."""

    name: str
    family: str
    rising: bool = False
    scale: float = 1.0
    without: Mapping[str, str] = field(default_factory=dict)


KNOWN = (
    Known("cpu", "process_cpu_seconds_total", rising=True),
    Known("memory", "process_resident_memory_bytes", scale=1 / MB),
    # names of OpenTelemetry's semantic conventions, as its collector's Prometheus exporter writes them
    Known("cpu", "process_cpu_time_seconds_total", rising=True),
    Known("memory", "process_memory_usage_bytes", scale=1 / MB),
    Known("cpu", "jvm_cpu_time_seconds_total", rising=True),
    Known("memory", "jvm_memory_used_bytes", scale=1 / MB),
    # node_exporter, and the collector's host metrics
    Known("host_cpu", "node_cpu_seconds_total", rising=True, without={"mode": "idle"}),
    Known("host_memory_free", "node_memory_MemAvailable_bytes", scale=1 / MB),
    Known("host_cpu", "system_cpu_time_seconds_total", rising=True, without={"state": "idle"}),
)
"""What is looked for unasked; the first of a name that is there counts."""
_LINE = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


def figures(text: str, asked: Collection[str] = ()) -> dict[str, tuple[float, bool]]:
    """Figure -> (value, whether it only rises). `asked`: families of the server's own that are wanted under their own
    names. Nonsense when nothing of it is there."""
    wanted = (*KNOWN, *(Known(name, name, rising=name.endswith("_total")) for name in sorted(asked)))
    found = _samples(text, {one.family for one in wanted})
    told: dict[str, tuple[float, bool]] = {}
    for one in wanted:
        values = [value for labels, value in found.get(one.family, ()) if not _left_out(one, labels)]
        if values and one.name not in told:
            told[one.name] = sum(values) * one.scale, one.rising
    if not told:
        raise Nonsense(_why(text))
    return told


def _left_out(one: Known, labels: Mapping[str, str]) -> bool:
    return any(labels.get(label) == value for label, value in one.without.items())


def _samples(text: str, families: Collection[str]) -> dict[str, list[tuple[Mapping[str, str], float]]]:
    """Only lines that are wanted are parsed: some servers tell ten thousand."""
    lines = [line for line in text.splitlines() if (begun := _LINE.match(line)) and begun[0] in families]
    found: dict[str, list[tuple[Mapping[str, str], float]]] = {}
    try:
        for family in text_string_to_metric_families("\n".join((*lines, ""))):
            for sample in family.samples:
                if math.isfinite(sample.value):
                    found.setdefault(sample.name, []).append((sample.labels, float(sample.value)))
    except ValueError as wrong:
        raise Nonsense(f"读不懂 cannot be read：{str(wrong)[:80]}") from None
    return found


def _why(text: str) -> str:
    if "# TYPE" in text or "# HELP" in text:
        names = "、".join(dict.fromkeys(one.family for one in KNOWN[:2]))
        return f"里面没有处理器和内存的数字（例如 {names}）none of the known figures is in it"
    return f"不是 Prometheus 文本 no Prometheus text：{text.strip()[:60]!r}"


def answer(body: str) -> float:
    """The one number of a Prometheus server's instant query. Nonsense when it is none, or several."""
    try:
        told = json.loads(body)
        if told["status"] != "success":
            raise Nonsense(str(told.get("error", told["status"]))[:120])
        values = list(_values(told["data"]))
    except (ValueError, KeyError, TypeError, IndexError) as wrong:
        if isinstance(wrong, Nonsense):
            raise
        raise Nonsense(f"不是 Prometheus 查询接口的回答 no answer of its query API：{body.strip()[:60]!r}") from None
    if len(values) != 1:
        raise Nonsense(f"得到 {len(values)} 条序列，要恰好一条，可用 sum() 或 max() sum() or max() makes it one")
    if not math.isfinite(values[0]):
        raise Nonsense("得到的不是一个数 not a number")
    return values[0]


def _values(data: Mapping[str, object]) -> Iterator[float]:
    """Of a scalar or a vector."""
    result = data["result"]
    if data["resultType"] == "scalar":
        yield float(result[1])  # type: ignore[index]
        return
    for one in result:  # type: ignore[attr-defined]
        yield float(one["value"][1])
