"""The namespace of an app: its labels, what enforces Pod Security, its quota and limit range."""

from pathlib import Path

from tests.components.rendering import of_kind, render_shop, render_text


def test_a_namespace_says_what_it_is_and_enforces_restricted_in_all_modes(tmp_path: Path) -> None:
    namespace = render_shop(tmp_path)["Namespace/shop-qa"]
    assert namespace["metadata"]["labels"] == {
        "app.kubernetes.io/part-of": "shop",
        "environments.internal/environment": "qa",
        "environments.internal/app": "shop",
        "environments.internal/tier": "test",
        "environments.internal/team": "web",
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/audit": "restricted",
        "pod-security.kubernetes.io/warn": "restricted",
        "pod-security.kubernetes.io/enforce-version": "v1.36",
    }


def test_another_standard_is_one_word(tmp_path: Path) -> None:
    labels = render_shop(tmp_path, "podSecurity: baseline")["Namespace/shop-qa"]["metadata"]["labels"]
    assert {value for key, value in labels.items() if key.endswith(("enforce", "audit", "warn"))} == {
        "baseline"
    }


def test_an_app_gets_a_quota_and_limits_unasked(tmp_path: Path) -> None:
    objects = render_shop(tmp_path)
    assert objects["ResourceQuota/shop-qa/quota"]["spec"]["hard"] == {
        "requests.cpu": "2",
        "requests.memory": "4Gi",
        "limits.memory": "4Gi",
        "requests.storage": "10Gi",
        "pods": "20",
        "services.loadbalancers": "0",
        "services.nodeports": "0",
    }
    assert objects["LimitRange/shop-qa/limits"]["spec"]["limits"] == [
        {
            "type": "Container",
            "default": {"memory": "512Mi"},
            "defaultRequest": {"cpu": "100m", "memory": "128Mi"},
        }
    ]


def test_what_the_layers_say_of_quota_and_limits_is_what_the_objects_say(tmp_path: Path) -> None:
    objects = render_shop(tmp_path, "quota: {cpu: 750m, pods: 7}", "limits: {maxCpu: 1, maxMemory: 1Gi}")
    hard = objects["ResourceQuota/shop-qa/quota"]["spec"]["hard"]
    assert (hard["requests.cpu"], hard["pods"]) == ("750m", "7")
    limits = objects["LimitRange/shop-qa/limits"]["spec"]["limits"][0]
    assert limits["max"] == {"cpu": "1", "memory": "1Gi"}


def test_only_the_word_none_leaves_them_out(tmp_path: Path) -> None:
    assert of_kind(render_shop(tmp_path, "quota: none", "limits: none"), "ResourceQuota", "LimitRange") == []


def test_each_app_has_a_namespace_of_its_own(tmp_path: Path) -> None:
    objects = render_text(tmp_path, "tier: production\napps: {till: {}}\n")
    assert {item["metadata"]["name"] for item in of_kind(objects, "Namespace")} == {"shop-qa", "till-qa"}
    assert objects["Namespace/till-qa"]["metadata"]["labels"]["environments.internal/tier"] == "production"
