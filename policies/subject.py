"""Turns Kubernetes objects into uniform subjects: opens lists and names patch kinds; trusts no shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

Manifest = dict[str, Any]

DEEPEST_LIST = 4
PULLED_GROUP = "environments.index"  # of stand-ins for workloads that the GitOps job applies

# Groups with a dot that the API server itself serves; projects of the community, such as the Spark operator, have
# definitions of their own under .k8s.io. Source: `kubectl api-versions` of Kubernetes 1.36.
GROUPS = frozenset(
    f"{name}.k8s.io"
    for name in (
        "admissionregistration",
        "apiextensions",
        "apiregistration",
        "authentication",
        "authorization",
        "certificates",
        "coordination",
        "discovery",
        "events",
        "flowcontrol.apiserver",
        "internal.apiserver",
        "networking",
        "node",
        "rbac.authorization",
        "resource",
        "scheduling",
        "storage",
        "storagemigration",
    )
)


class Unknown:
    """A value that Pulumi knows only during the deployment; false, like the missing value that it stands for."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Subject:
    """An object to judge.

    `prefix` leads to it within its document (`items[2].`), `partial` means that it carries only some
    fields, so that a missing one says nothing, and `unknown` holds the paths of values not known yet.
    `written` says that people wrote it or a part of it, so that it may not fit the API of Kubernetes.
    """

    manifest: Manifest
    prefix: str = ""
    partial: bool = False
    unknown: frozenset[str] = field(default_factory=frozenset)
    written: bool = False

    @cached_property
    def kind(self) -> str:
        """Kind, or the empty text."""
        return text(self.manifest.get("kind"))

    @cached_property
    def group(self) -> str:
        """Group of the API, empty for the core."""
        group, slash, _ = text(self.manifest.get("apiVersion")).partition("/")
        return group if slash else ""

    @cached_property
    def builtin(self) -> bool:
        """Whether the kind belongs to Kubernetes itself."""
        return "." not in self.group or self.group in GROUPS

    @cached_property
    def namespace(self) -> str:
        """Namespace as written, or the empty text."""
        return text(mapping(self.manifest.get("metadata")).get("namespace"))

    @cached_property
    def name(self) -> str:
        """Name, or what Kubernetes is asked to generate it from."""
        metadata = mapping(self.manifest.get("metadata"))
        return text(metadata.get("name")) or text(metadata.get("generateName"))

    @cached_property
    def labels(self) -> dict[str, Any]:
        """Labels of the object itself."""
        return mapping(mapping(self.manifest.get("metadata")).get("labels"))

    @cached_property
    def id(self) -> str:
        """`Kind/namespace/name`, or `Kind/name` without a namespace."""
        parts = (self.kind or "?", self.namespace, self.name or "?")
        return "/".join(part for part in parts if part)


def subjects(
    manifest: Manifest, *, unknown: frozenset[str] = frozenset(), written: bool = False
) -> Iterator[Subject]:
    """Open `List`, `DeploymentList` and the like, and name the base of `DeploymentPatch`."""
    for subject in _open(manifest, "", unknown, DEEPEST_LIST):
        yield replace(subject, written=True) if written else subject


def _open(manifest: Manifest, prefix: str, unknown: frozenset[str], depth: int) -> Iterator[Subject]:
    kind = text(manifest.get("kind"))
    items = manifest.get("items")
    if kind.endswith("List") and isinstance(items, list) and depth:
        for index, item in enumerate(items):
            if isinstance(item, dict):
                inherited = _inherit(manifest, item, kind.removesuffix("List"))
                yield from _open(inherited, f"{prefix}{step('items', items, index)}.", unknown, depth - 1)
        return
    within = frozenset(path.removeprefix(prefix) for path in unknown if path.startswith(prefix))
    if kind.endswith("Patch") and kind != "Patch":
        yield Subject({**manifest, "kind": kind.removesuffix("Patch")}, prefix, partial=True, unknown=within)
    else:
        yield Subject(manifest, prefix, unknown=within)


def _inherit(parent: Manifest, item: Manifest, kind: str) -> Manifest:
    """Fill in what items of a typed list may omit."""
    if item.get("kind") or not kind:
        return item
    return {"apiVersion": parent.get("apiVersion"), **item, "kind": kind}


def text(value: object) -> str:
    """Return the value if it is a text, else the empty text."""
    return value if isinstance(value, str) else ""


def mapping(value: object) -> dict[str, Any]:
    """Return the value if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[Any]:
    """Return the value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def entries(value: object) -> list[dict[str, Any]]:
    """Return the mappings of a list; other items are ignored."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def dig(value: Any, *keys: str) -> Any:
    """Follow keys through mappings; None where one is missing, UNKNOWN beneath what is unknown."""
    for key in keys:
        if isinstance(value, dict):
            value = value.get(key)
        else:
            return UNKNOWN if isinstance(value, Unknown) else None
    return value


def step(parent: str, listed: list[Any], index: int) -> str:
    """Format one step of a path into a list: `containers[web]` where entries have names, else `rules[0]`."""
    entry = listed[index]
    name = entry.get("name") if isinstance(entry, dict) else None
    return f"{parent}[{name if isinstance(name, str) and name else index}]"


def named_entries(parent: str, value: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the mappings of a list with the step of the path to each."""
    if isinstance(value, list):
        for index, entry in enumerate(value):
            if isinstance(entry, dict):
                yield step(parent, value, index), entry


def steps(path: str) -> list[str]:
    """Split a path into keys, numbers and names of entries: `a.b[x.y]` into a, b, x.y."""
    return [found.removeprefix("[").removesuffix("]") for found in re.findall(r"\[[^\]]*\]|[^.\[]+", path)]


def nearest(value: Any, path: str) -> Any:
    """Follow a path as far as it leads; returns the value there, or the last one on the way."""
    for wanted in steps(path):
        if isinstance(value, dict) and wanted in value:
            value = value[wanted]
        elif isinstance(value, list):
            found = [
                entry for number, entry in enumerate(value) if wanted == str(number) or _name(entry) == wanted
            ]
            if not found:
                return value
            value = found[0]
        else:
            return value
    return value


def _name(entry: object) -> str:
    return text(entry.get("name")) if isinstance(entry, dict) else ""
