"""One boot as a process of its own: a whole run on a fresh reference CRM, as a JSON file asks. Judges nothing.

`python -m crm_acceptance.touchstone.boot request.json`; a process, because a run tells its site to its environment.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from rich.console import Console

from crm_acceptance.checks import lifeline
from crm_acceptance.errors import AcceptanceError
from crm_acceptance.running.request import Request
from crm_acceptance.running.run import run

PATIENCE = 240.0
"""Seconds without any finished check after which a boot is given up."""
MOST_REQUESTS = 500_000
"""One boot's requests are counted and, should a check run wild, bounded."""


def main(argument: str) -> int:
    """The run's exit code; 3 and one sentence when it could not begin."""
    if os.environ.get(lifeline.LIFELINE_ENV):
        lifeline.hold()
    body = json.loads(Path(argument).read_text(encoding="utf-8"))
    folder = Path(argument).parent
    request = Request(
        workspace=Path(body["workspace"]),
        system="refcrm",
        fresh=True,
        out=folder,
        workers="0",
        listed=folder / "checks.txt",
        promised=Path(body["promised"]),
        launch={name: value for name, value in body["launch"].items() if value},
        budget=0 if body["quiet"] else MOST_REQUESTS,
        patience=PATIENCE,
        allure=False,
    )
    try:
        return run(request, Console(width=200, soft_wrap=True))
    except AcceptanceError as told:
        print(told, file=sys.stderr)
        return told.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
