"""Kubernetes objects as plain mappings: their identity, their digest and the marks of the job."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kube.labels import PREFIX
from kube.yaml.faults import Fault
from kube.yaml.origin import Origin

Body = dict[str, Any]

MANAGER = "gitops"
APPLICATION_LABEL = f"{PREFIX}/application"
WAVE = f"{PREFIX}/wave"  # annotation: a whole number, lower ones first
PRUNE = f"{PREFIX}/prune"  # annotation: "disabled" keeps the object when it leaves Git
REPLACE = f"{PREFIX}/replace"  # annotation: "when-immutable" allows delete and create
NOWHERE = Origin("")  # of objects that no file holds


class Key(NamedTuple):
    """What identifies an object in a cluster, whatever version of its API it is written in.

    A tuple, since it is hashed and compared without Python code, and a run looks up thousands of keys.
    """

    group: str
    kind: str
    namespace: str  # empty: cluster-scoped, or not known yet
    name: str

    def __str__(self) -> str:
        return "/".join(filter(None, (self.kind, self.namespace, self.name)))

    @property
    def qualified_kind(self) -> str:
        """`Service` or `apps/Deployment`, as projects write it."""
        return f"{self.group}/{self.kind}" if self.group else self.kind


@dataclass(frozen=True)
class DesiredObject:
    """A wanted object, and where it is written."""

    key: Key
    body: Body = field(hash=False)
    origin: Origin = NOWHERE

    @property
    def wave(self) -> int:
        """The wave in its annotation."""
        return int(annotations_of(self.body).get(WAVE, "0"))


def key_of(body: Body) -> Key:
    """Read the identity of an object that has one."""
    metadata = body["metadata"]
    group = body["apiVersion"].rpartition("/")[0]
    return Key(group, body["kind"], metadata.get("namespace") or "", metadata["name"])


def mapping(value: Any) -> Body:
    """Return a mapping as it is, and an empty one for anything else, which the API server refuses later."""
    return value if isinstance(value, dict) else {}


def annotations_of(body: Body) -> dict[str, str]:
    """Return the annotations, none where there are none."""
    return body.get("metadata", {}).get("annotations") or {}


def labels_of(body: Body) -> dict[str, str]:
    """Return the labels, none where there are none."""
    return body.get("metadata", {}).get("labels") or {}


def owner(body: Body) -> str:
    """Return the application that has applied an object, as `<environment>.<application>`."""
    return labels_of(body).get(APPLICATION_LABEL, "")


def owned(body: Body, application: str) -> Body:
    """Return a copy that carries the application's mark."""
    metadata = body["metadata"]
    marked = (metadata.get("labels") or {}) | {APPLICATION_LABEL: application}
    return body | {"metadata": metadata | {"labels": marked}}


def digest(value: Any) -> str:
    """Return a short digest of plain values; the order of keys does not matter."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def duplicates(manifests: Iterable[DesiredObject]) -> list[Fault]:
    """Report objects that are defined twice, with both places."""
    first: dict[Key, DesiredObject] = {}
    faults = []
    for manifest in manifests:
        before = first.setdefault(manifest.key, manifest)
        if before is not manifest:
            message = f"{manifest.key} is already defined in {before.origin}"
            faults.append(Fault(manifest.origin, "", message))
    return faults


def unplaced(body: Body) -> DesiredObject:
    """Make a manifest of a rendered object, which is in no file."""
    return DesiredObject(key_of(body), body)
