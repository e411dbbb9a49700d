"""What a check found and what it looked at: silence proves nothing, so both are told. No judgement lives here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from crm_acceptance.errors import Unproven


@dataclass
class Verdict:
    """`findings`: what is wrong, a sentence each. `looked`: what was looked at, so that a pass says why."""

    findings: list[str] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)

    def saw(self, what: str) -> None:
        """One thing was looked at."""
        if what not in self.looked:
            self.looked.append(what)

    def wrong(self, sentence: str) -> None:
        """One thing is wrong; the same sentence counts once."""
        if sentence not in self.findings:
            self.findings.append(sentence)

    def judged(self, otherwise: str) -> Verdict:
        """Itself. Unproven, saying `otherwise`, when nothing was there to be looked at."""
        if not self.looked and not self.findings:
            raise Unproven(otherwise)
        return self


def together(verdicts: Iterable[Verdict]) -> Verdict:
    """Several looks as one."""
    whole = Verdict()
    for one in verdicts:
        for sentence in one.findings:
            whole.wrong(sentence)
        for what in one.looked:
            whole.saw(what)
    return whole
