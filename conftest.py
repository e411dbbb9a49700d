"""Makes every file of fixtures/ and steps/ a pytest plugin, so that adding one needs no registration."""

from __future__ import annotations

from pathlib import Path

ROOMS = ("fixtures", "steps")
pytest_plugins = [
    f"{room}.{file.stem}"
    for room in ROOMS
    for file in sorted((Path(__file__).parent / room).glob("*.py"))
    if file.stem != "__init__"
]
