"""Creme without a running Creme: what it offers, its mapping, its launcher, how its lists are asked and read."""

from __future__ import annotations

import ast
import base64
import hashlib
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crm_acceptance.errors import Refused, Unsupported, WrongUse
from crm_acceptance.model import Action, Page, Record, Site
from crm_acceptance.systems import CanLaunch, HasRecords, HasScreens, find
from crm_acceptance.systems.creme import SYSTEM, launch, screens, screens_papers
from crm_acceptance.systems.creme.install import INSIDE, REQUIREMENTS, SEEDING, steps
from crm_acceptance.systems.rest import screens as by_names


def test_creme_comes_through_the_same_door_as_any_system_and_has_screens_only() -> None:
    assert find("creme") is SYSTEM
    assert isinstance(SYSTEM, HasScreens)
    assert isinstance(SYSTEM, CanLaunch)
    assert not isinstance(SYSTEM, HasRecords)


@pytest.mark.parametrize(
    ("verb", "can"),
    [("customer.create", True), ("customer.list", True), ("quote.order", True), ("opportunity.advance", True),
     ("ticket.close", True), ("followup.list", True), ("lead.convert", False), ("payment.create", False),
     ("order.create", False), ("report.read", False), ("customer.export", False)],
)  # fmt: skip
def test_what_creme_can_do_is_known_beforehand(verb: str, can: bool) -> None:
    object, _, action = verb.partition(".")
    assert SYSTEM.supports(action, object) is can


def test_the_hands_only_do_what_the_mapping_knows_of() -> None:
    assert {object for object, _ in screens.HANDS} <= set(by_names.spec_of(screens.table()).objects)


def code_lines(path: Path) -> int:
    """Lines that do something: no imports, docstrings, comments or blanks."""
    text = path.read_text("utf-8")
    statements = [
        node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Expr | ast.Import | ast.ImportFrom)
    ]
    idle = {
        line
        for node in statements
        if not isinstance(node, ast.Expr) or isinstance(node.value, ast.Constant)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    lines = enumerate(text.splitlines(), start=1)
    return sum(1 for number, line in lines if line.strip() and line.strip()[0] != "#" and number not in idle)


def test_the_code_beside_the_mapping_stays_below_150_lines() -> None:
    assert sum(code_lines(path) for path in Path(screens.__file__).parent.glob("screens*.py")) < 150


def test_what_runs_in_cremes_own_python_is_never_imported_by_ours() -> None:
    asked = "import sys, crm_acceptance.systems.creme.launch, crm_acceptance.systems.creme.screens; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout.split()
    assert not {"creme", "django", "books", "people", "records", "site_settings"} & set(loaded)


def test_every_package_is_pinned_with_its_hashes() -> None:
    text = REQUIREMENTS.read_text("utf-8")
    pinned = re.findall(r"^[\w.\-\[\]]+==\S+", text, re.MULTILINE)
    assert "creme-crm==2.8.6" in pinned
    assert all(re.search(rf"^{re.escape(one)}.*\\\n\s+--hash=sha256:", text, re.MULTILINE) for one in pinned)
    assert "://" not in text, "no registry of somebody's own"


def test_a_changed_seed_is_seeded_anew() -> None:
    assert {INSIDE / name for name in SEEDING} <= set(INSIDE.glob("*.py"))
    seeding = next(step for step in steps() if step.name == "seeded")
    assert all((INSIDE / name).read_text("utf-8") in seeding.inputs for name in SEEDING)


@pytest.mark.parametrize(("options", "told"), [({"widden": "x"}, "widen"), ({"widen": "everybody"}, "salespeople")])
def test_an_unknown_launch_option_is_told_before_anything_is_installed(options: dict[str, str], told: str) -> None:
    with pytest.raises(WrongUse, match=told), SYSTEM.launch(options=options):
        pass


@pytest.fixture
def database(tmp_path: Path) -> Any:
    with closing(sqlite3.connect(tmp_path / "creme.sqlite")) as opened:
        opened.executescript(
            """
            CREATE TABLE creme_core_cremeuser (username, password, is_active, is_team);
            INSERT INTO creme_core_cremeuser VALUES ('lina', '!', 1, 0), ('root', '!', 0, 0), ('公海', '!', 1, 1);
            CREATE TABLE creme_core_userrole (id, name);
            INSERT INTO creme_core_userrole VALUES (1, '销售代表'), (2, '客服');
            CREATE TABLE creme_core_setcredentials (role_id, set_type);
            INSERT INTO creme_core_setcredentials VALUES (1, 2), (1, 3), (2, 2);
            """
        )
        yield opened


def test_the_password_is_written_as_django_reads_it_and_only_for_people(database: sqlite3.Connection) -> None:
    launch._set_password(database, "geheim")
    coded = dict(database.execute("SELECT username, password FROM creme_core_cremeuser"))
    kind, rounds, salt, digest = coded["lina"].split("$")
    wanted = hashlib.pbkdf2_hmac("sha256", b"geheim", salt.encode(), int(rounds))
    assert (kind, digest) == ("pbkdf2_sha256", base64.b64encode(wanted).decode())
    assert coded["root"] == coded["公海"] == "!"


def test_widening_shows_everything_to_salespeople_and_changes_nobody_else(database: sqlite3.Connection) -> None:
    launch._widen(database, "销售代表")
    assert sorted(database.execute("SELECT * FROM creme_core_setcredentials")) == [(1, 1), (1, 3), (2, 2)]


class Table:
    """What mapping.toml does, as the hands meet it: remembers what it is asked for."""

    def __init__(self, *outcomes: Any) -> None:
        self.asked: list[Action] = []
        self.outcomes = list(outcomes)

    def do(self, page: object, action: Action) -> Any:
        self.asked.append(action)
        return self.outcomes.pop(0)


def door(*outcomes: Any) -> tuple[Any, Table]:
    made = screens.CremeScreens(Site("creme", "http://creme"))
    table = Table(*outcomes)
    made.table = table  # type: ignore[assignment]
    return made, table


@pytest.mark.parametrize(("q", "object"), [("软件", "customer"), ("138 1234 5678", "x_by_phone")])
def test_a_number_is_looked_for_among_the_phones(q: str, object: str) -> None:
    hand, table = door(Page((Record(object, "7", {"name": "上海软件"}),), 1))
    found = hand.do(None, Action("list", "customer", options={"q": q}))
    assert [action.object for action in table.asked] == [object]
    assert found == Page((Record("customer", "7", {"name": "上海软件"}),), 1)


def test_an_order_is_billed_as_a_whole_or_not_at_all() -> None:
    hand, _ = door(Record("order", "3", {"amount": Decimal(30000)}))
    with pytest.raises(Unsupported, match="全额"):
        hand.do(None, Action("create", "invoice", fields={"order": "3", "amount": Decimal(18000)}))


def test_a_campaign_starts_today_unless_it_is_said_when() -> None:
    hand, table = door(Record("campaign", "1"), Record("campaign", "2"), Record("campaign", "3"))
    hand.do(None, Action("create", "campaign", fields={"name": "展会"}))
    hand.do(None, Action("create", "campaign", fields={"name": "展会", "starts": "2027-03-18"}))
    hand.do(None, Action("change", "campaign", "3", fields={"budget": Decimal(9)}))
    days = [action.fields.get("x_day") for action in table.asked]
    assert days == [date.today().isoformat(), "2027-03-18", None]


@pytest.mark.parametrize(("status", "kind"), [(403, "denied"), (404, "missing")])
def test_a_page_of_creme_that_says_no_is_a_refusal(status: int, kind: str) -> None:
    class Window:
        def goto(self, address: str) -> Any:
            return SimpleNamespace(status=status)

    with pytest.raises(Refused) as no:
        screens_papers.opened(Window(), "http://creme/tickets/ticket/1")
    assert no.value.kind == kind
