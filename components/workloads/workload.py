"""Makes a workload with everything that belongs to it: controller, Service, files, secrets, scaling, host."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from components.objects.manifest import Scope, made_by, plain
from components.workloads.claim import claims
from components.workloads.controller import controller, versioned
from components.workloads.exposure import exposure, service
from components.workloads.files import Contents, files
from components.workloads.patch import patched
from components.workloads.scaling import scaling
from components.workloads.secret import secrets
from envs.config.model.workload import Serving, Workload

Made = Iterator[tuple[str, dict[str, Any]]]


def workload(scope: Scope, name: str, model: Workload, contents: Contents) -> Made:
    """Make the objects of a workload, each with the component that made it; patches are applied last."""
    made = list(_parts(scope, name, model, contents))
    objects = patched(scope, name, model, [plain(item) for _, item in made])
    yield from zip((maker for maker, _ in made), map(versioned, objects), strict=True)


def is_typed(model: Workload) -> bool:
    """Whether the layers write no part of its objects as it is."""
    return not model.patch and not model.placement.affinity


def _parts(scope: Scope, name: str, model: Workload, contents: Contents) -> Iterator[tuple[str, Any]]:
    content = files(scope, name, model, contents)
    for config_map in content.config_maps:
        yield made_by(files), config_map
    for secret in secrets(scope, name, model):
        yield made_by(secrets), secret
    for claim in claims(scope, name, model):
        yield made_by(claims), claim
    yield made_by(controller), controller(scope, name, model, content)
    for item in service(scope, name, model):
        yield made_by(service), item
    if isinstance(model, Serving):
        for scaler in scaling(scope, name, model):
            yield made_by(scaling), scaler
        for route in exposure(scope, name, model):
            yield made_by(exposure), route
