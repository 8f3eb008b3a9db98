"""What Pulumi waits for: pods that run, as long as they may need by what they say themselves, and nothing else."""

from typing import Any

import pytest

from components.objects.manifest import Manifest, Part
from components.stack.waiting import Patience, Waiting

SKIP = Waiting(skip=True)
CONTAINER: dict[str, Any] = {"name": "main", "image": "example.com/main:1.0.0"}


def manifest(kind: str, spec: Any = None, api_version: str = "apps/v1") -> Manifest:
    """Make an object of an app."""
    item = {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": "x", "namespace": "app-qa"},
        "spec": spec,
    }
    return Manifest(item, Part.WORKLOAD, "app", ("apps", "app"), "")


def controller(kind: str = "Deployment", *, pod: dict[str, Any] | None = None, **spec: Any) -> Manifest:
    """Make a controller of pods."""
    template = {"spec": {"containers": [CONTAINER], **(pod or {})}}
    api_version = "batch/v1" if kind == "Job" else "apps/v1"
    return manifest(kind, {"template": template, **spec}, api_version)


def waiting(item: Manifest, *others: Manifest, address: bool = False) -> Waiting:
    """Decide for one object of an environment."""
    return Patience([item, *others], ingress_address=address).waiting(item)


def seconds(item: Manifest, *others: Manifest) -> int:
    """Tell how long an object is waited for."""
    found = waiting(item, *others).seconds
    assert found is not None
    return found


@pytest.mark.parametrize(
    "item",
    [
        manifest("Service", {"ports": [{"port": 80}]}, "v1"),
        manifest("Ingress", {}, "networking.k8s.io/v1"),
        manifest("PersistentVolumeClaim", {}, "v1"),
        controller(replicas=0),
        controller("StatefulSet", replicas=0),
        controller("Job", suspend=True),
    ],
    ids=lambda item: item.kind,
)
def test_what_tells_nothing_of_an_app_or_runs_no_pod_is_not_waited_for(item: Manifest) -> None:
    assert waiting(item) == SKIP


def test_an_ingress_is_waited_for_where_its_controller_publishes_addresses() -> None:
    assert waiting(manifest("Ingress", {}, "networking.k8s.io/v1"), address=True) == Waiting()


@pytest.mark.parametrize(
    "item", [manifest("ConfigMap", None, "v1"), manifest("Service", {}, "serving.knative.dev/v1")]
)
def test_other_kinds_are_left_to_the_provider(item: Manifest) -> None:
    assert waiting(item) == Waiting()


def test_a_deployment_has_the_time_of_its_progress_deadline_at_least() -> None:
    assert seconds(controller(replicas=1)) == 600
    assert seconds(controller(replicas=1, progressDeadlineSeconds=1500)) == 1500


def test_probes_and_grace_of_the_slowest_container_count_for_each_step_of_a_rollout() -> None:
    probe = {"periodSeconds": 10, "failureThreshold": 90, "initialDelaySeconds": 30}
    slow = {**CONTAINER, "startupProbe": probe, "readinessProbe": {"periodSeconds": 5, "failureThreshold": 2}}
    pod = {"containers": [CONTAINER, slow], "terminationGracePeriodSeconds": 60}
    one_by_one = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    each = 180 + (930 + 10) + 60

    assert seconds(controller(pod=pod, replicas=3, strategy=one_by_one)) == 3 * each
    assert seconds(controller(pod=pod, replicas=3, strategy={"type": "Recreate"})) == each
    assert seconds(controller("StatefulSet", pod=pod, replicas=2)) == 2 * each
    assert seconds(controller("StatefulSet", pod=pod, replicas=2, podManagementPolicy="Parallel")) == each


def test_an_autoscaler_says_how_many_pods_a_rollout_may_replace() -> None:
    target = {"scaleTargetRef": {"kind": "StatefulSet", "name": "x"}, "maxReplicas": 5}
    scaler = manifest("HorizontalPodAutoscaler", target, "autoscaling/v2")

    assert seconds(controller("StatefulSet"), scaler) == 5 * (180 + 30)


def test_a_job_has_the_time_of_its_deadline_and_of_its_end() -> None:
    assert seconds(controller("Job", activeDeadlineSeconds=3600)) == 3630
    assert seconds(controller("Job")) == 300


def test_no_wait_is_longer_than_two_hours() -> None:
    assert seconds(controller("StatefulSet", replicas=1000)) == 7200


@pytest.mark.parametrize(
    "spec", [None, "x", [], {"template": "x"}, {"template": {"spec": {"containers": "x"}}}]
)
def test_no_shape_of_a_verbatim_object_ends_in_a_traceback(spec: Any) -> None:
    assert waiting(manifest("Deployment", spec)).seconds == 600
