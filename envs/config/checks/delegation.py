"""Checks what apps' own files say to the policies: the platform delegates it, and it is for the app alone."""

from __future__ import annotations

from collections.abc import Iterator

from envs.config.layers.apps import app_of
from envs.config.layers.folder import layer_of
from envs.config.model.environment import Environment
from envs.config.model.policies import DeclaredExemption
from kube.yaml.faults import Fault
from kube.yaml.origin import Origin, origin_of
from kube.yaml.paths import dotted


def delegation_faults(environment: Environment) -> Iterator[Fault]:
    """Find exemptions in apps' files that the platform does not allow, or that reach beyond the app."""
    for name, exemption in environment.policies.exemptions.items():
        origin = next((origin for origin in _origins(exemption) if app_of(origin.file)), None)
        app = app_of(origin.file) if origin is not None else None
        if origin is not None and app is not None:
            message = _problem(environment, app, exemption, origin)
            if message:
                yield Fault(origin, dotted(("policies", "exemptions", name)), message)


def _origins(exemption: DeclaredExemption) -> Iterator[Origin]:
    for field in type(exemption).model_fields:
        origin = origin_of(getattr(exemption, field))
        if origin is not None:
            yield origin


def _problem(environment: Environment, app: str, exemption: DeclaredExemption, origin: Origin) -> str:
    if app not in environment.policies.delegates:
        platform = f"environments/{layer_of(origin.file)}.yaml"
        return f"an app's file may hold exemptions only if `policies.delegates` names {app}; write it in {platform}"
    namespace = environment.namespace(app)
    parts = (exemption.object or "").split("/")
    if exemption.repository is not None or len(parts) < len(("Kind", "namespace", "name")):
        return f"an exemption in an app's file is for one object of the app; write `object: Kind/{namespace}/name`"
    if parts[1] != namespace:
        return f"an exemption in an app's file is for objects of its own namespace {namespace}"
    return ""
