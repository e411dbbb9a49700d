"""The sensitive-data engine at CRMs that a mapping file describes: names, headers and refusals of their own."""

from __future__ import annotations

from pathlib import Path

import envelope_crm
import kontor_crm
import pytest

from crm_acceptance.engines.sensitive import addresses, breaking, browsers, cookieflags, lockout, sessions, sights
from crm_acceptance.engines.sensitive.ground import Ground
from crm_acceptance.errors import Unproven
from crm_acceptance.model import Person, Site
from crm_acceptance.systems.rest import described

KONTOR = Path(__file__).with_name("kontor_crm.toml")
ENVELOPE = Path(__file__).with_name("envelope_crm.toml")
KEYS = {key: token for token, (key, _) in envelope_crm.KEYS.items()}


def at_kontor(url: str) -> Ground:
    people = tuple(Person(key, key.title(), "sales", "sales_rep", key) for key in ("anna", "bert"))
    system = described("odd", KONTOR, people)
    return Ground(system, Site("odd", url), people, lambda person: kontor_crm.PASSWORD)


def at_envelope(url: str) -> Ground:
    people = tuple(Person(key, name, "sales", "sales_rep", key) for key, name in envelope_crm.KEYS.values())
    return Ground(described("own", ENVELOPE, people), Site("own", url), people, lambda person: KEYS[person.key])


def test_a_token_in_a_header_of_its_own_name_is_a_session() -> None:
    with kontor_crm.running() as (url, _):
        ground = at_kontor(url)
        for verdict in (sessions.renewed(ground), sessions.forged(ground), sessions.ended(ground)):
            assert verdict.looked and not verdict.findings


def test_what_is_seen_there_holds_no_secret_in_addresses_and_no_internals() -> None:
    with kontor_crm.running() as (url, _):
        ground = at_kontor(url)
        seen = sights.seen(ground)
        assert seen.personal and seen.opened
        for verdict in (addresses.judged(seen), breaking.judged(ground, seen), cookieflags.judged(ground)):
            assert verdict.looked and not verdict.findings
        assert browsers.judged("nosniff", seen).findings, "this one sends no such header"


def test_a_fixed_key_is_no_session_and_says_so() -> None:
    with envelope_crm.running() as (url, _):
        ground = at_envelope(url)
        with pytest.raises(Unproven, match="fixed key"):
            sessions.renewed(ground)
        assert sessions.forged(ground).looked


def test_where_no_account_can_be_made_nobody_is_locked_out() -> None:
    with kontor_crm.running() as (url, _), pytest.raises(Unproven, match="账号"):
        lockout.guessing(at_kontor(url))
