"""Finds literals in layers that look like credentials, which everyone with access to the repository could read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kube.credentials import credential
from kube.yaml.faults import Fault
from kube.yaml.paths import Path, dotted
from kube.yaml.tree import Node

RULE = "layers-hold-no-credentials"
_LAYER = "Layer/"
_SEALED = re.compile(r"A[gQ][A-Za-z0-9+/=]+")  # the length of the wrapped key comes first, in base64


def credentials(nodes: Iterable[Node]) -> list[Fault]:
    """Literals of layers that look like credentials, also those that a stronger layer hides, without exempt ones."""
    each_once = {id(node): node for node in nodes}.values()
    exempt = {path for node in each_once for path in _exempt(node)}
    return [fault for node in each_once for fault in credential_faults(node) if fault.path not in exempt]


def _exempt(layer: Node) -> Iterator[str]:
    """Yield the dotted paths of literals that an exemption of a layer names; `envs check` judges the exemption."""
    policies = layer.child("policies")
    exemptions = policies.child("exemptions") if policies else None
    for exemption in exemptions.value.values() if exemptions and isinstance(exemptions.value, dict) else ():
        rule, about = exemption.child("rule"), exemption.child("object")
        if rule and about and rule.value == RULE and str(about.value).startswith(_LAYER):
            yield str(about.value).removeprefix(_LAYER)


def credential_faults(node: Node, path: Path = ()) -> Iterator[Fault]:
    """Find the literals of a tree that look like credentials; the messages never repeat the literal."""
    if isinstance(node.value, dict):
        yield from _secret_faults(node.value, path)
        for key, child in node.value.items():
            yield from credential_faults(child, (*path, key))
    elif isinstance(node.value, list):
        for number, child in enumerate(node.value):
            yield from credential_faults(child, (*path, str(number)))
    elif isinstance(node.value, str):
        kind = _looks_like(node.value, path)
        if kind:
            advice = "put it into a Secret and refer to it with `secrets` or `secret`"
            yield Fault(node.origin, dotted(path), f"looks like {kind}; {advice}")


def _secret_faults(entries: dict[str, Node], path: Path) -> Iterator[Fault]:
    """Find the values in an object of kind Secret."""
    kind = entries.get("kind")
    if kind is None or kind.value != "Secret":
        return
    for name in ("data", "stringData"):
        if name in entries and entries[name].value:
            advice = "use an ExternalSecret, a SealedSecret or an existing Secret"
            yield Fault(entries[name].key, dotted((*path, name)), f"holds the values of a Secret; {advice}")


def _looks_like(text: str, path: Path) -> str:
    if path[-2:-1] == ("sealed",) and "secrets" in path:
        return "" if _SEALED.fullmatch(text) else "a value that kubeseal did not encrypt"
    return credential(_variable(path), text)


def _variable(path: Path) -> str:
    """Return the name of the environment variable whose text is at a path, else nothing."""
    if "env" not in path or "secrets" in path:
        return ""
    _, *inner = path[path.index("env") :]
    return inner[0] if inner and inner[1:] in ([], ["text"]) else ""
