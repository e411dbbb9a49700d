"""`python -m tests.baselines RUN [--write]`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.baselines import compare

sys.exit(compare(Path(next(one for one in sys.argv[1:] if one != "--write")), "--write" in sys.argv))
