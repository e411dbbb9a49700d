"""A replay of the matrix that is killed at any moment: what it made is removed, accounts included, and no other row."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from foreign_crm import PASSWORD, cleaned, crm

from crm_acceptance.cleaning.reading import read
from crm_acceptance.model import Site

__all__ = ["crm"]
OF_THE_CRM_ITSELF = ("audit", "sessions", "answers", "guesses", "sqlite_sequence")
"""What a CRM writes down about its visitors, and its counters; no records of anybody."""
REPLAYING = """
import os, random, sys
from pathlib import Path
sys.path.insert(0, sys.argv[4])
from permission_rows import MATRIX, PEOPLE, Site
from crm_acceptance.engines.permissions.replay import replay
from crm_acceptance.errors import AcceptanceError
from crm_acceptance.manners import journal
from crm_acceptance.sending import http_send, line
from crm_acceptance.systems import find
site, draw = Site("refcrm", sys.argv[1]), random.Random(int(sys.argv[3]))
rules = [rule for rule in MATRIX.rules if rule.object != "session" or rule.action.startswith("after_")]
draw.shuffle(rules)
apart = [rule for rule in rules if rule.object in ("user", "session", "followup", "notification")]
apart += [rule for rule in rules if rule.action in ("import", "attach", "tamper", "convert", "order", "stale")]
with journal.opened(Path(sys.argv[2]), site):
    password = lambda person: os.environ["KILL_TEST_PASSWORD"]
    player = replay(find("refcrm"), site, MATRIX, PEOPLE, password, lambda _: http_send(line(site), site))
    for pair in zip(apart, rules):
        for rule in pair:
            try:
                player.findings(rule)
            except AcceptanceError:
                pass
            print(*rule.cell, flush=True)
print("whole", flush=True)
"""


def everything(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the CRM's own books."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        kept = [name for name in names if name not in OF_THE_CRM_ITSELF]
        return {name: sorted(db.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr) for name in kept}


def killed_after(seconds: float, site: Site, folder: Path, seed: int) -> list[str]:
    """Starts the replay, kills it so many seconds after its first cell; the cells that it got through."""
    command = [sys.executable, "-c", REPLAYING, site.url, str(folder), str(seed), str(Path(__file__).parent)]
    environment = {**os.environ, "KILL_TEST_PASSWORD": PASSWORD}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    first = process.stdout.readline()
    alarm = threading.Timer(seconds, lambda: os.kill(process.pid, signal.SIGKILL))
    alarm.start()
    rest = process.stdout.readlines()
    process.wait(60)
    alarm.cancel()
    process.stdout.close()
    return [first, *rest]


def moments() -> Iterator[tuple[int, float]]:
    """Seeds and seconds; KILLED asks for more of them than the few that every build tries."""
    draw = random.Random(os.environ.get("KILLED_SEED", "2026"))
    for number in range(int(os.environ.get("KILLED", "2"))):
        yield number, round(draw.uniform(0.0, 3.0), 3)


@pytest.mark.parametrize(("seed", "seconds"), list(moments()))
def test_a_killed_replay_leaves_nothing_behind_and_touches_nobody_else(
    crm: tuple[Site, Path], tmp_path: Path, seed: int, seconds: float
) -> None:
    site, database = crm
    before = everything(database)
    cells = killed_after(seconds, site, tmp_path / "journal", seed)
    assert cells[0] and everything(database) != before
    found = cleaned(tmp_path / "journal", site, thorough=False)
    after = everything(database)
    differing = {name: set(map(repr, after[name])) ^ set(map(repr, before[name])) for name in before}
    assert (found.left, found.closed) == ((), ()), (found, cells[-1])
    assert {name: rows for name, rows in differing.items() if rows} == {}, cells[-1]
    assert not read(tmp_path / "journal").unsettled or found.created == found.removed
