"""`python -m bench [api|ui|leaks] [--quick]`: the comparisons one after the other, in one run."""

from __future__ import annotations

import sys

from bench import api_scenario, leaks, ui_scenario

BENCHES = {"api": api_scenario.main, "ui": ui_scenario.main, "leaks": leaks.main}


def main(words: list[str]) -> None:
    """Run what is named, or all."""
    names = [word for word in words if not word.startswith("-")]
    strange = sorted(set(names) - set(BENCHES))
    if strange:
        raise SystemExit(f"没有这个台架 no such bench: {strange[0]}. known: {', '.join(BENCHES)}")
    for name in names or BENCHES:
        BENCHES[name](quick="--quick" in words)


if __name__ == "__main__":
    main(sys.argv[1:])
