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

GPU = "workloads: {server: {resources: {cpu: 1, memory: 2Gi, ephemeralStorage: 1Gi, devices: {nvidia.com/gpu: 1}}}}"
CONTAINER = f"{POD}.containers.0"
QUEUE = "autoscale: {min: 1, max: 4, metrics: {queue: {external: queue_depth, labels: {queue: orders}, average: 30}}}"


BALANCER = (
    "workloads: {server: {services: {server-public: {kind: loadBalancer, "
    "sources: 203.0.113.0/24, annotations: {a.b/c: d}}}}}"
)


EXISTING = "namespace: {name: web, create: false, labels: {pod-security.kubernetes.io/enforce: restricted}}"


def _server(said: str) -> str:
    return f"workloads: {{server: {{{said}}}}}"


def _secret(said: str) -> str:
    return _server(f"secrets: {{db: {{{said}}}}}")


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
    Row(
        "a metric from outside that scales",
        _server(QUEUE),
        "HorizontalPodAutoscaler/shop-qa/server",
        "spec.metrics",
        [
            {
                "type": "External",
                "external": {
                    "metric": {"name": "queue_depth", "selector": {"matchLabels": {"queue": "orders"}}},
                    "target": {"type": "AverageValue", "averageValue": "30"},
                },
            }
        ],
    ),
    Row(
        "a metric of the pods that scales",
        _server("autoscale: {min: 1, max: 4, cpu: 70%, metrics: {load: {pods: requests, average: 100}}}"),
        "HorizontalPodAutoscaler/shop-qa/server",
        "spec.metrics.1.pods",
        {"metric": {"name": "requests"}, "target": {"type": "AverageValue", "averageValue": "100"}},
    ),
    Row(
        "no pods while there is nothing to do",
        _server(
            "autoscale: {min: 0, max: 4, triggers: {orders: "
            "{type: rabbitmq, metadata: {queueName: orders, value: 30}, authentication: rabbitmq}}}"
        ),
        "ScaledObject/shop-qa/server",
        "spec",
        {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "server"},
            "minReplicaCount": 0,
            "maxReplicaCount": 4,
            "triggers": [
                {
                    "type": "rabbitmq",
                    "metadata": {"queueName": "orders", "value": "30"},
                    "authenticationRef": {"name": "rabbitmq"},
                }
            ],
        },
    ),
    Row(
        "a taint with any value",
        _server("placement: {tolerations: {spot: {operator: Exists, effect: NoExecute, seconds: 60}}}"),
        SERVER,
        f"{POD}.tolerations",
        [{"key": "spot", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60}],
    ),
    Row(
        "a taint with any effect",
        _server("placement: {tolerations: {spot: {value: yes, effect: any}}}"),
        SERVER,
        f"{POD}.tolerations",
        [{"key": "spot", "operator": "Equal", "value": "yes"}],
    ),
    Row(
        "affinity",
        _server(
            "placement: {affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
            "[{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {a: b}}}]}}}"
        ),
        SERVER,
        f"{POD}.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution.0.topologyKey",
        "kubernetes.io/hostname",
    ),
    Row(
        "priority",
        _server("priority: system-cluster-critical"),
        SERVER,
        f"{POD}.priorityClassName",
        "system-cluster-critical",
    ),
    Row(
        "a spread that is required",
        _server("replicas: 3, placement: {spread: {over: zone, required: true, skew: 2}}"),
        SERVER,
        f"{POD}.topologySpreadConstraints.0",
        {
            "maxSkew": 2,
            "topologyKey": "topology.kubernetes.io/zone",
            "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": {
                "matchLabels": {"app.kubernetes.io/instance": "shop", "app.kubernetes.io/name": "server"}
            },
        },
    ),
    Row(
        "a claim",
        _server("claims: {files: {path: /files, size: 1Gi, access: ReadWriteMany, storageClass: nfs}}"),
        "PersistentVolumeClaim/shop-qa/server-files",
        "spec",
        {
            "accessModes": ["ReadWriteMany"],
            "resources": {"requests": {"storage": "1Gi"}},
            "storageClassName": "nfs",
        },
    ),
    Row(
        "the volume of a claim",
        _server("claims: {files: {path: /files, size: 1Gi}}, rollout: {strategy: recreate}"),
        SERVER,
        f"{POD}.volumes",
        [{"name": "files", "persistentVolumeClaim": {"claimName": "server-files"}}],
    ),
    Row(
        "a property of a remote key, in a store of the namespace",
        _secret("store: {name: vault, kind: SecretStore}, remote: {password: {key: shop/db, property: pw}}"),
        "ExternalSecret/shop-qa/db",
        "spec",
        {
            "secretStoreRef": {"kind": "SecretStore", "name": "vault"},
            "target": {"name": "db", "creationPolicy": "Owner"},
            "data": [{"secretKey": "password", "remoteRef": {"key": "shop/db", "property": "pw"}}],
        },
    ),
    Row(
        "all properties of a remote key",
        _secret("store: vault, extract: shop/db"),
        "ExternalSecret/shop-qa/db",
        "spec.dataFrom",
        [{"extract": {"key": "shop/db"}}],
    ),
    Row(
        "files of a Secret that only their owner reads",
        _secret("existing: key, path: /keys, mode: 0400"),
        SERVER,
        f"{POD}.volumes.0.secret",
        {"secretName": "key", "defaultMode": 0o400},
    ),
    Row(
        "probes of a sidecar",
        _server(
            'sidecars: {proxy: {image: "proxy:1.0.0", ports: {proxy: 9}, probes: {ready: {}, start: /up}}}'
        ),
        SERVER,
        f"{POD}.initContainers.0.readinessProbe.tcpSocket.port",
        "proxy",
    ),
    Row(
        "a wait before the end",
        _server("preStop: 5"),
        SERVER,
        f"{CONTAINER}.lifecycle.preStop.sleep.seconds",
        5,
    ),
    Row(
        "a request before the end",
        _server("preStop: {path: /quit}"),
        SERVER,
        f"{CONTAINER}.lifecycle.preStop.httpGet",
        {"path": "/quit", "port": "http"},
    ),
    Row(
        "a GPU",
        GPU,
        SERVER,
        f"{CONTAINER}.resources",
        {
            "requests": {"cpu": "1", "memory": "2Gi", "ephemeral-storage": "1Gi"},
            "limits": {"memory": "2Gi", "ephemeral-storage": "1Gi", "nvidia.com/gpu": "1"},
        },
    ),
    Row(
        "how many GPUs an app may use",
        "quota: {devices: {nvidia.com/gpu: 2}}",
        "ResourceQuota/shop-qa/quota",
        "spec.hard.requests~nvidia~com/gpu",
        "2",
    ),
    Row(
        "all keys of a ConfigMap and of a Secret as variables",
        _server("envFrom: {settings: {configMap: settings, prefix: APP_}, login: {secret: login}}"),
        SERVER,
        f"{CONTAINER}.envFrom",
        [
            {"configMapRef": {"name": "settings"}, "prefix": "APP_"},
            {"secretRef": {"name": "login"}},
        ],
    ),
    Row(
        "a limit as a variable",
        _server("env: {GOMEMLIMIT: {resource: limits.memory}}"),
        SERVER,
        f"{CONTAINER}.env.0.valueFrom.resourceFieldRef",
        {"resource": "limits.memory"},
    ),
    Row(
        "fields of the pod as files",
        _server("volumes: {info: {path: /info, fields: {labels: metadata.labels, memory: limits.memory}}}"),
        SERVER,
        f"{POD}.volumes.0.downwardAPI.items",
        [
            {"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}},
            {"path": "memory", "resourceFieldRef": {"containerName": "server", "resource": "limits.memory"}},
        ],
    ),
    Row(
        "a second Service",
        _server(
            "ports: {admin: 9000}, services: {server-peers: {kind: headless, ports: admin, notReady: true}}"
        ),
        "Service/shop-qa/server-peers",
        "spec",
        {
            "clusterIP": "None",
            "ports": [{"name": "admin", "port": 9000, "targetPort": "admin", "protocol": "TCP"}],
            "publishNotReadyAddresses": True,
            "selector": {"app.kubernetes.io/instance": "shop", "app.kubernetes.io/name": "server"},
        },
    ),
    Row(
        "a file that running pods reload",
        _server("config: {/etc/app/rules.yaml: {text: 'a: b', reload: true}, /etc/fixed.conf: c}"),
        SERVER,
        f"{CONTAINER}.volumeMounts.1",
        {"name": "reload-0", "mountPath": "/etc/app", "readOnly": True},
    ),
    Row(
        "the content of a file that running pods reload",
        _server("config: {/etc/app/rules.yaml: {text: 'a: b', reload: true}}"),
        "ConfigMap/shop-qa/server-reload",
        "data",
        {"97e781533180-rules.yaml": "a: b"},
    ),
    Row(
        "limits of an app for a workload that says nothing",
        "limits: {cpu: 200m, memory: 1Gi}",
        SERVER,
        f"{CONTAINER}.resources",
        {"requests": {"cpu": "200m", "memory": "1Gi"}, "limits": {"memory": "1Gi"}},
    ),
    Row(
        "enough memory for Java and Node where nobody says anything",
        "isolation: strict",
        SERVER,
        f"{CONTAINER}.resources",
        {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}},
    ),
    Row(
        "the same for pods that something else starts",
        "isolation: strict",
        "LimitRange/shop-qa/limits",
        "spec.limits.0",
        {
            "type": "Container",
            "default": {"memory": "512Mi"},
            "defaultRequest": {"cpu": "100m", "memory": "128Mi"},
        },
    ),
    Row(
        "a load balancer",
        BALANCER,
        "Service/shop-qa/server-public",
        "spec.type",
        "LoadBalancer",
    ),
    Row(
        "the quota that fits it",
        BALANCER,
        "ResourceQuota/shop-qa/quota",
        "spec.hard.services~loadbalancers",
        "1",
    ),
    Row(
        "and its ports of nodes", BALANCER, "ResourceQuota/shop-qa/quota", "spec.hard.services~nodeports", "1"
    ),
    Row(
        "a quota without load balancers where there are none",
        "isolation: strict",
        "ResourceQuota/shop-qa/quota",
        "spec.hard.services~loadbalancers",
        "0",
    ),
    Row(
        "the quota of a verbatim load balancer",
        "manifests: {public: {apiVersion: v1, kind: Service, metadata: {name: public}, spec: "
        "{type: LoadBalancer, ports: [{port: 80, name: a}, {port: 81, name: b}]}}}",
        "ResourceQuota/shop-qa/quota",
        "spec.hard.services~nodeports",
        "2",
    ),
    Row(
        "labels and annotations of a namespace",
        "namespace: {labels: {istio-injection: enabled}, annotations: {a.b/c: d}}",
        "Namespace/shop-qa",
        "metadata.labels.istio-injection",
        "enabled",
    ),
    Row(
        "a namespace of another name",
        "namespace: web",
        "Namespace/web",
        "metadata.labels.environments~internal/app",
        "shop",
    ),
    Row(
        "a workload in a namespace that exists",
        EXISTING,
        "Deployment/web/server",
        "metadata.namespace",
        "web",
    ),
    Row("no object for a namespace that exists", EXISTING, "Namespace/web", "kind", None),
    Row("its quota all the same", EXISTING, "ResourceQuota/web/quota", "metadata.namespace", "web"),
    Row(
        "a flow to an app in a namespace of another name",
        f"namespace: web\nflows: {{{DATA}}}",
        "NetworkPolicy/database-qa/shop.data-ingress",
        "spec.ingress.0.from.0.namespaceSelector.matchLabels.kubernetes~io/metadata~name",
        "web",
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
