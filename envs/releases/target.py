"""What a release belongs to: APP/WORKLOAD of an environment, as people name it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from envs.config.layers.folder import release_path
from envs.config.load import Configuration
from envs.config.model.container import MAIN
from envs.config.model.environment import Environment
from envs.config.model.workload import Workload
from envs.config.reading.faults import suggestion
from envs.errors import CommandError, Exit
from kube.yaml.faults import quoted


@dataclass(frozen=True, slots=True)
class Target:
    """One workload of one environment."""

    environment: str
    app: str
    workload: str
    container: str = ""
    """An init container or sidecar with a release of its own; empty for the main container."""

    def __str__(self) -> str:
        return "/".join(filter(None, (self.app, self.workload, self.container)))

    @property
    def file(self) -> str:
        """Path of its release below the root."""
        return release_path(self.environment, self.app, self.workload)


def find_environment(configuration: Configuration, name: str) -> Environment:
    """Return an environment; raises CommandError with the names that exist."""
    environments = configuration.environments
    if name not in environments:
        known = ", ".join(environments) or "none"
        raise CommandError(
            f"there is no environment {quoted(name)}; known: {known}{suggestion(name, environments)}",
            Exit.BAD_INPUT,
        )
    return environments[name]


def find_targets(configuration: Configuration, environment: str, words: str) -> list[Target]:
    """Return what APP or APP/WORKLOAD names, all workloads of an app for the former; raises CommandError."""
    if "/" in words:
        return [find_target(configuration, environment, words)]
    return [Target(environment, words, name) for name in _workloads(configuration, environment, words)]


def find_container(configuration: Configuration, environment: str, words: str) -> Target:
    """Return what APP/WORKLOAD or APP/WORKLOAD/CONTAINER names; raises CommandError with the names that exist."""
    app, _, rest = words.partition("/")
    workload_name, _, container = rest.partition("/")
    target = find_target(configuration, environment, f"{app}/{workload_name}" if rest else app)
    if not container:
        return target
    workload = configuration.environments[environment].apps[app].workloads[workload_name]
    known = {
        name: each for name, each in {**workload.init, **workload.sidecars}.items() if each.image != MAIN
    }
    if container not in known:
        hint = suggestion(container, known)
        message = f"{target} has no container {quoted(container)} with an image of its own"
        raise CommandError(f"{message}; known: {', '.join(known) or 'none'}{hint}", Exit.BAD_INPUT)
    return Target(environment, app, workload_name, container)


def find_target(configuration: Configuration, environment: str, words: str) -> Target:
    """Return what APP/WORKLOAD names; raises CommandError with the names that exist."""
    app, slash, workload = words.partition("/")
    if not slash:
        raise CommandError(f"{quoted(words)} names no workload; write APP/WORKLOAD", Exit.BAD_INPUT)
    workloads = _workloads(configuration, environment, app)
    if workload not in workloads:
        hint = suggestion(workload, workloads)
        message = (
            f"{app} in {environment} has no workload {quoted(workload)}; known: {', '.join(workloads)}{hint}"
        )
        raise CommandError(message, Exit.BAD_INPUT)
    return Target(environment, app, workload)


def released(configuration: Configuration, environment: str) -> Iterator[tuple[Target, Workload]]:
    """List the workloads of an environment that have a release."""
    for app_name, app in configuration.environments[environment].apps.items():
        for name, workload in app.workloads.items():
            if workload.release is not None:
                yield Target(environment, app_name, name), workload


def read_release(root: Path, target: Target) -> bytes | None:
    """Read the file of a release; None where there is none."""
    path = root / target.file
    return path.read_bytes() if path.is_file() else None


def _workloads(configuration: Configuration, environment: str, app: str) -> dict[str, Workload]:
    apps = find_environment(configuration, environment).apps
    if app not in apps:
        hint = suggestion(app, apps)
        message = f"{environment} has no app {quoted(app)}; known: {', '.join(apps) or 'none'}{hint}"
        raise CommandError(message, Exit.BAD_INPUT)
    return dict(apps[app].workloads)
