"""What identifies an object in a stack: its type and name, and those that it had under earlier versions of its API."""

from __future__ import annotations

from components.objects.manifest import Manifest
from kube.kinds import group, group_kind

ENVIRONMENT = "environments:index:Environment"
APP = "environments:index:App"

# Versions that APIs move through. A stack that holds an object under one of them keeps the object when
# the layers or Kubernetes move on: without an alias Pulumi would delete it and create it anew.
_VERSIONS = (
    *(f"v1{step}" for step in ("alpha1", "alpha2", "alpha3", "beta1", "beta2", "beta3", "")),
    "v2beta1",
    "v2beta2",
    "v2",
)
# What supported versions of Kubernetes serve as v1 alone: seven aliases cost the SDK nearly as much as the resource.
_SETTLED_GROUPS = frozenset({"", "apps", "batch", "policy", "rbac.authorization.k8s.io"})
_SETTLED_KINDS = frozenset({"networking.k8s.io/Ingress", "networking.k8s.io/NetworkPolicy"})


def token(manifest: Manifest) -> str:
    """Type of a resource as the provider names it: kubernetes:apps/v1:Deployment, kubernetes:core/v1:Service."""
    api_version = manifest.object["apiVersion"]
    return _token(group(api_version), api_version.rpartition("/")[2], manifest.kind)


def name(manifest: Manifest) -> str:
    """Name of a resource, what identifies the object in its cluster: <namespace>/<group>/<Kind>/<name>.

    It lasts as long as the object. The group keeps a Knative Service apart from a Service of the same name.
    """
    kind = group_kind(manifest.object["apiVersion"], manifest.kind)
    return "/".join(part for part in (manifest.namespace, kind, manifest.name) if part)


def earlier_types(manifest: Manifest) -> list[str]:
    """Types that the object may have in the state of a stack, in other versions of its API."""
    api_version = manifest.object["apiVersion"]
    api_group = group(api_version)
    if api_group in _SETTLED_GROUPS or group_kind(api_version, manifest.kind) in _SETTLED_KINDS:
        return []
    return [
        other
        for version in _VERSIONS
        if (other := _token(api_group, version, manifest.kind)) != token(manifest)
    ]


def earlier_name(manifest: Manifest) -> str:
    """Name that releases before 0.2 gave to the resource: without the group."""
    return "/".join(part for part in (manifest.namespace, manifest.kind, manifest.name) if part)


def urn_start(stack: str, project: str) -> str:
    """Return what the URNs of all objects of a stack start with: they are below their app, apps below the environment.

    Source: https://www.pulumi.com/docs/iac/concepts/resources/names/#urns
    """
    return f"urn:pulumi:{stack}::{project}::{ENVIRONMENT}${APP}$"


def _token(api_group: str, version: str, kind: str) -> str:
    return f"kubernetes:{api_group or 'core'}/{version}:{kind}"
