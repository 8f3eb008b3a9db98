"""Validates what apps say to a root's own components, with the models of their files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from envs.config.model.environment import Environment
from envs.config.own import OwnComponents, OwnSpec
from envs.config.reading.faults import suggestion
from envs.config.validation.messages import fault_of
from kube.yaml.faults import Fault, quoted
from kube.yaml.paths import Path, dotted
from kube.yaml.tree import Node


def with_components(
    environment: Environment, tree: Node, own: OwnComponents, faults: list[Fault]
) -> Environment:
    """Return the environment with typed components; those with faults stay as they are written."""
    apps = dict(environment.apps)
    for name, app in environment.apps.items():
        if app.components:
            typed = {
                key: _typed(value, ("apps", name, "components", key), tree, own, faults) or value
                for key, value in app.components.items()
            }
            apps[name] = app.model_copy(update={"components": typed})
    return environment.model_copy(update={"apps": apps}) if apps != environment.apps else environment


def _typed(
    value: Mapping[str, Any], path: Path, tree: Node, own: OwnComponents, faults: list[Fault]
) -> OwnSpec | None:
    kind = value.get("kind")
    if not isinstance(kind, str) or kind not in own.models:
        faults += _kind_faults(kind, path, tree, own)
        return None
    try:
        return own.models[kind].model_validate(value)
    except ValidationError as error:
        details = error.errors(include_url=False)
        faults += [fault_of(tree, each, above=path, around=own.models[kind]) for each in details]
        return None


def _kind_faults(kind: object, path: Path, tree: Node, own: OwnComponents) -> Iterator[Fault]:
    if isinstance(kind, str) and kind in own.broken:
        yield from own.broken[kind]
        return
    node = tree
    for step in path:
        node = node.child(step) or node
    known = ", ".join(own.kinds) or "none"
    written = node.child("kind")
    if written is None or not isinstance(kind, str):
        message = f"is missing: write the name of one of the root's own components ({known})"
        yield Fault((written or node).place, dotted((*path, "kind")), message)
    else:
        hint = suggestion(kind, own.kinds)
        file = f"environments/components/{quoted(kind)[1:-1]}.py"
        message = f"there is no {file}; there are {known}{hint}"
        yield Fault(written.place, dotted((*path, "kind")), message)
