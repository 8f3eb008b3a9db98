"""The index of Kubernetes' API that is shipped is the one that its make target writes."""

from __future__ import annotations

import shutil
import subprocess
from typing import get_args

import pytest

from envs.config.model.cluster import Cluster
from kube.schema.index import index, versions
from tools import kubernetes_index
from tools.go_types import enumerations


def test_each_version_of_the_source_is_shipped_and_can_be_chosen() -> None:
    assert list(versions()) == kubernetes_index.versions()
    field = Cluster.model_fields["version"]
    chosen = next(arguments for each in (field.annotation,) if (arguments := get_args(each)))
    assert chosen == versions()
    assert field.default == versions()[-1]


@pytest.mark.slow
@pytest.mark.parametrize("version", versions())
def test_the_shipped_index_is_what_the_target_makes(version: str) -> None:
    if shutil.which("go") is None:
        pytest.skip("go is not installed, which downloads the enumerations")
    try:
        made = kubernetes_index.index(version)
    except subprocess.CalledProcessError:
        pytest.skip("the Go module k8s.io/api cannot be downloaded")
    shipped = index(version)
    assert made == {
        "clusterScoped": sorted(shipped.cluster_scoped),
        "kinds": shipped.kinds,
        "definitions": shipped.written,
    }


@pytest.mark.slow
def test_enumerations_are_found_in_all_forms_of_go() -> None:
    if shutil.which("go") is None:
        pytest.skip("go is not installed, which downloads the enumerations")
    found = enumerations("1.36")
    assert found["core.v1.Container"]["imagePullPolicy"] == ("Always", "IfNotPresent", "Never")
    assert found["networking.v1.HTTPIngressPath"]["pathType"] == ("Exact", "ImplementationSpecific", "Prefix")
    assert found["networking.v1.NetworkPolicySpec"]["policyTypes"] == ("Egress", "Ingress")
    assert found["networking.v1.NetworkPolicyPort"]["protocol"] == ("SCTP", "TCP", "UDP")
