"""`python -m examples.serve directus|strapi`: starts an example's system and keeps it running until Ctrl-C."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import secrets
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from crm_acceptance.errors import AcceptanceError

SYSTEMS = ("directus", "strapi")
Start = Callable[[int, str], AbstractContextManager[str]]


def starter(system: str) -> Start:
    """`start(port, password)` of that example: a context that gives the URL."""
    found: Start = importlib.import_module(f"examples.{system}.site").site
    return found


def main() -> int:
    """Prints the address and the password, then waits."""
    told = argparse.ArgumentParser(prog="python -m examples.serve", description=__doc__)
    told.add_argument("system", choices=SYSTEMS)
    told.add_argument("--port", type=int, default=0, help="0: any free one")
    told.add_argument("--document", type=Path, help="write its OpenAPI document there")
    asked = told.parse_args()
    password = os.environ.get("CRM_ACCEPTANCE_PASSWORD") or secrets.token_urlsafe(12)
    over = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: over.set())
    try:
        with starter(asked.system)(asked.port, password) as url:
            source = "CRM_ACCEPTANCE_PASSWORD" if "CRM_ACCEPTANCE_PASSWORD" in os.environ else password
            if asked.document:
                found = importlib.import_module(f"examples.{asked.system}.site").document(url)
                asked.document.write_text(json.dumps(found, ensure_ascii=False, indent=1), "utf-8")
            print(f"{asked.system}: {url}\n密码 password: {source}\n按 Ctrl-C 停止 Ctrl-C stops it", flush=True)
            over.wait()
    except AcceptanceError as wrong:
        print(wrong, file=sys.stderr)
        return wrong.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
