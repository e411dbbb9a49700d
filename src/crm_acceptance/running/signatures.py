"""Where the signatures of a run stand, as the page shows them; signs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crm_acceptance.changes import warning
from crm_acceptance.contents import Contents
from crm_acceptance.page.signed import Hand, Signing
from crm_acceptance.profile import Profile
from crm_acceptance.signoff import Signed, Standing, status

OPEN_SHOWN = 4


@dataclass(frozen=True)
class Aside:
    """What stands on the page beside the verdict: signatures by department, and early warnings."""

    signings: tuple[Signing, ...] = ()
    warnings: tuple[str, ...] = ()


def aside(profile: Profile, run: Path, present: Contents | None = None) -> Aside:
    """Signatures only where the profile names somebody. `present`: what the workspace says, when known."""
    now = datetime.now().astimezone()
    found = status(profile, run, now, present) if profile.signatories else ()
    warned = tuple(str(one) for one in warning.warnings(profile, found, now))
    return Aside(tuple(_signing(one) for one in found), warned)


def _signing(one: Standing) -> Signing:
    conditions = tuple(
        f"{said.text}（{said.owner}，{said.due.isoformat()}）"
        for signed in one.signatures
        if signed.counts or signed.overdue
        for said in signed.signature.conditions
    )
    hands = tuple(_hand(signed) for signed in one.signatures)
    return Signing(one.department, one.state, one.hands, one.needed, hands, conditions, one.reasons[:OPEN_SHOWN])


def _hand(signed: Signed) -> Hand:
    at = signed.signature.at.strftime("%Y-%m-%d %H:%M")
    why = next(iter((*signed.reasons, *signed.overdue)), "")
    return Hand(signed.name, signed.signature.answer, at, signed.short, why)
