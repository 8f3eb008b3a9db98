"""What leaves a production stack: its objects are protected until somebody takes the protection off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from shlex import quote
from typing import Any

from components.stack.outputs import Outputs
from kube.pods import mapping

# What a mistake must not delete in production, as that interrupts a service or loses data. The rest is not
# protected: a removed flow or role must go at once, and a Job is made anew for each release.
PROTECTED = frozenset(
    {"DaemonSet", "Deployment", "Ingress", "Namespace", "PersistentVolumeClaim", "Service", "StatefulSet"}
)
_PROTECTED = ("namespaces", "services", "hosts")
"""Outputs of protected objects; images are also those of Jobs, whose names change with each release."""


def removed(before: Mapping[str, Any], now: Outputs) -> list[str]:
    """Name what the outputs of a stack named before and do not name any more: apps, else APP/WORKLOAD."""
    gone = {name for output in _PROTECTED for name in set(mapping(before.get(output))) - set(now[output])}
    apps = {name for name in gone if "/" not in name}
    return sorted(name for name in gone if name in apps or name.partition("/")[0] not in apps)


def advice(stack: str, names: Iterable[str]) -> str:
    """Say how to remove protected objects for good."""
    commands = "\n".join(f"  envs retire {quote(name)} --from {quote(stack)}" for name in names)
    return (
        f"something has left the layers of {stack}, and Pulumi deletes no protected object. Restore it in the "
        f"layers, or take the protection off (it shows the `pulumi state unprotect` first, and asks):\n{commands}"
    )


def command(stack: str, urns: Iterable[str]) -> str:
    """Write the command that takes the protection off some resources, for a shell."""
    return f"pulumi state unprotect {' '.join(quote(urn) for urn in urns)} --stack {quote(stack)} --yes"


def name_of(urn: str) -> str:
    """Name of a resource by its URN."""
    return urn.split("::", 3)[-1]
