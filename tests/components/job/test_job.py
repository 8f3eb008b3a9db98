"""The GitOps job of an environment: what runs, when, with which settings and which rights."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from components.job.job import SPREAD, delay
from envs.config.reading.faults import ConfigurationError
from tests.components.fence.reachability import Pod, allowed
from tests.components.rendering import Objects, main, of_kind, pod, render_text

JOB = """\
tier: test
cluster: {apiServer: 10.0.0.1/32}
gitops:
  image: registry.example.com/gitops:1.0.0
  repo: https://git.example.com/platform/environments.git
  credentials: {secret: git.credentials}
"""
APPS = """\
apps:
  shop: {delivery: pull, workloads: {server: {replicas: 2}}}
  sample:
    delivery: pull
    source: {repo: "ssh://git@git.example.com/sample.git", path: deploy, revision: v1.0.0, kinds: [Service]}
"""


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    """Give an environment whose apps are pulled."""
    return render_text(tmp_path, JOB + APPS)


def _settings(objects: Objects) -> Any:
    return yaml.safe_load(objects["ConfigMap/gitops-qa/settings"]["data"]["settings.yaml"])


def test_the_job_runs_every_five_minutes_and_never_twice_at_a_time(objects: Objects) -> None:
    spec = dict(objects["CronJob/gitops-qa/gitops"]["spec"])
    job = dict(spec.pop("jobTemplate")["spec"])
    assert spec == {
        "schedule": "*/5 * * * *",
        "timeZone": "Etc/UTC",
        "suspend": False,
        "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": 120,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 5,
    }
    assert job.pop("template")["spec"]["restartPolicy"] == "Never"
    assert job == {"activeDeadlineSeconds": 300, "backoffLimit": 0, "ttlSecondsAfterFinished": 86400}


def test_the_layers_set_schedule_suspension_and_deadline(tmp_path: Path) -> None:
    text = JOB + "  schedule: '0 * * * *'\n  suspend: true\n  deadline: 60\n" + APPS
    spec = render_text(tmp_path, text)["CronJob/gitops-qa/gitops"]["spec"]
    assert (spec["schedule"], spec["suspend"]) == ("0 * * * *", True)
    assert spec["jobTemplate"]["spec"]["activeDeadlineSeconds"] == 60 + SPREAD


def test_jobs_of_several_environments_start_at_moments_of_their_own(objects: Objects) -> None:
    names = [f"environment-{number}" for number in range(100)]
    delays = [delay(name) for name in names]
    assert delays == [delay(name) for name in names]
    assert all(0 <= one < SPREAD for one in delays)
    assert len(set(delays)) > SPREAD / 2
    assert delay("qa") == 26  # the same with every version of Python, or the job's template would change
    assert main(objects["CronJob/gitops-qa/gitops"])["args"][-2:] == ["--delay", "26"]


def test_it_runs_as_its_own_account_with_its_settings_and_credentials_as_files(objects: Objects) -> None:
    spec = pod(objects["CronJob/gitops-qa/gitops"])
    assert spec["serviceAccountName"] == "gitops-serviceaccount"
    assert spec["automountServiceAccountToken"] is True
    assert objects["ServiceAccount/gitops-qa/gitops-serviceaccount"]["automountServiceAccountToken"] is False
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    assert volumes["credentials-0"]["secret"] == {"secretName": "git.credentials", "defaultMode": 0o440}
    mounts = {mount["mountPath"]: mount for mount in spec["containers"][0]["volumeMounts"]}
    assert mounts["/var/run/gitops/credentials/git.credentials"]["name"] == "credentials-0"
    assert mounts["/etc/gitops"]["readOnly"] is True


def test_a_change_of_the_settings_changes_the_template(tmp_path: Path) -> None:
    def digest(folder: str, text: str) -> str:
        item = render_text(tmp_path / folder, text)["CronJob/gitops-qa/gitops"]["spec"]
        annotations = item["jobTemplate"]["spec"]["template"]["metadata"]["annotations"]
        return str(annotations["environments.internal/content-hash"])

    assert digest("1", JOB + APPS) == digest("2", JOB + APPS)
    assert digest("3", JOB + "  prune: false\n" + APPS) != digest("1", JOB + APPS)


def test_the_settings_hold_one_application_and_one_project_for_each_pulled_app(objects: Objects) -> None:
    settings = _settings(objects)
    assert settings["applications"] == {
        "shop": {
            "project": "shop",
            "source": {
                "repository": "https://git.example.com/platform/environments.git",
                "path": "rendered/qa/apps/shop",
                "revision": "env/qa",
            },
            "namespace": "shop-qa",
        },
        "sample": {
            "project": "sample",
            "source": {
                "repository": "ssh://git@git.example.com/sample.git",
                "path": "deploy",
                "revision": "v1.0.0",
            },
            "namespace": "sample-qa",
        },
    }
    assert settings["projects"]["shop"] == {
        "repositories": ["https://git.example.com/platform/environments.git"],
        "namespaces": ["shop-qa"],
        "kinds": ["Service", "apps/Deployment", "policy/PodDisruptionBudget"],
    }
    assert settings["projects"]["sample"]["kinds"] == ["Service"]


def test_it_may_change_the_kinds_that_it_delivers_and_nothing_else(objects: Objects) -> None:
    rules = objects["Role/shop-qa/gitops"]["rules"]
    written = [rule for rule in rules if "patch" in rule["verbs"]]
    assert [(rule["apiGroups"], rule["resources"]) for rule in written] == [
        ([""], ["services"]),
        (["apps"], ["deployments"]),
        (["policy"], ["poddisruptionbudgets"]),
    ]
    binding = objects["RoleBinding/shop-qa/gitops"]
    assert binding["subjects"] == [
        {"kind": "ServiceAccount", "name": "gitops-serviceaccount", "namespace": "gitops-qa"}
    ]
    every = [rule for role in of_kind(objects, "Role") for rule in role["rules"]]
    assert not [rule for rule in every if "*" in [*rule["apiGroups"], *rule["resources"], *rule["verbs"]]]
    assert not [rule for rule in every if "secrets" in rule["resources"]]
    assert of_kind(objects, "ClusterRole", "ClusterRoleBinding") == []


def test_what_is_left_of_a_kind_can_be_deleted_when_no_object_of_it_is_rendered(tmp_path: Path) -> None:
    """Or the job could never see, nor delete, the last object of a kind; it may not write one."""
    text = APPS.replace("  sample:\n", "  sample:\n    gitops: {formerKinds: example.com/Thing}\n")
    rules = render_text(tmp_path, JOB + text)["Role/sample-qa/gitops"]["rules"]
    cleaned = {f"{rule['apiGroups'][0]}/{name}" for rule in rules if rule["verbs"] == ["list", "delete"]
               for name in rule["resources"]}  # fmt: skip
    assert cleaned >= {"/configmaps", "apps/deployments", "batch/cronjobs", "example.com/things"}
    assert "/services" not in cleaned
    assert not {rule["apiGroups"][0] for rule in rules if "create" in rule["verbs"]} & {"apps", "example.com"}


@pytest.mark.parametrize("kind", ["Secret", "networking.k8s.io/NetworkPolicy"])
def test_a_kind_of_the_fence_is_a_fault_and_never_a_right(tmp_path: Path, kind: str) -> None:
    name = kind.rpartition("/")[2]
    with pytest.raises(ConfigurationError, match=f"apps.sample: the GitOps job never applies a {name}"):
        render_text(tmp_path, JOB + APPS.replace("[Service]", f"[Service, {kind}]"))


def test_its_own_records_need_these_rights_and_no_others(objects: Objects) -> None:
    """tests/gitops proves on a real API server that they are enough."""
    rules = objects["Role/gitops-qa/gitops"]["rules"]
    assert [(rule["resources"], rule["verbs"]) for rule in rules] == [
        (["configmaps"], ["get", "list", "create", "patch", "delete"]),
        (["leases"], ["get", "create", "update"]),
        (["events"], ["create"]),
        (["cronjobs"], ["get"]),
        (["namespaces"], ["get"]),
        *((rule["resources"], ["list"]) for rule in rules[5:]),
    ]
    groups = [rule["apiGroups"] for rule in rules]
    assert groups[:6] == [[""], ["coordination.k8s.io"], [""], ["batch"], [""], [""]]
    assert rules[3]["resourceNames"] == ["gitops"]


def test_it_may_write_events_beside_the_objects_that_it_applies(objects: Objects) -> None:
    """For `kubectl describe` of an object that is Degraded; an Event must be in the namespace of its object."""
    rules = objects["Role/shop-qa/gitops"]["rules"]
    assert {"apiGroups": [""], "resources": ["events"], "verbs": ["create"]} in rules


def test_what_it_only_looks_at_it_may_list_and_nothing_else(tmp_path: Path) -> None:
    """In every namespace of the environment, also of apps that are pushed; Secrets in none."""
    apps = APPS + "  pushed: {workloads: {}}\n"
    apps += "  shared: {namespace: {name: monitoring, create: false}, workloads: {}}\n"
    apps += "policies: {kinds: {example.com/Thing: the test pulls one}}\n"
    objects = render_text(tmp_path, JOB + apps.replace("[Service]", "[Service, example.com/Thing]"))
    rules = objects["Role/pushed-qa/gitops"]["rules"]
    assert {verb for rule in rules[1:] for verb in rule["verbs"]} == {"list"}
    assert (rules[0]["resources"], rules[0]["verbs"]) == (["namespaces"], ["get"])
    listed = {f"{rule['apiGroups'][0]}/{each}" for rule in rules for each in rule["resources"]}
    assert listed >= {
        "rbac.authorization.k8s.io/roles",
        "networking.k8s.io/networkpolicies",
        "example.com/things",
    }
    everywhere = [
        resource
        for role in of_kind(objects, "Role")
        for rule in role["rules"]
        for resource in rule["resources"]
    ]
    assert "secrets" not in everywhere
    assert "Role/monitoring/gitops" not in objects
    watched = _settings(objects)["watched"]
    assert watched["namespaces"] == ["gitops-qa", "shop-qa", "sample-qa", "pushed-qa"]
    assert watched["source"]["include"] == ["fence/**/*.yaml", "apps/pushed/*.yaml", "apps/shared/*.yaml"]


def test_a_pulled_app_cannot_have_the_name_of_the_report(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"apps\.environment: the job reports"):
        render_text(tmp_path, JOB + APPS.replace("sample:", "environment:"))


def test_with_the_uid_of_the_cluster_it_may_read_one_namespace(tmp_path: Path) -> None:
    uid = "6a1e3b52-5f7b-4b0e-9d0a-0d3f1f6f3c11"
    objects = render_text(tmp_path, JOB.replace("cluster: {", f"cluster: {{uid: {uid}, ") + APPS)
    (role,) = of_kind(objects, "ClusterRole")
    assert role["rules"] == [
        {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"], "resourceNames": ["kube-system"]}
    ]
    assert _settings(objects)["cluster"] == {"uid": uid}


def test_it_reaches_git_the_api_server_and_dns(objects: Objects) -> None:
    policies = of_kind(objects, "NetworkPolicy")
    job = Pod("gitops-qa", pod_labels(objects))
    for port in (443, 22):  # of the two repositories
        assert allowed(policies, job, Pod("", {}, "203.0.113.7"), port)
    assert allowed(policies, job, Pod("", {}, "10.0.0.1"), 6443)
    assert allowed(policies, job, Pod("kube-system", {"k8s-app": "kube-dns"}), 53, "UDP")
    assert not allowed(policies, job, Pod("", {}, "169.254.169.254"), 443)
    assert not allowed(policies, job, Pod("", {}, "203.0.113.7"), 80)
    assert not allowed(policies, Pod("shop-qa", {}), job, 443)


def pod_labels(objects: Objects) -> dict[str, str]:
    """Labels of the job's pods."""
    spec = objects["CronJob/gitops-qa/gitops"]["spec"]["jobTemplate"]["spec"]
    labels: dict[str, str] = spec["template"]["metadata"]["labels"]
    return labels


def test_a_git_server_in_the_cluster_is_its_pods(tmp_path: Path) -> None:
    text = JOB + "  git: {port: 9418, pods: {namespace: git, labels: {app: git}}}\n" + APPS
    objects = render_text(tmp_path, text)
    policies, job = of_kind(objects, "NetworkPolicy"), Pod("gitops-qa", pod_labels(objects))
    assert allowed(policies, job, Pod("git", {"app": "git"}), 9418)
    assert not allowed(policies, job, Pod("", {}, "203.0.113.7"), 443)


def test_its_namespace_is_bounded_like_all_others(objects: Objects) -> None:
    labels = objects["Namespace/gitops-qa"]["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert "ResourceQuota/gitops-qa/quota" in objects
    assert "NetworkPolicy/gitops-qa/default-deny" in objects


def test_without_pulled_apps_there_is_no_job(tmp_path: Path) -> None:
    assert not [key for key in render_text(tmp_path, JOB) if "gitops" in key]
