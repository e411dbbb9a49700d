"""Who signed what, as the page shows it: plain rows that somebody else fills in; reads nothing."""

from __future__ import annotations

from dataclasses import dataclass

from crm_acceptance.page.words import Both

STATES = {
    "valid": Both("已签字", "Signed"),
    "void": Both("签字作废", "Void"),
    "missing": Both("未签字", "Not signed"),
    "expired": Both("条件过期", "Condition overdue"),
    "refused": Both("不同意", "Refused"),
}
LOOKS = {"valid": "proven", "refused": "disproven"}
"""Colours of the page's other chips; everything else is unproven."""
ANSWERS = {
    "yes": Both("同意", "yes"),
    "conditional": Both("有条件同意", "conditional yes"),
    "no": Both("不同意", "no"),
}


@dataclass(frozen=True)
class Hand:
    """One signature: who, what, when, the digits to compare; `why` it does not count, "" when it does."""

    name: str
    answer: str
    at: str
    short: str
    why: str


@dataclass(frozen=True)
class Signing:
    """One department: `state` a key of STATES, `given` of `needed` hands, what is open."""

    department: str
    state: str
    given: int
    needed: int
    hands: tuple[Hand, ...]
    conditions: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def look(self) -> str:
        """The class of its chip."""
        return LOOKS.get(self.state, "unproven")


def summary(signings: tuple[Signing, ...]) -> Both:
    """One line for the banner: nobody should read the gate's yes as everybody's."""
    valid, refused = (sum(one.state == state for one in signings) for state in ("valid", "refused"))
    no = Both(f"，{refused} 个部门不同意", f", {refused} refuse") if refused else Both("", "")
    return Both(
        f"签字：{len(signings)} 个部门中 {valid} 个已有效签字{no.zh}。",
        f"Signatures: {valid} of {len(signings)} departments signed validly{no.en}.",
    )
