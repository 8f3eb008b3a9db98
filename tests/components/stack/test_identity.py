"""What identifies an object in a stack."""

from collections import defaultdict
from itertools import permutations

import pytest

from components.objects.manifest import Manifest, Part
from components.stack import identity
from kube.kinds import group
from kube.schema.index import index, versions


def manifest(api_version: str, kind: str, namespace: str = "app-qa") -> Manifest:
    """Make an object."""
    metadata = {"name": "web"} | ({"namespace": namespace} if namespace else {})
    return Manifest(
        {"apiVersion": api_version, "kind": kind, "metadata": metadata}, Part.WORKLOAD, "app", (), ""
    )


def test_kinds_of_the_same_word_in_two_groups_have_two_names() -> None:
    names = {
        identity.name(manifest("v1", "Service")),
        identity.name(manifest("serving.knative.dev/v1", "Service")),
    }

    assert names == {"app-qa/Service/web", "app-qa/serving.knative.dev/Service/web"}


def test_a_new_version_of_an_api_keeps_name_and_knows_the_type_of_the_old_one() -> None:
    before = manifest("external-secrets.io/v1beta1", "ExternalSecret")
    after = manifest("external-secrets.io/v1", "ExternalSecret")

    assert identity.name(after) == identity.name(before)
    assert identity.token(before) in identity.earlier_types(after)
    assert identity.token(after) not in identity.earlier_types(after)


def test_the_core_group_has_no_name_in_the_type() -> None:
    assert identity.token(manifest("v1", "Namespace", "")) == "kubernetes:core/v1:Namespace"


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [("v1", "Service"), ("apps/v1", "Deployment"), ("networking.k8s.io/v1", "Ingress")],
)
def test_what_has_one_version_costs_no_alias(api_version: str, kind: str) -> None:
    assert identity.earlier_types(manifest(api_version, kind)) == []


def test_every_version_that_a_supported_kubernetes_serves_is_known() -> None:
    served = defaultdict(set)
    for name in {kind for version in versions() for kind in index(version).kinds}:
        api_version, _, kind = name.partition(" ")
        served[group(api_version), kind].add(api_version)

    unknown = [
        f"{api_version} {kind}, served as {other} too"
        for (_, kind), api_versions in served.items()
        for api_version, other in permutations(api_versions, 2)
        if identity.token(manifest(other, kind)) not in identity.earlier_types(manifest(api_version, kind))
    ]

    assert unknown == []
