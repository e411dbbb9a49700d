"""What each real CRM proved and disproved when somebody last looked into every single one: proofs by requirement id.

`python -m tests.baselines RUN` compares a run with its system's file and exits 1 with every difference; a requirement
that is unproven in the file and proven now is told, but is no failure. `--write` takes a run over as the new baseline,
to be read in the diff before it is committed.
"""

from __future__ import annotations

import json
from pathlib import Path

HERE = Path(__file__).parent


def compare(run: Path, write: bool = False) -> int:
    """0 when the run says what the baseline says, 1 with one line per difference."""
    decided = json.loads((run / "gate.json").read_text("utf-8"))
    now = {one["id"]: one["proof"] for one in decided["requirements"]}
    file = HERE / f"{decided['system']}.json"
    if write:
        file.write_text(json.dumps(now, indent=1, sort_keys=True) + "\n", "utf-8")
        return 0
    if not file.exists():
        print(f"{decided['system']}: no baseline yet; read the run, then: python -m tests.baselines {run} --write")
        return 1
    then: dict[str, str] = json.loads(file.read_text("utf-8"))
    changed = {one: (then.get(one), now.get(one)) for one in sorted(then.keys() | now.keys())}
    changed = {one: pair for one, pair in changed.items() if pair[0] != pair[1]}
    for one, (before, after) in changed.items():
        print(f"{decided['system']} {one}: {before} -> {after}")
    return int(any(pair != ("unproven", "proven") for pair in changed.values()))
