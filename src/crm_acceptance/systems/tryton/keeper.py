"""Runs one command and ends it when our standard input closes, so a killed harness leaves no server behind."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

PATIENCE_SECONDS = 10


def keep(command: list[str]) -> None:
    """Ends with the command's exit code, or 0 after having stopped it."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    threading.Thread(target=lambda: os._exit(child.wait() & 0xFF), daemon=True).start()
    sys.stdin.buffer.read()
    child.terminate()
    try:
        child.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


if __name__ == "__main__":
    keep(sys.argv[1:])
