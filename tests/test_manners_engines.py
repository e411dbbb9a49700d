"""The same manners in the engines that bring clients of their own: schemathesis and Locust, under TLS and a prefix."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from odd_site import OddSite, Said, Seen, self_signed

from crm_acceptance.engines.fuzz import contract
from crm_acceptance.engines.fuzz.cases import run_cases
from crm_acceptance.engines.fuzz.identities import Sender
from crm_acceptance.engines.fuzz.keeping import keep
from crm_acceptance.engines.fuzz.naming import Operation, operations
from crm_acceptance.engines.load import generator
from crm_acceptance.engines.load.peaks import Peak, Share, Threshold
from crm_acceptance.engines.load.verdict import refuse_invalid
from crm_acceptance.errors import SiteOutOfReach, Unproven
from crm_acceptance.manners import journal, pace
from crm_acceptance.manners.pace import Allowance
from crm_acceptance.model import Person, Site
from crm_acceptance.systems.flow import Answer

LOCUSTFILE = Path(__file__).parent.parent / "load" / "locustfile.py"
LINA = Person("lina", "李娜", "sales", "sales_rep", "lina")
PEAK = Peak(
    *("short", "短高峰", 4, 10.0, 0.0, 2.0, 5.0, (Share("customer.search", ("lina",), 1.0),)),
    (Threshold("PERF-001", "p50", 1.0),),
)  # fmt: skip
DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "odd", "version": "1"},
    "paths": {
        "/api/leads": {
            "post": {
                "operationId": "createLead",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["name"],
                                "additionalProperties": False,
                                "properties": {"name": {"type": "string", "minLength": 3}},
                            }
                        }
                    },
                },
                "responses": {"201": {"description": "made"}},
            }
        }
    },
}


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No allowance of whoever runs these tests, and none left behind."""
    monkeypatch.setenv(pace.PACE_ENV, "")
    monkeypatch.delenv(pace.PACE_ENV)
    yield


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "odd.json"
    file.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    return file


def crm(seen: Seen, number: int) -> Said:
    """Just enough of the reference CRM's API, and its contract."""
    if seen.path.endswith("/openapi.json"):
        return Said(200, json.dumps(DOCUMENT).encode())
    if seen.path.endswith("/login"):
        return Said(200, b'{"token": "t-0123456789abcdef", "user": {}}')
    if seen.method == "POST":
        return Said(201, b'{"data": {"id": 41}}')
    return Said(200, b'{"items": [], "total": 0, "page": 1, "size": 20}')


def test_generated_requests_go_below_the_prefix_and_trust_the_named_certificate_only(
    tmp_path: Path, document: Path
) -> None:
    made = self_signed(tmp_path)
    [operation] = operations(contract.pinned(document))
    with OddSite(crm, certificate=made) as site:
        url, trusted = f"{site.url}/crm", str(tmp_path / "site.pem")
        with pytest.raises(SiteOutOfReach):
            run_cases(document, operation, 1, lambda case: _sent(Sender(url), case))
        run_cases(document, operation, 1, lambda case: _sent(Sender(url, verify=trusted), case))
        assert contract.live(url, {}, verify=trusted) == DOCUMENT
    assert [seen.path for seen in site.seen] == ["/crm/api/leads", "/crm/openapi.json"]


def _sent(sender: Sender, case: object) -> None:
    sender.send(case)  # type: ignore[arg-type]


def test_generated_requests_count_and_are_patient(tmp_path: Path, document: Path) -> None:
    pace.tell(Allowance(tmp_path / "pace.json", budget=2))
    [operation] = operations(contract.pinned(document))
    busy = Said(429, b"", (("Retry-After", "0"),))
    with OddSite(lambda seen, number: busy if number == 0 else Said(201, b"{}")) as site:
        run_cases(document, operation, 1, lambda case: _sent(Sender(site.url), case))
        with pytest.raises(Unproven, match="预算"):
            run_cases(document, operation, 1, lambda case: _sent(Sender(site.url), case))
    assert len(site.seen) == 2


def test_what_a_generated_request_created_stands_in_the_journal(tmp_path: Path) -> None:
    create, look = (
        Operation("POST", "/api/leads", "x", "lead", "create"),
        Operation("GET", "/api/leads", "y", "lead", "list"),
    )

    class Case:
        body: ClassVar[dict[str, object]] = {"name": "000", "deep": {"x": 1}}

    with journal.opened(tmp_path / "journal", Site("odd", "http://127.0.0.1:9")):
        keep(create, "lina", Case(), Answer(201, {}, b'{"data": {"id": 41}}'))  # type: ignore[arg-type]
        keep(create, "lina", Case(), Answer(422, {}, b'{"id": 42}'))  # type: ignore[arg-type]
        keep(create, "lina", Case(), Answer(201, {}, b"<html>"))  # type: ignore[arg-type]
        keep(look, "lina", Case(), Answer(200, {}, b'{"id": 43}'))  # type: ignore[arg-type]
    [file] = (tmp_path / "journal").glob("*.jsonl")
    lines = [
        json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if "word" not in json.loads(line)
    ]
    assert [line.get("made") for line in lines] == [None, [["lead", "41"]]]
    assert lines[0]["fields"] == {"name": "000"}


@pytest.mark.slow
def test_load_looks_at_certificates(tmp_path: Path) -> None:
    made = self_signed(tmp_path)
    with OddSite(crm, certificate=made) as site:
        strange = generator.run(PEAK, Site("refcrm", site.url), (LINA,), lambda person: "secret", LOCUSTFILE)
        with pytest.raises(SiteOutOfReach):
            refuse_invalid(PEAK, strange)
        assert not site.seen
        known = Site("refcrm", site.url, ca=str(tmp_path / "site.pem"))
        measured = generator.run(PEAK, known, (LINA,), lambda person: "secret", LOCUSTFILE)
    assert len(measured.samples) > 5 and not any(one.error for one in measured.samples)
    assert len(site.seen) > 5


@pytest.mark.slow
def test_a_peak_that_our_own_rate_holds_back_says_nothing_of_the_crm(tmp_path: Path) -> None:
    pace.tell(Allowance(tmp_path / "pace.json", rate=3.0))
    with OddSite(crm) as site:
        measured = generator.run(PEAK, Site("refcrm", site.url), (LINA,), lambda person: "secret", LOCUSTFILE)
    with pytest.raises(Unproven, match=r"\[site\] rate"):
        refuse_invalid(PEAK, measured)


@pytest.mark.slow
def test_a_site_that_throttles_at_the_peak_is_unproven_and_not_slow() -> None:
    def busy(seen: Seen, number: int) -> Said:
        return Said(429, b"", (("Retry-After", "1"),)) if number > 4 else crm(seen, number)

    with OddSite(busy) as site:
        measured = generator.run(PEAK, Site("refcrm", site.url), (LINA,), lambda person: "secret", LOCUSTFILE)
    with pytest.raises(Unproven, match="限流"):
        refuse_invalid(PEAK, measured)
