"""One pair of Locust's hands working for two people of a described CRM, in a process of its own. No test lives here."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "load")]

import gevent  # noqa: E402
import locustfile  # noqa: E402  (Locust patches the sockets: before anything else)
from locust.env import Environment  # noqa: E402

from crm_acceptance.engines.load.floor import Floor  # noqa: E402
from crm_acceptance.engines.load.orders import Order  # noqa: E402
from crm_acceptance.engines.load.pages import OPEN  # noqa: E402
from crm_acceptance.model import Action, Page, Site  # noqa: E402
from crm_acceptance.systems import HasRecords  # noqa: E402
from crm_acceptance.systems.flow import perform  # noqa: E402
from crm_acceptance.systems.rest import described  # noqa: E402
from tests.odd_server import PASSWORD, PEOPLE  # noqa: E402


def main(url: str, mapping: str) -> None:
    """Everybody signs in, looks and writes twice, in turns; prints whose list each one saw."""

    environment = Environment(user_classes=[locustfile.Employee])
    order = Order(Site("odd", url), PEOPLE, (), 1, 10.0, 10.0, "")
    locustfile.staff(environment, Floor(order, OPEN, str, time.monotonic, gevent.sleep))
    once = environment.hands.once  # type: ignore[attr-defined]
    system = described("odd", Path(mapping), PEOPLE)
    assert isinstance(system, HasRecords)
    records = system.records(Site("odd", url))
    sessions = {person.key: perform(records.login(person, PASSWORD), once) for person in PEOPLE}
    seen = []
    for session in [*sessions.values()] * 2:
        page = perform(records.flow(session, Action("list", "customer")), once)
        assert isinstance(page, Page)
        perform(records.flow(session, Action("create", "customer", fields={"name": "x"})), once)
        seen.append(page.rows[0]["name"])
    environment.board.show()  # type: ignore[attr-defined]
    print(json.dumps({"seen": seen, "counted": environment.stats.total.num_requests}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
