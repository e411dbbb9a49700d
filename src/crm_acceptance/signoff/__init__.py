"""Sign-off: named people answer for their department, bound to the evidence they saw. Judges no requirement."""

from __future__ import annotations

from crm_acceptance.signoff.standing import Signed, Standing, exit_code, status

__all__ = ["Signed", "Standing", "exit_code", "status"]
