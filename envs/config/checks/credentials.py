"""Finds literals in layers that look like credentials, which everyone with access to the repository could read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kube.yaml.faults import Fault
from kube.yaml.paths import Path, dotted
from kube.yaml.tree import Node

# Shapes that the issuers document, and that nothing else has.
_SHAPES = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"), "a private key"),
    (re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{22,}\b"), "a GitHub token"),
    (re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}\b"), "a GitLab token"),
    (re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"), "an AWS access key"),
    (re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}\b"), "a Slack token"),
    (re.compile(r"\bAIza[A-Za-z0-9_-]{35}\b"), "a Google API key"),
    (re.compile(r"\bsk_live_[A-Za-z0-9]{16,}\b"), "a Stripe key"),
    (
        re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),
        "a signed token",
    ),
    (re.compile(r"://[^/\s:@]+:(?!\$\()[^/\s:@]{3,}@"), "an address with a password in it"),
)
_NAMES = re.compile(
    r"(?i)(^|[_.-])(password|passwd|passphrase|secret|token|api_?key|access_?key|private_?key)$"
)
_SEALED = re.compile(r"A[gQ][A-Za-z0-9+/=]+")  # the length of the wrapped key comes first, in base64
_HARMLESS = re.compile(r"(?i)true|false|[0-9]{0,5}|/.*|\$\(.*\)|file:.*")


def credentials(nodes: Iterable[Node]) -> list[Fault]:
    """Literals of layers that look like credentials, also those that a stronger layer hides."""
    each_once = {id(node): node for node in nodes}.values()
    return [fault for node in each_once for fault in credential_faults(node)]


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
    for shape, kind in _SHAPES:
        if shape.search(text):
            return kind
    name = _variable(path)
    if name and _NAMES.search(name) and not _HARMLESS.fullmatch(text):
        return f"the value of a credential, by the name {name}"
    return ""


def _variable(path: Path) -> str:
    """Return the name of the environment variable whose text is at a path, else nothing."""
    if "env" not in path or "secrets" in path:
        return ""
    _, *inner = path[path.index("env") :]
    return inner[0] if inner and inner[1:] in ([], ["text"]) else ""
