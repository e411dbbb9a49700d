"""The fault proxy as a program: `python -m crm_acceptance.engines.faults.proxy --to URL --fault drop_field=phone`.

Listens on 127.0.0.1 only. Has no control path over HTTP: the faults stand on its command line, how often each struck
in the file of --tally.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from collections.abc import Sequence
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from crm_acceptance.engines.faults import faults, passing
from crm_acceptance.engines.faults.handling import Handler
from crm_acceptance.engines.faults.strike import Striker
from crm_acceptance.errors import WrongUse

READY = "FAULTS READY "


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """A client that went away is no news."""


def main(arguments: Sequence[str]) -> int:
    """Serves until standard input ends (--lifeline) or the process is ended; exit code 2 for wrong use."""
    args = _arguments(arguments)
    try:
        striker = Striker([faults.read(one) for one in args.fault])
    except WrongUse as wrong:
        print(wrong, file=sys.stderr)
        return wrong.exit_code
    server = _Server(("127.0.0.1", args.port), partial(Handler, passing.target(args.to, args.ca), striker))
    path = urlsplit(args.to).path.rstrip("/")
    print(f"{READY}http://127.0.0.1:{server.server_port}{path}", flush=True)
    if args.tally:
        threading.Thread(target=_telling, args=(striker, Path(args.tally)), daemon=True).start()
    if args.lifeline:
        threading.Thread(target=_until_left_alone, args=(server,), daemon=True).start()
    server.serve_forever()
    if args.tally:
        _told(striker, Path(args.tally))
    return 0


def _until_left_alone(server: _Server) -> None:
    sys.stdin.read()
    server.shutdown()


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m crm_acceptance.engines.faults.proxy", description=__doc__)
    parser.add_argument("--to", required=True, help="the CRM's URL")
    parser.add_argument("--fault", action="append", default=[], help="e.g. drop_field=phone; may be repeated")
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--ca", default="", help="PEM file with the CRM's own certificate")
    parser.add_argument("--tally", default="", help="JSON file: how often each fault struck")
    parser.add_argument("--lifeline", action="store_true", help="stop when standard input closes")
    return parser.parse_args(arguments)


def _telling(striker: Striker, file: Path) -> None:
    """Writes the tally at the start and after strikes; those that come while it is being written go into the next."""
    while True:
        striker.struck.clear()
        _told(striker, file)
        striker.struck.wait()


def _told(striker: Striker, file: Path) -> None:
    draft = file.with_suffix(f".{threading.get_ident()}")
    draft.write_text(json.dumps(dict(striker.tally), ensure_ascii=False), encoding="utf-8")
    os.replace(draft, file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
