"""Checks objects by the API of a minor version of Kubernetes: versions, fields, types, enumerations, names.

The API server does the same with `fieldValidation=Strict`; what depends on a cluster is left to it.
Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, NamedTuple

from kube.kinds import group
from kube.schema.index import FieldType, Index
from kube.schema.names import ENTRIES, NAMES, SUBDOMAIN, object_name_problem
from kube.schema.scalars import described, scalar_problem
from kube.suggestion import suggestion
from kube.yaml.origin import Number, Text

Steps = tuple[str | int, ...]

_METADATA: Final = FieldType("object", "meta.v1.ObjectMeta")
# Types of values that need no further look, which are most of them.
_PLAIN: Final[Mapping[str, frozenset[type]]] = {
    "any": frozenset({str, Text, int, Number, float, bool, dict, list}),
    "string": frozenset({str, Text}),
    "boolean": frozenset({bool}),
    "intOrString": frozenset({str, Text, int, Number}),
}


class SchemaFault(NamedTuple):
    """What Kubernetes would refuse, and the steps to it: keys, and positions in lists."""

    path: Steps
    message: str


def check_object(
    body: Mapping[str, Any], index: Index, served: Collection[str] = (), *, partial: bool = False
) -> list[SchemaFault]:
    """Check an object by an API; of a custom kind, its metadata alone.

    `served` are API versions beyond those that a cluster serves by default. A `partial` object is a patch, which
    may lack fields and a valid name.
    """
    api_version, kind = str(body.get("apiVersion")), str(body.get("kind"))
    check = _Check(index, partial=partial)
    of = index.kind(api_version, kind)
    if of is not None:
        unserved = _unserved(api_version, kind, index, served)
        check.found += [SchemaFault(("apiVersion",), unserved)] if unserved else []
        check.fields({key: value for key, value in body.items() if key != "status"}, of.definition, ())
    elif index.is_custom(api_version) and not SUBDOMAIN(group(api_version)):
        check.value(body.get("metadata"), _METADATA, ("metadata",))
    else:
        return [_unknown_kind(api_version, kind, index)]
    if not partial:
        check.name(kind, body.get("metadata"))
    return check.found


class _Check:
    def __init__(self, index: Index, *, partial: bool) -> None:
        self.found: list[SchemaFault] = []
        self._index = index
        self._partial = partial

    def fields(self, body: Mapping[str, Any], definition: str, path: Steps) -> None:
        """Check the fields of a mapping."""
        types, required = self._index.fields(definition).types, self._index.fields(definition).required
        for key, value in body.items():
            of = types.get(key)
            if of is None:
                self._unknown(key, types, path)
            elif value is not None and (of.values or type(value) not in _PLAIN.get(of.word, ())):
                self.value(value, of, (*path, key))
        for key in () if self._partial else required:
            if body.get(key) is None:
                self._add((*path, key), "is missing; Kubernetes requires it")
        if definition in NAMES or definition in ENTRIES:
            self._names(body, definition, path)

    def value(self, value: Any, of: FieldType, path: Steps) -> None:
        """Check a value that is not null."""
        if of.word == "object":
            self._object(value, of, path)
        elif of.word == "list":
            self._list(value, of, path)
        elif of.word == "map":
            self._map(value, of, path)
        elif problem := scalar_problem(value, of):
            self._add(path, problem)

    def name(self, kind: str, metadata: Any) -> None:
        """Check the name of an object, or what its name is generated from."""
        said = metadata if isinstance(metadata, dict) else {}
        name = said.get("name")
        if name is None and said.get("generateName"):
            return
        if name is None or name == "":
            self._add(("metadata", "name"), "is missing; name the object")
        elif isinstance(name, str) and (problem := object_name_problem(kind, name, self._index.version)):
            self._add(("metadata", "name"), problem)

    def _object(self, value: Any, of: FieldType, path: Steps) -> None:
        if isinstance(value, dict):
            self.fields(value, of.definition, path)
        elif value is not None:
            self._add(path, f"is {described(value)}, not a mapping; write key: value")

    def _list(self, value: Any, of: FieldType, path: Steps) -> None:
        if not isinstance(value, list):
            self._add(path, f"is {described(value)}, not a list; write each entry after a -")
            return
        self._entries(enumerate(value), of.of, path)

    def _map(self, value: Any, of: FieldType, path: Steps) -> None:
        if not isinstance(value, dict):
            self._add(path, f"is {described(value)}, not a mapping; write key: value")
            return
        self._entries(value.items(), of.of, path)

    def _entries(self, entries: Iterable[tuple[str | int, Any]], of: FieldType | None, path: Steps) -> None:
        """Check the entries of a list or mapping; most are plain values, which need no further look."""
        if of is None:
            return
        for step, each in entries:
            if each is not None and (of.values or type(each) not in _PLAIN.get(of.word, ())):
                self.value(each, of, (*path, step))

    def _unknown(self, key: str, types: Mapping[str, FieldType], path: Steps) -> None:
        hint = suggestion(key, types)
        self._add((*path, key), f"there is no such field in Kubernetes {self._index.version}{hint}")

    def _names(self, body: Mapping[str, Any], definition: str, path: Steps) -> None:
        for field, problem_of in NAMES.get(definition, {}).items():
            name = body.get(field)
            if isinstance(name, str) and name and (problem := problem_of(name)):
                self._add((*path, field), problem)
        for field, problems_of in ENTRIES.get(definition, {}).items():
            for key, problem in problems_of(body.get(field)):
                self._add((*path, field, key), problem)

    def _add(self, path: Steps, message: str) -> None:
        self.found.append(SchemaFault(path, message))


def _unserved(api_version: str, kind: str, index: Index, served: Collection[str]) -> str:
    version = api_version.rpartition("/")[2]
    if api_version in served or not ("alpha" in version or "beta" in version):
        return ""
    stable = [each for each in index.api_versions(kind) if "alpha" not in each and "beta" not in each]
    advice = f"write {stable[0]}, or " if stable else ""
    return (
        f"Kubernetes {index.version} does not serve {api_version} by default; "
        f"{advice}name it in `cluster.apis` where the cluster serves it"
    )


def _unknown_kind(api_version: str, kind: str, index: Index) -> SchemaFault:
    """Say that a version of the API has no such kind, and which one has."""
    known = sorted(index.api_versions(kind), key=lambda each: ("alpha" in each, "beta" in each, each))
    if known:
        message = f"Kubernetes {index.version} has no {kind} in {api_version}; write {known[0]}"
        return SchemaFault(("apiVersion",), message)
    kinds = {name.partition(" ")[2] for name in index.kinds}
    message = f"Kubernetes {index.version} has no kind {kind} in {api_version}{suggestion(kind, kinds)}"
    return SchemaFault(("kind",), message)
