"""deploy/ without a cluster: the manifests fit Kubernetes' own schema, the compose file Compose's, both our options.

tests/baselines/compose_spec.json is the schema that docker-compose 1.29.2 (Apache-2.0) brings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import typer
import yaml

from crm_acceptance import cli
from crm_acceptance.engines.load.parcels import TOKEN

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
SCHEMA = Path(__file__).parent / "baselines" / "compose_spec.json"
KUBERNETES = ("1.30", "1.37")
TOLD = {"CRM_ACCEPTANCE_IMAGE": "ours", "CRM_ACCEPTANCE_SITE": "http://crm", "CRM_ACCEPTANCE_PASSWORD": "x", TOKEN: "y"}


def manifests() -> list[dict[str, Any]]:
    files = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    return [one for file in files for one in yaml.safe_load_all(file.read_text("utf-8"))]


def jobs() -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in manifests() if one["kind"] == "Job"}


def container(job: dict[str, Any]) -> dict[str, Any]:
    (only,) = job["spec"]["template"]["spec"]["containers"]
    return dict(only)


def composed(told: dict[str, str]) -> Any:
    """The compose file as Compose reads it: variables first, then YAML. KeyError for one that must be told."""
    text = "\n".join(
        line for line in (DEPLOY / "compose.yaml").read_text("utf-8").splitlines() if not line.lstrip().startswith("#")
    )

    def value(found: re.Match[str]) -> str:
        name, kind, rest = found.groups()
        return told.get(name, rest) if kind == ":-" else told[name]

    return yaml.safe_load(re.sub(r"\$\{(\w+)(:-|:\?)([^}]*)\}", value, text))


def parsed(arguments: list[str]) -> dict[str, Any]:
    """What our own command line makes of it; fails on an option that it does not know."""
    group: Any = typer.main.get_command(cli.app)
    load = group.commands[arguments[0]]
    if arguments[1:2] == ["worker"]:
        return dict(load.commands["worker"].make_context("worker", arguments[2:]).params)
    return dict(load.make_context("load", [*arguments[1:]]).params)


def keys(body: Any) -> Iterator[tuple[str, Any]]:
    for name, value in body.items() if isinstance(body, dict) else ():
        yield name, value
        yield from keys(value)
    for one in body if isinstance(body, list) else ():
        yield from keys(one)


@pytest.mark.parametrize("version", KUBERNETES)
def test_every_manifest_fits_the_schema_of_kubernetes(version: str) -> None:
    assert [one["kind"] for one in manifests()] == ["Service", "PersistentVolumeClaim", "Job", "Job"]
    for one in manifests():
        kubernetes_validate.validate(one, version, strict=True)


def test_a_mistake_in_a_manifest_would_be_noticed() -> None:
    wrong = next(iter(jobs().values()))
    wrong["spec"]["template"]["spec"]["container"] = []
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, KUBERNETES[-1], strict=True)


def test_secrets_are_referred_to_and_images_left_to_fill_in() -> None:
    for job in jobs().values():
        one = container(job)
        assert one["image"] == "REPLACE-WITH-YOUR-IMAGE"
        assert all(set(variable) == {"name", "valueFrom"} for variable in one["env"])
        assert {variable["name"] for variable in one["env"]} == {"CRM_ACCEPTANCE_PASSWORD", TOKEN}
    assert not any(name == "namespace" for name, _ in keys(manifests()))


def test_nobody_runs_as_root_or_without_limits_or_twice() -> None:
    for job in jobs().values():
        pod, one = job["spec"]["template"]["spec"], container(job)
        assert pod["securityContext"]["runAsNonRoot"] and not pod["automountServiceAccountToken"]
        assert one["securityContext"]["readOnlyRootFilesystem"] and one["securityContext"]["capabilities"]["drop"] == [
            "ALL"
        ]
        assert set(one["resources"]["limits"]) == {"cpu", "memory"}
        assert (job["spec"]["backoffLimit"], pod["restartPolicy"]) == (0, "Never")


def test_master_and_workers_find_each_other_and_agree_on_how_many_they_are() -> None:
    service = next(one for one in manifests() if one["kind"] == "Service")
    master, workers = jobs()["crm-acceptance-load-master"], jobs()["crm-acceptance-load-workers"]
    lead, follow = parsed(container(master)["args"]), parsed(container(workers)["args"])
    assert follow["master"] == service["metadata"]["name"]
    assert follow["port"] == lead["port"] == service["spec"]["ports"][0]["port"] == 5557
    assert lead["expect"] == workers["spec"]["parallelism"] == workers["spec"]["completions"]
    assert follow["site"] == lead["site"]
    labels = master["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= labels.items()


def test_the_compose_file_fits_its_schema_and_our_options() -> None:
    body = composed(TOLD)
    jsonschema.Draft201909Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(body)
    lead, follow = (parsed(body["services"][name]["command"]) for name in ("master", "worker"))
    assert lead["expect"] == body["services"]["worker"]["deploy"]["replicas"] == 2
    assert (follow["master"], follow["port"], follow["site"]) == ("master", lead["port"], lead["site"])


@pytest.mark.parametrize("missing", TOLD)
def test_the_compose_file_holds_no_secret_and_no_image_of_its_own(missing: str) -> None:
    with pytest.raises(KeyError, match=missing):
        composed({name: one for name, one in TOLD.items() if name != missing})


def test_the_image_brings_no_root_and_no_secret() -> None:
    lines = (DEPLOY / "Dockerfile").read_text("utf-8").splitlines()
    assert next(line for line in reversed(lines) if line.startswith("USER")) == "USER 10001"
    assert not [line for line in lines if re.search(r"^(ENV|ARG).*(PASSWORD|TOKEN)", line)]
