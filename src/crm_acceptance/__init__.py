"""The acceptance harness: proof, per department, that a CRM works. Holds the version; the rooms hold the rest."""

from __future__ import annotations

__version__ = "0.1.0"
