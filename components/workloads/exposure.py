"""Exposes a workload: a Service inside the cluster, an Ingress or HTTPRoute for outside traffic."""

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

from components.objects.manifest import Scope, plain
from envs.config.checks.sharing import complete_host
from envs.config.model.cluster import Ingress as Controller
from envs.config.model.container import Port, first_tcp_port
from envs.config.model.workload import Serving, Stateful, Workload, has_service


def service(scope: Scope, name: str, workload: Workload) -> Iterator[Service]:
    """Make the Service of a long-running workload that has ports.

    A stateful one always has a headless Service, which gives the pods their DNS names.
    """
    if not has_service(workload):
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
        spec=ServiceSpec(clusterIP=headless, ports=ports or None, selector=scope.selector(name)),
    )


def exposure(scope: Scope, name: str, workload: Serving) -> Iterator[Ingress | dict[str, Any]]:
    """Make the Ingress or HTTPRoute from a workload's host to the first TCP port of its Service."""
    controller, port = scope.environment.cluster.ingress, first_tcp_port(workload.ports)
    if workload.host is None or controller is None or port is None:
        return
    if controller.gateway is not None:
        yield _route(scope, name, workload, controller, workload.ports[port])
    else:
        yield _ingress(scope, name, workload, controller, port)


def _ingress(scope: Scope, name: str, workload: Serving, controller: Controller, port: str) -> Ingress:
    host = _host(scope, workload)
    backend = IngressServiceBackend(name=name, port=ServiceBackendPort(name=port))
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


def _route(scope: Scope, name: str, workload: Serving, controller: Controller, port: Port) -> dict[str, Any]:
    """Make an HTTPRoute; source: https://gateway-api.sigs.k8s.io/api-types/httproute/."""
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
