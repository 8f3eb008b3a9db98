"""A file of YAML or JSON as plain values, read as Kubernetes reads them, and the places of these values."""

from __future__ import annotations

from dataclasses import dataclass, field
from sys import intern
from typing import Any

import yaml

from kube.yaml.compose import ReadLimits, compose, place_of
from kube.yaml.faults import DocumentError, Fault, quoted
from kube.yaml.origin import Origin
from kube.yaml.paths import dotted
from kube.yaml.scalars import ScalarError, read_scalar
from kube.yaml.source import SourceText, decode
from kube.yaml.structure import Structure

OF_MANIFESTS = ReadLimits()

# By the id of each mapping and list: where its entries start, by key or in their order.
_Places = dict[int, dict[str, int] | list[int]]


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file; its mappings have keys that are text, and no two of them share anything."""

    origin: Origin
    value: Any
    _source: SourceText = field(repr=False)
    _places: _Places = field(repr=False)

    def entry(self, container: Any, key: str | int) -> Origin | None:
        """Place of an entry of a mapping or list of this document: that of its key, or of the item."""
        places = self._places.get(id(container))
        if isinstance(places, dict):
            index = places.get(str(key))
            return None if index is None else self._source.place(index)
        if places is not None and isinstance(key, int) and key < len(places):
            return self._source.place(places[key])
        return None


def read_objects(
    data: bytes, name: str, limits: ReadLimits = OF_MANIFESTS
) -> tuple[list[Document], list[Fault]]:
    """Read all documents of a file; empty ones and those with faults are left out.

    A fault of syntax hides what follows it in the file, any other fault its document alone.
    """
    documents: list[Document] = []
    faults: list[Fault] = []
    try:
        source = decode(data, name, limits.bytes)
        structure = Structure(source, limits)
        for root in compose(source, limits):
            wrong = structure.faults(root)
            reader = _Reader(source, wrong)
            value = reader.value(root, ()) if not wrong else None
            if wrong:
                faults += wrong
            elif value is not None:
                documents.append(Document(place_of(source, root.start_mark), value, source, reader.places))
    except DocumentError as error:
        faults += error.faults
    return documents, faults


class _Reader:
    """Turns the nodes of one document into plain values."""

    def __init__(self, source: SourceText, faults: list[Fault]) -> None:
        self.places: _Places = {}
        self._source = source
        self._faults = faults

    def value(self, node: Any, path: tuple[str, ...]) -> Any:
        if type(node) is yaml.MappingNode:
            return self._mapping(node, path)
        if type(node) is yaml.SequenceNode:
            items = [self.value(item, (*path, str(number))) for number, item in enumerate(node.value)]
            self.places[id(items)] = [item.start_mark.index for item in node.value]
            return items
        return node.value if node.tag is not None else self._scalar(node, path)

    def _mapping(self, node: Any, path: tuple[str, ...]) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        places: dict[str, int] = {}
        for key, item in node.value:
            word = intern(key.value)  # the same few words are the keys of all objects
            if key.tag is None and type(self._scalar(key, path)) is not str:
                message = f"the key {quoted(word)} is not text; put it in quotes"
                self._faults.append(Fault(place_of(self._source, key.start_mark), dotted(path), message))
            places[word] = key.start_mark.index
            mapping[word] = self.value(item, (*path, word))
        self.places[id(mapping)] = places
        return mapping

    def _scalar(self, node: Any, path: tuple[str, ...]) -> Any:
        try:
            return read_scalar(node.value)
        except ScalarError as error:
            place = place_of(self._source, node.start_mark)
            self._faults.append(Fault(place, dotted(path), str(error)))
            return ""
