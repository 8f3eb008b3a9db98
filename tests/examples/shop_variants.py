"""The shop of examples/shop in a service mesh and with a managed Redis, as layers where its publisher has components.

In: a folder. Out: a root whose environment `cloud` extends both layers, and one for each of them alone.
Source: github.com/GoogleCloudPlatform/microservices-demo, kustomize/components: service-mesh-istio, memorystore,
network-policies.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.tree import TREE

SHOP = TREE / "examples" / "shop" / "environments"
UPSTREAM_LINES = {"memorystore": 28, "istio": 86, "network policies": 277}
"""Lines of the components without comments and empty lines; the policies are the flows of our base."""

MEMORYSTORE = """\
apps:
  shop:
    flows:
      cart-redis: null
      cart-memorystore: {from: cartservice, to: {cidr: 10.20.30.40/32}, port: 6379}
    workloads:
      cartservice: {env: {REDIS_ADDR: "10.20.30.40:6379"}}
      redis-cart: null
"""
ISTIO = """\
cluster:
  ingress: {namespace: istio-ingress, className: null, gateway: istio-gateway}
  peers:
    istiod: {namespace: istio-system, labels: {app: istiod}}
policies:
  kinds: {networking.istio.io/ServiceEntry: the mesh blocks what no entry names}
apps:
  shop:
    namespace: {labels: {istio-injection: enabled}}
    flows:
      mesh: {from: {app: shop}, to: {peer: istiod}, port: 15012}
    components:
      googleapis: {kind: service-entry, hosts: [accounts.google.com, "*.googleapis.com"]}
      metadata: {kind: service-entry, hosts: [metadata.google.internal], addresses: [169.254.169.254]}
"""
SERVICE_ENTRY = '''\
"""Hosts outside of the mesh that its workloads may reach."""

from collections.abc import Iterator
from typing import Any

from components.objects.manifest import Scope
from envs.config.model.fields import String
from envs.config.model.typed import Model, OneOrMany


class Spec(Model):
    hosts: OneOrMany[String]
    """Names, of which the first part may be a wildcard (hosts)."""
    addresses: OneOrMany[String] = ()
    """Addresses of hosts that DNS does not know (addresses)."""


def manifests(scope: Scope, name: str, spec: Spec) -> Iterator[dict[str, Any]]:
    ports = [{"number": 80, "name": "http", "protocol": "HTTP"}, {"number": 443, "name": "https", "protocol": "HTTPS"}]
    said = {"hosts": [*spec.hosts], "ports": ports, **({"addresses": [*spec.addresses]} if spec.addresses else {})}
    yield {
        "apiVersion": "networking.istio.io/v1",
        "kind": "ServiceEntry",
        "metadata": {"name": f"allow-egress-{name}"},
        "spec": said,
    }
'''
ENVIRONMENTS = {"managed": "memorystore", "mesh": "istio", "cloud": "[memorystore, istio]"}


def write_variants(folder: Path) -> Path:
    """Write the root."""
    layers = folder / "environments"
    layers.mkdir(parents=True)
    shutil.copy(SHOP / "base.yaml", layers)
    (layers / "memorystore.yaml").write_text(MEMORYSTORE)
    (layers / "istio.yaml").write_text(ISTIO)
    (layers / "components").mkdir()
    (layers / "components/service_entry.py").write_text(SERVICE_ENTRY)
    (layers / "stacks").mkdir()
    for name, extends in ENVIRONMENTS.items():
        (layers / f"{name}.yaml").write_text(f"tier: test\nextends: {extends}\n")
        (layers / f"stacks/Pulumi.{name}.yaml").write_text("config: {}\n")
        shutil.copytree(SHOP / "releases/qa", layers / "releases" / name)
        if "memorystore" in extends:
            (layers / f"releases/{name}/shop/redis-cart.yaml").unlink()
    return folder
