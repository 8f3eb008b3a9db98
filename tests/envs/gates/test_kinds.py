"""Kinds that an environment does not list are refused, at every gate alike."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from components.stack.delivery import pushed
from envs.config.load import Configuration, load
from envs.config.reading.faults import ConfigurationError
from envs.gates.context import wire
from envs.gates.judgement import judge, refuse
from envs.gates.rendering import render_around
from gitops.objects import DesiredObject, key_of
from gitops.run import gate
from gitops.settings import parse
from kube.kind_lists import RENDERED
from kube.kinds import group_kind
from kube.schema.index import NEWEST, index
from kube.yaml.origin import Origin
from policies.pack import ENVIRONMENT, Pack, StackResource
from tests.components.language import ROWS
from tests.components.rendering import render_root, render_shop
from tests.roots import make_root

TODAY = date(2026, 1, 1)
RULE = "kinds-are-listed"
WIDGET = "{apiVersion: example.com/v1, kind: Widget, metadata: {name: a}, spec: {}}"
LAYER = """\
tier: test
cluster: {{apiServer: 10.0.0.1/32}}
gitops: {{image: "registry.example.com/gitops:1.0.0", repo: "https://git.example.com/environments.git"}}
policies: {{kinds: {kinds}}}
apps: {{shop: {{delivery: {delivery}, manifests: {{one: {item}}}}}}}
"""


def configured(folder: Path, item: str = WIDGET, kinds: str = "{}", delivery: str = "push") -> Configuration:
    """Load qa, whose app holds one object."""
    text = LAYER.format(item=item, kinds=kinds, delivery=delivery)
    return load(make_root(folder, {"qa.yaml": text}))


def offline(configuration: Configuration) -> list[str]:
    """Return what `envs check` finds."""
    found = judge(configuration, render_around(configuration, ["qa"]), ["qa"], TODAY).findings
    return [f"{each.origin}: {each.message}" for each in found if each.rule == RULE]


def in_the_pack(configuration: Configuration) -> list[str]:
    """Return what the pack finds among the resources of the stack."""
    environment = configuration.environment("qa")
    manifests = render_around(configuration, ["qa"]).objects["qa"]
    pack = Pack("qa", TODAY, KeyError)
    pack.judge(
        StackResource(ENVIRONMENT, "urn", wire(environment, configuration.environments)), "objects", {}
    )
    resources = [
        StackResource(f"kubernetes:{each.object['apiVersion']}:{each.kind}", each.id, each.object)
        for each in pushed(environment, manifests)
    ]
    found = [finding for resource in resources for finding in pack.judge(resource, "objects", {})]
    return [finding.message for finding in found if finding.rule == RULE]


def in_the_job(configuration: Configuration) -> list[str]:
    """Return what the job finds by its rendered settings."""
    manifests = {each.id: each.object for each in render_around(configuration, ["qa"]).objects["qa"]}
    text = manifests["ConfigMap/gitops-qa/settings"]["data"]["settings.yaml"]
    body = manifests["Widget/shop-qa/a"]
    wanted = [DesiredObject(key_of(body), body, Origin("a.yaml", 1, 1))]
    found = gate.judge(parse(text, "settings.yaml"), "shop-qa", wanted, TODAY)
    return [fault.message for fault in found if f"[{RULE}]" in fault.message]


@pytest.mark.parametrize("delivery", ["push", "pull"])
@pytest.mark.parametrize("listed", [False, True])
def test_a_kind_has_one_verdict_at_every_gate(tmp_path: Path, delivery: str, *, listed: bool) -> None:
    kinds = "{example.com/Widget: for the test}" if listed else "{}"
    configuration = configured(tmp_path, kinds=kinds, delivery=delivery)
    around = render_around(configuration, ["qa"])

    assert bool(offline(configuration)) is not listed
    if delivery == "push":
        assert bool(in_the_pack(configuration)) is not listed
    else:
        assert bool(in_the_job(configuration)) is not listed
    if listed:
        refuse(configuration, around, "qa", TODAY)
    else:
        with pytest.raises(ConfigurationError, match=f"Widget is not listed.*{RULE}"):
            refuse(configuration, around, "qa", TODAY)


def test_the_finding_says_what_to_write_and_where_the_kind_is(tmp_path: Path) -> None:
    (found,) = offline(configured(tmp_path))
    assert found == (
        "environments/qa.yaml:5:83: example.com/Widget is not listed; "
        "write `policies: {kinds: {example.com/Widget: why}}` in a layer of qa"
    )


def test_lists_of_layers_add_up(tmp_path: Path) -> None:
    layers = {
        "base.yaml": "policies: {kinds: {example.com/Widget: for all}}\n",
        "qa.yaml": LAYER.format(
            item=WIDGET.replace("Widget", "Gadget"), kinds="{example.com/Gadget: for qa}", delivery="push"
        ),
    }
    configuration = load(make_root(tmp_path, layers))
    assert sorted(configuration.environment("qa").policies.kinds) == [
        "example.com/Gadget",
        "example.com/Widget",
    ]
    assert offline(configuration) == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_what_components_render_needs_no_listing(tmp_path: Path, row: object) -> None:
    files = row.files  # type: ignore[attr-defined]
    for item in render_root(make_root(tmp_path, files)).values():
        if index(NEWEST).is_custom(item["apiVersion"]):
            assert group_kind(item["apiVersion"], item["kind"]) in RENDERED


@pytest.mark.parametrize(
    "kind",
    [
        "cilium.io/v2, kind: CiliumNetworkPolicy",
        "cilium.io/v2, kind: CiliumClusterwideNetworkPolicy",
        "policy.networking.k8s.io/v1alpha1, kind: AdminNetworkPolicy",
        "policy.networking.k8s.io/v1alpha1, kind: BaselineAdminNetworkPolicy",
        "policy.networking.k8s.io/v1alpha2, kind: ClusterNetworkPolicy",
        "crd.projectcalico.org/v1, kind: GlobalNetworkPolicy",
        "networking.k8s.io/v1, kind: NetworkPolicy",
        "rbac.authorization.k8s.io/v1, kind: Role",
        "v1, kind: ResourceQuota",
    ],
)
def test_the_fence_is_never_an_app_s_own(tmp_path: Path, kind: str) -> None:
    item = f"{{apiVersion: {kind}, metadata: {{name: a}}}}"
    with pytest.raises(ConfigurationError, match="belongs to the fence"):
        render_shop(tmp_path, f"manifests: {{one: {item}}}")


def test_a_kind_of_the_fence_cannot_be_listed(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        configured(tmp_path, kinds="{cilium.io/CiliumNetworkPolicy: we like it}")
    assert str(caught.value).startswith("environments/qa.yaml:4:51: policies.kinds[")
    assert "belongs to the fence" in str(caught.value)


def test_a_kind_of_another_group_is_not_the_one_of_kubernetes(tmp_path: Path) -> None:
    item = "{apiVersion: example.com/v1, kind: Role, metadata: {name: a}}"
    assert offline(configured(tmp_path, item, "{example.com/Role: a role in a play}")) == []


ISSUER = "{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: acme}, spec: {}}"
CLUSTER = """\
tier: test
policies: {{kinds: {kinds}, clusterApps: {apps}}}
apps: {{shop: {{scope: {scope}, manifests: {{one: {item}}}}}}}
"""


def cluster_app(
    folder: Path,
    item: str = ISSUER,
    kinds: str = "{cert-manager.io/ClusterIssuer: certificates}",
    apps: str = "{shop: issues certificates}",
    scope: str = "cluster",
) -> list[str]:
    """Return what is found where an app holds an object without a namespace."""
    text = CLUSTER.format(item=item, kinds=kinds, apps=apps, scope=scope)
    return offline(load(make_root(folder, {"qa.yaml": text})))


def test_a_named_app_holds_listed_kinds_without_a_namespace(tmp_path: Path) -> None:
    assert cluster_app(tmp_path) == []
    item = render_root(tmp_path)["ClusterIssuer/acme"]
    assert "namespace" not in item["metadata"]
    assert item["metadata"]["labels"]["app.kubernetes.io/part-of"] == "shop"


def test_a_kind_may_say_that_it_has_no_namespace(tmp_path: Path) -> None:
    item = "{apiVersion: karpenter.sh/v1, kind: NodePool, metadata: {name: a}, spec: {}}"
    kinds = "{karpenter.sh/NodePool: {because: nodes, scope: cluster}}"
    assert cluster_app(tmp_path, item, kinds) == []
    assert "NodePool/a" in render_root(tmp_path)


def test_a_kind_that_only_begins_like_it_has_a_namespace(tmp_path: Path) -> None:
    item = "{apiVersion: postgresql.cnpg.io/v1, kind: Cluster, metadata: {name: a}, spec: {}}"
    assert offline(configured(tmp_path, item, "{postgresql.cnpg.io/Cluster: databases}")) == []
    assert "Cluster/shop-qa/a" in render_root(tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"apps": "{}"}, "qa.yaml:3:22: apps.shop.scope: qa does not name this app"),
        ({"scope": "namespace"}, "ClusterIssuer is cluster-scoped; only an app with `scope: cluster`"),
        ({"item": ISSUER.replace("name: acme", "name: a, namespace: b")}, "cluster-scoped; delete this line"),
        ({"scope": "cluster, delivery: pull"}, "the GitOps job has rights in namespaces only"),
    ],
)
def test_the_cluster_is_for_named_apps_alone(tmp_path: Path, changes: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        cluster_app(tmp_path, **changes)
    assert message in str(caught.value)


def test_a_named_app_holds_no_other_kinds_of_the_cluster(tmp_path: Path) -> None:
    definition = "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: a}, value: 1}"
    (found,) = cluster_app(tmp_path, definition)
    assert "scheduling.k8s.io/PriorityClass is not listed" in found


def test_one_environment_of_a_cluster_owns_what_has_no_namespace(tmp_path: Path) -> None:
    text = CLUSTER.format(
        item=ISSUER, kinds="{cert-manager.io/ClusterIssuer: a}", apps="{shop: b}", scope="cluster"
    )
    with pytest.raises(ConfigurationError, match="shop of dev has `scope: cluster` on the same cluster"):
        load(
            make_root(tmp_path, {"qa.yaml": text, "dev.yaml": text, "stacks/Pulumi.dev.yaml": "config: {}\n"})
        )


def test_a_repository_of_its_own_may_hold_listed_kinds_alone(tmp_path: Path) -> None:
    text = """\
tier: test
cluster: {apiServer: 10.0.0.1/32}
gitops: {image: "registry.example.com/gitops:1.0.0", repo: "https://git.example.com/environments.git"}
apps: {other: {delivery: pull, source: {repo: "https://git.example.com/other.git", kinds: [example.com/Widget]}}}
"""
    with pytest.raises(ConfigurationError, match=r"source\.kinds\.0: example.com/Widget is not listed"):
        load(make_root(tmp_path, {"qa.yaml": text}))
