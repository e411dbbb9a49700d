"""What a peak and a threshold say, as text for a content digest; makes no load."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from crm_acceptance.engines.load.peaks import Peak, Threshold


def of_peak(peak: Peak) -> str:
    """Everything but its thresholds, each of which is a check of its own."""
    return _text(asdict(replace(peak, thresholds=())))


def of_threshold(threshold: Threshold) -> str:
    """What must hold."""
    return _text(asdict(threshold))


def _text(said: Mapping[str, Any]) -> str:
    """Without what is not said (0, "", none), so that a new key of a newer version changes no old digest."""
    return json.dumps({key: value for key, value in said.items() if value}, ensure_ascii=False, sort_keys=True)
