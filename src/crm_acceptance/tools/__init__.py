"""Foreign tools on this machine: finding, installing, calling them. Knows no CRM, no check and no gate.

Only the standard library, filelock and subprocesses live here, so that `doctor` works when everything else is broken.
"""

from __future__ import annotations
