"""The NetworkPolicies of an environment, judged by who may connect to whom."""

from pathlib import Path

import pytest

from tests.components.fence.reachability import Pod, allowed
from tests.components.rendering import Objects, of_kind, render_text

ENVIRONMENT = """\
tier: test
cluster:
  ingress: {namespace: ingress-nginx, labels: {app: controller}}
apps:
  shop:
    flows:
      visitors: {from: ingress, to: server, port: http}
      orders: {from: server, to: database, port: sql}
      payments: {from: server, to: {cidr: 0.0.0.0/0, except: 10.0.0.0/8}, port: 443}
      audit: {from: {app: till}, to: server, port: 9000}
      partner: {from: {cidr: 192.0.2.0/24}, to: server, port: http}
    workloads:
      database: {kind: stateful, image: "a:1", ports: {sql: {number: 5432}}}
  till:
    workloads:
      terminal: {image: "a:1"}
  playground:
    isolation: namespace
    workloads:
      one: {image: "a:1", ports: {http: 80}}
      two: {image: "a:1"}
"""


def _pod(app: str, workload: str, environment: str = "qa") -> Pod:
    labels = {"app.kubernetes.io/name": workload, "app.kubernetes.io/instance": app}
    return Pod(f"{app}-{environment}", labels)


def _address(text: str) -> Pod:
    return Pod("", {}, text)


SERVER, DATABASE, TERMINAL = _pod("shop", "server"), _pod("shop", "database"), _pod("till", "terminal")
CONTROLLER = Pod("ingress-nginx", {"app": "controller"})


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    """Give the objects of a small environment with flows of all sorts."""
    return render_text(tmp_path, ENVIRONMENT)


@pytest.mark.parametrize(
    ("source", "target", "port"),
    [
        (CONTROLLER, SERVER, 8080),
        (SERVER, DATABASE, 5432),
        (SERVER, _address("203.0.113.7"), 443),
        (TERMINAL, SERVER, 9000),
        (_address("192.0.2.9"), SERVER, 8080),
        (_pod("playground", "two"), _pod("playground", "one"), 80),
        (_pod("playground", "one"), _pod("playground", "two"), 12345),
    ],
)
def test_declared_connections_are_allowed(objects: Objects, source: Pod, target: Pod, port: int) -> None:
    assert allowed(of_kind(objects, "NetworkPolicy"), source, target, port)


@pytest.mark.parametrize(
    ("source", "target", "port"),
    [
        (DATABASE, SERVER, 8080),
        (SERVER, DATABASE, 8080),
        (CONTROLLER, DATABASE, 5432),
        (Pod("ingress-nginx", {"app": "other"}), SERVER, 8080),
        (TERMINAL, DATABASE, 5432),
        (TERMINAL, SERVER, 8080),
        (_pod("shop", "server", "prod"), DATABASE, 5432),
        (SERVER, _address("10.1.2.3"), 443),
        (SERVER, _address("169.254.169.254"), 443),
        (SERVER, _address("203.0.113.7"), 80),
        (_address("198.51.100.1"), SERVER, 8080),
        (_pod("playground", "one"), SERVER, 8080),
        (SERVER, _pod("playground", "one"), 80),
    ],
)
def test_nothing_else_is(objects: Objects, source: Pod, target: Pod, port: int) -> None:
    assert not allowed(of_kind(objects, "NetworkPolicy"), source, target, port)


@pytest.mark.parametrize("protocol", ["UDP", "TCP"])
@pytest.mark.parametrize("source", [SERVER, TERMINAL])
def test_every_pod_may_ask_dns_and_no_other_pod_there(objects: Objects, source: Pod, protocol: str) -> None:
    policies = of_kind(objects, "NetworkPolicy")
    assert allowed(policies, source, Pod("kube-system", {"k8s-app": "kube-dns"}), 53, protocol)
    assert not allowed(policies, source, Pod("kube-system", {"k8s-app": "metrics-server"}), 53, protocol)


def test_dns_may_answer_at_an_address_and_at_another_port(tmp_path: Path) -> None:
    text = "tier: test\ncluster: {dns: {addresses: 169.254.20.10/32, pods: {namespace: dns}, port: 5353}}\n"
    policies = of_kind(render_text(tmp_path, text), "NetworkPolicy")
    assert allowed(policies, SERVER, _address("169.254.20.10"), 53, "UDP")
    assert allowed(policies, SERVER, Pod("dns", {}), 5353, "UDP")
    assert not allowed(policies, SERVER, Pod("dns", {}), 53, "UDP")


def test_the_metadata_services_of_ipv6_are_excluded_too(tmp_path: Path) -> None:
    text = 'tier: test\napps: {shop: {flows: {out: {from: server, to: {cidr: "::/0"}, port: 80}}}}\n'
    policies = of_kind(render_text(tmp_path, text), "NetworkPolicy")
    assert allowed(policies, SERVER, _address("2001:db8::1"), 80)
    assert not allowed(policies, SERVER, _address("fd00:ec2::254"), 80)


def test_another_environment_connects_only_where_both_declare_it(tmp_path: Path) -> None:
    ends = [f"{{app: shop, workload: server, environment: {name}}}" for name in ("qa", "e2e")]
    flow = f"{{from: {ends[0]}, to: {ends[1]}, port: 8080}}"
    declared = f"tier: test\napps: {{shop: {{flows: {{test: {flow}}}}}}}\n"
    files = {"e2e.yaml": declared, "stacks/Pulumi.e2e.yaml": ""}
    policies = of_kind(render_text(tmp_path, declared, files), "NetworkPolicy")
    names = {policy["metadata"]["name"] for policy in policies}
    assert names == {"default-deny", "allow-dns", "test-egress"}
    egress = next(policy for policy in policies if policy["metadata"]["name"] == "test-egress")
    assert egress["spec"]["egress"][0]["to"][0]["namespaceSelector"] == {
        "matchLabels": {"kubernetes.io/metadata.name": "shop-e2e"}
    }


def test_flows_of_two_apps_never_share_a_policy(tmp_path: Path) -> None:
    text = """\
tier: test
apps:
  shop: {}
  a: {workloads: {w: {image: "a:1"}}, flows: {b-c: {from: w, to: {app: shop}, port: 1}}}
  a-b: {workloads: {w: {image: "a:1"}}, flows: {c: {from: w, to: {app: shop}, port: 2}}}
"""
    policies = of_kind(render_text(tmp_path, text), "NetworkPolicy")
    assert {"a.b-c-ingress", "a-b.c-ingress"} < {policy["metadata"]["name"] for policy in policies}
