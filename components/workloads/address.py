"""Addresses of workloads, as the pods of an app call them."""

from __future__ import annotations

from components.objects.manifest import Scope
from envs.config.model.variable import Address
from kube.yaml.origin import origin_of, with_origin


def address(scope: Scope, reference: Address) -> str:
    """Return the host of a workload's Service, with the Service's number of the port if one is asked for.

    Source: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
    """
    app = reference.app or scope.name
    host = str(reference.workload)
    if app != scope.name:
        host = f"{host}.{scope.environment.namespace(app)}.svc"
    number = reference.port
    if isinstance(number, str):
        port = scope.environment.apps[app].workloads[reference.workload].ports[number]
        number = port.service or port.number
    text = host if number is None else f"{host}:{number}"
    found: str = with_origin(text, origin_of(reference.workload))
    return found
