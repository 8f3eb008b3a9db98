"""A complete Kubernetes object with its owner and its source in the configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from operator import attrgetter
from typing import Any

import msgspec
from lightkube.models.meta_v1 import ObjectMeta

from envs.config.model.app import App
from envs.config.model.environment import Environment
from kube.labels import PREFIX
from kube.yaml.origin import Number, Text

# The usual order of fields; those that are not listed keep the order of the API.
_FIRST = ("apiVersion", "kind", "metadata", "name", "namespace", "labels", "annotations", "image", "schedule")
_SCALARS = frozenset({str, int, float, bool, type(None), Text, Number})
_LAST = ("template", "jobTemplate", "data", "binaryData")


class Part(StrEnum):
    """Who may change an object: the fence belongs to the platform, workloads to the app."""

    FENCE = "fence"
    WORKLOAD = "workload"


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object of an environment."""

    object: dict[str, Any]
    part: Part
    app: str
    """App that it belongs to; empty for what belongs to the environment itself."""
    source: tuple[str, ...]
    """Path of the configuration that it was made from, such as apps.shop.workloads.frontend."""
    maker: str
    """Component that made it, as a file of this repository."""
    typed: bool = True
    """Whether typed models made all of it; nothing in it is as a layer or a file of the root writes it."""

    @property
    def kind(self) -> str:
        """Kind of the object."""
        return str(self.object["kind"])

    @property
    def name(self) -> str:
        """Name of the object."""
        return str(self.object["metadata"]["name"])

    @property
    def namespace(self) -> str:
        """Namespace of the object; empty where it has none."""
        return str(self.object["metadata"].get("namespace", ""))

    @property
    def owner(self) -> str:
        """The app, or the part of the configuration that it was made from: gitops, policies."""
        return self.app or self.source[0]

    @property
    def id(self) -> str:
        """Kind/namespace/name, or Kind/name without a namespace."""
        return "/".join(part for part in (self.kind, self.namespace, self.name) if part)


@dataclass(frozen=True, slots=True)
class Scope:
    """One app of one environment, which every component needs."""

    environment: Environment
    name: str
    app: App

    @property
    def namespace(self) -> str:
        """Namespace of the app."""
        return self.environment.namespace(self.name)

    @property
    def labels(self) -> dict[str, str]:
        """Labels of every object of the app."""
        return {
            "app.kubernetes.io/part-of": self.name,
            f"{PREFIX}/environment": self.environment.name,
        }

    def selector(self, workload: str) -> dict[str, str]:
        """Labels that select the pods of a workload; few, since a selector is immutable."""
        return {"app.kubernetes.io/instance": self.name, "app.kubernetes.io/name": workload}

    def metadata(
        self,
        name: str,
        labels: Mapping[str, str] | None = None,
        annotations: Mapping[str, str] | None = None,
    ) -> ObjectMeta:
        """Metadata of an object in the app's namespace."""
        return ObjectMeta(
            name=name,
            namespace=self.namespace,
            labels={**self.labels, **(labels or {})},
            annotations=dict(annotations) if annotations else None,
        )

    def workload_metadata(self, workload: str, name: str = "") -> ObjectMeta:
        """Metadata of an object that belongs to a workload; by default with the workload's name."""
        return self.metadata(name or workload, self.selector(workload))


@cache
def made_by(make: Callable[..., Any]) -> str:
    """Name the file of the component that makes an object, below the root of this repository."""
    return f"{make.__module__.replace('.', '/')}.py"


def plain(value: Any) -> Any:
    """Turn a model of lightkube into plain data: absent fields are omitted, values keep their origins."""
    if type(value) in _SCALARS:  # the most frequent first, since there are millions of values
        return value
    if isinstance(value, msgspec.Struct):
        names, items = _fields(type(value))
        return {
            name: item if type(item) in _SCALARS else plain(item)
            for name, item in zip(names, items(value), strict=True)
            if item is not None
        }
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    raise TypeError(f"a manifest cannot hold a {type(value).__name__}")


@cache
def _fields(model: type[msgspec.Struct]) -> tuple[Sequence[str], Callable[[Any], Sequence[Any]]]:
    """Names of the fields of a model as Kubernetes calls them, in reading order, and what gets their values."""
    pairs = zip(model.__struct_fields__, model.__struct_encode_fields__, strict=True)
    fields, names = zip(*sorted(pairs, key=lambda pair: _rank(pair[1])), strict=True)
    return names, attrgetter(*fields) if len(fields) > 1 else lambda value: (getattr(value, fields[0]),)


def _rank(name: str) -> int:
    if name in _FIRST:
        return _FIRST.index(name) - len(_FIRST)
    return 1 + _LAST.index(name) if name in _LAST else 0


def ordered(value: dict[str, Any]) -> dict[str, Any]:
    """Put the keys of a verbatim object into reading order."""
    return {key: value[key] for key in sorted(value, key=_rank)}
