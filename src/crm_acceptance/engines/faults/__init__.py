"""A proxy that does wrong on purpose, in front of a CRM: whoever accepts a CRM must notice. A process of its own."""

from __future__ import annotations
