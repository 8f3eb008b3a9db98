"""Objects that need care: immutable ones, definitions and their objects, and the rights of the job."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import yaml

from tests.gitops.jobs import annotated, config_map, deployment, pod_spec
from tests.waiting import wait_until

if TYPE_CHECKING:
    from gitops.cluster.api import Connection
    from tests.gitops.jobs import Body, Job
    from tests.gitops.person import Person


def _batch(image: str) -> Body:
    pod = pod_spec(image) | {"restartPolicy": "Never"}
    spec = {"activeDeadlineSeconds": 600, "ttlSecondsAfterFinished": 600, "template": {"spec": pod}}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "load"}, "spec": spec}


def test_an_immutable_field_is_an_error_that_says_what_to_do(job: Job, person: Person) -> None:
    """Nothing is deleted unless the object says so."""
    job.repository.commit({"app/job.yaml": _batch("registry.example.com/load:1.0.0")})
    job.sync()
    uid = person.live("Job", "load")["metadata"]["uid"]
    job.repository.commit({"app/job.yaml": _batch("registry.example.com/load:2.0.0")})
    result = job.sync()
    assert (result.code, result.changes) == (2, {"Job/load": "failed"})
    assert "annotate it with environments.internal/replace: when-immutable" in result.messages
    assert person.live("Job", "load")["metadata"]["uid"] == uid


def test_an_object_that_allows_it_is_replaced(job: Job, person: Person) -> None:
    """Deleted and created, once."""
    allowed = {"replace": "when-immutable"}
    job.repository.commit({"app/job.yaml": annotated(_batch("registry.example.com/load:1.0.0"), **allowed)})
    job.sync()
    uid = person.live("Job", "load")["metadata"]["uid"]
    job.repository.commit({"app/job.yaml": annotated(_batch("registry.example.com/load:2.0.0"), **allowed)})
    assert set(job.rest()) == {"Job/load"}
    live = person.live("Job", "load")
    assert live["metadata"]["uid"] != uid
    assert live["spec"]["template"]["spec"]["containers"][0]["image"].endswith("2.0.0")


def test_an_invalid_object_is_never_replaced(job: Job, person: Person) -> None:
    """Invalid is not immutable: the object stays, whatever its annotation allows."""
    good = annotated(deployment("web"), replace="when-immutable")
    job.repository.commit({"app/web.yaml": good})
    job.sync()
    uid = person.live("Deployment", "web")["metadata"]["uid"]
    bad = annotated(deployment("web"), replace="when-immutable")
    bad["spec"]["selector"] = {"matchLabels": {"app": "other"}}  # immutable, and it selects nothing
    job.repository.commit({"app/web.yaml": bad})
    result = job.sync()
    assert (result.code, result.changes) == (2, {"Deployment/web": "failed"})
    assert person.live("Deployment", "web")["metadata"]["uid"] == uid


def _definition(group: str) -> Body:
    schema = {
        "type": "object",
        "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}},
    }
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"plural": "things", "singular": "thing", "kind": "Thing"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"things.{group}"},
        "spec": {"group": group, "names": names, "scope": "Namespaced", "versions": [version]},
    }


def test_a_definition_and_its_objects_arrive_together(job: Job, connection: Connection) -> None:
    """One run brings them and what needs them; a definition that went takes its objects along."""
    group = f"t{secrets.token_hex(4)}.example.com"
    thing = {"apiVersion": f"{group}/v1", "kind": "Thing", "metadata": {"name": "one"}, "spec": {"size": 1}}
    job.kinds = ("*", f"{group}/*", "apiextensions.k8s.io/*")
    definition = annotated(_definition(group), prune="enabled")
    later = annotated(config_map("x"), wave="1")
    job.repository.commit({"app/a.yaml": [definition, thing], "app/b.yaml": later})
    assert job.diff().changes == {
        f"CustomResourceDefinition/things.{group}": "created",
        "Thing/one": "created",
        "ConfigMap/x": "created",
    }
    first = job.sync()
    assert (first.code, set(first.changes.values()), first.summary()["sync"]) == (0, {"created"}, "InSync")
    assert job.sync().changes == {}
    job.repository.commit({"app/a.yaml": None})
    assert set(job.sync().changes) >= {"Thing/one"}
    job.rest()
    assert connection.http.get(f"/apis/{group}/v1/things").status_code == 404


def test_an_unknown_kind_is_a_fault_with_its_line(job: Job, person: Person) -> None:
    """Nothing of the application is written."""
    job.kinds = ("*", "example.com/*")
    unknown: dict[str, Any] = {"apiVersion": "example.com/v1", "kind": "Nothing", "metadata": {"name": "x"}}
    job.repository.commit({"app/a.yaml": [config_map("one"), unknown]})
    result = job.sync()
    assert result.code == 2
    assert "app/a.yaml:" in result.messages
    assert "the API server does not know the kind Nothing of example.com/v1" in result.messages
    assert person.get("ConfigMap", "one") is None


def test_each_object_outside_the_project_is_refused_by_name_and_rule(job: Job, person: Person) -> None:
    """All of them at once, and nothing is written."""
    job.kinds = ("ConfigMap", "rbac.authorization.k8s.io/Role")
    elsewhere = config_map("two")
    elsewhere["metadata"]["namespace"] = "kube-system"
    job.repository.commit({"app/a.yaml": [config_map("one"), elsewhere, deployment("web")]})
    result = job.sync()
    assert (result.code, result.changes) == (3, {})
    assert "ConfigMap/kube-system/two: project all cannot allow the namespace kube-system" in result.messages
    assert "Deployment/web: project all does not allow the kind apps/Deployment" in result.messages
    assert person.get("ConfigMap", "one") is None


RIGHTS = {
    "home": [
        {
            "apiGroups": [""],
            "resources": ["configmaps"],
            "verbs": ["get", "list", "create", "patch", "delete"],
        },
        {"apiGroups": [""], "resources": ["events"], "verbs": ["create"]},
        {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "update"]},
        {"apiGroups": ["batch"], "resources": ["cronjobs"], "resourceNames": ["gitops"], "verbs": ["get"]},
    ],
    "destination": [
        {"apiGroups": [""], "resources": ["events"], "verbs": ["create"]},
        {
            "apiGroups": ["", "apps"],
            "resources": ["configmaps", "deployments"],
            "verbs": ["get", "list", "create", "patch", "delete"],
        },
    ],
}


def _bind(connection: Connection, namespace: str, home: str, rules: list[Body]) -> None:
    api = {"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": "gitops"}}
    account = {"kind": "ServiceAccount", "name": "gitops-serviceaccount", "namespace": home}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "gitops"}
    root = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
    for path, body in (
        (f"{root}/roles", api | {"kind": "Role", "rules": rules}),
        (f"{root}/rolebindings", api | {"kind": "RoleBinding", "subjects": [account], "roleRef": role}),
    ):
        answer = connection.http.post(path, json=body)
        assert answer.is_success, answer.text


def test_the_service_account_needs_these_rights_and_has_no_others(
    job: Job, person: Person, connection: Connection
) -> None:
    """One Role for its own records, one per destination; without a right the object and the rule are named."""
    accounts = f"/api/v1/namespaces/{job.home}/serviceaccounts"
    connection.http.post(accounts, json={"metadata": {"name": "gitops-serviceaccount"}})
    _bind(connection, job.home, job.home, RIGHTS["home"])
    _bind(connection, job.namespace, job.home, RIGHTS["destination"])
    answer = connection.http.post(f"{accounts}/gitops-serviceaccount/token", json={"spec": {}})
    _use_token(job, answer.json()["status"]["token"])
    job.repository.commit(
        {"app/a.yaml": [config_map("one", a="1"), deployment("web")], "app/b.yaml": config_map("x")}
    )
    assert job.sync().code == 0
    person.patch("ConfigMap", "one", {"data": {"b": "2"}})
    job.repository.commit({"app/b.yaml": None})
    assert job.sync().changes == {"ConfigMap/one": "repaired", "ConfigMap/x": "deleted"}
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "more"},
               "automountServiceAccountToken": False}  # fmt: skip
    job.repository.commit({"app/c.yaml": account})
    result = job.sync()
    assert result.code == 5
    assert 'cannot list resource "serviceaccounts"' in result.messages
    assert person.get("ServiceAccount", "more") is None


def test_a_kind_without_rights_blocks_nothing_and_rights_to_delete_empty_it(
    job: Job, person: Person, connection: Connection
) -> None:
    """The last Deployment leaves Git, and the rights to its kind end with it or are those to delete alone."""
    job.repository.commit(
        {"app/a.yaml": [config_map("one", a="1"), deployment("web", 0)], "app/b.yaml": config_map("x")}
    )
    job.sync()
    accounts = f"/api/v1/namespaces/{job.home}/serviceaccounts"
    connection.http.post(accounts, json={"metadata": {"name": "gitops-serviceaccount"}})
    _bind(connection, job.home, job.home, RIGHTS["home"])
    maps = {
        "apiGroups": [""],
        "resources": ["configmaps"],
        "verbs": ["get", "list", "create", "patch", "delete"],
    }
    _bind(connection, job.namespace, job.home, [maps])
    administrator = job.kubeconfig
    answer = connection.http.post(f"{accounts}/gitops-serviceaccount/token", json={"spec": {}})
    _use_token(job, answer.json()["status"]["token"])
    job.repository.commit({"app/a.yaml": config_map("one", a="2"), "app/b.yaml": None})
    for changes in ({"ConfigMap/one": "changed", "ConfigMap/x": "deleted"}, {}):
        result = job.sync()
        assert (result.code, result.changes) == (5, {**changes, "Deployment/web": "failed"})
        assert "the job may no longer read apps/Deployment there" in result.messages
    assert person.get("Deployment", "web") is not None
    path = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{job.namespace}/roles/gitops"
    left = {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["list", "delete"]}
    headers = {"Content-Type": "application/merge-patch+json"}
    connection.http.patch(path, json={"rules": [maps, left]}, headers=headers)
    wait_until(lambda: job.sync().changes == {"Deployment/web": "deleted"}, "the rights are in force")
    job.kubeconfig = administrator
    assert job.sync().changes == {}


def _use_token(job: Job, token: str) -> None:
    """Write a kubeconfig in which the token takes the place of the administrator."""
    with open(job.kubeconfig, encoding="utf-8") as file:  # noqa: PTH123 - the fixture gives text
        config = yaml.safe_load(file)
    for user in config["users"]:
        user["user"] = {"token": token}
    path = job.folder / "kubeconfig"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    job.kubeconfig = str(path)


def test_fifty_applications_cost_one_list_per_kind(job: Job, person: Person) -> None:
    """Applications that share a namespace share its LISTs, and none is written twice."""
    files = {f"a{number}/m.yaml": config_map(f"m{number}") for number in range(50)}
    job.repository.commit(files)
    job.applications = {f"a{number}": job.application(f"a{number}") for number in range(50)}
    assert job.sync().code == 0
    assert len(person.names("ConfigMap")) >= 50
    assert {line["counts"]["unchanged"] for line in job.sync().lines} == {1}
