"""The merged layers of an environment before and now in, every value that they say otherwise out, with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kube.yaml.paths import Path
from kube.yaml.tree import Node

NO_FILES: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class LayerChange:
    """A value that the layers say now and did not say before, or the other way round."""

    path: Path
    now: Node | None
    """The value, or the null that removes it; None where nothing says it any more."""
    before: Node | None
    file: str = ""
    """The file whose content changed, where the value is the path of one."""

    def origin(self, below: Path = ()) -> str:
        """Place of the value, or of what is below it; what is gone has its place in the base."""
        if self.file:
            return self.file
        node = self.now or self.before
        for step in below:
            node = (node.child(step) or node) if node is not None else None
        if node is None or not node.place.file:
            return ""
        return f"{'' if self.now else 'was '}{node.place.file}:{node.place.line}"

    def names(self, word: str) -> bool:
        """Whether the value, before or now, is or holds this text."""
        return any(word in _texts(node) for node in (self.now, self.before) if node is not None)


def layer_changes(
    before: Node, now: Node, files: Mapping[str, str] = NO_FILES, path: Path = ()
) -> Iterator[LayerChange]:
    """Compare two trees; `files` has the changed file by the paths by which layers may name it."""
    if isinstance(before.value, dict) and isinstance(now.value, dict):
        for key in {**before.value, **now.value}:
            was, becomes = before.child(key), now.child(key)
            if was is not None and becomes is not None:
                yield from layer_changes(was, becomes, files, (*path, key))
            else:
                yield LayerChange((*path, key), becomes or now.removed.get(key), was)
    elif isinstance(before.value, list) and isinstance(now.value, list):
        yield from _items(before, now, path)
    elif _plain(before) != _plain(now):
        yield LayerChange(path, now, before)
    elif isinstance(now.value, str) and now.value in files:
        yield LayerChange(path, now, before, files[now.value])


def _items(before: Node, now: Node, path: Path) -> Iterator[LayerChange]:
    """Compare lists: items that are new or gone, else their order."""
    old, new = _listed(before), _listed(now)
    was, becomes = list(map(_plain, old)), list(map(_plain, new))
    if was == becomes:
        return
    found = [LayerChange(path, node, None) for node in new if _plain(node) not in was]
    found += [LayerChange(path, None, node) for node in old if _plain(node) not in becomes]
    yield from found or [LayerChange(path, now, before)]


def _listed(node: Node) -> list[Node]:
    return node.value if isinstance(node.value, list) else []


def _plain(node: Node) -> Any:
    if isinstance(node.value, dict):
        return {key: _plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [_plain(child) for child in node.value]
    return node.value


def _texts(node: Node) -> Iterator[str]:
    if isinstance(node.value, dict):
        for child in node.value.values():
            yield from _texts(child)
    elif isinstance(node.value, list):
        for child in node.value:
            yield from _texts(child)
    elif node.value is not None:
        yield node.value
