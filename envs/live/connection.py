"""Connects to the cluster of an environment, and to no other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from envs.config.model.environment import Environment
from envs.errors import CommandError, Exit
from gitops.cluster.api import connect, context_names
from gitops.direct import LiveEnvironment
from gitops.errors import GitOpsError


@contextmanager
def cluster_of(model: Environment, kubeconfig: Path | None, context: str | None) -> Iterator[LiveEnvironment]:
    """Connect to the cluster of an environment by the context and the uid that its layers name.

    Another `context` may be given, for example for a local cluster; a uid in the layers must match all the same.

    Raises CommandError for a kubeconfig without that context, and for every GitOpsError in the body.
    """
    uid = str(model.cluster.uid) if model.cluster.uid is not None else None
    with cluster_at(model.name, kubeconfig, context or model.cluster.context, uid) as environment:
        yield environment


def is_known(model: Environment, kubeconfig: Path | None) -> bool:
    """Tell whether a kubeconfig has the context that the layers of an environment name."""
    return model.cluster.context is not None and model.cluster.context in context_names(kubeconfig)


@contextmanager
def cluster_at(
    name: str, kubeconfig: Path | None, context: str | None, uid: str | None = None
) -> Iterator[LiveEnvironment]:
    """Connect to the cluster of a context, for an environment of this name that the layers need not have.

    Raises CommandError for a kubeconfig without that context, and for every GitOpsError in the body.
    """
    try:
        with connect(kubeconfig, context, plugins=True) as cluster:
            yield LiveEnvironment(name, cluster, uid)
    except GitOpsError as error:
        raise CommandError(f"{name}: {error}", Exit(error.code)) from error
