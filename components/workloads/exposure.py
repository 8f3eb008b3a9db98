"""Exposes a workload: a Service inside the cluster, an Ingress or HTTPRoute for outside traffic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lightkube.models.core_v1 import Service, ServicePort, ServiceSpec
from lightkube.models.meta_v1 import ObjectMeta
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
from envs.config.model.exposure import Host, Tls
from envs.config.model.exposure import Service as Further
from envs.config.model.workload import Serving, Stateful, Workload, has_service


def service(scope: Scope, name: str, workload: Workload) -> Iterator[Service]:
    """Make the Service of a long-running workload that has ports, and its further ones.

    A stateful one always has a headless Service, which gives the pods their DNS names.
    """
    if not has_service(workload):
        return
    headless = "None" if isinstance(workload, Stateful) else None
    yield Service(
        apiVersion="v1",
        kind="Service",
        metadata=scope.workload_metadata(name),
        spec=ServiceSpec(
            clusterIP=headless, ports=_service_ports(workload.ports), selector=scope.selector(name)
        ),
    )
    for key, further in workload.services.items():
        yield _further(scope, name, key, workload, further)


def _service_ports(ports: Mapping[str, Port]) -> list[ServicePort] | None:
    return [
        ServicePort(name=key, port=port.service or port.number, targetPort=key, protocol=port.protocol)
        for key, port in ports.items()
    ] or None


def _further(scope: Scope, workload_name: str, name: str, workload: Workload, model: Further) -> Service:
    metadata = scope.workload_metadata(workload_name, name)
    metadata.annotations = dict(model.annotations) or None
    balances = model.kind == "loadBalancer"
    chosen = {key: port for key, port in workload.ports.items() if not model.ports or key in model.ports}
    return Service(
        apiVersion="v1",
        kind="Service",
        metadata=metadata,
        spec=ServiceSpec(
            type="LoadBalancer" if balances else None,
            clusterIP="None" if model.kind == "headless" else None,
            loadBalancerClass=model.class_name,
            loadBalancerSourceRanges=list(model.sources) or None,
            allocateLoadBalancerNodePorts=None if model.node_ports else False,
            publishNotReadyAddresses=model.not_ready or None,
            ports=_service_ports(chosen),
            selector=scope.selector(workload_name),
        ),
    )


def exposure(scope: Scope, name: str, workload: Serving) -> Iterator[Ingress | dict[str, Any]]:
    """Make an Ingress or HTTPRoute for each host of a workload, to a TCP port of its Service."""
    controller = scope.environment.cluster.ingress
    if controller is None:
        return
    for place, host in workload.every_host.items():
        port = host.port or first_tcp_port(workload.ports)
        if port is None:
            continue
        called = "-".join((name, *place[1:]))
        metadata = scope.workload_metadata(name, called)
        annotations = {**controller.annotations, **host.annotations, **_issuing(controller, host)}
        metadata.annotations = annotations or None
        if controller.gateway is not None:
            yield _route(scope, metadata, controller, host, (name, workload.ports[port]))
        else:
            yield _ingress(scope, metadata, controller, host, (name, port))


def _ingress(
    scope: Scope, metadata: ObjectMeta, controller: Controller, host: Host, target: tuple[str, str]
) -> Ingress:
    name, port = target
    called = complete_host(scope.environment, host.host)
    backend = IngressBackend(service=IngressServiceBackend(name=name, port=ServiceBackendPort(name=port)))
    paths = [HTTPIngressPath(path=path, pathType="Prefix", backend=backend) for path in host.paths]
    certificate = _certificate(controller, host)
    secret = (certificate.secret or f"{metadata.name}-tls") if certificate else None
    return Ingress(
        apiVersion="networking.k8s.io/v1",
        kind="Ingress",
        metadata=metadata,
        spec=IngressSpec(
            ingressClassName=controller.class_name,
            rules=[IngressRule(host=called, http=HTTPIngressRuleValue(paths=paths))],
            tls=[IngressTLS(hosts=[called], secretName=secret)] if secret else None,
        ),
    )


def _certificate(controller: Controller, host: Host) -> Tls | None:
    """Choose what the host says of its certificate, else what the ingress controller says of all."""
    return host.tls if "tls" in host.model_fields_set else controller.tls


def _issuing(controller: Controller, host: Host) -> dict[str, str]:
    """Ask cert-manager for the certificate; source: https://cert-manager.io/docs/usage/ingress/."""
    certificate = _certificate(controller, host)
    if certificate is None or certificate.issuer is None:
        return {}
    noun = "cluster-issuer" if certificate.issuer_kind == "ClusterIssuer" else "issuer"
    return {f"cert-manager.io/{noun}": certificate.issuer}


def _route(
    scope: Scope, metadata: ObjectMeta, controller: Controller, host: Host, target: tuple[str, Port]
) -> dict[str, Any]:
    """Make an HTTPRoute; source: https://gateway-api.sigs.k8s.io/api-types/httproute/."""
    name, port = target
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": plain(metadata),
        "spec": {
            "parentRefs": [{"name": controller.gateway, "namespace": controller.namespace}],
            "hostnames": [complete_host(scope.environment, host.host)],
            "rules": [
                {
                    "matches": [{"path": {"type": "PathPrefix", "value": path}} for path in host.paths],
                    "backendRefs": [{"name": name, "port": port.service or port.number}],
                }
            ],
        },
    }
