"""What leaves a production stack: its objects are protected until somebody takes the protection off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from shlex import quote
from typing import Any

from components.objects.manifest import Manifest
from components.stack import identity
from components.stack.outputs import Outputs
from kube.pods import mapping

# What a mistake must not delete in production, as that interrupts a service or loses data. The rest is not
# protected: a removed flow or role must go at once, and a Job is made anew for each release.
PROTECTED = frozenset(
    {"DaemonSet", "Deployment", "Ingress", "Namespace", "PersistentVolumeClaim", "Service", "StatefulSet"}
)
OUTPUT = "protected"
"""Output of a production stack: its protected resources, by URN, with the APP or APP/WORKLOAD of each."""
_EARLIER = ("namespaces", "services", "hosts")
"""Outputs of protected objects in stacks that have no output of that name yet."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What a stack still holds and the layers do not want any more."""

    names: Sequence[str]
    """Apps, else APP/WORKLOAD; what an app that stays has written itself has none."""
    urns: Sequence[str]
    """Protected resources; empty for a stack whose outputs do not list them yet."""


def protected(written: Iterable[Manifest], stack: str, project: str) -> dict[str, str]:
    """List the resources of a production stack that are protected, by URN, with where each belongs."""
    return {
        identity.urn(manifest, stack, project): _place(manifest)
        for manifest in written
        if manifest.kind in PROTECTED
    }


def _place(manifest: Manifest) -> str:
    match manifest.source:
        case ("apps", app, "workloads" | "components", name):
            return f"{app}/{name}"
    return manifest.owner


def removed(before: Mapping[str, Any], now: Outputs) -> Removal:
    """Find what the outputs of a stack named before and do not name any more."""
    if OUTPUT not in before:
        gone = {name for output in _EARLIER for name in set(mapping(before.get(output))) - set(now[output])}
        return Removal(_outermost(gone), ())
    wanted = {name_of(urn) for urn in now[OUTPUT]}
    left = {urn: place for urn, place in mapping(before[OUTPUT]).items() if name_of(urn) not in wanted}
    staying = {*now["namespaces"], *(place.partition("/")[0] for place in now[OUTPUT].values())}
    names = {str(place) for place in left.values()} - staying
    return Removal(_outermost(names), sorted(left))


def _outermost(names: set[str]) -> list[str]:
    apps = {name for name in names if "/" not in name}
    return sorted(name for name in names if name in apps or name.partition("/")[0] not in apps)


def advice(stack: str, removal: Removal) -> str:
    """Say how to remove protected objects for good."""
    lines = [
        (
            f"something has left the layers of {stack}, and Pulumi deletes no protected object. Restore it in the "
            "layers, or take the protection off:"
        )
    ]
    lines += [f"  envs retire {quote(name)} --from {quote(stack)}" for name in removal.names]
    if removal.names and removal.urns:
        lines.append("or all of it, without a question:")
    if removal.urns:
        lines.append(f"  {command(stack, removal.urns)}")
    return "\n".join(lines)


def unwanted(urns: Iterable[str], wanted: Iterable[Manifest]) -> list[str]:
    """Choose the resources of objects that the layers do not want any more."""
    names = {
        called for manifest in wanted for called in (identity.name(manifest), identity.earlier_name(manifest))
    }
    return sorted(urn for urn in urns if name_of(urn) not in names)


def command(stack: str, urns: Iterable[str]) -> str:
    """Write the command that takes the protection off some resources, for a shell."""
    return f"pulumi state unprotect {' '.join(quote(urn) for urn in urns)} --stack {quote(stack)} --yes"


def name_of(urn: str) -> str:
    """Name of a resource by its URN."""
    return urn.split("::", 3)[-1]
