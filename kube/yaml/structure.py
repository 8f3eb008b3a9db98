"""What no document may hold, whatever its scalars mean: tags, merge keys, the same key twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from kube.yaml.aliases import Repetition
from kube.yaml.compose import TAGS, ReadLimits, place_of
from kube.yaml.faults import Fault, quoted
from kube.yaml.paths import dotted
from kube.yaml.source import SourceText

# The tag `!` makes text of a plain scalar, and libyaml does not report it.
_BARE_TAG = re.compile(r"(&\S+\s+)?!(\s|\Z)")
_MAY_BE_BARE_TAG = re.compile(r"!(\s|\Z)")


class Structure:
    """Checks the documents of one file, one after the other."""

    def __init__(self, source: SourceText, limits: ReadLimits) -> None:
        self._source = source
        self._has_aliases = "&" in source.text and "*" in source.text
        self._has_bare_tags = _MAY_BE_BARE_TAG.search(source.text) is not None
        self._repetition = Repetition(source, limits)

    def faults(self, root: Any) -> list[Fault]:
        """Check a document; raises DocumentError where its aliases have no end or repeat too much."""
        if self._has_aliases:
            self._repetition.add(root)
        return list(self._check(root, ()))

    def _check(self, node: Any, path: tuple[str, ...]) -> Iterator[Fault]:
        tag = node.tag
        if tag is not None and tag != TAGS[type(node)]:
            name = tag.replace("tag:yaml.org,2002:", "!!")
            yield self._fault(node, path, f"the tag {quoted(name)} is not supported; {_UNTAGGED}")
        elif self._has_bare_tags and _BARE_TAG.match(self._source.text, node.start_mark.index):
            yield self._fault(node, path, f'the tag "!" is not supported; {_UNTAGGED}')
        if type(node) is yaml.MappingNode:
            yield from self._check_mapping(node, path)
        elif type(node) is yaml.SequenceNode:
            for number, item in enumerate(node.value):
                if self._is_worth_a_look(item):
                    yield from self._check(item, (*path, str(number)))

    def _check_mapping(self, node: Any, path: tuple[str, ...]) -> Iterator[Fault]:
        yield from self._check_keys(node, path)
        for key, value in node.value:
            if self._is_worth_a_look(key) and type(key) is yaml.ScalarNode:
                yield from self._check(key, path)
            if self._is_worth_a_look(value):
                yield from self._check(value, (*path, str(key.value)))

    def _check_keys(self, node: Any, path: tuple[str, ...]) -> Iterator[Fault]:
        seen: dict[str, Any] = {}
        for key, _ in node.value:
            if type(key) is not yaml.ScalarNode:
                yield self._fault(key, path, "a key must be a single word, not a list or a mapping")
                continue
            word = key.value
            if word in seen:
                line = seen[word].start_mark.line + 1
                message = f"`{word}` is defined twice, first at line {line}; keep one of them"
                yield self._fault(key, path, message)
            elif word == "<<" and key.tag is None:
                yield self._fault(key, path, "merge keys (<<) are not supported; repeat the values here")
            seen[word] = key
        if self._has_aliases:
            yield from self._check_aliased_keys(node, path)

    def _check_aliased_keys(self, node: Any, path: tuple[str, ...]) -> Iterator[Fault]:
        """Refuse aliases as keys; what an alias repeats was written before."""
        end = node.start_mark.index
        for key, value in node.value:
            if key.start_mark.index < end and type(key) is yaml.ScalarNode:
                message = f"an alias of {quoted(key.value)} is used as a key; write the key itself"
                yield self._fault(node, path, message)
            end = max(end, key.end_mark.index, value.end_mark.index)

    def _is_worth_a_look(self, node: Any) -> bool:
        """Tell the most frequent nodes apart, scalars without a tag: there are millions of them."""
        return type(node) is not yaml.ScalarNode or self._has_bare_tags or node.tag not in _USUAL

    def _fault(self, node: Any, path: tuple[str, ...], message: str) -> Fault:
        return Fault(place_of(self._source, node.start_mark), dotted(path), message)


_USUAL = frozenset({None, TAGS[yaml.ScalarNode]})
_UNTAGGED = "delete it, and put the value in quotes if it is text"
