"""Where the signatures of a run stand, as the page shows them; signs nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from crm_acceptance.contents import Contents
from crm_acceptance.page.signed import Hand, Signing
from crm_acceptance.profile import Profile
from crm_acceptance.signoff import Signed, Standing, status

OPEN_SHOWN = 4


def signings(profile: Profile, run: Path, present: Contents | None = None) -> tuple[Signing, ...]:
    """One per department; none where the profile names nobody. `present`: what the workspace says, when known."""
    if not profile.signatories:
        return ()
    return tuple(_signing(one) for one in status(profile, run, datetime.now().astimezone(), present))


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
