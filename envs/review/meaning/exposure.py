"""What a change opens to, or hides from, the world outside the cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from envs.review.causes.causes import Causes
from envs.review.causes.paths import paths_of
from envs.review.changes import Preview
from envs.review.meaning.statement import Effect, Statement
from envs.review.naming import app_of, opened, place_of
from kube.yaml.origin import origin_of
from policies.subject import Subject, dig, entries, mapping, sequence, text

_ROUTES = frozenset({"HTTPRoute", "GRPCRoute", "TLSRoute"})  # of gateway.networking.k8s.io
_KINDS = frozenset({"Ingress", "Service", *_ROUTES})
_OPEN_SERVICES = {"LoadBalancer": "a load balancer", "NodePort": "a port of every node"}
_FIELDS = ("host", "hosts", "path", "services", "ports")
_Exposed = dict[tuple[str, str], str]
"""Address and workload, with the place where the address is written."""


def exposure_changes(preview: Preview, causes: Causes) -> Iterator[Statement]:
    """Compare the addresses under which workloads answer to the outside."""
    if not any(change.object.partition("/")[0] in _KINDS for change in preview.changes):
        return
    before = dict(_exposed(preview.before.values(), preview.name))
    now = dict(_exposed(preview.now.values(), preview.name))
    for (address, target), origin in now.items():
        if (address, target) not in before:
            origins = (origin,) if origin else _origins(target, causes)
            yield Statement(Effect.EXPOSES, target, f"answers at {address}", preview.name, origins)
    for address, target in before:
        if (address, target) not in now:
            text = f"no longer answers at {address}"
            yield Statement(Effect.HIDES, target, text, preview.name, _origins(target, causes))


def _origins(target: str, causes: Causes) -> tuple[str, ...]:
    """Find what opens or closes an address of a workload: its hosts and Services, or where the cluster has them."""
    app, _, name = target.partition("/")
    workloads = [path for path in paths_of("Service", app, name, causes) if path[2:3] == ("workloads",)]
    fields = [(*path, field) for path in workloads[-1:] for field in _FIELDS]
    return (
        causes.of(*fields, ("cluster", "ingress"), ("cluster", "domain"))
        or causes.naming(("apps", app), name)
        or causes.of_code()
    )


def _exposed(objects: Iterable[Mapping[str, Any]], environment: str) -> Iterator[tuple[tuple[str, str], str]]:
    for each in opened(objects):
        if each.kind == "Ingress":
            yield from _ingress(each, environment)
        elif each.kind in _ROUTES:
            yield from _route(each, environment)
        elif each.kind == "Service":
            way = _OPEN_SERVICES.get(text(dig(each.manifest, "spec", "type")))
            if way:
                yield (way, place_of(each, environment)), ""


def _ingress(ingress: Subject, environment: str) -> Iterator[tuple[tuple[str, str], str]]:
    spec = mapping(ingress.manifest.get("spec"))
    secure = {host for entry in entries(spec.get("tls")) for host in sequence(entry.get("hosts"))}
    space = app_of(ingress.namespace, environment)
    for rule in entries(spec.get("rules")):
        host = rule.get("host")
        scheme = "https" if host in secure else "http"
        for path in entries(dig(rule, "http", "paths")):
            service = text(dig(path, "backend", "service", "name"))
            address = f"{scheme}://{host or '(any host)'}{path.get('path') or '/'}"
            yield (address, f"{space}/{service}"), _line(host)
    fallback = text(dig(spec, "defaultBackend", "service", "name"))
    if fallback:
        yield ("http://(any host)/", f"{space}/{fallback}"), ""


def _route(route: Subject, environment: str) -> Iterator[tuple[tuple[str, str], str]]:
    spec = mapping(route.manifest.get("spec"))
    space = app_of(route.namespace, environment)
    for host in sequence(spec.get("hostnames")) or ["(any host)"]:
        for rule in entries(spec.get("rules")):
            for backend in entries(rule.get("backendRefs")):
                yield (str(host), f"{space}/{text(backend.get('name'))}"), _line(host)


def _line(value: Any) -> str:
    origin = origin_of(value)
    return f"{origin.file}:{origin.line}" if origin else ""
