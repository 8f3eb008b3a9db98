"""Text as a stream of documents: the nodes of libyaml with their marks, bounded in depth and number.

Nodes are composed in C and once. What a plain scalar means is left to their reader: its tag is None.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from yaml._yaml import CParser

from kube.yaml.faults import DocumentError, Fault
from kube.yaml.origin import Origin
from kube.yaml.source import SourceText
from kube.yaml.syntax import syntax_problem

TAGS: dict[Any, str] = {
    yaml.ScalarNode: "tag:yaml.org,2002:str",
    yaml.MappingNode: "tag:yaml.org,2002:map",
    yaml.SequenceNode: "tag:yaml.org,2002:seq",
}


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """The most that one file may hold."""

    bytes: int = 16 * 1024 * 1024
    depth: int = 100  # levels of nesting, also those that aliases add
    nodes: int = 500_000  # values and keys that are written in one document
    repeated: int = 100_000  # values and keys that aliases repeat, in all documents of a file
    text: int = 4 * 1024 * 1024  # characters that aliases repeat, in all documents of a file


def compose(source: SourceText, limits: ReadLimits) -> Iterator[Any]:
    """Yield the root node of each document; raises DocumentError at what is not YAML or above a limit."""
    try:
        composer = _Composer(source, limits)
        while composer.check_node():
            yield composer.get_node()
            composer.nodes = 0
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # libyaml ends the last line for a file that does not, and finds the end of the text in the line after it.
        end = source.place(len(source.text))
        place = min(place_of(source, mark), end) if mark else Origin(source.name, 1, 1)
        message = f"is not YAML: {syntax_problem(error, source.text)}"
        raise DocumentError(Fault(place, "", message)) from error
    except yaml.YAMLError as error:
        message = f"is not YAML: {str(error).partition(chr(10))[0]}"
        raise DocumentError(source.not_allowed() or Fault(Origin(source.name, 1, 1), "", message)) from error


def place_of(source: SourceText, mark: Any) -> Origin:
    """Place of a mark of libyaml."""
    return Origin(source.name, mark.line + 1, mark.column + 1)


class _Composer(CParser):
    """The parser and composer of libyaml.

    The composer recurses in C, where too much depth ends the process, so depth is checked on its way down.
    """

    __slots__ = ("_deepest", "_depth", "_limits", "_source", "nodes")

    def __init__(self, source: SourceText, limits: ReadLimits) -> None:
        super().__init__(source.text)
        self._source = source
        self._limits = limits
        self._depth = 0
        self.nodes = 0

    def descend_resolver(self, parent: Any, index: Any) -> None:
        """Count a node; libyaml calls this before it composes one."""
        del index
        self._depth += 1
        self.nodes += 1
        if self._depth > self._limits.depth + 1:
            self._refuse(parent, f"is nested more than {self._limits.depth} levels deep")
        if self.nodes > self._limits.nodes:
            self._refuse(parent, f"holds more than {self._limits.nodes:,} values; split the document")

    def ascend_resolver(self) -> None:
        """Come back from a node."""
        self._depth -= 1

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str | None:
        """Choose the tag of a node that has none: None for a plain scalar."""
        del value
        return None if kind is yaml.ScalarNode and implicit[0] else TAGS[kind]

    def _refuse(self, parent: Any, message: str) -> None:
        raise DocumentError(Fault(place_of(self._source, parent.start_mark), "", message))
