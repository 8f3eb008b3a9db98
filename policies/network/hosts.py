"""Hosts that Ingresses and routes claim, with their places."""

from __future__ import annotations

from collections.abc import Iterator

from policies.subject import Subject, dig, named_entries, sequence, text

GATEWAY = "gateway.networking.k8s.io"
_ROUTES = frozenset({"HTTPRoute", "GRPCRoute", "TLSRoute"})


def hosts(subject: Subject) -> Iterator[tuple[str, str]]:
    """Yield the path and the name, in lower case, of each host that the object claims."""
    if (subject.group, subject.kind) == ("networking.k8s.io", "Ingress"):
        for path, rule in named_entries("spec.rules", dig(subject.manifest, "spec", "rules")):
            yield from _named(f"{path}.host", rule.get("host"))
    elif subject.group == GATEWAY and subject.kind in _ROUTES:
        for index, host in enumerate(sequence(dig(subject.manifest, "spec", "hostnames"))):
            yield from _named(f"spec.hostnames[{index}]", host)
    elif (subject.group, subject.kind) == ("route.openshift.io", "Route"):
        yield from _named("spec.host", dig(subject.manifest, "spec", "host"))


def _named(path: str, host: object) -> Iterator[tuple[str, str]]:
    if name := text(host):
        yield path, name.lower()
