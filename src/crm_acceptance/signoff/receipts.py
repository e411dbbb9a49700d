"""Envelopes as files, for people who sign on a machine of their own; signs nothing and believes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import rfc8785

from crm_acceptance.errors import WrongUse
from crm_acceptance.sealing import envelope as envelopes


def written(out: Path, sealed: Mapping[str, Any]) -> Path:
    """Writes the envelope to a new file. WrongUse: the file is there, or cannot be written."""
    try:
        with out.open("xb") as file:
            file.write(rfc8785.dumps(dict(sealed)) + b"\n")
    except FileExistsError:
        raise WrongUse(f"{out} 已经存在，不会覆盖。The file is there already; it is not overwritten.") from None
    except OSError as refused:
        raise WrongUse(f"写不了 {out}：{refused.strerror}（cannot be written）。") from None
    return out


def read(file: Path) -> dict[str, Any]:
    """An envelope from a file. WrongUse: there is none, or it holds something else."""
    try:
        raw = file.read_bytes()
    except OSError as refused:
        raise WrongUse(f"读不了 {file}：{refused.strerror}。No such file, or it cannot be read.") from None
    try:
        if len(raw) > envelopes.LARGEST:
            raise ValueError("too large")
        sealed = json.loads(raw)
        envelopes.read(sealed)
    except (ValueError, TypeError, RecursionError):
        raise WrongUse(f"{file.name} 不是签字文件（sign --out 写出的那个）。It holds no signature.") from None
    found: dict[str, Any] = sealed
    return found


def run_of(sealed: Mapping[str, Any]) -> str:
    """The run that an envelope says it is about: a plain name, never a path."""
    run = str(envelopes.read(sealed).get("run", ""))
    if not run or run != Path(run).name or run.startswith("."):
        raise WrongUse(f"签字文件里的运行编号不对：{run!r}。The envelope names no run.")
    return run
