"""The sets of objects that the job and kubectl apply."""

from __future__ import annotations

from typing import Any

Body = dict[str, Any]
Files = dict[str, list[Body]]
"""Objects by the name of the file that holds them."""

_IN_A_FILE = 10


def network_policies(count: int) -> Files:
    """Make so many NetworkPolicies, ten in a file."""
    starts = range(0, count, _IN_A_FILE)
    return {
        f"p{start}.yaml": [_policy(number) for number in range(start, min(start + _IN_A_FILE, count))]
        for start in starts
    }


def _policy(number: int) -> Body:
    peer = {"podSelector": {"matchLabels": {"app": f"client-{number}"}}}
    rule = {"from": [peer], "ports": [{"port": 8080, "protocol": "TCP"}]}
    spec = {
        "podSelector": {"matchLabels": {"app": f"app-{number}"}},
        "policyTypes": ["Ingress"],
        "ingress": [rule],
    }
    return _object("networking.k8s.io/v1", "NetworkPolicy", f"policy-{number}", {"spec": spec})


def applications(count: int) -> Files:
    """Make a quarter as many Deployments at 0 replicas, each with ServiceAccount, Service and Ingress."""
    return {f"a{number}.yaml": _application(f"app-{number}") for number in range(count // 4)}


def _application(name: str) -> list[Body]:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": _pod(name)}
    backend = {"service": {"name": name, "port": {"number": 80}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    rules = [{"host": f"{name}.example.com", "http": {"paths": [path]}}]
    workload = {"replicas": 0, "selector": {"matchLabels": labels}, "template": template}
    ports = [{"port": 80, "targetPort": 8080}]
    return [
        _object("v1", "ServiceAccount", name, {"automountServiceAccountToken": False}),
        _object("v1", "Service", name, {"spec": {"selector": labels, "ports": ports}}),
        _object("apps/v1", "Deployment", name, {"spec": workload}),
        _object("networking.k8s.io/v1", "Ingress", name, {"spec": {"rules": rules}}),
    ]


def _pod(account: str) -> Body:
    """Describe a pod that the job's policies let pass."""
    probe = {"httpGet": {"path": "/", "port": 8080}}
    container = {
        "name": "main",
        "image": "registry.example.com/app:1.0.0",
        "ports": [{"containerPort": 8080}],
        "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "16Mi"}},
        "readinessProbe": probe,
        "livenessProbe": probe,
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
    }
    return {
        "serviceAccountName": account,
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
    }


def _object(version: str, kind: str, name: str, rest: Body) -> Body:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "labels": {"app": name}}, **rest}
