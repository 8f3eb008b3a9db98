"""Replacing an object whose fields are immutable: nothing is deleted that could not be created again."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest

from tests.gitops.jobs import annotated, pod_spec
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gitops.cluster.api import Connection
    from tests.gitops.jobs import Body, Job
    from tests.gitops.person import Person

OLD, NEW = "registry.example.com/load:1.0.0", "registry.example.com/load:2.0.0"
_ADMISSION = "/apis/admissionregistration.k8s.io/v1"


def _batch(image: str) -> Body:
    pod = pod_spec(image) | {"restartPolicy": "Never"}
    spec = {"activeDeadlineSeconds": 600, "ttlSecondsAfterFinished": 600, "template": {"spec": pod}}
    body = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "load"}, "spec": spec}
    return annotated(body, replace="when-immutable")


@pytest.fixture
def forbid(job: Job, connection: Connection) -> Iterator[Callable[[str], None]]:
    """Give a function that makes admission refuse new Jobs with an image in the namespace of the test."""
    name = f"test-{secrets.token_hex(4)}"

    def start(image: str) -> None:
        rule = {
            "apiGroups": ["batch"],
            "apiVersions": ["v1"],
            "operations": ["CREATE"],
            "resources": ["jobs"],
        }
        expression = f"object.spec.template.spec.containers[0].image != '{image}'"
        api: Body = {"apiVersion": "admissionregistration.k8s.io/v1", "metadata": {"name": name}}
        policy: Any = {"matchConstraints": {"resourceRules": [rule]},
                       "validations": [{"expression": expression, "message": "not this image"}]}  # fmt: skip
        match = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": job.namespace}}}
        binding = {"policyName": name, "validationActions": ["Deny"], "matchResources": match}
        for kind, spec in (("Policy", policy), ("PolicyBinding", binding)):
            body = api | {"kind": f"ValidatingAdmission{kind}", "spec": spec}
            path = f"{_ADMISSION}/validatingadmission{'policies' if kind == 'Policy' else 'policybindings'}"
            answer = connection.http.post(path, json=body)
            assert answer.is_success, answer.text
        wait_until(lambda: _refused(connection, job.namespace, image), "the policy is in force")

    yield start
    connection.http.delete(f"{_ADMISSION}/validatingadmissionpolicybindings/{name}")
    connection.http.delete(f"{_ADMISSION}/validatingadmissionpolicies/{name}")


def _refused(connection: Connection, namespace: str, image: str) -> bool:
    body = _batch(image) | {"metadata": {"name": "probe"}}
    path = f"/apis/batch/v1/namespaces/{namespace}/jobs"
    return connection.http.post(path, params={"dryRun": "All"}, json=body).status_code == 422


def test_an_object_is_not_deleted_if_its_successor_would_be_refused(
    job: Job, person: Person, forbid: Callable[[str], None]
) -> None:
    """A dry run of the creation comes first, also of `diff`."""
    job.repository.commit({"app/job.yaml": _batch(OLD)})
    job.sync()
    uid = person.live("Job", "load")["metadata"]["uid"]
    forbid(NEW)
    job.repository.commit({"app/job.yaml": _batch(NEW)})
    assert job.diff().changes == {"Job/load": "failed"}
    for _ in range(2):
        result = job.sync()
        assert (result.code, result.changes) == (2, {"Job/load": "failed"})
        assert "its creation would be refused, so it was not deleted" in result.messages
        assert "not this image" in result.messages
        assert person.live("Job", "load")["metadata"]["uid"] == uid


def test_an_object_that_is_gone_is_not_healthy(
    job: Job, person: Person, forbid: Callable[[str], None]
) -> None:
    """Health is that of what is there: an object whose creation is refused is Missing."""
    job.repository.commit({"app/job.yaml": _batch(OLD)})
    job.sync()
    forbid(OLD)
    person.delete("Job", "load")
    wait_until(lambda: person.get("Job", "load") is None, "the Job is gone")
    result = job.sync()
    assert (result.code, result.changes) == (2, {"Job/load": "failed"})
    assert result.summary()["health"] == "Missing"
