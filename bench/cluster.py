"""Control planes and the kubectl of the same build, both by localkube: none of the machine's own takes part."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from localkube.binaries import ensure_built
from localkube.clusters import Level, start, stop


def built_kubectl() -> str:
    """Path of kubectl, built if need be (minutes); raises ClusterError."""
    return str(ensure_built(_report) / "kubectl")


@contextmanager
def fresh_cluster(
    name: str, namespaces: Iterable[str] = (), level: Level = "api"
) -> Iterator[Mapping[str, str]]:
    """Give the variables of a new control plane: creating gets slower with what one holds already.

    Raises ClusterError where none can be had.
    """
    unique = f"bench-{name}-{os.getpid()}"
    kubectl = built_kubectl()
    cluster = start(unique, level, owner=os.getpid(), report=lambda _: None)
    variables = {**os.environ, "KUBECONFIG": str(cluster.kubeconfig)}
    try:
        for namespace in namespaces:
            command = [kubectl, "create", "namespace", namespace]
            subprocess.run(command, env=variables, check=True, capture_output=True)
        yield variables
    finally:
        stop(unique)


def _report(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
