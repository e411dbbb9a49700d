"""Start the reference CRM: its arguments and its exit code. `python -m crm_acceptance.refcrm --help`."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from . import defects

WRONG_USE = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until stopped. Answers the exit code: 0, or 2 for wrong use."""
    args = _arguments(argv)
    if args.list_defects:
        print(json.dumps([asdict(defect) for defect in defects.DEFECTS], ensure_ascii=False, indent=2))
        return 0
    try:
        _switch_on([name.strip() for name in args.defects.split(",") if name.strip()])
        # Only now: listing the defects should not take the second that a web framework takes to load.
        code: int = importlib.import_module("crm_acceptance.refcrm.serving").serve(args)
    except ValueError as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    return code


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m crm_acceptance.refcrm", description="演示用 CRM · The reference CRM"
    )
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--db", default="", help="SQLite file; without it a temporary one")
    parser.add_argument("--defects", default="", help="names, joined by commas, of defects to switch on")
    parser.add_argument("--size", type=int, default=300, help="how many customers to seed")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same data")
    parser.add_argument("--people", default="", help="CSV: key,name,department,role,login")
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="first language of the screens")
    parser.add_argument("--lifeline", action="store_true", help="stop when standard input closes")
    parser.add_argument("--list-defects", action="store_true", help="print the planted defects as JSON and stop")
    return parser.parse_args(argv)


def _switch_on(names: list[str]) -> None:
    strange = defects.unknown(names)
    if strange:
        known = "、".join(defects.KNOWN)
        raise ValueError(f"没有缺陷 {'、'.join(strange)},可用:{known}。 Unknown defect.")
    for name in names:
        defects.switch(name, True)


if __name__ == "__main__":
    sys.exit(main())
