"""Who shares a boot, and how they are told apart afterwards: properties that hold for any defects and checks."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_acceptance.gate.matrix import Check
from crm_acceptance.model import Expected, Proof
from crm_acceptance.touchstone import crossing
from crm_acceptance.touchstone.batches import batches, noticing
from crm_acceptance.touchstone.judging import CAUGHT, Outcome, Seen
from crm_acceptance.touchstone.planted import Planted

IDS = st.sampled_from([f"SEC-{number:03}" for number in range(1, 7)])
PLACES = [
    f"security/test_p.py::test_cell[{role}-{deed}]" for role in ("rep", "boss", "it") for deed in ("read", "list")
]
PEAK = "load/test_peaks.py::test_peak[morning]"
CHECKS = st.lists(
    st.builds(
        Expected,
        st.sampled_from([*PLACES, PEAK]),
        st.just("t"),
        st.lists(IDS, min_size=1, max_size=2).map(tuple),
        st.just("e"),
    ),
    max_size=7,
    unique_by=lambda check: check.nodeid,
).map(
    lambda found: [
        Expected(c.nodeid, c.title, c.requirements, "load" if c.nodeid == PEAK else "permissions") for c in found
    ]
)
WHERE = st.sampled_from([(), ("*-read*",), ("*rep-*",), ("*boss-list*", "*it-list*"), ("nowhere",)])
DEFECTS = st.lists(
    st.tuples(st.sampled_from(["permission", "functional"]), st.sets(IDS, min_size=1, max_size=2), WHERE), max_size=14
).map(
    lambda rows: [Planted(f"d{n}", kind, tuple(sorted(ids)), where=where) for n, (kind, ids, where) in enumerate(rows)]
)


@given(DEFECTS, CHECKS)
def test_every_defect_is_planted_exactly_once(defects: list[Planted], checks: list[Expected]) -> None:
    planted = [one.name for batch in batches(defects, checks) for one in batch.defects]
    assert sorted(planted) == sorted(one.name for one in defects)


@given(DEFECTS, CHECKS)
def test_no_check_could_notice_two_defects_of_a_batch_and_nobody_who_says_not_where_shares_a_requirement(
    defects: list[Planted], checks: list[Expected]
) -> None:
    for batch in batches(defects, checks):
        for one, other in combinations(batch.defects, 2):
            assert one.kind == other.kind
            assert not noticing(one, checks) & noticing(other, checks)
            assert (one.where and other.where) or not set(one.requirements) & set(other.requirements)


@given(DEFECTS, CHECKS)
def test_a_batch_runs_just_the_checks_that_may_notice_its_defects(
    defects: list[Planted], checks: list[Expected]
) -> None:
    for batch in batches(defects, checks):
        assert batch.checks == frozenset().union(*(noticing(one, checks) for one in batch.defects))


@given(DEFECTS, CHECKS)
def test_whoever_only_a_peak_shows_is_alone_and_quiet(defects: list[Planted], checks: list[Expected]) -> None:
    for batch in batches(defects, checks):
        assert batch.quiet == (PEAK in batch.checks)
        assert not batch.quiet or len(batch.defects) == 1


def test_batches_are_as_few_as_can_be_where_that_is_known() -> None:
    ids = [f"SEC-{number:03}" for number in range(1, 6)]
    checks = [Expected(f"security/a.py::t[{id}-{at}]", "", (id,), "e") for id in ids for at in range(3)]
    one_each = [Planted(f"w{id}{at}", "permission", (id,), where=(f"*{id}-{at}*",)) for id in ids for at in range(3)]
    assert len(batches(one_each, checks)) == 1
    thrice = [Planted(f"r{id}{at}", "permission", (id,)) for id in ids for at in range(3)]
    assert len(batches(thrice, checks)) == 3


def test_brackets_in_a_pattern_are_fnmatchs() -> None:
    check = Expected("security/test_permissions.py::test_x[sales_rep-list-contact]", "", ("SEC-003",), "e")
    at = Planted("a", "permission", ("SEC-003",), where=("*[[]sales_rep-list-contact]*",))
    assert noticing(at, [check]) == {check.nodeid}
    assert noticing(Planted("b", "permission", ("SEC-003",), where=("*[sales_rep-list-contact]",)), [check]) == set()


@given(st.integers(1, 60))
def test_no_code_lies_within_another_and_boots_are_few(number: int) -> None:
    found = list(crossing.codes([f"d{n}" for n in range(number)]).values())
    assert len(found) == number and all(found)
    assert not any(one <= other for n, one in enumerate(found) for m, other in enumerate(found) if n != m)
    assert 1 + max(max(code) for code in found) <= max(1, number) and max(map(max, found)) <= 8


CAST = [f"d{n}" for n in range(7)]
GUILTY = st.sets(st.sampled_from(CAST), max_size=3)


@settings(max_examples=200)
@given(st.lists(GUILTY, min_size=len(CAST), max_size=len(CAST)), st.sets(st.sampled_from(CAST)))
def test_only_a_check_that_fails_by_this_defect_alone_confirms_it(guilty: list[set[str]], broken: set[str]) -> None:
    """`guilty[n]` is who really makes the witness of the n-th defect fail; `broken` witnesses cannot speak at all."""
    codes = crossing.codes(CAST)
    boots = []
    for at in range(1 + max(max(code) for code in codes.values())):
        on = set(crossing.on_in(codes, at))
        proofs = {
            name: Proof.UNPROVEN if name in broken else Proof.DISPROVEN if on & who else Proof.PROVEN
            for name, who in zip(CAST, guilty, strict=True)
        }
        boots.append(Seen({name: check(name, proof) for name, proof in proofs.items()}, asked=frozenset(CAST)))
    for name, who in zip(CAST, guilty, strict=True):
        found = crossing.confirmed(codes[name], frozenset({name}), boots)
        assert found == (who == {name} and name not in broken)
    gone = [*boots[:-1], Seen(boots[-1].checks, trouble="interrupted", asked=frozenset(CAST))]
    assert not any(crossing.confirmed(codes[name], frozenset({name}), gone) for name in CAST)


def test_the_quickest_check_is_asked_again() -> None:
    told = Outcome(Planted("d", "permission", ("SEC-001",)), CAUGHT, ("a", "b", "c"))
    assert crossing.witnesses(told, Seen(took={"a": 9.0, "b": 0.2, "c": 0.1})) == {"c"}


def check(nodeid: str, proof: Proof) -> Check:
    return Check(nodeid, nodeid, "failed" if proof is Proof.DISPROVEN else "passed", "e", "", proof, "")
