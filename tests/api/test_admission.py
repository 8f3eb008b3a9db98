"""The API server of the tests judges for real: roles, Pod Security, quotas, strict fields."""

import http.client
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any

import pytest
from lightkube import ApiError, Client, KubeConfig
from lightkube.config.kubeconfig import SingleConfig
from lightkube.config.models import User
from lightkube.generic_resource import create_namespaced_resource
from lightkube.models.authentication_v1 import TokenRequestSpec
from lightkube.models.authorization_v1 import ResourceAttributes
from lightkube.models.core_v1 import ResourceQuotaSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.models.rbac_v1 import PolicyRule, RoleRef, Subject
from lightkube.resources.core_v1 import (
    ConfigMap,
    Namespace,
    ResourceQuota,
    Secret,
    ServiceAccount,
    ServiceAccountToken,
)
from lightkube.resources.rbac_authorization_v1 import Role, RoleBinding
from lightkube.types import PatchType

from localkube.clusters import LocalCluster
from tests.api.access import may, service_account
from tests.api.custom_resources import install
from tests.api.objects import privileged_pod
from tests.api.verbatim import verbatim
from tests.waiting import wait_until


def test_a_role_allows_what_it_names_and_nothing_else(
    api: Client, cluster: LocalCluster, namespace: str
) -> None:
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

    create = partial(ResourceAttributes, namespace=namespace, verb="create")
    writer_name = service_account(namespace, "writer")
    assert may(api, writer_name, create(resource="configmaps"))
    assert not may(api, writer_name, create(resource="secrets"))
    with closing(_login(api, cluster, namespace, "writer")) as writer:
        writer.create(_meta(ConfigMap, "allowed", namespace))

        assert _refusal(lambda: writer.create(_meta(Secret, "refused", namespace))) == "Forbidden"


def test_pod_security_refuses_a_privileged_pod(api: Client, namespace: str) -> None:
    level = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
    api.patch(Namespace, namespace, level, patch_type=PatchType.MERGE)

    with pytest.raises(ApiError, match='violates PodSecurity "restricted:latest": privileged') as refused:
        api.create(privileged_pod(namespace))

    assert refused.value.status.code == http.client.FORBIDDEN


def test_a_quota_refuses_what_exceeds_it(api: Client, namespace: str) -> None:
    wait_until(lambda: _configmaps(api, namespace) == 1, "the namespace has its kube-root-ca.crt")
    quota = ResourceQuotaSpec(hard={"configmaps": "1"})
    api.create(ResourceQuota(metadata=ObjectMeta(name="one", namespace=namespace), spec=quota))
    wait_until(lambda: _is_counted(api, namespace), "the quota is counted")

    with pytest.raises(ApiError, match="exceeded quota: one") as refused:
        api.create(_meta(ConfigMap, "one-too-many", namespace))

    assert refused.value.status.code == http.client.FORBIDDEN


def test_a_field_that_does_not_exist_is_refused(api: Client, namespace: str) -> None:
    metadata = {"name": "misspelt", "namespace": namespace}
    misspelt = verbatim({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "dat": {"a": "b"}})

    with pytest.raises(ApiError, match=r"\.dat: field not declared in schema"):
        api.apply(misspelt)


def test_a_kind_of_another_project_is_accepted_once_it_is_defined(api: Client, namespace: str) -> None:
    install(api)
    external_secret = create_namespaced_resource(
        "external-secrets.io", "v1", "ExternalSecret", "externalsecrets"
    )
    metadata = ObjectMeta(name="database", namespace=namespace)

    api.apply(external_secret(metadata=metadata, spec={"refreshInterval": "1h"}))

    assert api.get(external_secret, "database", namespace=namespace).spec == {"refreshInterval": "1h"}


def _configmaps(api: Client, namespace: str) -> int:
    return sum(1 for _ in api.list(ConfigMap, namespace=namespace))


def _is_counted(api: Client, namespace: str) -> bool:
    status = api.get(ResourceQuota, "one", namespace=namespace).status
    return status is not None and (status.used or {}).get("configmaps") == "1"


def _meta(kind: Any, name: str, namespace: str) -> Any:
    return kind(metadata=ObjectMeta(name=name, namespace=namespace))


def _refusal(call: Callable[[], object]) -> str | None:
    """Return the HTTP reason with which the API server refuses the call."""
    with pytest.raises(ApiError) as refused:
        call()
    return refused.value.status.reason


def _login(api: Client, cluster: LocalCluster, namespace: str, account: str) -> Client:
    """Return a client that has nothing but this ServiceAccount's token."""
    token = ServiceAccountToken(metadata=ObjectMeta(), spec=TokenRequestSpec(audiences=[]))
    answer = api.create(token, account, namespace=namespace)
    assert answer.status is not None
    config = KubeConfig.from_file(cluster.kubeconfig).get()
    assert config is not None
    mine = SingleConfig(config.context_name, config.context, config.cluster, User(token=answer.status.token))
    return Client(config=mine, trust_env=False)
