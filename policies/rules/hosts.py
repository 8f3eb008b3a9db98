"""Rules over Ingresses and routes: each names its hosts, which belong to one app, and brings no configuration along."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from policies.context import Context, Level, Tier
from policies.network.cluster import Cluster
from policies.network.hosts import hosts
from policies.rule import Area, EnvironmentRule, ObjectRule, Violation
from policies.subject import Subject, dig, entries, mapping, named_entries, sequence, text

# Annotations whose text becomes configuration of the controller (CVE-2021-25742 and later ones).
SNIPPET = re.compile(r"(?:^|[/-])(?:[a-z]+-)*snippets?$")


def check_hosts(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find rules without a host, which take the traffic of all hosts."""
    if subject.partial:
        return
    if dig(subject.manifest, "spec", "defaultBackend") is not None:
        yield Violation(
            "spec.defaultBackend", "takes the traffic of every host that nobody else has; name a host"
        )
    for path, rule in named_entries("spec.rules", dig(subject.manifest, "spec", "rules")):
        if text(rule.get("host")) in ("", "*"):
            yield Violation(f"{path}.host", "without a host, this takes the traffic of all hosts; name one")


def check_snippets(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find annotations that write into the configuration of the ingress controller."""
    for key in mapping(dig(subject.manifest, "metadata", "annotations")):
        if SNIPPET.search(key):
            message = "its text becomes configuration of the ingress controller, which can read all Secrets; remove it"
            yield Violation(f"metadata.annotations[{key}]", message)


def check_encrypted(subject: Subject, context: Context) -> Iterator[Violation]:
    """Find hosts of production without a certificate."""
    if context.tier is not Tier.PRODUCTION or subject.partial:
        return
    encrypted = {
        name
        for entry in entries(dig(subject.manifest, "spec", "tls"))
        for name in sequence(entry.get("hosts"))
    }
    for path, rule in named_entries("spec.rules", dig(subject.manifest, "spec", "rules")):
        if (host := text(rule.get("host"))) and host not in encrypted:
            message = f"no entry of spec.tls holds {host}; add one, or say so once in `cluster.ingress.tls`"
            yield Violation(f"{path}.host", message)


def check_owners(own: Sequence[Subject], context: Context) -> Iterator[tuple[Subject, Violation]]:
    """Find hosts that objects of another namespace claim, too: of this environment or of others on its cluster."""
    owners: dict[str, set[str]] = defaultdict(set)
    claims = [(subject, path, host) for subject in own for path, host in hosts(subject)]
    for subject, _, host in claims:
        owners[host].add(subject.namespace)
    near = (context.cluster or Cluster({})).hosts
    for subject, path, host in claims:
        others = sorted((owners[host] | near.get(host, frozenset())) - {subject.namespace})
        if others:
            message = f"{host} also belongs to the namespace {others[0]}; a host belongs to one app, so choose another"
            yield subject, Violation(path, message)


RULES = (
    ObjectRule(
        id="ingresses-name-their-hosts",
        area=Area.NETWORK,
        law="Each rule of an Ingress names its host, and none has a default backend.",
        why="A rule without a host takes the traffic of every app behind the same controller.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        kinds=frozenset({"Ingress"}),
        check=check_hosts,
    ),
    ObjectRule(
        id="ingresses-bring-no-configuration",
        area=Area.NETWORK,
        law="Annotations of an Ingress hold no snippets.",
        why="A snippet runs in the ingress controller, with the certificates and Secrets of all apps.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        kinds=frozenset({"Ingress"}),
        check=check_snippets,
    ),
    ObjectRule(
        id="ingresses-are-encrypted",
        area=Area.NETWORK,
        law="In production, each host of an Ingress has a certificate.",
        why="Without one, everybody on the way can read along. What encrypts in front of the controller is in no "
        "object, so this rule only advises.",
        test=Level.ADVISORY,
        production=Level.ADVISORY,
        kinds=frozenset({"Ingress"}),
        check=check_encrypted,
    ),
    EnvironmentRule(
        id="hosts-have-one-owner",
        area=Area.NETWORK,
        law="A host belongs to one namespace, in Ingresses and in routes of the Gateway API and OpenShift.",
        why="A second app on the same host takes over part of its traffic, with its cookies.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        check=check_owners,
    ),
)
