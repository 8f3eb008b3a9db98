"""Finds accounts that cannot work, and labels of pods that belong to others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from envs.config.model.environment import Environment
from envs.config.model.workload import Workload
from kube.labels import PREFIX

Found = Iterator[tuple[tuple[Any, ...], str]]

# By these, Services, NetworkPolicies and controllers select pods.
_SELECTING = frozenset({f"app.kubernetes.io/{name}" for name in ("name", "instance", "part-of")})


def identity_problems(environment: Environment, workload: Workload, path: tuple[Any, ...]) -> Found:
    """Say what is wrong with the account, the labels and the annotations of a workload."""
    account = workload.account
    if account.permissions and account.token is None:
        message = "need a token; write in `token:` why its pods use the Kubernetes API"
        yield (*path, "account", "permissions"), message
    if account.token is not None and environment.cluster.api_server is None:
        message = "its pods must reach the API server; write `cluster.apiServer` with its addresses"
        yield (*path, "account", "token"), message
    for field, keys in (("labels", workload.labels), ("annotations", workload.annotations)):
        for key in keys:
            if key in _SELECTING or key.startswith(f"{PREFIX}/"):
                yield (*path, field, key), f"{key} is set for each workload; choose another key"
