"""Real load on the reference CRM: a search that forgets whose records they are is seen in the answers of the peak."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from refcrm_process import PASSWORD, running

from crm_acceptance import catalogue, profile
from crm_acceptance.engines.load import generator
from crm_acceptance.engines.load.foreign import allowing, wrong_answers
from crm_acceptance.engines.load.peaks import Peak, Share, Threshold
from crm_acceptance.engines.permissions import table
from crm_acceptance.model import Site

HERE = Path(__file__).parent
MIX = (Share("customer.search", ("lina", "wangqiang"), 3.0), Share("lead.create", ("lina",), 1.0))
PEAK = Peak("short", "短高峰", 20, 12.0, 0.0, 3.0, 10.0, MIX, (Threshold("PERF-002", "foreign", 0),))


@pytest.mark.slow
def test_answers_with_somebody_elses_customers_are_found_and_ones_own_are_not() -> None:
    asked = profile.load(HERE.parent, "refcrm")
    known = catalogue.load(asked)
    may = allowing(table.declared(asked, known), known.people)

    def wrong(url: str) -> tuple[list[str], int]:
        measured = generator.run(
            replace(PEAK, name=url), Site("refcrm", url, "reference"), tuple(known.people.values()),
            lambda person: PASSWORD, HERE.parent / "load" / "locustfile.py",
        )  # fmt: skip
        assert not measured.problem, measured.problem
        return wrong_answers(measured, may)

    with running() as crm:
        clean, looked = wrong(crm.url)
        with crm.defect("search_index_unscoped"):
            leaking, _ = wrong(crm.url)
    assert clean == [] and looked >= 5
    assert leaking and all("customer.search" in one for one in leaking), leaking
