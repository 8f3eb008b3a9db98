"""What leaves a production stack: its objects are protected until somebody takes the protection off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from shlex import quote
from typing import Any

from components.objects.manifest import Manifest
from components.stack import identity
from components.stack.outputs import Outputs
from kube.labels import NAME, PART_OF
from kube.pods import mapping

# What a mistake must not delete in production, as that interrupts a service or loses data. The rest is not
# protected: a removed flow or role must go at once, and a Job is made anew for each release.
PROTECTED = frozenset(
    {"DaemonSet", "Deployment", "Ingress", "Namespace", "PersistentVolumeClaim", "Service", "StatefulSet"}
)
LEFT = "objectsThatLeft"
"""Output of a stack: how many protected objects have left the layers; it is there while any have."""
_NAMING = ("namespaces", "services", "hosts", "images")
"""Outputs of a stack whose keys are apps or APP/NAME."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What a stack still holds and the layers do not want any more."""

    names: Sequence[str]
    """Apps, else APP/WORKLOAD; what an app that stays has written itself has none."""
    urns: Sequence[str]
    """Protected resources."""


def may_have_left(before: Mapping[str, Any], now: Outputs) -> bool:
    """Tell whether the outputs of a stack named something before that they do not name any more.

    It may be a Job, whose name changes with each release; `removed` tells. A run that failed to delete something has
    written its outputs all the same, and says there that it is not done.
    """
    return bool(before.get(LEFT)) or any(
        set(mapping(before.get(output))) - set(now[output]) for output in _NAMING
    )


def removed(resources: Mapping[str, Any], wanted: Sequence[Manifest]) -> Removal:
    """Find the protected resources of a stack, outputs by URN, that the layers do not want any more."""
    left = [urn for urn in unwanted(resources, wanted) if _kind(urn) in PROTECTED]
    places = [_place(mapping(mapping(resources[urn]).get("outputs"))) for urn in left]
    staying = {_place(manifest.object) for manifest in wanted}
    apps = {app for app, _ in staying}
    names = {
        f"{app}/{workload}" if app in apps and workload else app for app, workload in set(places) - staying
    }
    return Removal(sorted(names - apps - {""}), left)


def _place(body: Mapping[str, Any]) -> tuple[str, str]:
    """Return the app and the workload that an object is labelled with."""
    labels = mapping(mapping(body.get("metadata")).get("labels"))
    return str(labels.get(PART_OF, "")), str(labels.get(NAME, ""))


def _kind(urn: str) -> str:
    """Kind of the object of a resource: the end of its type."""
    return urn.split("::")[2].rpartition(":")[2]


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
