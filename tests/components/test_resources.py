"""The stack of an environment holds what is rendered, each object once, under names and options that last."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from components.objects.manifest import Manifest, Part
from components.resources import PULLED, RESTARTED
from components.stack import identity
from components.stack.delivery import pulled, pushed
from components.stack.outputs import outputs
from components.stack.removal import PROTECTED
from components.stack.waiting import SKIP
from envs.config.load import Configuration, load
from envs.gates.rendering import render_environment
from tests.components.registration import Registered, Resource, register_with_mocks
from tests.tree import SAMPLE

ROOT = SAMPLE
ENVIRONMENTS = sorted(path.stem.removeprefix("Pulumi.") for path in ROOT.glob("environments/stacks/*.yaml"))
Stacks = Mapping[str, Registered]


@pytest.fixture(scope="module")
def configuration() -> Configuration:
    """Give environments with apps of all kinds."""
    return load(ROOT)


@pytest.fixture(scope="module")
def stacks(configuration: Configuration) -> Stacks:
    """Give the registered resources of all environments."""
    return {
        name: register_with_mocks(environment, render_environment(configuration, name))
        for name, environment in configuration.environments.items()
    }


@pytest.fixture(params=ENVIRONMENTS)
def stack(request: pytest.FixtureRequest, stacks: Stacks) -> Registered:
    """Give the registered resources of one environment, one after the other."""
    return stacks[request.param]


def test_what_is_registered_equals_what_is_rendered(stack: Registered) -> None:
    written = [manifest.object for manifest in pushed(stack.environment, stack.manifests)]

    registered = [_without_waiting(resource.inputs) for resource in stack.objects().values()]
    assert _sorted(registered) == _sorted(written)


def test_a_restart_by_kubectl_is_no_change_of_a_workload_that_can_be_restarted(stack: Registered) -> None:
    for resource in stack.objects().values():
        kind = resource.inputs["kind"]
        ignored = [RESTARTED] if kind in {"DaemonSet", "Deployment", "StatefulSet"} else []
        assert list(resource.request.ignoreChanges) == ignored, resource.name


def test_pushed_and_pulled_objects_are_disjoint_and_together_complete(stack: Registered) -> None:
    by_pulumi = {_id(resource.inputs) for resource in stack.objects().values()}
    by_job = [item for shown in stack.of_type(PULLED) for item in shown.inputs.get("objects", [])]

    assert by_pulumi.isdisjoint(by_job)
    assert sorted([*by_pulumi, *by_job]) == sorted(manifest.id for manifest in stack.manifests)


def test_the_job_writes_workloads_of_pulled_apps_and_nothing_else(stack: Registered) -> None:
    by_job = {
        item
        for shown in pulled(stack.environment, stack.manifests)
        for item in shown.inputs.get("objects", [])
    }

    assert by_job == {
        manifest.id
        for manifest in stack.manifests
        if manifest.part is Part.WORKLOAD and stack.environment.apps[manifest.app].delivery == "pull"
    }


def test_a_name_says_namespace_group_kind_and_name(stack: Registered) -> None:
    for name, resource in stack.objects().items():
        kind, *path = _id(resource.inputs).split("/")
        group = resource.inputs["apiVersion"].rpartition("/")[0]
        assert name == "/".join([*path[:-1], *([group] if group else []), kind, path[-1]])


def test_the_name_without_its_group_is_an_alias(stack: Registered) -> None:
    deployment = stack.objects()[f"shop-{stack.environment.name}/apps/Deployment/frontend"]
    aliases = {alias.urn.rpartition("::")[2] for alias in deployment.request.aliases}

    assert f"shop-{stack.environment.name}/Deployment/frontend" in aliases


def test_services_and_addresses_are_not_waited_for_and_rollouts_are_as_long_as_they_may_take(
    stacks: Stacks,
) -> None:
    objects = stacks["prod"].objects()
    service = objects["shop-prod/Service/frontend"]
    deployment = objects["shop-prod/apps/Deployment/frontend"]

    assert service.inputs["metadata"]["annotations"]["pulumi.com/skipAwait"] == "true"
    assert "annotations" not in deployment.inputs["metadata"]
    assert deployment.request.customTimeouts.create == deployment.request.customTimeouts.update != ""


def test_pods_come_after_the_configuration_that_they_read(stack: Registered) -> None:
    objects = stack.objects()
    read = {
        resource.name: {
            f"{resource.inputs['metadata']['namespace']}/ConfigMap/{volume['configMap']['name']}"
            for volume in resource.inputs["spec"]["template"]["spec"].get("volumes", ())
            if "configMap" in volume
        }
        for resource in objects.values()
        if resource.inputs["kind"] == "Deployment"
    }

    for name, configuration in read.items():
        for one in configuration & objects.keys():
            assert objects[one].urn in objects[name].request.dependencies


def test_renaming_a_component_or_what_it_was_made_from_changes_no_resource(stack: Registered) -> None:
    moved = [replace(manifest, maker="components/renamed.py") for manifest in stack.manifests]
    again = register_with_mocks(stack.environment, moved)

    assert {resource.urn for resource in again.resources} == {resource.urn for resource in stack.resources}


def test_the_order_of_the_configuration_changes_no_resource(stack: Registered) -> None:
    again = register_with_mocks(stack.environment, list(reversed(stack.manifests)))

    assert {resource.urn for resource in again.resources} == {resource.urn for resource in stack.resources}


def test_core_kinds_carry_the_word_core_and_others_their_group(stacks: Stacks) -> None:
    types = {resource.type for resource in stacks["prod"].objects().values()}

    assert {
        "kubernetes:core/v1:Namespace",
        "kubernetes:apps/v1:Deployment",
        "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
        "kubernetes:networking.k8s.io/v1:NetworkPolicy",
    } <= types


def test_everything_in_a_namespace_comes_after_it_and_goes_with_it(stack: Registered) -> None:
    namespaces = {_name(r): r.urn for r in stack.objects().values() if r.inputs["kind"] == "Namespace"}
    inside = [r for r in stack.objects().values() if "namespace" in r.inputs["metadata"]]

    for resource in inside:
        urn = namespaces[resource.inputs["metadata"]["namespace"]]
        assert resource.request.deletedWith == urn
        assert urn in resource.request.dependencies


def test_no_workload_runs_before_its_network_is_closed_and_its_quota_and_account_stand(
    stack: Registered,
) -> None:
    urns = {_id(resource.inputs): resource.urn for resource in stack.objects().values()}
    for manifest in pushed(stack.environment, stack.manifests):
        if manifest.part is Part.WORKLOAD:
            here = manifest.namespace
            first = {
                f"Namespace/{here}",
                f"NetworkPolicy/{here}/default-deny",
                f"ResourceQuota/{here}/quota",
                f"LimitRange/{here}/limits",
                f"ServiceAccount/{here}/{manifest.source[-1]}",
            }
            workload = stack.objects()[identity.name(manifest)]
            assert {urns[needed] for needed in first} <= set(workload.request.dependencies)


def test_the_dependencies_of_a_workload_do_not_grow_with_its_app(stack: Registered) -> None:
    most = max(len(set(resource.request.dependencies)) for resource in stack.objects().values())
    assert most <= 8


def test_production_protects_what_serves_or_holds_data_and_nothing_that_must_be_free_to_go(
    stacks: Stacks,
) -> None:
    objects = stacks["prod"].objects().values()

    protected = {resource.inputs["kind"] for resource in objects if resource.request.protect}
    free = {resource.inputs["kind"] for resource in objects if not resource.request.protect}

    assert {"Namespace", "Deployment", "Service"} <= protected <= PROTECTED
    assert {"NetworkPolicy", "RoleBinding", "ResourceQuota"} <= free


def test_nothing_is_protected_in_tests(stacks: Stacks) -> None:
    assert not any(resource.request.protect for resource in stacks["qa"].resources)


def test_resources_are_grouped_by_app(stack: Registered) -> None:
    apps = {resource.urn: resource.name for resource in stack.of_type(identity.APP)}
    owners = {manifest.id: manifest.owner for manifest in stack.manifests}

    for resource in stack.objects().values():
        assert apps[resource.request.parent] == owners[_id(resource.inputs)]


def test_every_object_uses_the_one_provider_of_its_environment(stack: Registered) -> None:
    (provider,) = stack.of_type("pulumi:providers:kubernetes")

    assert {r.request.provider.rpartition("::")[0] for r in stack.objects().values()} == {provider.urn}


def test_the_provider_has_the_same_inputs_whatever_the_machine(
    stacks: Stacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", "/home/somebody/.kube/config")
    monkeypatch.setenv("PULUMI_K8S_UPSERT_EXISTING_OBJECTS", "true")

    again = register_with_mocks(stacks["prod"].environment, stacks["prod"].manifests)

    (provider,) = again.of_type("pulumi:providers:kubernetes")

    assert provider.inputs == {
        "clusterIdentifier": "prod",
        "context": "prod",
        "enableConfigMapMutable": "true",
        "enableSecretMutable": "true",
        "enableServerSideApply": "true",
        "kubeconfig": "",
    }
    assert provider.request.version


def test_a_pulled_workload_shows_its_images_path_and_digest(stacks: Stacks) -> None:
    (site,) = [shown for shown in stacks["qa"].of_type(PULLED) if shown.name == "site-qa/site"]

    assert site.inputs["path"] == "rendered/qa/apps/site"
    running = ["docker.io/nginxinc/nginx-unprivileged:1.29.3"]
    assert site.inputs["images"] == {"Deployment/site-qa/site": running}
    assert site.inputs["digest"].startswith("sha256:")


def test_any_change_of_a_pulled_workload_changes_its_digest_and_no_other_resource(
    stacks: Stacks,
) -> None:
    before = stacks["qa"]
    after = register_with_mocks(before.environment, list(_with_more_replicas(before.manifests, "site")))

    assert [now.name for was, now in _pairs(before, after) if was.inputs != now.inputs] == ["site-qa/site"]


def test_an_app_with_a_repository_of_its_own_is_shown_with_where_it_comes_from(
    stacks: Stacks,
) -> None:
    (sample,) = [r for r in stacks["qa"].of_type(PULLED) if r.name == "sample-qa/source"]

    assert sample.inputs == {
        "repository": "https://git.example.com/web/sample-app.git",
        "path": "deploy",
        "revision": "main",
    }


def test_outputs_name_namespaces_addresses_hosts_and_images(stacks: Stacks) -> None:
    found = outputs(stacks["qa"].manifests)

    assert found["namespaces"]["shop"] == "shop-qa"
    assert found["services"]["shop/frontend"] == ["frontend.shop-qa.svc:80"]
    assert found["hosts"]["shop/frontend"] == ["shop.qa.example.com"]
    assert found["images"]["site/site"] == ["docker.io/nginxinc/nginx-unprivileged:1.29.3"]
    assert "gitops/gitops" in found["images"]


def _with_more_replicas(manifests: Sequence[Manifest], app: str) -> Iterator[Manifest]:
    for manifest in manifests:
        if manifest.app == app and manifest.kind == "Deployment":
            spec = {**manifest.object["spec"], "replicas": 7}
            yield replace(manifest, object={**manifest.object, "spec": spec})
        else:
            yield manifest


def _pairs(before: Registered, after: Registered) -> list[tuple[Resource, Resource]]:
    found = {resource.urn: resource for resource in before.resources}
    return [(found[resource.urn], resource) for resource in after.resources]


def _id(item: dict[str, Any]) -> str:
    metadata = item["metadata"]
    return "/".join(part for part in (item["kind"], metadata.get("namespace"), metadata["name"]) if part)


def _without_waiting(item: dict[str, Any]) -> dict[str, Any]:
    """Take off what only Pulumi reads."""
    metadata = dict(item["metadata"])
    if metadata.get("annotations") == SKIP:
        del metadata["annotations"]
    return {**item, "metadata": metadata}


def _name(resource: Resource) -> str:
    return str(resource.inputs["metadata"]["name"])


def _sorted(objects: Any) -> list[dict[str, Any]]:
    return sorted(objects, key=_id)
