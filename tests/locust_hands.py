"""One pair of Locust's hands working for two people of a described CRM, in a process of its own. No test lives here."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "load")]

import locustfile  # noqa: E402  (Locust patches the sockets: before anything else)
from locust.env import Environment  # noqa: E402

from crm_acceptance.model import Action, Page, Site  # noqa: E402
from crm_acceptance.systems import HasRecords  # noqa: E402
from crm_acceptance.systems.flow import perform  # noqa: E402
from crm_acceptance.systems.rest import described  # noqa: E402
from tests.odd_server import PASSWORD, PEOPLE  # noqa: E402


def main(url: str, mapping: str) -> None:
    """Everybody signs in, looks and writes twice, in turns; prints whose list each one saw."""

    class Hands(locustfile.Employee):  # type: ignore[misc]
        host = url

    environment = Environment(user_classes=[Hands])
    environment.floor = SimpleNamespace(open=lambda send: None)  # type: ignore[attr-defined]
    hands = Hands(environment)
    hands.on_start()
    system = described("odd", Path(mapping), PEOPLE)
    assert isinstance(system, HasRecords)
    records = system.records(Site("odd", url))
    sessions = {person.key: perform(records.login(person, PASSWORD), hands.once) for person in PEOPLE}
    seen = []
    for session in [*sessions.values()] * 2:
        page = perform(records.flow(session, Action("list", "customer")), hands.once)
        assert isinstance(page, Page)
        perform(records.flow(session, Action("create", "customer", fields={"name": "x"})), hands.once)
        seen.append(page.rows[0]["name"])
    print(json.dumps({"seen": seen, "jar": len(hands.client.cookiejar)}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
