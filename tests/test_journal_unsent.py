"""What a CRM has not at all is no request whose answer never came: nothing was sent, so nothing is left to look for."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_acceptance.cleaning.reading import read
from crm_acceptance.errors import Unsupported
from crm_acceptance.manners import journal
from crm_acceptance.model import Action
from tests.odd_server import Doors, Says, serving

TWO = """
[calls]
list = { call = "GET {path}", rows = "" }
change = { call = "PATCH {path}/{id}", body = { fixed = 1 } }
[objects.customer]
path = "/firms"
fields = { name = "title" }
[objects.customer.calls.create]
steps = [{ call = "POST /drafts", body = "{fields}" }, { do = "customer.change", id = "1", fields = { name = "x" } }]
"""


@pytest.mark.parametrize(("object", "open_ends"), [("quote", 0), ("customer", 1)])
def test_only_what_may_have_been_written_is_looked_for(object: str, open_ends: int, tmp_path: Path) -> None:
    with serving(lambda asked: Says(200, {})) as running:
        doors = Doors(running, TWO, tmp_path)
        with journal.opened(tmp_path / "journal", doors.site), pytest.raises(Unsupported):
            doors.of().do(Action("create", object, fields={"name": "甲"}))
    entries = read(tmp_path / "journal").entries
    assert len(entries) == 1
    assert sum(not entry.ended for entry in entries) == open_ends == len(running.paths("POST"))
