"""Mistaken cells: which mistakes are made, that a sample leaves nobody out, and what a replay is said to notice."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_acceptance.engines.permissions.flips import (
    BLIND,
    FAILING,
    NOTICED,
    UNPROVEN,
    UNSUPPORTED,
    Flip,
    Told,
    flips,
    sample,
    tried,
)
from crm_acceptance.engines.permissions.replay import Replay
from crm_acceptance.engines.permissions.staff import Staff
from crm_acceptance.engines.permissions.table import Matrix, Rule
from crm_acceptance.errors import Unproven, Unsupported
from crm_acceptance.model import Person

REPOSITORY = Path(__file__).resolve().parent.parent
LINA = Person("lina", "李娜", "sales", "rep", "lina")
OWN = Rule("rep", "read", "customer", "own", {"phone": "masked"}, ("SEC-002",), 2)


def changes(*rules: Rule) -> list[str]:
    return [flip.what for flip in flips(Matrix(rules))]


def test_scopes_are_mistaken_for_too_little_and_too_much_and_fields_for_the_other_treatment() -> None:
    assert changes(OWN) == ["own -> none", "own -> all", "phone: masked -> plain", "name: plain -> hidden"]
    assert changes(Rule("rep", "delete", "customer", "none")) == ["none -> all"]
    assert changes(Rule("rep", "change", "customer", "all", {"owner": "read-only"})) == ["all -> none"]


def test_questions_with_one_right_answer_are_not_mistaken() -> None:
    asked = [Rule("rep", action, "customer", "own") for action in ("tamper", "stale", "exists", "related")]
    assert changes(*asked, Rule("rep", "after_logout", "session", "none")) == []


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("xyz"), st.integers(0, 99)), unique=True, max_size=40),
    st.integers(1, 45),
)
def test_a_sample_takes_from_every_role_and_object_before_it_takes_again(
    rows: list[tuple[str, str, int]], most: int
) -> None:
    every = [Flip(Rule(role, f"read{n}", kind, "own"), OWN, "x") for role, kind, n in rows]
    found = sample(every, most)
    assert len(found) == min(most, len(every)) == len(set(map(id, found)))
    counts = [
        sum(one.rule.role == role and one.rule.object == kind for one in found) for role in "abcd" for kind in "xyz"
    ]
    wholes = [
        sum(one.rule.role == role and one.rule.object == kind for one in every) for role in "abcd" for kind in "xyz"
    ]
    assert all(count == whole or count >= max(counts) - 1 for count, whole in zip(counts, wholes, strict=True))
    assert sample(every, 0) == tuple(every)


def verdicts(findings: Callable[[Rule], list[str]], *rules: Rule) -> dict[str, tuple[str, str]]:
    staff = Staff((LINA,), Matrix(tuple(Rule("rep", "create", kind, "own") for kind in ("customer", "lead"))))
    double = cast(Replay, SimpleNamespace(findings=findings, garden=SimpleNamespace(staff=staff)))
    heard: list[Told] = []
    told = list(tried(double, flips(Matrix(rules)), heard.append))
    assert told == heard
    return {one.flip.what: (one.word, one.reason) for one in told}


def test_only_a_cell_that_agrees_as_it_stands_and_disagrees_when_mistaken_is_noticed() -> None:
    told = verdicts(lambda rule: [] if rule == OWN or rule.scope == "all" else ["泄露"], OWN)
    assert told["own -> none"] == (NOTICED, "泄露") and told["own -> all"][0] == BLIND
    assert "nobody in people.csv" in told["own -> all"][1]  # she is the only one who owns anything


def test_a_cell_that_is_refuted_as_it_stands_notices_nothing() -> None:
    assert {word for word, _ in verdicts(lambda rule: ["泄露"], OWN).values()} == {FAILING}


@pytest.mark.parametrize(
    ("error", "word"), [(Unproven("x"), UNPROVEN), (Unsupported("x"), UNSUPPORTED), (KeyError("x"), UNPROVEN)]
)
def test_a_replay_that_cannot_speak_is_no_notice(error: Exception, word: str) -> None:
    def silent(rule: Rule) -> list[str]:
        raise error

    def only_when_mistaken(rule: Rule) -> list[str]:
        if rule == OWN:
            return []
        raise error

    assert {one for one, _ in verdicts(silent, OWN).values()} == {word}
    assert {one for one, _ in verdicts(only_when_mistaken, OWN).values()} == {word}


def test_a_real_site_notices_a_mistaken_cell_and_refutes_a_wrong_one(tmp_path: Path) -> None:
    for name in ("features/requirements.csv", "fixtures/people.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(REPOSITORY / name, tmp_path / name)
    (tmp_path / "acceptance.toml").write_text('system = "refcrm"\n[launch]\nsize = "5"\n', encoding="utf-8")
    (tmp_path / "security").mkdir()
    rows = ["sales_rep,create|read,customer,own,,SEC-002", "marketer,read,customer,all,,SEC-008"]
    table = "\n".join(["role,action,object,scope,fields,requirement", *rows]) + "\n"
    (tmp_path / "security" / "permissions.csv").write_text(table, encoding="utf-8")
    code, body = flipped(tmp_path, "--cells", "0")
    told = {(one["role"], one["action"], one["flip"]): one["outcome"] for one in body["not_noticed"]}
    assert told[("marketer", "read", "all -> none")] == FAILING
    assert ("sales_rep", "read", "own -> none") not in told and ("sales_rep", "read", "own -> all") not in told
    assert body["noticed"] >= 2 and code == body["exit_code"] == 1
    assert body["by_role_and_object"]["sales_rep"]["customer"][NOTICED] >= 2 and 0 < body["requests"] < 200


def flipped(folder: Path, *words: str) -> tuple[int, dict[str, Any]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "CRM_ACCEPTANCE_"))}
    command = [sys.executable, "-c", "from crm_acceptance.cli import main; main()", "touchstone", "--matrix", "--json"]
    done = subprocess.run(
        [*command, *words], cwd=folder, env={**kept, "PYTHONUTF8": "1"}, capture_output=True, timeout=240, check=False
    )
    return done.returncode, json.loads(done.stdout)
