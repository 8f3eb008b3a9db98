"""The API server of the tests judges for real: roles, Pod Security, quotas, strict fields."""

import http.client
from collections.abc import Callable
from typing import Any

import pytest
from lightkube import ApiError, Client, KubeConfig
from lightkube.config.kubeconfig import SingleConfig
from lightkube.config.models import User
from lightkube.models.authentication_v1 import TokenRequestSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.models.rbac_v1 import PolicyRule, RoleRef, Subject
from lightkube.resources.core_v1 import (
    ConfigMap,
    Namespace,
    Pod,
    ResourceQuota,
    Secret,
    ServiceAccount,
    ServiceAccountToken,
)
from lightkube.resources.rbac_authorization_v1 import Role, RoleBinding
from lightkube.types import PatchType

from localkube.clusters import Cluster
from tests.api.objects import PAUSE
from tests.waiting import wait_until


def test_a_role_allows_what_it_names_and_nothing_else(api: Client, cluster: Cluster, namespace: str) -> None:
    api.create(_meta(ServiceAccount, "writer", namespace))
    rules = [PolicyRule(apiGroups=[""], resources=["configmaps"], verbs=["create"])]
    api.create(Role(metadata=ObjectMeta(name="writer", namespace=namespace), rules=rules))
    api.create(
        RoleBinding(
            metadata=ObjectMeta(name="writer", namespace=namespace),
            roleRef=RoleRef(apiGroup="rbac.authorization.k8s.io", kind="Role", name="writer"),
            subjects=[Subject(kind="ServiceAccount", name="writer", namespace=namespace)],
        )
    )
    writer = _login(api, cluster, namespace, "writer")

    writer.create(_meta(ConfigMap, "allowed", namespace))

    assert _refusal(lambda: writer.create(_meta(Secret, "refused", namespace))) == "Forbidden"


def test_pod_security_refuses_a_privileged_pod(api: Client, namespace: str) -> None:
    level = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
    api.patch(Namespace, namespace, level, patch_type=PatchType.MERGE)
    pod = _pod(namespace, {"securityContext": {"privileged": True}})

    with pytest.raises(ApiError, match='violates PodSecurity "restricted:latest": privileged') as refused:
        api.create(pod)

    assert refused.value.status.code == http.client.FORBIDDEN


def test_a_quota_refuses_what_exceeds_it(api: Client, namespace: str) -> None:
    wait_until(lambda: _configmaps(api, namespace) == 1, "the namespace has its kube-root-ca.crt")
    quota = {"metadata": {"name": "one", "namespace": namespace}, "spec": {"hard": {"configmaps": "1"}}}
    api.create(ResourceQuota.from_dict(quota))
    wait_until(lambda: _is_counted(api, namespace), "the quota is counted")

    with pytest.raises(ApiError, match="exceeded quota: one") as refused:
        api.create(_meta(ConfigMap, "one-too-many", namespace))

    assert refused.value.status.code == http.client.FORBIDDEN


def _configmaps(api: Client, namespace: str) -> int:
    return sum(1 for _ in api.list(ConfigMap, namespace=namespace))


def _is_counted(api: Client, namespace: str) -> bool:
    status = api.get(ResourceQuota, "one", namespace=namespace).status
    return status is not None and (status.used or {}).get("configmaps") == "1"


def _meta(kind: Any, name: str, namespace: str) -> Any:
    return kind(metadata=ObjectMeta(name=name, namespace=namespace))


def _pod(namespace: str, container: dict[str, Any]) -> Pod:
    spec = {"containers": [{"name": "pause", "image": PAUSE, **container}]}
    return Pod.from_dict({"metadata": {"name": "pod", "namespace": namespace}, "spec": spec})


def _refusal(call: Callable[[], object]) -> str | None:
    """Return the HTTP reason with which the API server refuses the call."""
    with pytest.raises(ApiError) as refused:
        call()
    return refused.value.status.reason


def _login(api: Client, cluster: Cluster, namespace: str, account: str) -> Client:
    """Return a client that has nothing but this ServiceAccount's token."""
    token = ServiceAccountToken(spec=TokenRequestSpec(audiences=[]))
    answer = api.create(token, account, namespace=namespace)
    assert answer.status is not None
    config = KubeConfig.from_file(cluster.kubeconfig).get()
    assert config is not None
    mine = SingleConfig(config.context_name, config.context, config.cluster, User(token=answer.status.token))
    return Client(config=mine, trust_env=False)
