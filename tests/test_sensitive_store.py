"""What the sensitive-data engine says of a database: the reference CRM's own, live, read-only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from refcrm_process import PASSWORD, running

from crm_acceptance.engines.sensitive import atrest, sights
from crm_acceptance.engines.sensitive.declared import Declared
from crm_acceptance.engines.sensitive.ground import Ground
from crm_acceptance.errors import Unproven
from crm_acceptance.model import Person, Site
from crm_acceptance.systems.refcrm import SYSTEM

LINA = Person("lina", "李娜", "sales", "sales_rep", "lina")
WANG = Person("wangqiang", "王强", "sales", "sales_rep", "wangqiang")
FENG = Person("fenglei", "冯磊", "it", "it_admin", "fenglei")


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with running() as crm:
        yield Ground(SYSTEM, Site("refcrm", crm.url, store=crm.store), (LINA, WANG, FENG), lambda person: PASSWORD)


def test_passwords_are_neither_plain_nor_hashed_alike(ground: Ground) -> None:
    for verdict in (atrest.passwords(ground), atrest.salted(ground)):
        assert verdict.looked and not verdict.findings


def test_a_field_declared_to_be_encrypted_is_found_where_it_is_not(ground: Ground) -> None:
    demanding = replace(ground, declared=Declared(encrypted={"customer": ("tax_number",)}))
    verdict = atrest.encrypted(demanding, sights.seen(demanding))
    assert verdict.looked and "customer.tax_number" in verdict.findings[0]


def test_what_is_not_said_is_unproven_and_none_is_told(ground: Ground) -> None:
    seen = sights.Sights()
    with pytest.raises(Unproven, match="encrypted"):
        atrest.encrypted(ground, seen)
    none = replace(ground, declared=Declared(encrypted={}))
    assert atrest.encrypted(none, seen).looked
    nowhere = replace(none, site=replace(ground.site, store=""))
    with pytest.raises(Unproven, match="files"):
        atrest.passwords(nowhere)


def test_without_two_equal_passwords_salt_cannot_be_seen(ground: Ground) -> None:
    with pytest.raises(Unproven, match="salt"):
        atrest.salted(replace(ground, password=lambda person: person.login + PASSWORD))
