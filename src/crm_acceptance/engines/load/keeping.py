"""What is kept of a peak beside its figures: pictures and tables, by name; computes and judges nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crm_acceptance.engines.load import files
from crm_acceptance.engines.load.orders import Measured
from crm_acceptance.engines.load.peaks import Peak
from crm_acceptance.engines.load.verdict import reasons


def keep(folder: Path, prefix: str, peak: Peak, measured: Measured) -> dict[str, Any]:
    """Writes the pictures and tables of a run into `folder`, each name after `prefix`; the names, as load.json tells
    them: "curves" (svg, svg_en, png) and "files"."""
    from crm_acceptance.engines.load import curves  # matplotlib: half a second that nobody waits for who only asks

    drawn = curves.draw(peak, measured, folder, f"{prefix}curves", invalid=bool(reasons(peak, measured)))
    return {"curves": drawn, "files": files.lay(folder, prefix, peak, measured)}
