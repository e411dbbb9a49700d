"""Creme without a running Creme: what it offers, its mapping, its launcher, how its lists are asked and read."""

from __future__ import annotations

import base64
import hashlib
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from crm_acceptance.errors import Refused, Unsupported, WrongUse
from crm_acceptance.model import Action
from crm_acceptance.systems import CanLaunch, HasRecords, HasScreens, find
from crm_acceptance.systems.creme import SYSTEM, launch, screens, screens_lists
from crm_acceptance.systems.creme.install import INSIDE, REQUIREMENTS, SEEDING, steps


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


def test_the_mapping_and_the_lists_speak_of_the_same_objects() -> None:
    described = screens.table().screens or {}
    assert set(described["objects"]) == set(screens_lists.COLUMNS)
    assert set(screens_lists.CUSTOMER) < set(screens_lists.COLUMNS)


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


class ListPage:
    """A list of Creme as the door meets it: remembers the address, shows a title and rows."""

    def __init__(self, title: str, rows: list[Any], status: int = 200) -> None:
        self.title, self.rows, self.status, self.asked = title, rows, status, ""

    @property
    def first(self) -> ListPage:
        return self

    def goto(self, address: str) -> ListPage:
        self.asked = address
        return self

    def locator(self, query: str) -> ListPage:
        return self

    def inner_text(self) -> str:
        return self.title

    def evaluate_all(self, script: str) -> list[Any]:
        return self.rows


def listing(shown: ListPage, kind: str = "customer", customer: str = "", **options: Any) -> Any:
    return screens_lists.listed(shown, "http://creme", "/list", Action("list", kind, options=options), customer)


@pytest.mark.parametrize(
    ("q", "column"),
    [("软件", "regular_field-name"), ("138 1234 5678", "regular_field-phone")],
)
def test_a_word_is_searched_in_the_column_that_it_looks_like(q: str, column: str) -> None:
    page = ListPage("LIST OF ORGANISATIONS", [])
    listing(page, q=q)
    assert f"search-{column}=" in page.asked


def test_rows_come_with_their_ids_and_the_total_of_the_title() -> None:
    row = ["99", {"regular_field-name": "上海软件", "regular_field-phone": "", "regular_field-user": "李娜"}]
    found = listing(ListPage("LIST OF ORGANISATIONS (1\xa0–\xa01 / 1,041)", [row]), size=10, sort="-name")
    assert (found.total, found.rows[0].id) == (1041, "99")
    assert dict(found.rows[0].fields) == {"name": "上海软件", "owner": "李娜"}


def test_behind_the_last_page_there_is_nothing_though_creme_shows_the_last_page_again() -> None:
    row = ["99", {"regular_field-name": "上海软件"}]
    assert listing(ListPage("LIST (26 – 41 / 41)", [row]), size=25, page=3).rows == ()


def test_a_list_that_is_not_for_this_person_is_denied() -> None:
    with pytest.raises(Refused) as no:
        listing(ListPage("403", [], status=403))
    assert no.value.kind == "denied"


def test_a_column_that_creme_cannot_sort_by_is_no_ability() -> None:
    with pytest.raises(Unsupported, match="amount"):
        listing(ListPage("LIST", []), "opportunity", sort="-amount")
