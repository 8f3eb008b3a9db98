"""What the policies must know about an environment, declared by the layers, in the form that every gate reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from envs.config.model.environment import Environment
from kube.image import parse_repository
from kube.schema.index import NEWEST
from kube.yaml.origin import origin_of
from policies.context import Context, from_wire
from policies.tags import Shape


def wire(environment: Environment, names: Iterable[str] = ()) -> dict[str, Any]:
    """Write what an environment declares to the policies in the wire form, without what is as by default.

    `names` are those of all environments. Without them, a new environment changes nothing of the others: so in
    files that are committed.
    """
    dumped = environment.model_dump(
        mode="json",
        by_alias=True,
        exclude_defaults=True,
        include={"tier", "images", "policies"},
        exclude={"policies": {"admission", "delegates", "kinds", "cluster_apps"}},
    )
    declared = {
        "tier": dumped["tier"],
        "environments": sorted({*names} - {environment.name}),
        "images": dumped.get("images"),
        "namespaces": environment.existing_namespaces(),
        "podNetworks": [*(environment.cluster.pod_networks or ())],
        "kubernetes": environment.cluster.version if environment.cluster.version != NEWEST else None,
        "apis": [*environment.cluster.apis],
        **dumped.get("policies", {}),
    }
    said = {key: value for key, value in declared.items() if value}
    return {**said, "kinds": sorted(environment.policies.kinds)}


def context(environment: Environment, names: Iterable[str], today: date) -> Context:
    """Say what the rules of a gate need to know, and where it was written; `names` as for `wire`."""
    read = from_wire(wire(environment, names), environment.name, today)
    return replace(read, origins=dict(_origins(environment)))


def _origins(environment: Environment) -> Iterator[tuple[str, str]]:
    for name, exemption in environment.policies.exemptions.items():
        for field in type(exemption).model_fields:
            origin = origin_of(getattr(exemption, field))
            if origin is not None:
                yield f"policies.exemptions.{name}.{field}", str(origin)


def shapes(environment: Environment) -> Mapping[str, Shape]:
    """Read the shapes of versions that an environment declares, by repository in full."""
    return {parse_repository(key): Shape(versions.tags) for key, versions in environment.images.items()}
