"""Bounds on what aliases repeat, counted before anything is built: no text of a few lines becomes a gigabyte."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from kube.yaml.compose import ReadLimits, place_of
from kube.yaml.faults import DocumentError, Fault
from kube.yaml.source import SourceText


@dataclass(slots=True)
class _Size:
    """What a node is once its aliases are followed."""

    nodes: int
    text: int
    height: int


class Repetition:
    """Counts what aliases repeat in all documents of one file."""

    def __init__(self, source: SourceText, limits: ReadLimits) -> None:
        self._source = source
        self._limits = limits
        self._nodes = 0
        self._text = 0

    def add(self, root: Any) -> None:
        """Count a document; raises DocumentError for an alias without end, and above the limits."""
        document = _Document(self, self._source)
        whole = document.measure(root)
        self._nodes += whole.nodes - len(document.sizes)
        self._text += whole.text - document.own_text
        if self._nodes > self._limits.repeated or self._text > self._limits.text:
            raise DocumentError(self._too_much(root))

    def bound(self, node: Any, size: _Size) -> None:
        """Refuse a node that alone is above the limits, so that its place can be named."""
        limits = self._limits
        if size.height > limits.depth:
            message = f"is nested more than {limits.depth} levels deep once its aliases are followed"
            raise DocumentError(Fault(place_of(self._source, node.start_mark), "", message))
        if size.nodes > limits.nodes + limits.repeated or size.text > limits.bytes + limits.text:
            raise DocumentError(self._too_much(node))

    def _too_much(self, node: Any) -> Fault:
        most = f"{self._limits.repeated:,} values or {self._limits.text:,} characters"
        message = f"aliases repeat more than {most} up to here; write fewer of them"
        return Fault(place_of(self._source, node.start_mark), "", message)


class _Document:
    """Measures each node of a document once."""

    def __init__(self, repetition: Repetition, source: SourceText) -> None:
        self.sizes: dict[int, _Size | None] = {}  # by the id of a node; None while it is being measured
        self.own_text = 0
        self._repetition = repetition
        self._source = source

    def measure(self, node: Any) -> _Size:
        if id(node) in self.sizes:
            return self._known(node)
        self.sizes[id(node)] = None
        text = len(node.value) if type(node) is yaml.ScalarNode else 0
        self.own_text += text
        size = _Size(1, text, 0)
        for child in _children(node):
            below = self.measure(child)
            size.nodes += below.nodes
            size.text += below.text
            size.height = max(size.height, below.height + 1)
        self._repetition.bound(node, size)
        self.sizes[id(node)] = size
        return size

    def _known(self, node: Any) -> _Size:
        size = self.sizes[id(node)]
        if size is None:
            message = "an alias refers to the value that holds it, which would never end; delete it"
            raise DocumentError(Fault(place_of(self._source, node.start_mark), "", message))
        return size


def _children(node: Any) -> Iterator[Any]:
    if type(node) is yaml.MappingNode:
        for pair in node.value:
            yield from pair
    elif type(node) is yaml.SequenceNode:
        yield from node.value
