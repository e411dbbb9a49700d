"""The written order to the generator process and what it writes back, as JSON; neither side runs here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from crm_acceptance.engines.load.peaks import Threshold
from crm_acceptance.engines.load.watch import Look
from crm_acceptance.engines.load.work import Arrival
from crm_acceptance.model import Person, Site

VARIABLE = "CRM_ACCEPTANCE_LOAD_ORDER"
"""Names the environment variable that tells the locustfile where its order is."""


@dataclass(frozen=True)
class Order:
    """Everything the generator needs but the passwords, which it takes from its environment. `think` > 0: a closed
    loop; `stops`: the thresholds with a window, which end the run early; `index` of `workers`; `live`: path of the live
    file; `beginning`: unix time at which the clock of all workers starts, 0: when this one is ready; `rows`: the data
    that arrivals name by number."""

    site: Site
    people: tuple[Person, ...]
    arrivals: tuple[Arrival, ...]
    users: int
    timeout: float
    patience: float
    results: str
    think: float = 0.0
    stops: tuple[Threshold, ...] = ()
    index: int = 0
    workers: int = 1
    live: str = ""
    beginning: float = 0.0
    rows: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True)
class Sample:
    """One Action as it went. Times in seconds after the opening; `error` is "" when the site agreed."""

    verb: str
    person: str
    intended: float
    started: float
    ended: float
    error: str = ""


@dataclass(frozen=True)
class Write:
    """One write and whether the site acknowledged it: the record's object and id, and fields that find it again."""

    person: str
    object: str
    id: str
    where: dict[str, str]
    acknowledged: bool


@dataclass(frozen=True)
class Measured:
    """What the generator saw. `lags`: seconds between an intended start and the actual one while somebody was free
    to start it, so the generator's own lateness; `cpu`, `wall`: its processor and clock seconds; `problem`: why it
    could not go on; `left`: arrivals that nobody was free to begin before the patience ended; `opened`: the machine's
    monotonic clock when the clock of the samples started; `pulses`: how late (seconds) the generator's own heart beat,
    whoever was free; `server`: what was seen of the server, by that same clock; `stopped`: the sentence of the
    threshold that ended the run early, which is not met; `lost`: one sentence per worker that was lost, which makes
    the run invalid."""

    samples: tuple[Sample, ...] = ()
    writes: tuple[Write, ...] = ()
    lags: tuple[float, ...] = ()
    left: tuple[Arrival, ...] = ()
    cpu: float = 0.0
    wall: float = 0.0
    ended: float = 0.0
    problem: str = ""
    unreachable: bool = False
    opened: float = 0.0
    pulses: tuple[float, ...] = ()
    server: tuple[Look, ...] = ()
    stopped: str = ""
    lost: tuple[str, ...] = ()


def write_order(path: Path, order: Order) -> None:
    """The order as a file."""
    path.write_text(json.dumps(asdict(order), ensure_ascii=False), encoding="utf-8")


def read_order(path: Path) -> Order:
    """The order from its file."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    raw |= {"site": Site(**raw["site"]), "people": tuple(Person(**one) for one in raw["people"])}
    raw |= {"stops": tuple(Threshold(**one) for one in raw.get("stops", ())), "rows": tuple(raw.get("rows", ()))}
    return Order(**raw | {"arrivals": _arrivals(raw["arrivals"])})


def write_measured(path: Path, measured: Measured) -> None:
    """The results, written whole: a half-written file never carries the final name."""
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps(asdict(measured), ensure_ascii=False), encoding="utf-8")
    draft.replace(path)


def read_measured(path: Path) -> Measured:
    """The results from their file."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    raw["samples"] = tuple(Sample(**one) for one in raw["samples"])
    raw["writes"] = tuple(Write(**one) for one in raw["writes"])
    raw["pulses"] = tuple(raw["pulses"])
    raw["lost"] = tuple(raw.get("lost", ()))
    raw["server"] = tuple(Look(**one) for one in raw["server"])
    return Measured(**raw | {"lags": tuple(raw["lags"]), "left": _arrivals(raw["left"])})


def _arrivals(rows: Sequence[dict[str, object]]) -> tuple[Arrival, ...]:
    return tuple(Arrival(**one) for one in rows)  # type: ignore[arg-type]
