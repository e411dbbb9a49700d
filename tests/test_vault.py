"""Secrets from the environment first, then from the keyring, masked from the moment they are known."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest

from crm_acceptance import evidence, sites, vault
from crm_acceptance.errors import WrongUse
from crm_acceptance.model import Person
from crm_acceptance.profile import Profile

LINA = Person("lina", "李娜", "sales", "sales_rep", "lina")


class Ring(keyring.backend.KeyringBackend):
    """A keyring of the keyring package's own kind, in memory."""

    priority = 1.0  # type: ignore[assignment]
    locked = False

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise keyring.errors.KeyringLocked("locked")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring() -> Iterator[Ring]:
    before, made = keyring.get_keyring(), Ring()
    keyring.set_keyring(made)
    _forget()
    yield made
    keyring.set_keyring(before)
    _forget()


def _forget() -> None:
    vault._from_keyring.cache_clear()
    vault._keyring.cache_clear()


def test_the_environment_comes_before_the_keyring(ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring.set_password(vault.SERVICE, "CRM_ACCEPTANCE_TENANT", "aus-dem-ring")
    assert vault.secret("TENANT") == vault.secret("CRM_ACCEPTANCE_TENANT") == "aus-dem-ring"
    monkeypatch.setenv("CRM_ACCEPTANCE_TENANT", "aus-der-umgebung")
    assert vault.secret("tenant") == "aus-der-umgebung"


def test_a_secret_is_masked_as_soon_as_it_is_known(ring: Ring) -> None:
    ring.set_password(vault.SERVICE, "CRM_ACCEPTANCE_CLIENT", "nirgends-zu-sehen-7")
    vault.secret("CLIENT")
    assert "nirgends" not in evidence.mask("client nirgends-zu-sehen-7")


def test_a_password_may_stand_in_the_keyring(ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH_PASSWORD", raising=False)
    at = Profile(Path(), password="NO_SUCH_PASSWORD")
    ring.set_password(vault.SERVICE, "NO_SUCH_PASSWORD", "alle")
    assert sites.password_of(at, LINA) == "alle"
    _forget()
    ring.set_password(vault.SERVICE, "NO_SUCH_PASSWORD_LINA", "eigenes")
    assert sites.password_of(at, LINA) == "eigenes"


def test_a_missing_secret_says_both_places(ring: Ring) -> None:
    with pytest.raises(WrongUse, match=r"CRM_ACCEPTANCE_NOWHERE.*keyring set crm-acceptance CRM_ACCEPTANCE_NOWHERE"):
        vault.secret("NOWHERE")


def test_a_locked_keyring_holds_nothing(ring: Ring) -> None:
    ring.locked = True
    assert vault.find("CRM_ACCEPTANCE_NOWHERE") is None


def test_without_the_package_the_environment_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    _forget()
    monkeypatch.setenv("CRM_ACCEPTANCE_TENANT", "umgebung")
    assert vault.secret("TENANT") == "umgebung"
    with pytest.raises(WrongUse, match=r"pip install .*crm-acceptance\[keyring\]"):
        vault.secret("NOWHERE")
    monkeypatch.undo()
    _forget()
