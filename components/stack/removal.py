"""What leaves a production stack: its objects are protected until somebody takes the protection off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from shlex import quote
from typing import Any

from components.objects.manifest import Manifest
from components.stack import identity

# What a mistake must not delete in production, as that interrupts a service or loses data. The rest is not
# protected: a removed flow or role must go at once, and a Job is made anew for each release.
PROTECTED = frozenset(
    {"DaemonSet", "Deployment", "Ingress", "Namespace", "PersistentVolumeClaim", "Service", "StatefulSet"}
)


def is_removed(before: Mapping[str, Any], now: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether the outputs of a stack name something that they named before and do not name any more."""
    return any(set(before.get(name) or {}) - set(value) for name, value in now.items())


def protected(urns: Iterable[str], manifests: Iterable[Manifest]) -> list[str]:
    """Choose what is protected in production and is not wanted any more, of the resources of a stack."""
    wanted = {
        name
        for manifest in manifests
        for name in (identity.name(manifest), identity.earlier_name(manifest))
    }
    return sorted(urn for urn in urns if kind_of(urn) in PROTECTED and name_of(urn) not in wanted)


def advice(stack: str, urns: Iterable[str]) -> str:
    """Say how to remove protected objects for good."""
    commands = "\n".join(f"  {command(stack, [urn])}" for urn in urns)
    return (
        f"these objects have left the layers of {stack}, and while they are protected this run fails. Restore them "
        f"in the layers, or take the protection off with `envs retire APP --from {stack}`, which runs:\n{commands}"
    )


def command(stack: str, urns: Iterable[str]) -> str:
    """Write the command that takes the protection off some resources, for a shell."""
    return f"pulumi state unprotect {' '.join(quote(urn) for urn in urns)} --stack {quote(stack)} --yes"


def kind_of(urn: str) -> str:
    """Kind of a Kubernetes object by its URN, empty for all else.

    Source: https://www.pulumi.com/docs/iac/concepts/resources/names/#urns
    """
    token = urn.split("::")[2].rpartition("$")[2] if urn.count("::") > 2 else ""  # noqa: PLR2004 its four parts
    return token.rpartition(":")[2] if token.startswith("kubernetes:") else ""


def name_of(urn: str) -> str:
    """Name of a resource by its URN."""
    return urn.split("::", 3)[-1]
