"""An environment taken out of a root: who still needs it, and its files deleted, all of them or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from envs.checkout.creation import put_aside
from envs.config.load import Configuration
from envs.config.model.environment import Environment
from envs.errors import CommandError, Exit
from envs.scaffold.places import layer_file, places


def require_unneeded(configuration: Configuration, name: str) -> None:
    """Raise CommandError where another environment needs this one."""
    users = [*_users(configuration.environments, name), *_extending(configuration, name)]
    if users:
        raise CommandError(f"{name} is still in use: {'; '.join(users)}", Exit.REFUSED)


def remove_environment(root: Path, name: str) -> None:
    """Delete all that belongs to an environment."""
    with put_aside(root, [root / path for path in places(name)]):
        pass  # all or none: a layer without its releases, or releases without a layer, would be a fault


def _users(environments: Mapping[str, Environment], name: str) -> Iterator[str]:
    for other in environments.values():
        if other.promotes is not None and other.promotes.from_ == name:
            yield f"{other.name} promotes from it"
        for app_name, app in other.apps.items():
            for flow_name, flow in app.flows.items():
                if name in {flow.from_.environment, flow.to.environment} and other.name != name:
                    yield f"the flow {flow_name} of {app_name} in {other.name} references it"


def _extending(configuration: Configuration, name: str) -> Iterator[str]:
    for other, stack in configuration.layers.items():
        if other != name and any(layer.origin.file == layer_file(name) for layer in stack):
            yield f"{other} extends it"
