"""Objects are checked by the API of a version of Kubernetes; tests/api compares the verdicts with a real API server."""

from __future__ import annotations

import pytest

from kube.schema.check import check_object
from kube.schema.index import NEWEST, index, versions
from tests.kube.schema.cases import BAD, GOOD, Bad, body, title


@pytest.mark.parametrize("version", versions())
@pytest.mark.parametrize("kind", GOOD)
def test_a_good_object_passes_in_every_version(kind: str, version: str) -> None:
    assert check_object(GOOD[kind], index(version)) == []


@pytest.mark.parametrize("case", BAD, ids=title)
def test_a_bad_object_is_found_at_its_place(case: Bad) -> None:
    (fault,) = check_object(body(case), index(NEWEST))
    assert ".".join(map(str, fault.path)) == case.place
    assert case.message in fault.message


def test_an_alpha_version_needs_a_word_of_the_cluster() -> None:
    claim = {"apiVersion": "resource.k8s.io/v1beta1", "kind": "ResourceClaim", "metadata": {"name": "a"}}
    claim["spec"] = {}

    (fault,) = check_object(claim, index("1.36"))

    assert "write resource.k8s.io/v1, or name it in `cluster.apis`" in fault.message
    assert check_object(claim, index("1.36"), ["resource.k8s.io/v1beta1"]) == []


def test_a_version_of_the_api_is_one_of_the_version_of_kubernetes() -> None:
    flow = {
        "apiVersion": "flowcontrol.apiserver.k8s.io/v1beta3",
        "kind": "FlowSchema",
        "metadata": {"name": "a"},
    }
    flow["spec"] = {"priorityLevelConfiguration": {"name": "b"}}
    served = ["flowcontrol.apiserver.k8s.io/v1beta3"]

    assert check_object(flow, index("1.31"), served) == []
    (fault,) = check_object(flow, index("1.32"), served)
    assert fault.message.endswith("write flowcontrol.apiserver.k8s.io/v1")


@pytest.mark.parametrize(("version", "problems"), [("1.35", 1), ("1.36", 0)])
def test_a_service_may_start_with_a_digit_from_one_version_on(version: str, problems: int) -> None:
    service = {**GOOD["Service"], "metadata": {"name": "1-web"}}
    assert len(check_object(service, index(version))) == problems


def test_of_a_custom_kind_only_the_metadata_is_known() -> None:
    widget = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "a"}, "spec": {"any": 1}}
    assert check_object(widget, index(NEWEST)) == []
    assert check_object({**widget, "metadata": {"name": "A"}}, index(NEWEST))
    assert check_object({**widget, "metadata": {"name": "a", "label": {}}}, index(NEWEST))


def test_what_a_patch_does_not_say_is_not_missing() -> None:
    patch = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "spec": {"template": {"spec": {"containers": [{}]}}},
    }
    assert check_object(patch, index(NEWEST), partial=True) == []


def test_the_status_is_left_to_the_server() -> None:
    assert check_object({**GOOD["Deployment"], "status": {"any": "thing"}}, index(NEWEST)) == []


@pytest.mark.parametrize(
    "value", [None, "text", 1, True, [], {}, [[]], [None], {"": None}, {"a": [{"b": None}]}]
)
@pytest.mark.parametrize("field", ["metadata", "spec", "data", "apiVersion", "kind"])
def test_whatever_a_file_holds_is_a_fault_or_nothing(field: str, value: object) -> None:
    for good in GOOD.values():
        assert isinstance(check_object({**good, field: value}, index(NEWEST)), list)
