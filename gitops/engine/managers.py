"""Who is who among field managers: Kubernetes' own controllers, people's tools, deployment tools, and the rest.

A field manager is a name that a client gives itself, so it decides about courtesy and never about safety: a field
that Git sets has Git's value whoever wrote another one, unless its writer is declared as a co-owner.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from gitops.globs import any_matches

# Field managers of Kubernetes itself; they keep their fields.
CONTROLLERS = frozenset({"kube-controller-manager", "kube-scheduler", "kubelet", "cloud-controller-manager"})
# These write subresources alone (status, binding) of what a job may apply: a whole object under their name is
# somebody else's.
_OF_SUBRESOURCES = frozenset({"kubelet", "kube-scheduler"})
# Tools that would overwrite the object; an object has one writer.
OTHER_WRITERS = ("pulumi-kubernetes", "kustomize-controller", "helm-controller", "argocd-")
# Commands, dashboards and plain HTTP clients with which people change objects. Without a name of its own, a
# program is called by the first word of its User-Agent: https://kubernetes.io/docs/reference/using-api/server-side-apply/
PEOPLE = (
    "before-first-apply",  # what the server calls all writers of an object's time without managedFields
    "kubectl",
    "kubectl-*",
    "kubectl.exe",
    "oc",
    "oc-*",
    "k9s",
    "Lens",
    "OpenLens",
    "Freelens",
    "node-fetch",  # Lens and its descendants
    "Headlamp",
    "headlamp",
    "headlamp-server",
    "aptakube",
    "octant",
    "kubenav",
    "dashboard",  # Kubernetes Dashboard
    "dashboard-*",
    "kubernetes-dashboard",
    "Mozilla",  # a dashboard or a proxy in a browser
    "curl",
    "Wget",
    "HTTPie",
    "PostmanRuntime",
)
_SILENT = CONTROLLERS | {"kube-apiserver"}


@lru_cache(maxsize=1024)
def of_people(manager: str) -> bool:
    """Tell whether a field manager is a tool with which people change objects."""
    return any_matches(PEOPLE, manager)


def of_kubernetes(entry: Mapping[str, Any]) -> bool:
    """Tell whether an entry of `managedFields` was truly written by a controller of Kubernetes."""
    name = entry.get("manager")
    return name in CONTROLLERS and (name not in _OF_SUBRESOURCES or bool(entry.get("subresource")))


def of_a_pretender(entry: Mapping[str, Any]) -> bool:
    """Tell whether an entry bears the name of a controller that never writes whole objects."""
    return entry.get("manager") in _OF_SUBRESOURCES and not of_kubernetes(entry)


@lru_cache(maxsize=1024)
def unknown(manager: str) -> bool:
    """Tell whether nothing is known of a field manager: neither people nor Kubernetes nor a deployment tool."""
    return not (of_people(manager) or manager in _SILENT or manager.startswith(OTHER_WRITERS))
