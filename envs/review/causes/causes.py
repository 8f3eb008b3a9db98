"""The changes of the layers of one environment, asked by the paths that an effect depends on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from envs.review.causes.layers import LayerChange
from kube.yaml.paths import Path
from kube.yaml.tree import Node

_FOR_ALL = ("cluster", "tier", "mirrors")
_Found = list[tuple[LayerChange, Path]]


@dataclass(frozen=True)
class Causes:
    """What of a change can cause effects on one environment, each as its place.

    A place is file:line of a layer, `was file:line` for a value that only the base has, or the file of a component.
    """

    changes: Iterable[LayerChange] = ()
    code: Sequence[str] = ()
    """Files of components that change."""
    trees: Sequence[Node] = ()
    """The merged layers, before and now; none where those of the base cannot be read."""
    whole: str = ""
    """The layer of an environment that goes as a whole."""
    _at: dict[Path, list[LayerChange]] = field(default_factory=lambda: defaultdict(list))
    _below: dict[Path, list[LayerChange]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        """Index the changes by their paths and by those above them."""
        for change in self.changes:
            self._at[change.path].append(change)
            for length in range(len(change.path)):
                self._below[change.path[:length]].append(change)

    def of(self, *paths: Path, words: Collection[str] = ()) -> tuple[str, ...]:
        """Places of the changes at the first of these paths that has any; of several, those that fit the words."""
        if self.whole:
            return (self.whole,)
        for path in paths:
            found = self._touching(path)
            if found:
                return _places(_fitting(found, path, words) or found)
        return ()

    def whole_of(self, path: Path) -> tuple[str, ...]:
        """Places of what makes all at a path come or go; none where only parts of it change."""
        return (self.whole,) if self.whole else _places(self._above(path))

    def fitting(self, *paths: Path, words: Collection[str]) -> tuple[str, ...]:
        """Places of the changes at the first of these paths where one fits the words; as `of`, but no others."""
        if self.whole:
            return (self.whole,)
        fits = (_fitting(self._touching(path), path, words) for path in paths)
        return _places(next(filter(None, fits), []))

    def naming(self, path: Path, text: str) -> tuple[str, ...]:
        """Places of the changes at or below a path that say a text, before or now."""
        if self.whole:
            return (self.whole,)
        return _places([each for each in self._touching(path) if each[0].names(text)])

    def of_environment(self) -> tuple[str, ...]:
        """Places of the changes on which objects of any app depend: the cluster, the tier, mirrors of registries."""
        return tuple(dict.fromkeys(place for key in _FOR_ALL for place in self.of((key,))))

    def of_code(self, maker: str = "") -> tuple[str, ...]:
        """Files of components that change: the one that made an object if it does, else all that do."""
        return (maker,) if maker in self.code else tuple(self.code)

    def said(self, *path: str) -> set[str]:
        """Texts that the layers say at a path, before and now."""
        return {str(node.value) for node in self._nodes(path) if isinstance(node.value, str)}

    def entries(self, *path: str) -> dict[str, Node]:
        """Entries of the mapping at a path, before and now."""
        found: dict[str, Node] = {}
        for node in self._nodes(path):
            found |= node.value if isinstance(node.value, dict) else {}
        return found

    def _nodes(self, path: Path) -> Iterator[Node]:
        for tree in self.trees:
            node: Node | None = tree
            for step in path:
                node = node.child(step) if node is not None else None
            if node is not None:
                yield node

    def _touching(self, path: Path) -> _Found:
        return [*self._above(path), *((change, ()) for change in self._below.get(path, ()))]

    def _above(self, path: Path) -> _Found:
        lengths = range(len(path) + 1)
        return [(change, path[length:]) for length in lengths for change in self._at.get(path[:length], ())]


UNKNOWN = Causes()
"""Nothing is known of the layers of the base."""


def _fitting(found: _Found, path: Path, words: Collection[str]) -> _Found:
    """Choose the changes of which most steps below the path are among the words."""
    scores = [sum(step in words for step in change.path[len(path) :]) for change, _ in found]
    best = max(scores, default=0)
    return [each for each, score in zip(found, scores, strict=True) if score == best] if best else []


def _places(found: _Found) -> tuple[str, ...]:
    places = dict.fromkeys(change.origin(below) for change, below in found)
    return tuple(place for place in places if place)
