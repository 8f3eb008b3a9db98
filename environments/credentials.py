"""Finds literals in layers that look like credentials: a layer is read by everyone who reads the repository."""

from __future__ import annotations

import re
from collections.abc import Iterator

from environments.document import Node
from environments.faults import Fault

# Shapes that the issuers publish themselves, and that nothing else has.
_SHAPES = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"), "a private key"),
    (re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{22,}\b"), "a GitHub token"),
    (re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}\b"), "a GitLab token"),
    (re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"), "an AWS access key"),
    (re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}\b"), "a Slack token"),
    (re.compile(r"\bAIza[A-Za-z0-9_-]{35}\b"), "a Google API key"),
    (re.compile(r"\bsk_live_[A-Za-z0-9]{16,}\b"), "a Stripe key"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"), "a signed token"),
    (re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s:@]{3,}@"), "an address with a password in it"),
)
_NAMES = re.compile(
    r"(?i)(^|[_.-])(password|passwd|passphrase|secret|token|api_?key|access_?key|private_?key)$"
)
_HARMLESS = re.compile(r"(?i)true|false|[0-9]{0,5}|/.*|\$\(.*\)|file:.*")


def credential_faults(node: Node, path: tuple[str, ...] = ()) -> Iterator[Fault]:
    """All literals of a tree that look like credentials; the messages never repeat the literal."""
    if isinstance(node.value, dict):
        for key, child in node.value.items():
            yield from credential_faults(child, (*path, key))
    elif isinstance(node.value, list):
        for number, child in enumerate(node.value):
            yield from credential_faults(child, (*path, str(number)))
    elif isinstance(node.value, str):
        kind = _looks_like(node.value, path)
        if kind:
            advice = "put it into a Secret and refer to it with `secrets` or `secret`"
            yield Fault(node.origin, ".".join(path), f"looks like {kind}; {advice}")


def _looks_like(text: str, path: tuple[str, ...]) -> str:
    if "sealed" in path:  # encrypted by kubeseal for one cluster
        return ""
    for shape, kind in _SHAPES:
        if shape.search(text):
            return kind
    if "env" in path and len(path) > path.index("env") + 1:
        name = path[path.index("env") + 1]
        is_text = len(path) == path.index("env") + 2 or path[-1] == "text"
        if is_text and "secrets" not in path and _NAMES.search(name) and not _HARMLESS.fullmatch(text):
            return f"the value of a credential, by the name {name}"
    return ""
