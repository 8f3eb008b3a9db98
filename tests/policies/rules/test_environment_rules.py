"""Rules over all objects of an environment together: violating, clean and unrelated cases, in either tier."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import pytest

from policies.check import check
from policies.context import Tier
from policies.network.cluster import Cluster
from policies.rule import Finding
from policies.rules import ENVIRONMENT_RULES
from tests.policies.objects import CARRIERS, Manifest, context, deployment, named, pod_spec

ISOLATED, REACHING, COMPLETE = (
    "pods-are-isolated",
    "environments-do-not-reach-each-other",
    "namespaces-are-complete",
)
HOME, THEIRS = "shop-prod", "shop-qa"
BY_NAME = "kubernetes.io/metadata.name"


def namespace(name: str, environment: str, tier: str, **labels: str) -> Manifest:
    """Make a namespace with all that is asked of its labels."""
    usual = {
        "environments.internal/environment": environment,
        "environments.internal/tier": tier,
        "pod-security.kubernetes.io/enforce": "restricted",
        BY_NAME: name,
    }
    metadata = {"name": name, "labels": {**usual, **labels}}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def policy(name: str = "policy", space: str = HOME, **spec: Any) -> Manifest:
    """Make a NetworkPolicy for all pods of a namespace."""
    made = named("NetworkPolicy", "networking.k8s.io/v1", name, spec={"podSelector": {}, **spec})
    made["metadata"]["namespace"] = space
    return made


def default_deny(space: str = HOME) -> Manifest:
    """Deny everything both ways."""
    return policy("default-deny", space, policyTypes=["Ingress", "Egress"])


def environment(*more: Manifest, tier: Tier = Tier.PRODUCTION) -> list[Manifest]:
    """Make an environment that keeps every rule, and what a test adds."""
    return [
        namespace(HOME, "prod", str(tier)),
        named("ResourceQuota", "v1", "quota"),
        named("LimitRange", "v1", "limits"),
        default_deny(),
        deployment(pod_spec()),
        *more,
    ]


def neighbour(*policies: Manifest) -> list[Manifest]:
    """Make the namespace of another environment with a pod, fenced unless the test says otherwise."""
    pod = deployment(pod_spec())
    pod["metadata"]["namespace"] = THEIRS
    return [namespace(THEIRS, "qa", "test"), *(policies or [default_deny(THEIRS)]), pod]


def found(
    rule: str, manifests: Sequence[Manifest], tier: Tier = Tier.PRODUCTION, **changes: Any
) -> list[Finding]:
    """Judge a whole environment, and keep what one rule found."""
    judged = check(copy.deepcopy(list(manifests)), context(tier, **changes), complete=True)
    return [finding for finding in judged if finding.rule == rule]


def places(findings: list[Finding]) -> list[tuple[str, str]]:
    """Object and path of each finding."""
    return [(finding.object, finding.path) for finding in findings]


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("rule", [rule.id for rule in ENVIRONMENT_RULES])
def test_a_fenced_environment_is_clean(rule: str, tier: Tier) -> None:
    assert found(rule, environment(tier=tier), tier, cluster=Cluster({"qa": neighbour()})) == []


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("rule", [rule.id for rule in ENVIRONMENT_RULES])
def test_part_of_an_environment_is_not_judged_as_a_whole(rule: str, tier: Tier) -> None:
    judged = check([deployment(pod_spec())], context(tier), complete=False)

    assert [finding for finding in judged if finding.rule == rule] == []


# --- pods-are-isolated


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("kind", sorted(set(CARRIERS) - {"custom resource"}))
def test_a_pod_without_any_policy_is_found_in_both_directions(kind: str, tier: Tier) -> None:
    make, _ = CARRIERS[kind]

    findings = found(ISOLATED, [make(pod_spec())], tier)

    assert [finding.message.partition(" for ")[2].partition(";")[0] for finding in findings] == [
        "Ingress",
        "Egress",
    ]
    assert all(finding.path.endswith("metadata.labels") for finding in findings)


@pytest.mark.parametrize("direction", ["Ingress", "Egress"])
def test_a_policy_of_one_direction_isolates_in_that_one_only(direction: str) -> None:
    (left,) = found(ISOLATED, [deployment(pod_spec()), policy(policyTypes=[direction])])

    assert direction not in left.message.split(";")[0]


@pytest.mark.parametrize(
    "elsewhere",
    [
        default_deny(THEIRS),
        policy(
            podSelector={"matchLabels": {"app.kubernetes.io/name": "other"}},
            policyTypes=["Ingress", "Egress"],
        ),
        {**default_deny(), "apiVersion": "projectcalico.org/v3"},
    ],
    ids=["another namespace", "another pod", "another project's kind"],
)
def test_a_policy_that_does_not_select_the_pod_isolates_nothing(elsewhere: Manifest) -> None:
    assert len(found(ISOLATED, [deployment(pod_spec()), elsewhere])) == 2


def test_pods_of_the_host_network_are_outside_of_policies() -> None:
    assert found(ISOLATED, [deployment(pod_spec(hostNetwork=True))]) == []


def test_objects_without_pods_need_no_isolation() -> None:
    assert found(ISOLATED, [named("Service", "v1", spec={"selector": {"a": "b"}})]) == []


# --- environments-do-not-reach-each-other


def peer(**selectors: Any) -> dict[str, Any]:
    """Make one peer."""
    return {key: {"matchLabels": labels} for key, labels in selectors.items()}


ANYBODY: dict[str, dict[str, Any]] = {
    "no from": {"ingress": [{}]},
    "an empty from": {"ingress": [{"from": []}]},
    "no to": {"egress": [{"ports": [{"port": 443}]}], "policyTypes": ["Egress"]},
    "every namespace": {"ingress": [{"from": [{"namespaceSelector": {}}]}]},
    "a label that anybody may carry": {"ingress": [{"from": [peer(namespaceSelector={"team": "web"})]}]},
    "an app's label that its twin carries": {
        "ingress": [{"from": [peer(namespaceSelector={"environments.internal/app": "shop"})]}]
    },
    "the label of another environment": {
        "ingress": [{"from": [peer(namespaceSelector={"environments.internal/environment": "qa"})]}]
    },
    "not in a list": {
        "ingress": [
            {
                "from": [
                    {
                        "namespaceSelector": {
                            "matchExpressions": [
                                {"key": BY_NAME, "operator": "NotIn", "values": ["kube-system"]}
                            ]
                        }
                    }
                ]
            }
        ]
    },
}


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("gate", ANYBODY.values(), ids=ANYBODY)
def test_a_gate_for_anybody_is_found_though_no_neighbour_is_known(gate: dict[str, Any], tier: Tier) -> None:
    (finding,) = found(REACHING, environment(policy("gate", **gate)), tier)

    assert finding.object == f"NetworkPolicy/{HOME}/gate"
    assert finding.path.startswith(("spec.ingress[0]", "spec.egress[0]"))


NOBODY_ELSE: dict[str, dict[str, Any]] = {
    "pods of the same namespace": {"ingress": [{"from": [{"podSelector": {}}]}]},
    "a namespace by its name": {"ingress": [{"from": [peer(namespaceSelector={BY_NAME: "ingress-nginx"})]}]},
    "this environment": {
        "ingress": [{"from": [peer(namespaceSelector={"environments.internal/environment": "prod"})]}]
    },
    "a deny": {"ingress": [], "policyTypes": ["Ingress"]},
    "rules of a direction that it is not about": {"egress": [{}], "policyTypes": ["Ingress"]},
    "one address outside": {"egress": [{"to": [{"ipBlock": {"cidr": "192.0.2.7/32"}}]}]},
    "the internet without private networks": {
        "egress": [
            {
                "to": [
                    {
                        "ipBlock": {
                            "cidr": "0.0.0.0/0",
                            "except": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"],
                        }
                    }
                ]
            }
        ],
    },
    "DNS": {
        "egress": [
            {
                "to": [peer(namespaceSelector={BY_NAME: "kube-system"}, podSelector={"k8s-app": "kube-dns"})],
                "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}],
            }
        ]
    },
}


@pytest.mark.parametrize("gate", NOBODY_ELSE.values(), ids=NOBODY_ELSE)
def test_a_gate_for_those_who_are_meant_is_clean(gate: dict[str, Any]) -> None:
    open_neighbour = neighbour(
        policy("open", THEIRS, ingress=[{}], egress=[{}], policyTypes=["Ingress", "Egress"])
    )

    assert found(REACHING, environment(policy("gate", **gate)), cluster=Cluster({"qa": open_neighbour})) == []


def test_two_sides_that_agree_are_a_connection() -> None:
    out = policy("out", egress=[{"to": [peer(namespaceSelector={BY_NAME: THEIRS})], "ports": [{"port": 80}]}])
    into = policy("into", THEIRS, ingress=[{"from": [peer(namespaceSelector={BY_NAME: HOME})]}])

    (finding,) = found(
        REACHING, environment(out), cluster=Cluster({"qa": neighbour(default_deny(THEIRS), into)})
    )

    assert finding.object == f"NetworkPolicy/{HOME}/out"
    assert finding.path.startswith("spec.egress[0]")
    assert f"reaches Deployment/{THEIRS}/web of qa on TCP 80" in finding.message


def test_one_side_alone_is_no_connection() -> None:
    out = policy("out", egress=[{"to": [peer(namespaceSelector={BY_NAME: THEIRS})]}])

    assert found(REACHING, environment(out), cluster=Cluster({"qa": neighbour()})) == []


def test_two_sides_that_agree_on_no_port_are_no_connection() -> None:
    web = [{"port": 80, "endPort": 90}]
    out = policy("out", egress=[{"to": [peer(namespaceSelector={BY_NAME: THEIRS})], "ports": web}])
    ports = [{"port": 91}, {"port": 80, "protocol": "UDP"}, {"port": "no-such-name"}]
    into = policy(
        "into", THEIRS, ingress=[{"from": [peer(namespaceSelector={BY_NAME: HOME})], "ports": ports}]
    )

    assert (
        found(REACHING, environment(out), cluster=Cluster({"qa": neighbour(default_deny(THEIRS), into)}))
        == []
    )


def test_a_named_port_is_the_number_that_the_pod_gives_it() -> None:
    out = policy(
        "out", egress=[{"to": [peer(namespaceSelector={BY_NAME: THEIRS})], "ports": [{"port": 8080}]}]
    )
    http = [{"port": "http"}]
    into = policy(
        "into", THEIRS, ingress=[{"from": [peer(namespaceSelector={BY_NAME: HOME})], "ports": http}]
    )

    (finding,) = found(
        REACHING, environment(out), cluster=Cluster({"qa": neighbour(default_deny(THEIRS), into)})
    )

    assert "on TCP 8080" in finding.message


def test_one_stray_policy_undoes_the_default_deny() -> None:
    stray = policy("stray", ingress=[{"from": [{"namespaceSelector": {}, "podSelector": {}}]}])

    assert [finding.object for finding in found(REACHING, environment(stray))] == [
        f"NetworkPolicy/{HOME}/stray"
    ]


def test_a_neighbour_without_a_fence_is_not_reached_through_ours() -> None:
    pod = deployment(pod_spec())
    pod["metadata"]["namespace"] = THEIRS
    unfenced = [namespace(THEIRS, "qa", "test"), pod]

    assert found(REACHING, environment(), cluster=Cluster({"qa": unfenced})) == []


def test_a_pod_without_a_fence_reaches_a_neighbour_without_one() -> None:
    pod = deployment(pod_spec())
    pod["metadata"]["namespace"] = THEIRS
    unfenced = [namespace(THEIRS, "qa", "test"), pod]
    ours = [namespace(HOME, "prod", "production"), deployment(pod_spec())]

    findings = found(REACHING, ours, cluster=Cluster({"qa": unfenced}))

    assert {finding.object for finding in findings} == {f"Deployment/{HOME}/web"}


def test_apps_of_one_environment_may_reach_each_other() -> None:
    other = deployment(pod_spec())
    other["metadata"]["namespace"] = "cart-prod"
    gate = peer(namespaceSelector={BY_NAME: HOME})
    own = [
        namespace("cart-prod", "prod", "production"),
        other,
        default_deny("cart-prod"),
        policy("into", "cart-prod", ingress=[{"from": [gate]}]),
        policy("out", egress=[{"to": [peer(namespaceSelector={BY_NAME: "cart-prod"})]}]),
    ]

    assert found(REACHING, environment(*own)) == []


@pytest.mark.parametrize(
    ("block", "networks", "reported"),
    [
        ({"cidr": "0.0.0.0/0"}, ("10.42.0.0/16",), True),
        ({"cidr": "0.0.0.0/0", "except": ["10.42.0.0/16"]}, ("10.42.0.0/16",), False),
        ({"cidr": "0.0.0.0/0", "except": ["10.42.0.0/17"]}, ("10.42.0.0/16",), True),
        ({"cidr": "10.42.3.0/24"}, ("10.42.0.0/16",), True),
        ({"cidr": "10.43.0.0/16"}, ("10.42.0.0/16",), False),
        ({"cidr": "::/0"}, ("10.42.0.0/16",), False),
        ({"cidr": "::/0"}, ("fd00::/48",), True),
        ({"cidr": "no address"}, ("10.42.0.0/16",), True),
    ],
)
def test_a_block_of_addresses_that_holds_pods_is_found(
    block: dict[str, Any], networks: tuple[str, ...], *, reported: bool
) -> None:
    gate = policy("gate", egress=[{"to": [{"ipBlock": block}]}])

    assert bool(found(REACHING, environment(gate), pod_networks=networks)) is reported


def test_a_block_is_a_way_to_neighbours_that_let_it_in_where_nobody_declared_the_pod_networks() -> None:
    out = policy("out", egress=[{"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}])
    into = policy("into", THEIRS, ingress=[{"from": [peer(namespaceSelector={BY_NAME: HOME})]}])

    assert found(REACHING, environment(out), cluster=Cluster({"qa": neighbour()})) == []
    assert (
        found(REACHING, environment(out), cluster=Cluster({"qa": neighbour(default_deny(THEIRS), into)}))
        != []
    )


# --- namespaces-are-complete


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("kind", ["ResourceQuota", "LimitRange"])
def test_a_namespace_without_a_bound_is_found(kind: str, tier: Tier) -> None:
    unbound = [manifest for manifest in environment(tier=tier) if manifest["kind"] != kind]

    (finding,) = found(COMPLETE, unbound, tier)

    assert (finding.object, kind in finding.message) == (f"Namespace/{HOME}", True)


@pytest.mark.parametrize(
    ("spec", "missing"),
    [
        ({"policyTypes": ["Ingress"]}, ["Egress"]),
        ({"policyTypes": ["Egress"]}, ["Ingress"]),
        ({}, ["Egress"]),
        (
            {"podSelector": {"matchLabels": {"a": "b"}}, "policyTypes": ["Ingress", "Egress"]},
            ["Ingress", "Egress"],
        ),
        ({"policyTypes": ["Ingress", "Egress"], "ingress": [{}]}, ["Ingress"]),
    ],
)
def test_a_namespace_without_default_deny_both_ways_is_found(
    spec: dict[str, Any], missing: list[str]
) -> None:
    manifests = [manifest for manifest in environment() if manifest["kind"] != "NetworkPolicy"]

    findings = found(COMPLETE, [*manifests, policy(**spec)])

    assert [finding.message.split(" denies ")[1].split()[0] for finding in findings] == missing


@pytest.mark.parametrize(
    ("label", "value", "tier", "faulty"),
    [
        ("environments.internal/environment", "qa", Tier.PRODUCTION, True),
        ("environments.internal/environment", "", Tier.TEST, True),
        ("environments.internal/tier", "test", Tier.PRODUCTION, True),
        ("pod-security.kubernetes.io/enforce", "privileged", Tier.TEST, True),
        ("pod-security.kubernetes.io/enforce", "", Tier.TEST, True),
        ("pod-security.kubernetes.io/enforce", "baseline", Tier.PRODUCTION, True),
        ("pod-security.kubernetes.io/enforce", "baseline", Tier.TEST, False),
        ("team", "web", Tier.PRODUCTION, False),
    ],
)
def test_labels_of_a_namespace_say_what_it_is(label: str, value: str, tier: Tier, *, faulty: bool) -> None:
    manifests = environment(tier=tier)
    manifests[0]["metadata"]["labels"][label] = value

    expected = [(f"Namespace/{HOME}", f"metadata.labels[{label}]")] if faulty else []

    assert places(found(COMPLETE, manifests, tier)) == expected


def test_pods_in_a_namespace_that_nobody_declares_are_found_once() -> None:
    second = deployment(pod_spec())
    second["metadata"]["name"] = "second"

    (finding,) = found(COMPLETE, [deployment(pod_spec()), second])

    assert (finding.path, f"the namespace {HOME} is not declared" in finding.message) == (
        "metadata.namespace",
        True,
    )


def test_a_namespace_of_somebody_else_needs_no_fence_of_ours() -> None:
    elsewhere = named("RoleBinding", "rbac.authorization.k8s.io/v1")
    elsewhere["metadata"]["namespace"] = "ingress-nginx"

    assert found(COMPLETE, environment(elsewhere)) == []


# --- hosts-have-one-owner, pods-have-their-own-labels


def claim(kind: str, host: str, space: str, name: str = "claim") -> Manifest:
    """Claim a host."""
    made = {
        "Ingress": named("Ingress", "networking.k8s.io/v1", name, spec={"rules": [{"host": host}]}),
        "HTTPRoute": named("HTTPRoute", "gateway.networking.k8s.io/v1", name, spec={"hostnames": [host]}),
        "Route": named("Route", "route.openshift.io/v1", name, spec={"host": host}),
    }[kind]
    made["metadata"]["namespace"] = space
    return made


@pytest.mark.parametrize(
    ("kind", "path"),
    [("Ingress", "spec.rules[0].host"), ("HTTPRoute", "spec.hostnames[0]"), ("Route", "spec.host")],
)
def test_a_host_of_another_app_is_found(kind: str, path: str) -> None:
    mine = claim(kind, "Shop.example.com", HOME)
    findings = found("hosts-have-one-owner", [mine, claim("Ingress", "shop.example.com", "blog-prod")])

    assert {(finding.object, finding.path) for finding in findings} == {
        (f"{kind}/{HOME}/claim", path),
        ("Ingress/blog-prod/claim", "spec.rules[0].host"),
    }
    assert any("belongs to the namespace blog-prod" in finding.message for finding in findings)


def test_a_host_of_another_environment_on_the_cluster_is_found() -> None:
    theirs = Cluster({"qa": [claim("HTTPRoute", "shop.example.com", THEIRS)]})

    (finding,) = found("hosts-have-one-owner", [claim("Ingress", "shop.example.com", HOME)], cluster=theirs)

    assert f"belongs to the namespace {THEIRS}" in finding.message


def test_an_app_may_use_its_host_in_several_objects() -> None:
    mine = [claim("Ingress", "shop.example.com", HOME, name) for name in ("a", "b")]

    assert found("hosts-have-one-owner", [*mine, claim("Ingress", "blog.example.com", "blog-prod")]) == []


def selecting(name: str, labels: dict[str, str], kind: str = "Deployment") -> Manifest:
    """Make a controller that selects what it says of itself."""
    template = {"metadata": {"labels": labels}, "spec": pod_spec()}
    return named(kind, "apps/v1", name, spec={"selector": {"matchLabels": labels}, "template": template})


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet", "CronJob"])
def test_pods_with_the_labels_of_another_workload_are_found(kind: str) -> None:
    theirs = selecting("web", {"app.kubernetes.io/name": "web"})
    mine = CARRIERS[kind][0](pod_spec())  # with the labels of the other
    mine["metadata"]["name"] = "taker"

    (finding,) = found("pods-have-their-own-labels", [theirs, mine])

    assert finding.object == f"{kind}/{HOME}/taker"
    assert finding.path.endswith("template.metadata.labels")
    assert f"Deployment/{HOME}/web selects" in finding.message


def test_workloads_with_labels_of_their_own_share_nothing() -> None:
    one = selecting("web", {"app.kubernetes.io/name": "web"})
    other = selecting("api", {"app.kubernetes.io/name": "api", "tier": "web"})
    elsewhere = selecting("web", {"app.kubernetes.io/name": "web"})
    elsewhere["metadata"]["namespace"] = "blog-prod"

    assert found("pods-have-their-own-labels", [one, other, elsewhere]) == []
