"""Makes all objects of an environment: those of its components and its admission policies."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from components.errors import ComponentError
from components.objects.manifest import Manifest, Part, made_by
from components.render import check_unique, render
from envs.config.load import Configuration
from envs.config.reading.faults import ConfigurationError
from envs.config.validation.validate import place
from envs.gates.admission import admission
from envs.gates.context import wire
from kube.yaml.faults import Fault


def render_environment(configuration: Configuration, name: str) -> tuple[Manifest, ...]:
    """Make all objects of the environment `name`; raises ConfigurationError that points into the layers."""
    environment = configuration.environment(name)
    rules = (
        Manifest(item, Part.FENCE, "", ("policies",), made_by(admission)) for item in admission(environment)
    )
    try:
        manifests = (*render(environment, configuration.contents, wire(environment)), *rules)
        check_unique(manifests)
    except ComponentError as error:
        origin = error.origin or place(configuration.trees[name], error.path)
        raise ConfigurationError([Fault(origin, ".".join(error.path), error.message)]) from error
    return manifests


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The objects of environments and of their neighbours on the same cluster, which are judged together."""

    objects: Mapping[str, Sequence[Manifest]]
    broken: Mapping[str, Sequence[Fault]]
    """What is wrong with neighbours that are missing."""


def render_around(configuration: Configuration, names: Collection[str]) -> Surroundings:
    """Make the objects of all environments that were read; raises ConfigurationError for faults of the named ones."""
    objects: dict[str, Sequence[Manifest]] = {}
    broken: dict[str, Sequence[Fault]] = {**configuration.unread}
    for name in configuration.environments:
        try:
            objects[name] = render_environment(configuration, name)
        except ConfigurationError as error:
            if name in names:
                raise
            broken[name] = error.faults
    return Surroundings(objects, broken)
