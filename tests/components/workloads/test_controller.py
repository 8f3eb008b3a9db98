"""What runs the pods of each kind of workload."""

from pathlib import Path
from typing import Any

from tests.components.rendering import (
    Objects,
    main,
    of_kind,
    pod,
    render_server,
    render_shop,
    server,
    template,
)

OTHER = 'workloads: {other: {image: "a:1", %s}}'


def _other(folder: Path, text: str) -> tuple[Objects, dict[str, Any]]:
    objects = render_shop(folder, OTHER % text)
    found = [
        item
        for item in of_kind(objects, "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")
        if item["metadata"]["labels"]["app.kubernetes.io/name"] == "other"
    ]
    return objects, found[0]


def test_a_deployment_replaces_pods_one_after_the_other_and_never_has_too_few(tmp_path: Path) -> None:
    spec = server(render_server(tmp_path, "replicas: 3"))["spec"]
    assert spec["replicas"] == 3
    assert spec["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0},
    }


def test_recreate_is_for_what_may_run_only_once(tmp_path: Path) -> None:
    spec = server(render_server(tmp_path, "rollout: {strategy: recreate}"))["spec"]
    assert spec["strategy"] == {"type": "Recreate"}


def test_a_deployment_has_one_copy_unless_the_layers_say_more(tmp_path: Path) -> None:
    assert server(render_server(tmp_path))["spec"]["replicas"] == 1


def test_a_stateful_workload_has_storage_of_its_own_and_names_in_dns(tmp_path: Path) -> None:
    text = "kind: stateful, replicas: 2, storage: {data: {path: /data, size: 1Gi, storageClass: fast}}"
    objects, item = _other(tmp_path, text)
    assert item["kind"] == "StatefulSet"
    spec = objects["StatefulSet/shop-qa/other"]["spec"]
    assert (spec["serviceName"], spec["replicas"]) == ("other", 2)
    assert spec["volumeClaimTemplates"] == [
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "data"},
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "1Gi"}},
                "storageClassName": "fast",
            },
        }
    ]
    assert {"name": "data", "mountPath": "/data"} in main(objects["StatefulSet/shop-qa/other"])[
        "volumeMounts"
    ]
    service = objects["Service/shop-qa/other"]["spec"]
    assert service == {
        "clusterIP": "None",
        "selector": {"app.kubernetes.io/instance": "shop", "app.kubernetes.io/name": "other"},
    }


def test_a_daemon_runs_on_each_node_and_has_no_number_of_copies(tmp_path: Path) -> None:
    _, item = _other(tmp_path, "kind: daemon")
    assert item["kind"] == "DaemonSet"
    assert set(item["spec"]) == {"selector", "template"}


def test_a_cron_job_is_bounded_in_every_way(tmp_path: Path) -> None:
    objects, item = _other(tmp_path, 'kind: cron, schedule: "*/7 3 * * *", retries: 1')
    assert item["kind"] == "CronJob"
    spec = dict(objects["CronJob/shop-qa/other"]["spec"])
    job = dict(spec.pop("jobTemplate")["spec"])
    assert spec == {
        "schedule": "*/7 3 * * *",
        "timeZone": "Etc/UTC",
        "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": 300,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 3,
        "suspend": False,
    }
    assert job.pop("template")["spec"]["restartPolicy"] == "Never"
    assert job == {
        "activeDeadlineSeconds": 3600,
        "backoffLimit": 1,
        "completions": 1,
        "parallelism": 1,
        "ttlSecondsAfterFinished": 86400,
    }


def _job(folder: Path, text: str) -> dict[str, Any]:
    return _other(folder, f"kind: job, {text}")[1]


def _name(item: dict[str, Any]) -> str:
    return str(item["metadata"]["name"])


def test_a_new_version_is_a_new_job_since_the_pods_of_a_job_never_change(tmp_path: Path) -> None:
    first, same = _job(tmp_path / "1", "args: [a]"), _job(tmp_path / "2", "args: [a]")
    changed = _job(tmp_path / "3", "args: [b]")
    patched = _job(tmp_path / "4", "args: [a], patch: {Job: {spec: {backoffLimit: 9}}}")
    again = _job(tmp_path / "5", 'args: [a], restartedAt: "2026-11-20T10:00:00Z"')
    assert _name(first) == _name(same)
    assert len({_name(item) for item in (first, changed, patched, again)}) == 4
    assert all(_name(item).startswith("other-") and len(_name(item)) == 16 for item in (first, changed))


def test_a_finished_job_stays_so_that_it_does_not_run_again(tmp_path: Path) -> None:
    spec = _job(tmp_path, "deadline: 60")["spec"]
    assert "ttlSecondsAfterFinished" not in spec
    assert spec["activeDeadlineSeconds"] == 60


def test_a_site_is_an_unprivileged_nginx_that_can_write_where_it_must(tmp_path: Path) -> None:
    text = "kind: site, content: environments/site"
    objects = render_shop(tmp_path, OTHER % text, files={"site/index.html": "hello"})
    item = objects["Deployment/shop-qa/other"]
    assert main(item)["ports"] == [{"name": "http", "containerPort": 8080, "protocol": "TCP"}]
    mounts = {mount["mountPath"]: mount for mount in main(item)["volumeMounts"]}
    assert mounts["/usr/share/nginx/html"]["readOnly"] is True
    assert mounts["/tmp"] == {"name": "scratch", "mountPath": "/tmp"}  # noqa: S108 a folder of the pod
    assert {"name": "scratch", "emptyDir": {"sizeLimit": "64Mi"}} in pod(item)["volumes"]


def test_a_site_with_a_volume_there_keeps_it(tmp_path: Path) -> None:
    text = "kind: site, content: environments/site, volumes: {cache: {path: /tmp, memory: true}}"
    objects = render_shop(tmp_path, OTHER % text, files={"site/index.html": "hello"})
    names = [volume["name"] for volume in pod(objects["Deployment/shop-qa/other"])["volumes"]]
    assert names == ["content", "cache"]


def test_a_new_moment_restarts_the_pods(tmp_path: Path) -> None:
    objects = render_server(tmp_path, 'restartedAt: "2026-11-20T10:00:00Z"')
    assert template(server(objects))["metadata"]["annotations"] == {
        "environments.internal/restarted-at": "2026-11-20T10:00:00Z"
    }
