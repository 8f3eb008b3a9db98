"""The index of Kubernetes' API that is shipped for each supported minor version.

It maps `apiVersion Kind` to a definition, and each definition's fields to their types, written as Go writes them:
`[]core.v1.Container+name!` is a required list of containers that are known by their name, `{}string` a mapping,
`string(Always|Never)` an enumeration. `make kubernetes-index` makes it.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

DATA: Final = Path(__file__).parent / "data"
NEWEST: Final = "1.37"  # the newest version that has an index
_SUFFIX = ".json.gz"
_ENUMERATION = re.compile(r"string\((.*)\)")


@dataclass(frozen=True, slots=True)
class FieldType:
    """The type of a field: a word such as `int32`, `list`, `map`, or `object` with its definition.

    `keys` are the fields that identify an entry of a list; `merged` says that a patch adds to the list.
    """

    word: str
    definition: str = ""
    of: FieldType | None = None
    keys: tuple[str, ...] = ()
    merged: bool = False
    values: frozenset[str] = frozenset()
    required: bool = False


ANY: Final = FieldType("any")
_WORDS = frozenset(
    {"any", "string", "bytes", "time", "int32", "int64", "number", "boolean", "quantity", "intOrString"}
)


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a definition, and those that an object must have."""

    types: Mapping[str, FieldType]
    required: tuple[str, ...]


@dataclass(frozen=True)
class Index:
    """The API of one minor version."""

    version: str
    kinds: Mapping[str, str]
    """Definitions by `apiVersion Kind`."""
    written: Mapping[str, Mapping[str, str]]
    """Types of fields as the index writes them, by definition."""
    cluster_scoped: frozenset[str] = frozenset()
    """Definitions of kinds without a namespace."""
    _fields: dict[str, Fields] = field(default_factory=dict, repr=False)

    def kind(self, api_version: str, kind: str) -> FieldType | None:
        """Type of an object of a kind; None for one that this version does not have."""
        definition = self.kinds.get(f"{api_version} {kind}")
        return None if definition is None else FieldType("object", definition)

    def fields(self, definition: str) -> Fields:
        """Fields of a definition."""
        found = self._fields.get(definition)
        if found is None:
            types = {name: _type(written) for name, written in self.written[definition].items()}
            required = tuple(name for name, each in types.items() if each.required)
            found = self._fields[definition] = Fields(types, required)
        return found

    def api_versions(self, kind: str) -> Iterator[str]:
        """Name the API versions that have a kind."""
        for name in self.kinds:
            api_version, _, known = name.partition(" ")
            if known == kind:
                yield api_version

    def is_custom(self, api_version: str) -> bool:
        """Whether a kind is of another project: its group is a domain that Kubernetes itself does not have."""
        group = api_version.rpartition("/")[0]
        return "." in group and group not in self.groups()

    def groups(self) -> frozenset[str]:
        """Name the groups of the API, the core as the empty text."""
        return _groups(self.version)


def versions() -> tuple[str, ...]:
    """Minor versions that have an index, oldest first."""
    names = (file.name.removesuffix(_SUFFIX) for file in DATA.glob(f"*{_SUFFIX}"))
    return tuple(sorted(names, key=lambda name: int(name.partition(".")[2])))


@cache
def index(version: str) -> Index:
    """Read the index of a minor version, once."""
    read = json.loads(gzip.decompress((DATA / f"{version}{_SUFFIX}").read_bytes()))
    return Index(version, read["kinds"], read["definitions"], frozenset(read["clusterScoped"]))


@cache
def _groups(version: str) -> frozenset[str]:
    return frozenset(name.partition(" ")[0].rpartition("/")[0] for name in index(version).kinds)


@cache
def _type(written: str) -> FieldType:
    if written.endswith("!"):
        inner = _type(written[:-1])
        return FieldType(
            inner.word, inner.definition, inner.of, inner.keys, inner.merged, inner.values, required=True
        )
    if written.startswith("[]"):
        entry, plus, keys = written[2:].rpartition("+")
        of = _type(entry if plus else keys)
        named = tuple(keys.split(",")) if plus and keys else ()
        return FieldType("list", of=of, keys=named, merged=bool(plus))
    if written.startswith("{}"):
        return FieldType("map", of=_type(written[2:]))
    if enumeration := _ENUMERATION.fullmatch(written):
        return FieldType("string", values=frozenset(enumeration[1].split("|")))
    return FieldType(written) if written in _WORDS else FieldType("object", definition=written)
