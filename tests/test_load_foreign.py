"""Answers with somebody else's data: what is kept of them while the peak runs, and what the permission table says."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_acceptance.engines.load.foreign import allowing, wrong_answers
from crm_acceptance.engines.load.orders import Measured, Sample, Seen, Write, read_measured, write_measured
from crm_acceptance.engines.load.peaks import Peak, Share, Threshold
from crm_acceptance.engines.load.sieve import EVERY, Sieve, into
from crm_acceptance.engines.load.single import judged
from crm_acceptance.engines.permissions.table import Matrix, Rule
from crm_acceptance.errors import Unproven
from crm_acceptance.model import Action, Page, Person, Record

PEOPLE = {
    one.key: one
    for one in (
        Person("lina", "李娜", "sales", "sales_rep", "lina", "east"),
        Person("wang", "王强", "sales", "sales_rep", "wang", "east"),
        Person("zhao", "赵敏", "sales", "sales_rep", "zhao", "west"),
        Person("wufang", "吴芳", "finance", "accountant", "wufang"),
    )
}
OWN = Matrix((Rule("sales_rep", "list", "customer", "own"), Rule("sales_rep", "read", "customer", "team")))
MAY = allowing(OWN, PEOPLE)
LIST, CREATE = Action("list", "customer"), Action("create", "customer", fields={"name": "高峰gfaaaaaaaaaa"})
MINE, THEIRS = "gfaaaaaaaaaa", "gfbbbbbbbbbb"
WRITES = (Write("lina", "customer", "1", {"q": MINE}, True), Write("wang", "customer", "2", {"q": THEIRS}, True))


def rows(*owners: str, name: str = "") -> Page:
    return Page(tuple(Record("customer", str(n), {"owner": one, "name": name}) for n, one in enumerate(owners)))


def found(*seen: Seen, may: object = MAY) -> list[str]:
    return wrong_answers(Measured(seen=seen, writes=WRITES), may)[0]  # type: ignore[arg-type]


def test_a_peers_record_in_a_list_of_ones_own_is_foreign() -> None:
    (said,) = found(into(1.0, "lina", LIST, rows("lina", "wang")))
    assert "lina" in said and "wang" in said
    assert found(into(1.0, "lina", LIST, rows("lina", "lina"))) == []


def test_a_search_is_judged_by_the_row_of_lists_where_it_has_none() -> None:
    asked = Action("list", "customer", options={"q": "科技"})
    assert into(1.0, "lina", asked, rows()).action == "search"
    assert len(found(into(1.0, "lina", asked, rows("wang")))) == 1


def test_what_a_peer_wrote_during_the_peak_is_known_by_its_mark() -> None:
    assert len(found(into(1.0, "lina", LIST, rows("", name=f"高峰{THEIRS}")))) == 1
    assert found(into(1.0, "lina", LIST, rows("", name=f"高峰{MINE}"))) == []
    export = into(1.0, "lina", Action("export", "customer"), f"x,{THEIRS}".encode())
    assert export.marks == (THEIRS,)
    table = Matrix((Rule("sales_rep", "export", "customer", "own"),))
    assert len(found(export, may=allowing(table, PEOPLE))) == 1


def test_lists_without_a_record_prove_nothing_whatever_was_written_beside_them() -> None:
    empty, own = into(1.0, "lina", LIST, rows()), into(2.0, "lina", CREATE, rows("lina").rows[0])
    with pytest.raises(Unproven, match="None of 1 answers held a record"):
        found(empty, own)
    assert wrong_answers(Measured(seen=(empty, own, into(3.0, "lina", LIST, rows("lina"))), writes=WRITES), MAY) == (
        [],
        2,
    )
    export = into(1.0, "lina", Action("export", "customer"), "名称,电话\n".encode())
    assert (export.rows, into(1.0, "lina", Action("export", "customer"), b"name\r\nA\r\n").rows) == (0, 1)


def test_a_team_may_see_its_team_and_no_other() -> None:
    read = Action("read", "customer", "0")
    assert found(into(1.0, "lina", read, rows("wang").rows[0])) == []
    assert len(found(into(1.0, "lina", read, rows("zhao").rows[0]))) == 1


def test_other_roles_records_are_not_asked_about() -> None:
    assert found(into(1.0, "lina", LIST, rows("wufang", "nobody we know"))) == []


@pytest.mark.parametrize("may", [MAY, allowing(None, PEOPLE)])
def test_an_answer_that_belongs_to_somebody_else_is_wrong_without_any_table(may: object) -> None:
    crossed = into(1.0, "lina", CREATE, Record("customer", "2", {"name": f"高峰{THEIRS}", "owner": "wang"}))
    another = into(1.0, "lina", Action("read", "customer", "5"), Record("customer", "6", {}))
    right = into(1.0, "lina", CREATE, Record("customer", "1", {"name": f"高峰{MINE}", "owner": "lina"}))
    said = found(crossed, another, right, may=may)
    assert len(said) == 2 and "crossed" in said[0] and "another record" in said[1]


def test_answers_of_which_nobody_says_who_may_see_them_prove_nothing() -> None:
    with pytest.raises(Unproven, match="No answer could be judged"):
        found(into(1.0, "lina", LIST, rows("wang")), may=allowing(None, PEOPLE))
    with pytest.raises(Unproven):
        found(into(1.0, "lina", Action("list", "order"), rows("wang")))
    with pytest.raises(Unproven):
        found()


def test_the_sieve_is_not_curious_all_the_time() -> None:
    sieve = Sieve()
    for n in range(1000):
        sieve.look(n * EVERY / 50, "lina", LIST, rows("wang"))
    sieve.look(99.0, "lina", LIST, None)
    sieve.look(99.0, "lina", Action("sum", "order"), rows("wang"))
    assert len(sieve.seen) == 20


def test_what_was_seen_comes_back_from_its_file(tmp_path: Path) -> None:
    seen = into(1.5, "lina", LIST, rows("wang", name=f"高峰{THEIRS}"))
    write_measured(tmp_path / "m.json", Measured(seen=(seen,)))
    assert read_measured(tmp_path / "m.json").seen == (seen,)


@pytest.mark.parametrize(("owner", "met"), [("lina", True), ("wang", False)])
def test_a_threshold_on_foreign_data_is_judged(owner: str, met: bool) -> None:
    limit = Threshold("PERF-002", "foreign", 0)
    peak = Peak("m", "早高峰", 1, 1.0, 0.0, 10.0, 10.0, (Share("customer.list", ("lina",), 1.0),), (limit,))
    seen = (into(1.0, "lina", LIST, rows(owner)),)
    single = judged(peak, Measured((Sample("customer.list", "lina", 1, 1, 2),), seen=seen), None, MAY)
    assert single.judged[0].met is met and "1 个回答" in single.judged[0].sentence
