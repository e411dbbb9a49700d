"""`python -m bench [NAME...] [--quick]`: the comparisons one after the other; without a name all of them."""

from __future__ import annotations

import sys

from bench import accuracy, api_scenario, leaks, overhead, peaks, starved, ui_scenario

BENCHES = {
    "api": api_scenario.main, "ui": ui_scenario.main, "leaks": leaks.main,
    "accuracy": accuracy.main, "overhead": overhead.main, "starved": starved.main, "peaks": peaks.main,
}  # fmt: skip


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
