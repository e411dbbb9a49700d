"""behave's hooks: the same people at the same CRM, one story per scenario, as fixtures/people.py does for pytest."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from crm_acceptance import catalogue, profile, sites
from crm_acceptance.actors import Cast, Doors
from crm_acceptance.story import Story
from crm_acceptance.systems import find


def before_all(context: Any) -> None:
    told = profile.load(Path(os.environ["CRM_ACCEPTANCE_WORKSPACE"]))
    site = sites.told()
    assert site is not None
    context.people = catalogue.load(told).people
    context.doors = Doors(find("refcrm"), site, lambda person: sites.password_of(told, person), told.timeout)


def before_scenario(context: Any, scenario: Any) -> None:
    context.story = Story()
    context.cast = Cast(context.people.values(), context.doors)
    context.story.key_of = lambda who: context.cast.person(who).key


def after_all(context: Any) -> None:
    context.doors.close()
