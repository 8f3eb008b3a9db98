"""The autoscaler and the disruption budget of a workload."""

from pathlib import Path

from tests.components.rendering import of_kind, render_server, render_shop, server


def test_an_autoscaler_owns_the_number_of_copies(tmp_path: Path) -> None:
    objects = render_server(tmp_path, "autoscale: {min: 2, max: 5, cpu: 70%, memory: 80%}")
    assert "replicas" not in server(objects)["spec"]
    spec = objects["HorizontalPodAutoscaler/shop-qa/server"]["spec"]
    assert spec["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "server"}
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 5)
    assert [
        (one["resource"]["name"], one["resource"]["target"]["averageUtilization"]) for one in spec["metrics"]
    ] == [("cpu", 70), ("memory", 80)]


def test_a_stateful_workload_scales_as_what_it_is(tmp_path: Path) -> None:
    text = 'workloads: {db: {kind: stateful, image: "a:1", autoscale: {min: 2, max: 3, cpu: 50%}}}'
    objects = render_shop(tmp_path, text)
    target = objects["HorizontalPodAutoscaler/shop-qa/db"]["spec"]["scaleTargetRef"]
    assert target["kind"] == "StatefulSet"
    assert "replicas" not in objects["StatefulSet/shop-qa/db"]["spec"]


def test_a_budget_comes_with_the_second_copy(tmp_path: Path) -> None:
    for name, line, budgets in (
        ("one", "replicas: 1", 0),
        ("two", "replicas: 2", 1),
        ("least one", "autoscale: {min: 1, max: 5, cpu: 70%}", 0),
        ("least two", "autoscale: {min: 2, max: 5, cpu: 70%}", 1),
    ):
        assert len(of_kind(render_server(tmp_path / name, line), "PodDisruptionBudget")) == budgets, name


def test_a_budget_lets_one_go_by_default_and_never_protects_what_is_not_ready(tmp_path: Path) -> None:
    spec = render_server(tmp_path, "replicas: 2")["PodDisruptionBudget/shop-qa/server"]["spec"]
    assert spec["maxUnavailable"] == 1
    assert spec["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


def test_a_budget_may_be_a_share(tmp_path: Path) -> None:
    objects = render_server(tmp_path, "replicas: 4", "budget: {minAvailable: 50%}")
    assert objects["PodDisruptionBudget/shop-qa/server"]["spec"]["minAvailable"] == "50%"


def test_only_the_word_none_leaves_the_budget_out(tmp_path: Path) -> None:
    assert of_kind(render_server(tmp_path, "replicas: 4", "budget: none"), "PodDisruptionBudget") == []
