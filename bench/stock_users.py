"""Locust's own users as people write them, for the load benches: BENCH_USER=FastHttpUser|HttpUser, BENCH_PACE=a second.

BENCH_PACE: with a number, each user does that many tasks a second (constant throughput), else as many as it can.
"""

from __future__ import annotations

import os

import locust

PACE = os.environ.get("BENCH_PACE", "")
Stock = getattr(locust, os.environ.get("BENCH_USER", "FastHttpUser"))


class Visitor(Stock):  # type: ignore[misc, valid-type]
    """Opens one page, again and again."""

    wait_time = locust.constant_throughput(float(PACE)) if PACE else locust.constant(0)

    @locust.task
    def page(self) -> None:
        """One request."""
        self.client.get("/page")
