"""Writes the index of Kubernetes' API into kube/schema/data: `make kubernetes-index`.

The definitions come from the package kubernetes-validate, which has them of every minor version, and the
enumerations and scopes, which its definitions lack, from the Go module k8s.io/api of the same version.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kubernetes_validate.utils import (  # type: ignore[import-untyped]  # it ships no types
    all_versions,
    major_minor,
    schema_contents,
)

from kube.schema.index import DATA
from tools.go_types import Enumerations, cluster_scoped, enumerations

OLDEST = (1, 31)
# Kinds without a namespace whose types are in other modules.
_CLUSTER_SCOPED = ("apiextensions.v1.CustomResourceDefinition", "apiregistration.v1.APIService")
_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_PREFIXES = (
    ("io.k8s.api.", ""),
    ("io.k8s.apimachinery.pkg.apis.", ""),
    ("io.k8s.apimachinery.pkg.runtime.", "runtime."),
    ("io.k8s.kube-aggregator.pkg.apis.", ""),
    ("io.k8s.apiextensions-apiserver.pkg.apis.", ""),
)
_WORDS = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "quantity",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "intOrString",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time": "time",
    "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": "time",
    "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1": "any",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Patch": "any",
    "io.k8s.apimachinery.pkg.runtime.RawExtension": "any",
}

Definitions = Mapping[str, Mapping[str, Any]]


def versions() -> list[str]:
    """List the minor versions to write, oldest first."""
    known = {str(major_minor(version)) for version in all_versions()}
    numbers = sorted(tuple(map(int, version.split("."))) for version in known)
    return [".".join(map(str, number)) for number in numbers if number >= OLDEST]


def index(version: str) -> dict[str, Any]:
    """Make the index of one minor version, as kube/schema/index.py reads it."""
    path = f"kubernetes-json-schema/v{version}.0-local-strict/_definitions.json"
    definitions: Definitions = schema_contents(path, version)["$defs"]
    values = enumerations(version)
    return {
        "clusterScoped": sorted({*cluster_scoped(version), *_CLUSTER_SCOPED}),
        "kinds": dict(sorted(_kinds(definitions))),
        "definitions": {
            _short(name): {
                field: _type(_short(name), field, schema, definitions, values)
                + ("!" if field in definition.get("required", ()) else "")
                for field, schema in sorted(definition.get("properties", {}).items())
            }
            for name, definition in sorted(definitions.items())
            if _word(name, definitions) is None
        },
    }


def write(folder: Path) -> None:
    """Write the indexes of all versions; their bytes depend on nothing but their content."""
    for version in versions():
        text = json.dumps(index(version), separators=(",", ":"), sort_keys=True)
        (folder / f"{version}.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


def _kinds(definitions: Definitions) -> Iterator[tuple[str, str]]:
    """Yield `apiVersion Kind` of what can be an object by itself, with its definition."""
    for name, definition in definitions.items():
        if definition.get("properties", {}).get("metadata", {}).get("$ref", "").endswith(_META):
            for known in definition.get("x-kubernetes-group-version-kind", ()):
                api_version = "/".join(filter(None, (known["group"], known["version"])))
                yield f"{api_version} {known['kind']}", _short(name)


def _type(owner: str, field: str, schema: Mapping[str, Any], all_: Definitions, values: Enumerations) -> str:
    """Write the type of a field as Go does, with the keys of a list and the values of an enumeration."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        return _word(name, all_) or _short(name)
    kind = schema.get("type", "any")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "array":
        return f"[]{_type(owner, field, schema['items'], all_, values)}{_keys(schema)}"
    if kind == "object" and "additionalProperties" in schema:
        return f"{{}}{_type(owner, field, schema['additionalProperties'], all_, values)}"
    word = _SCALARS.get((kind, schema.get("format", "")), _OTHERS.get(kind, kind))
    known = values.get(owner, {}).get(field)
    return f"string({'|'.join(known)})" if known and word == "string" else word


_SCALARS = {("string", "byte"): "bytes", ("string", "date-time"): "time", ("integer", "int32"): "int32"}
_OTHERS = {"integer": "int64", "object": "any"}


def _keys(schema: Mapping[str, Any]) -> str:
    """Write what identifies an entry of a list; a list without it is replaced as a whole.

    Server-side apply has all keys of an entry; strategic merges of kubectl know the first alone.
    """
    listed = schema.get("x-kubernetes-list-map-keys")
    merged = schema.get("x-kubernetes-patch-merge-key")
    if listed:
        return f"+{','.join(listed)}"
    if schema.get("x-kubernetes-list-type") == "atomic":
        return ""
    if merged:
        return f"+{merged}"
    return "+" if "merge" in schema.get("x-kubernetes-patch-strategy", "") else ""


def _word(name: str, definitions: Definitions) -> str | None:
    """Name the simple type that a definition stands for; None for a mapping with fields."""
    if name in _WORDS:
        return _WORDS[name]
    return None if "type" in definitions[name] else "any"


def _short(name: str) -> str:
    for prefix, short in _PREFIXES:
        if name.startswith(prefix):
            return short + name.removeprefix(prefix)
    return name


if __name__ == "__main__":
    write(Path(sys.argv[1]) if sys.argv[1:] else DATA)
