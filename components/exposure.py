"""How a workload is reached: its Service within the cluster, an Ingress or HTTPRoute from outside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lightkube.models.core_v1 import Service, ServicePort, ServiceSpec
from lightkube.models.networking_v1 import (
    HTTPIngressPath,
    HTTPIngressRuleValue,
    Ingress,
    IngressBackend,
    IngressRule,
    IngressServiceBackend,
    IngressSpec,
    IngressTLS,
    ServiceBackendPort,
)

from components.manifest import Scope, plain
from environments.cluster import Ingress as Controller
from environments.sharing import complete_host
from environments.workload import Finite, Serving, Stateful, Workload


def service(scope: Scope, name: str, workload: Workload) -> Iterator[Service]:
    """Make the Service of a workload that has ports and runs for good; headless for a stateful one."""
    if not workload.ports or isinstance(workload, Finite):
        return
    ports = [
        ServicePort(name=key, port=port.service or port.number, targetPort=key, protocol=port.protocol)
        for key, port in workload.ports.items()
    ]
    headless = "None" if isinstance(workload, Stateful) else None
    yield Service(
        apiVersion="v1",
        kind="Service",
        metadata=scope.workload_metadata(name),
        spec=ServiceSpec(clusterIP=headless, ports=ports, selector=scope.selector(name)),
    )


def exposure(scope: Scope, name: str, workload: Serving) -> Iterator[Ingress | dict[str, Any]]:
    """Make what routes a workload's host to the first port of its Service."""
    controller = scope.environment.cluster.ingress
    if workload.host is None or controller is None:
        return
    if controller.gateway is not None:
        yield _route(scope, name, workload, controller)
    else:
        yield _ingress(scope, name, workload, controller)


def _ingress(scope: Scope, name: str, workload: Serving, controller: Controller) -> Ingress:
    host = _host(scope, workload)
    backend = IngressServiceBackend(name=name, port=ServiceBackendPort(name=next(iter(workload.ports))))
    path = HTTPIngressPath(path=workload.path, pathType="Prefix", backend=IngressBackend(service=backend))
    tls = [IngressTLS(hosts=[host], secretName=controller.tls)] if controller.tls else None
    return Ingress(
        apiVersion="networking.k8s.io/v1",
        kind="Ingress",
        metadata=scope.workload_metadata(name),
        spec=IngressSpec(
            ingressClassName=controller.class_name,
            rules=[IngressRule(host=host, http=HTTPIngressRuleValue(paths=[path]))],
            tls=tls,
        ),
    )


def _route(scope: Scope, name: str, workload: Serving, controller: Controller) -> dict[str, Any]:
    """Make an HTTPRoute; source: https://gateway-api.sigs.k8s.io/api-types/httproute/."""
    port = next(iter(workload.ports.values()))
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": plain(scope.workload_metadata(name)),
        "spec": {
            "parentRefs": [{"name": controller.gateway, "namespace": controller.namespace}],
            "hostnames": [_host(scope, workload)],
            "rules": [
                {
                    "matches": [{"path": {"type": "PathPrefix", "value": workload.path}}],
                    "backendRefs": [{"name": name, "port": port.service or port.number}],
                }
            ],
        },
    }


def _host(scope: Scope, workload: Serving) -> str:
    return complete_host(scope.environment, str(workload.host))
