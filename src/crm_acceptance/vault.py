"""Where secrets come from: the environment first, then the machine's keyring. Never a file of ours; keeps none."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from crm_acceptance import evidence
from crm_acceptance.errors import WrongUse

SERVICE = "crm-acceptance"
"""The service under which a keyring holds our secrets; the user name there is the name of the variable."""
PREFIX = "CRM_ACCEPTANCE_"


def find(variable: str) -> str | None:
    """The secret of that name: the environment variable, else the keyring's entry; None when neither has it.

    Whatever is found is masked in every report from then on.
    """
    found = os.environ.get(variable) or _from_keyring(variable)
    if found:
        evidence.keep_secret(found)
    return found or None


def secret(name: str) -> str:
    """`{secret.NAME}` of a mapping file: CRM_ACCEPTANCE_<NAME>. WrongUse tells where it was looked for."""
    variable = PREFIX + name.upper().removeprefix(PREFIX)
    found = find(variable)
    if found is None:
        raise WrongUse(
            f"没有密钥 {{secret.{name}}}：请设置环境变量 {variable}{where(variable)}。"
            f"No secret {name}: set the environment variable {variable}, or keep it in the keyring."
        )
    return found


def where(variable: str) -> str:
    """How to keep a secret in the keyring, or how to get a keyring, as the end of a sentence."""
    if _keyring() is None:
        return '，或安装密钥环 pip install "crm-acceptance[keyring]"'
    return f"，或存入密钥环 keyring set {SERVICE} {variable}"


@cache
def _from_keyring(variable: str) -> str | None:
    """Asked once per process and name: a keyring may unlock itself with a window, and takes its time."""
    ring = _keyring()
    if ring is None:
        return None
    try:
        found: str | None = ring.get_password(SERVICE, variable)
    except ring.errors.KeyringError:  # locked, or no backend on this machine
        return None
    return found


@cache
def _keyring() -> Any:
    """The optional package, if it is installed."""
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return None
    return keyring
