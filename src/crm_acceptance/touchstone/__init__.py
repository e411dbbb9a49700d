"""The touchstone: the workspace's own suite against planted defects; how many it notices, how often it cries wolf."""

from __future__ import annotations
