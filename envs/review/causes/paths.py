"""An object by its kind, app and name in, the paths of the layers that it is made from out, the most telling first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from envs.review.causes.causes import Causes
from kube.yaml.paths import Path

_FIELDS: Mapping[str, Sequence[str]] = {
    "ConfigMap": ("config", "content"),
    "ExternalSecret": ("secrets",),
    "HorizontalPodAutoscaler": ("autoscale",),
    "HTTPRoute": ("host", "hosts", "path"),
    "Ingress": ("host", "hosts", "path"),
    "PersistentVolumeClaim": ("claims", "storage"),
    "PodDisruptionBudget": ("budget", "replicas", "autoscale"),
    "SealedSecret": ("secrets",),
    "Service": ("ports", "services"),
    "ServiceAccount": ("account",),
}
"""Fields of a workload that make objects of their own."""
_OF_APPS: Mapping[str, str] = {"LimitRange": "limits", "ResourceQuota": "quota"}
_OF_POLICIES: Mapping[str, Path] = {
    "allow-api-server": ("cluster", "apiServer"),
    "allow-dns": ("cluster", "dns"),
    "allow-git": ("gitops",),
    "allow-pushgateway": ("gitops",),
}
_DIRECTIONS = ("-ingress", "-egress")
_JOB = ("gitops",)


def app_in(namespace: str, environment: str, causes: Causes) -> str:
    """Name the app of a namespace: by its suffix, or as the layers name the namespace."""
    for app in causes.entries("apps"):
        if namespace in causes.said("apps", app, "namespace") | causes.said("apps", app, "namespace", "name"):
            return app
    return namespace.removesuffix(f"-{environment}")


def paths_of(kind: str, app: str, name: str, causes: Causes, source: Path = ()) -> list[Path]:
    """List the paths; `source` is what a component says that it made the object from."""
    return [*_own(kind, app, name, causes), *_source(kind, app, name, causes, source)]


def _own(kind: str, app: str, name: str, causes: Causes) -> Iterator[Path]:
    """Yield the paths of what people wrote as it is, and of the fence."""
    for key, node in causes.entries("apps", app, "manifests").items():
        written = node.child("metadata")
        called = written.child("name") if written is not None else None
        of_kind = node.child("kind")
        if called is not None and of_kind is not None and (of_kind.value, called.value) == (kind, name):
            yield ("apps", app, "manifests", key)
    if kind == "NetworkPolicy":
        yield flow_path(app, name)
    elif kind in _OF_APPS:
        yield ("apps", app, _OF_APPS[kind])


def flow_path(app: str, policy: str) -> Path:
    """Path of what a NetworkPolicy of an app is made from, by its name: [<declaring app>.]<flow>-ingress."""
    if policy in _OF_POLICIES:
        return _OF_POLICIES[policy]
    if policy == "allow-namespace":
        return ("apps", app, "isolation")
    label = next((policy.removesuffix(end) for end in _DIRECTIONS if policy.endswith(end)), policy)
    before, _, name = label.rpartition(".")
    if name == "api-server":
        return ("apps", app, "workloads", before, "account", "token")
    return ("apps", before or app, "flows", name)


def _source(kind: str, app: str, name: str, causes: Causes, source: Path) -> Iterator[Path]:
    """Yield the workload or component that an object is made from, its telling fields first."""
    found = source if source[2:] else next(_named(app, name, causes), ())
    if found:
        yield from ((*found, field) for field in _FIELDS.get(kind, ()))
        yield found
    elif source == _JOB or (not source and app == _JOB[0]):
        yield _JOB
    elif source and source[:1] != ("apps",):
        yield source


def _named(app: str, name: str, causes: Causes) -> Iterator[Path]:
    """Find the workload with a Service of this name, else what the name of the object is or starts with."""
    for key in causes.entries("apps", app, "workloads"):
        if name in causes.entries("apps", app, "workloads", key, "services"):
            yield ("apps", app, "workloads", key)
    for field in ("workloads", "components"):
        known = sorted(causes.entries("apps", app, field), key=len, reverse=True)
        yield from (("apps", app, field, key) for key in known if f"{name}-".startswith(f"{key}-"))
