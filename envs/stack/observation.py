"""Reads what a cluster holds of an environment: the objects that it wants, and all others with its label."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gitops.cluster.api import Connection
from gitops.direct import live
from gitops.objects import Body, Key, key_of
from kube.labels import PREFIX

# Kinds that components make: an orphan may be of one that the environment does not want any more.
_KINDS = (
    ("v1", "ConfigMap"),
    ("v1", "LimitRange"),
    ("v1", "Namespace"),
    ("v1", "PersistentVolumeClaim"),
    ("v1", "ResourceQuota"),
    ("v1", "Service"),
    ("v1", "ServiceAccount"),
    ("apps/v1", "DaemonSet"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
    ("batch/v1", "CronJob"),
    ("batch/v1", "Job"),
    ("networking.k8s.io/v1", "Ingress"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("policy/v1", "PodDisruptionBudget"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"),
    ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding"),
)


def observe_environment(cluster: Connection, environment: str, wanted: Sequence[Body]) -> Mapping[Key, Body]:
    """Read the wanted objects that exist, and whatever carries the label of the environment; raises GitOpsError.

    Pods, ReplicaSets and Jobs of a CronJob carry it too; what another object owns is not listed.
    """
    kinds = dict.fromkeys([*_KINDS, *((body["apiVersion"], body["kind"]) for body in wanted)])
    found = {
        key_of(body): body
        for bodies in cluster.each(lambda kind: _labelled(cluster, *kind, environment), kinds)
        for body in bodies
        if not body["metadata"].get("ownerReferences")
    }
    return found | dict(live(cluster, wanted))


def _labelled(cluster: Connection, api_version: str, kind: str, environment: str) -> Iterable[Body]:
    resource = cluster.resource(api_version, kind)
    if resource is None:
        return ()
    return cluster.objects(resource, kind, selector=f"{PREFIX}/environment={environment}")
