"""Ways to look signed off that take more than a line: tests/test_wrong_green.py tries them. No test lives here."""

from __future__ import annotations

from dataclasses import replace

import pytest
from signing_room import Room

from crm_acceptance import contents
from crm_acceptance.errors import AcceptanceError
from crm_acceptance.signoff.revising import Hand, revoke, withdraw


def no_silenced(room: Room) -> None:
    """The no of one signatory, its key revoked by another, and taken back with the revoked key."""
    room.sign("lina", "no", reason="折扣不对")
    revoke(_hand(room, "chenjing"), room.fingerprint("lina"), "丢了")
    with pytest.raises(AcceptanceError, match="已吊销"):
        withdraw(_hand(room, "lina"), room.standing("sales").signatures[-1].digest, "算了")


def new_department(room: Room) -> None:
    """A requirement of a department that the run knows nothing of, where the profile waits for everybody."""
    then = contents.of_run(room.run)
    id, toml = "MKT-001", room.path / "acceptance.toml"
    room.present = replace(
        then, requirements={**then.requirements, id: "0" * 64}, departments={**then.departments, id: "marketing"}
    )
    kept = [line for line in toml.read_text("utf-8").splitlines() if not line.startswith("departments =")]
    toml.write_text("\n".join(kept) + "\n", "utf-8")


def _hand(room: Room, person: str) -> Hand:
    return Hand(room.profile, person, room.keys[person], room.now)
