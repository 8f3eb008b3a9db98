"""What a production environment must say of its cluster, so that no gate takes another cluster for it."""

from __future__ import annotations

from collections.abc import Iterable

from envs.config.layers.folder import FOLDER
from envs.config.load import Configuration
from envs.config.validation.validate import place
from policies.context import Level
from policies.rule import Finding

RULE = "production-names-its-cluster"
_ADVICE = {
    "context": "write the context of your kubeconfig that stands for it; without one, the current context is taken",
    "uid": (
        "write what `kubectl get namespace kube-system --output jsonpath={.metadata.uid}` prints; "
        "without it, a context that names another cluster goes unnoticed"
    ),
}


def unnamed_clusters(configuration: Configuration, names: Iterable[str]) -> list[Finding]:
    """Find what production environments do not say of their cluster; tests may go to any cluster."""
    found = []
    for name in names:
        environment = configuration.environments[name]
        if environment.tier != "production":
            continue
        for field, advice in _ADVICE.items():
            if getattr(environment.cluster, field) is None:
                message = f"is missing in a production environment; {advice}"
                origin = _origin(configuration, name)
                found.append(
                    Finding(RULE, Level.MANDATORY, name, f"Layer/{name}", f"cluster.{field}", message, origin)
                )
    return found


def _origin(configuration: Configuration, name: str) -> str:
    """Where to write it: where the cluster is described, else at the top of the environment's own layer."""
    tree = configuration.trees[name]
    return str(place(tree, ("cluster",))) if tree.child("cluster") else f"{FOLDER}/{name}.yaml:1:1"
