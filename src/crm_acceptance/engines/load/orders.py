"""The written order to the generator process and what it writes back, as JSON; neither side runs here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from crm_acceptance.engines.load import expecting
from crm_acceptance.engines.load.expecting import Expect
from crm_acceptance.engines.load.health import Health
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
    counted: tuple[tuple[float, float], ...] = ()
    """The stretches of the plan that count (Peak.counted_from), for the thresholds in `stops`."""
    expected: dict[str, Expect] = field(default_factory=dict)
    """What the answers to pages have to be, by verb."""


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
class Worker:
    """One worker of a run that several made: which machine and process (`name`), Actions done, failed and never begun,
    seconds that it was late itself, its share of one core, and by how many seconds its clock started later than the
    master meant (`skew`), known to within `within` seconds."""

    index: int
    name: str
    count: int = 0
    errors: int = 0
    left: int = 0
    late_p95: float = 0.0
    late_p99: float = 0.0
    cpu: float = 0.0
    skew: float = 0.0
    within: float = 0.0
    lost: bool = False


@dataclass(frozen=True)
class Seen:
    """What one answer that was looked into showed: to whom, by which action on which object, the owners (person keys)
    of its records, and the marks (words that the peak itself made up) in it that were not in this person's own request;
    `asked`: the id that was asked for when another record came, else ""; `rows`: how many records it held."""

    person: str
    action: str
    object: str
    owners: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    at: float = 0.0
    asked: str = ""
    rows: int = 1


@dataclass(frozen=True)
class Measured:
    """What the generator saw. `lags`: seconds between an intended start and the actual one while somebody was free
    to start it, so the generator's own lateness; `cpu`, `wall`: its processor and clock seconds; `problem`: why it
    could not go on; `left`: arrivals that nobody was free to begin before the patience ended; `opened`: the machine's
    monotonic clock when the clock of the samples started; `pulses`: how late (seconds) the generator's own heart beat,
    whoever was free; `server`: what was seen of the server, by that same clock; `stopped`: the sentence of the
    threshold that ended the run early, which is not met; `lost`: one sentence per worker that was lost, which makes
    the run invalid; `workers`: a line each, none when the generator was one process."""

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
    workers: tuple[Worker, ...] = ()
    departments: dict[str, str] = field(default_factory=dict)
    """Person key -> department, for thresholds about one."""
    seen: tuple[Seen, ...] = ()
    """The answers that were looked into for other people's data."""
    stopped_at: float = 0.0
    """Seconds after the opening at which the run was stopped early; what was due later does not count."""
    health: Health = field(default_factory=Health)
    """What the generator noticed about its own machine."""
    approval: str = ""
    """The reference under which the site may be put under this load ([site] approval); "" where none was needed."""
    metrics: dict[str, list[list[float]]] = field(default_factory=dict)
    """What the server said of itself, per figure [monotonic clock, value]; see listening.py."""
    odd: tuple[str, ...] = ()
    """Of the answers to pages of which nothing is expected, those that were looked into: the beginning of each that
    looks like an error though its status is fine, "" for each that does not."""
    deaf: str = ""
    """One sentence, if it was asked and said nothing that could be understood."""


def write_order(path: Path, order: Order) -> None:
    """The order as a file."""
    path.write_text(json.dumps(order, default=_plain, ensure_ascii=False), encoding="utf-8")


def read_order(path: Path) -> Order:
    """The order from its file."""
    return order_from_plain(json.loads(path.read_text(encoding="utf-8")))


def order_from_plain(raw: dict[str, Any]) -> Order:
    """The order from what JSON makes of it."""
    raw |= {"site": Site(**raw["site"]), "people": tuple(Person(**one) for one in raw["people"])}
    raw |= {"stops": tuple(Threshold(**one) for one in raw.get("stops", ())), "rows": tuple(raw.get("rows", ()))}
    raw |= {"expected": {verb: expecting.from_plain(one) for verb, one in raw.get("expected", {}).items()}}
    raw["counted"] = tuple((begin, end) for begin, end in raw.get("counted", ()))
    return Order(**raw | {"arrivals": _arrivals(raw["arrivals"])})


def write_measured(path: Path, measured: Measured) -> None:
    """The results, written whole: a half-written file never carries the final name."""
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps(measured, default=_plain, ensure_ascii=False), encoding="utf-8")
    draft.replace(path)


def read_measured(path: Path) -> Measured:
    """The results from their file."""
    return from_plain(json.loads(path.read_text(encoding="utf-8")))


def from_plain(raw: Mapping[str, Any]) -> Measured:
    """The results from what JSON makes of them."""
    kinds: dict[str, Any] = {"samples": Sample, "writes": Write, "left": Arrival, "server": Look, "workers": Worker}
    kinds |= {"seen": _seen}
    told: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in raw.items()}
    told |= {name: tuple(kind(**one) for one in told.get(name, ())) for name, kind in kinds.items()}
    return Measured(**told | {"health": Health(**told.get("health", {}))})


def _plain(value: Any) -> dict[str, Any]:
    """A dataclass, one level of it: half a million samples are not copied before they are written."""
    return vars(value) if hasattr(value, "__dict__") else asdict(value)


def _arrivals(rows: Sequence[dict[str, object]]) -> tuple[Arrival, ...]:
    return tuple(Arrival(**one) for one in rows)  # type: ignore[arg-type]


def _seen(**raw: Any) -> Seen:
    return Seen(**raw | {"owners": tuple(raw["owners"]), "marks": tuple(raw["marks"])})
