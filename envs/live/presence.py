"""An environment and its cluster in, what lives of it there out; needs rights to read only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from envs.config.model.environment import Environment
from envs.config.reading.faults import suggestion
from envs.errors import CommandError, Exit
from envs.live.connection import cluster_of
from gitops.direct import LiveEnvironment
from kube.labels import PREFIX
from kube.yaml.faults import printable

_SHOWN = 3  # namespaces in one line
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Presence:
    """What lives of one environment in a cluster."""

    applied: int
    """Objects that `envs up` has applied."""
    namespaces: tuple[str, ...]
    """Namespaces with the label of the environment, whoever applied them."""

    def __bool__(self) -> bool:
        return bool(self.applied or self.namespaces)

    def __str__(self) -> str:
        parts = [_namespaces(self.namespaces)] if self.namespaces else []
        if self.applied:
            parts.append("1 object" if self.applied == 1 else f"{self.applied:,} objects")
            parts[-1] += " of `envs up`"
        return ", ".join(parts)


def presence_of(environment: LiveEnvironment) -> Presence:
    """Look for objects of an environment. Raises GitOpsError."""
    namespaces = environment.namespaces(f"{PREFIX}/environment={environment.name}")
    return Presence(environment.applied().get(environment.name, 0), tuple(namespaces))


def require_absent(model: Environment, kubeconfig: Path | None, context: str | None) -> None:
    """Raise CommandError if objects of an environment are in its cluster, or if the cluster cannot be asked."""
    name = model.name
    take_down = f"delete them first (`envs down {name}`, or `pulumi destroy --stack {name}` for a stack)"
    leave = "or use --orphan to leave them there"
    try:
        found = _look(model, kubeconfig, context)
    except CommandError as error:
        reason = str(error).removeprefix(f"{name}: ")
        message = f"cannot tell whether objects of {name} are in a cluster: {reason}"
        raise CommandError(f"{message}; if there are any, {take_down}, {leave}", Exit.REFUSED) from error
    if found:
        message = f"objects of {name} are still in its cluster: {found}"
        raise CommandError(f"{message}; {take_down}, {leave}", Exit.REFUSED)


def require_applied(name: str, applied: Mapping[str, int], known: Collection[str]) -> None:
    """Raise CommandError if an environment is neither in the layers nor applied by `envs up`."""
    if name not in applied:
        layers, cluster = (", ".join(names) or "none" for names in (known, applied))
        hint = suggestion(name, {*known, *applied})
        shown = printable(name, _LONGEST_NAME)
        message = f"there is no environment {shown}; the layers have {layers}, and `envs up` has applied {cluster} here"
        raise CommandError(f"{message}{hint}", Exit.BAD_INPUT)


def _look(model: Environment, kubeconfig: Path | None, context: str | None) -> Presence:
    if context is None and model.cluster.context is None:
        raise CommandError("the layers name no cluster.context; use --context", Exit.REFUSED)
    with cluster_of(model, kubeconfig, context) as environment:
        return presence_of(environment)


def _namespaces(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{'namespace' if len(names) == 1 else 'namespaces'} {', '.join(names[:_SHOWN])}{more}"
