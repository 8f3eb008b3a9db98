"""Models of the identity of a workload's pods: in the cluster and, by annotations, in a cloud."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from envs.config.model.fields import Label, LabelKey, Line, ResourceName, String, Subdomain, Word
from envs.config.model.typed import Model, OneOrMany

Verb = Word[Literal["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"]]


class Permission(Model):
    """What the pods of a workload may do with some objects of their namespace, through the Kubernetes API."""

    group: Subdomain | None = None
    """Group of the API (apiGroups); default: the core group, as for pods and ConfigMaps."""
    resources: Annotated[OneOrMany[ResourceName], Field(min_length=1)]
    """Resources, as RBAC names them: leases, pods/log (resources)."""
    verbs: Annotated[OneOrMany[Verb], Field(min_length=1)]
    """What they may do (verbs)."""
    names: OneOrMany[String] = ()
    """Names of the objects; default: all of the namespace (resourceNames)."""


class Account(Model):
    """The ServiceAccount of a workload."""

    annotations: dict[LabelKey, String] = Field(default_factory=dict)
    """Annotations of the ServiceAccount, such as the role that a cloud gives it (annotations)."""
    token: Line | None = None
    """Why its pods mount a token and may connect to the API server; default: they do neither."""
    permissions: dict[Label, Permission] = Field(default_factory=dict)
    """What its pods may do in their namespace, by a name of your choice (rules)."""
