"""What platforms need to say, one row each: the layer, and what it must become; tests render and apply each row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.components.rendering import Objects

HEAD = """\
tier: test
cluster:
  apiServer: 10.0.0.10/32
  ingress: {namespace: ingress-nginx, className: nginx}
  peers:
    prometheus: {namespace: monitoring, labels: {app.kubernetes.io/name: prometheus}}
    vault: {namespace: vault}
apps:
  database:
    workloads:
      postgres: {kind: stateful, image: "postgres:16.4.0", ports: {postgres: 5432}}
  shop:
"""


@dataclass(frozen=True, slots=True)
class Row:
    """Lines of the app `shop`, and the value at a path of one rendered object; None where there is none."""

    title: str
    lines: str
    object: str
    path: str
    value: Any
    release: str = "image: registry.example.com/server:2.0.0\n"

    @property
    def files(self) -> dict[str, str]:
        """Files below environments/."""
        layer = HEAD + "".join(f"    {line}\n" for line in self.lines.splitlines())
        return {"qa.yaml": layer, "releases/qa/shop/server.yaml": self.release}


SERVER = "Deployment/shop-qa/server"
POD = "spec.template.spec"
DATA = "data: {from: server, to: {app: database, workload: postgres}, port: postgres}"

ANNOTATED = "workloads: {server: {annotations: {a.b/c: x y}}}"
ELECTION = (
    "workloads: {server: {account: {token: it elects a leader, permissions: {leader: "
    "{group: coordination.k8s.io, resources: leases, verbs: [get, update], names: leader}}}}}"
)

VISITORS = "flows: {visitors: {from: ingress, to: server, port: http}}"

ROWS = (
    Row(
        "an init container that runs the release's image",
        "workloads: {server: {init: {migrate: {image: main, command: [./migrate]}}}}",
        SERVER,
        f"{POD}.initContainers.0.image",
        "registry.example.com/server:2.0.0",
    ),
    Row(
        "a sidecar with a release of its own",
        "workloads: {server: {sidecars: {proxy: {}}}}",
        SERVER,
        f"{POD}.initContainers.0.image",
        "registry.example.com/proxy:3.0.0",
        release="image: registry.example.com/server:2.0.0\n"
        "containers: {proxy: {image: registry.example.com/proxy:3.0.0, build: 17}}\n",
    ),
    Row(
        "a flow from a peer",
        "flows: {scrape: {from: {peer: prometheus}, to: server, port: http}}",
        "NetworkPolicy/shop-qa/scrape-ingress",
        "spec.ingress.0.from",
        [
            {
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}},
                "podSelector": {"matchLabels": {"app.kubernetes.io/name": "prometheus"}},
            }
        ],
    ),
    Row(
        "a flow to a peer",
        "flows: {keys: {from: server, to: {peer: vault}, port: 8200}}",
        "NetworkPolicy/shop-qa/keys-egress",
        "spec.egress.0.to",
        [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "vault"}}}],
    ),
    Row(
        "the host of another app",
        f"flows: {{{DATA}}}\n"
        "workloads: {server: {env: {DB_HOST: {address: {app: database, workload: postgres}}}}}",
        SERVER,
        f"{POD}.containers.0.env.0.value",
        "postgres.database-qa.svc",
    ),
    Row(
        "the host and port of another workload, by the Service's number",
        "flows: {ask: {from: server, to: cache, port: http}}\n"
        "workloads:\n"
        "  server: {env: {CACHE: {address: {workload: cache, port: http}}}}\n"
        '  cache: {image: "cache:1.0.0", ports: {http: {number: 8080, service: 80}}}',
        SERVER,
        f"{POD}.containers.0.env.0.value",
        "cache:80",
    ),
    Row(
        "an address in a sidecar",
        f"flows: {{{DATA}}}\n"
        'workloads: {server: {sidecars: {proxy: {image: "proxy:1.0.0", env: {DB: {address: '
        "{app: database, workload: postgres, port: postgres}}}}}}}",
        SERVER,
        f"{POD}.initContainers.0.env.0.value",
        "postgres.database-qa.svc:5432",
    ),
    Row(
        "the role that a cloud gives to an account",
        "workloads: {server: {account: {annotations: "
        "{eks.amazonaws.com/role-arn: arn:aws:iam::1:role/shop}}}}",
        "ServiceAccount/shop-qa/server",
        "metadata.annotations",
        {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/shop"},
    ),
    Row(
        "pods with a label that a webhook of a cloud selects by",
        'workloads: {server: {labels: {azure.workload.identity/use: "true"}}}',
        SERVER,
        "spec.template.metadata.labels.azure~workload~identity/use",
        "true",
    ),
    Row("pods with an annotation", ANNOTATED, SERVER, "spec.template.metadata.annotations", {"a.b/c": "x y"}),
    Row(
        "a workload that elects a leader",
        ELECTION,
        "Role/shop-qa/account-server",
        "rules",
        [
            {
                "apiGroups": ["coordination.k8s.io"],
                "resources": ["leases"],
                "verbs": ["get", "update"],
                "resourceNames": ["leader"],
            }
        ],
    ),
    Row(
        "whom its role is bound to",
        ELECTION,
        "RoleBinding/shop-qa/account-server",
        "subjects",
        [{"kind": "ServiceAccount", "name": "server", "namespace": "shop-qa"}],
    ),
    Row("the token that it mounts", ELECTION, SERVER, f"{POD}.automountServiceAccountToken", True),
    Row(
        "the reason for its token",
        ELECTION,
        SERVER,
        "spec.template.metadata.annotations.environments~internal/needs-token",
        "it elects a leader",
    ),
    Row(
        "the way to the API server",
        ELECTION,
        "NetworkPolicy/shop-qa/server.api-server",
        "spec.egress.0",
        {
            "to": [{"ipBlock": {"cidr": "10.0.0.10/32"}}],
            "ports": [{"port": 6443, "protocol": "TCP"}],
        },
    ),
    Row(
        "a host with several paths",
        f"{VISITORS}\nworkloads: {{server: {{hosts: {{public: {{host: shop, paths: [/, /v2]}}}}}}}}",
        "Ingress/shop-qa/server-public",
        "spec.rules.0",
        {
            "host": "shop.qa.example.com",
            "http": {
                "paths": [
                    {
                        "path": path,
                        "pathType": "Prefix",
                        "backend": {"service": {"name": "server", "port": {"name": "http"}}},
                    }
                    for path in ("/", "/v2")
                ]
            },
        },
    ),
    Row(
        "a wildcard",
        f'{VISITORS}\nworkloads: {{server: {{host: shop, hosts: {{tenants: "*.shop.example.com"}}}}}}',
        "Ingress/shop-qa/server-tenants",
        "spec.rules.0.host",
        "*.shop.example.com",
    ),
    Row(
        "a certificate that an issuer makes for one host",
        f"{VISITORS}\nworkloads: {{server: {{hosts: {{a: {{host: a, tls: {{issuer: letsencrypt}}}}, b: b}}}}}}",
        "Ingress/shop-qa/server-a",
        "spec.tls",
        [{"hosts": ["a.qa.example.com"], "secretName": "server-a-tls"}],
    ),
    Row(
        "which issuer makes it",
        f"{VISITORS}\nworkloads: {{server: {{hosts: {{a: {{host: a, tls: {{issuer: letsencrypt}}}}, b: b}}}}}}",
        "Ingress/shop-qa/server-a",
        "metadata.annotations",
        {"cert-manager.io/cluster-issuer": "letsencrypt"},
    ),
    Row(
        "an annotation of one Ingress",
        f"{VISITORS}\nworkloads: {{server: {{hosts: {{a: {{host: a, annotations: {{a.b/c: d}}}}}}}}}}",
        "Ingress/shop-qa/server-a",
        "metadata.annotations",
        {"a.b/c": "d"},
    ),
    Row(
        "a host for another port",
        "flows: {visitors: {from: ingress, to: server, port: admin}}\n"
        "workloads: {server: {ports: {admin: 9000}, hosts: {admin: {host: admin, port: admin}}}}",
        "Ingress/shop-qa/server-admin",
        "spec.rules.0.http.paths.0.backend.service.port.name",
        "admin",
    ),
)


def at(objects: Objects, row: Row) -> Any:
    """Value at the path of a row; None where there is none."""
    value: Any = objects.get(row.object)
    for step in row.path.split("."):
        if isinstance(value, list):
            value = value[int(step)] if int(step) < len(value) else None
        else:
            value = value.get(step.replace("~", ".")) if isinstance(value, dict) else None
    return value
