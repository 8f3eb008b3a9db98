"""Checks what apps may hold besides namespaced kinds of Kubernetes itself: what environments say of it, and apps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from envs.config.model.app import App
from envs.config.model.environment import Environment
from kube.kind_lists import RENDERED, is_fence
from kube.schema.index import index

Found = Iterator[tuple[tuple[Any, ...], str]]


def kind_problems(environment: Environment) -> Found:
    """Find kinds that nobody can allow."""
    for name in environment.policies.kinds:
        group, _, kind = name.rpartition("/")
        if is_fence(f"{group}/v1" if group else "v1", kind):
            message = f"{name} belongs to the fence, which an app does not change; delete this line"
            yield ("policies", "kinds", name), message


def scope_problems(environment: Environment, app: App, path: tuple[Any, ...]) -> Found:
    """Find an app that takes the whole cluster for itself, and kinds of its repository that nobody allows."""
    name = path[-1]
    if app.scope == "cluster" and name not in environment.policies.cluster_apps:
        advice = f"write `policies: {{clusterApps: {{{name}: why}}}}` in a layer"
        yield (*path, "scope"), f"{environment.name} does not name this app; {advice}"
    if app.scope == "cluster" and app.delivery == "pull":
        message = "the GitOps job has rights in namespaces only; write `delivery: push`"
        yield (*path, "scope"), message
    api = index(environment.cluster.version)
    for number, kind in enumerate(app.source.kinds if app.source else ()):
        group = kind.rpartition("/")[0]
        listed = kind in RENDERED or kind in environment.policies.kinds
        if not listed and api.is_custom(f"{group}/v1"):
            message = f"{kind} is not listed; write `policies: {{kinds: {{{kind}: why}}}}` in a layer"
            yield (*path, "source", "kinds", str(number)), message
