"""The chain of layers that a layer is merged from: itself, what it extends, and so on down to the base."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from envs.config.layers.folder import Folder
from envs.config.reading.faults import suggestion
from kube.yaml.faults import DocumentError, Fault, printable
from kube.yaml.origin import Origin

_ADVICE = "write it like `extends: base` or `extends: [prod, eu]`"

Parent = tuple[str, Origin]
"""The name of a layer, and where it is named."""


def chains(folder: Folder, faults: dict[str, list[Fault]]) -> dict[str, list[str]]:
    """Names of the layers of each layer, weakest first; layers whose chain cannot be followed are left out.

    `faults` collects what is wrong with a chain, by the layer that it belongs to.
    """
    found: dict[str, list[str]] = {}
    for name in folder.documents:
        try:
            found[name] = _chain(name, folder)
        except DocumentError as error:
            faults.setdefault(name, []).extend(error.faults)
    return found


def _chain(name: str, folder: Folder) -> list[str]:
    """Order the layers of `name` so that each comes after what it extends, and a list keeps its order.

    Raises DocumentError for an `extends` that is not a name or a list of them, names no layer, is circular, or
    contradicts the order of another one.
    """
    parents: dict[str, list[Parent]] = {}
    _visit(name, folder, (), parents)
    weaker = {layer: {parent for parent, _ in listed} for layer, listed in parents.items()}
    for listed in parents.values():
        for (first, _), (second, _) in pairwise(listed):
            weaker[second].add(first)
    ordered: list[str] = []
    waiting = list(parents)
    while waiting:
        following = next((layer for layer in waiting if weaker[layer] <= {*ordered}), None)
        if following is None:
            raise DocumentError(_contradiction(name, parents, waiting))
        waiting.remove(following)
        ordered.append(following)
    return ordered


def _visit(name: str, folder: Folder, path: tuple[str, ...], parents: dict[str, list[Parent]]) -> None:
    """Collect the parents of a layer and of all below it, the weakest first; a layer that is broken has none."""
    listed = [] if name in folder.broken else list(_parents(name, folder))
    for word, origin in listed:
        if word in (*path, name):
            circle = [*path, name][[*path, name].index(word) :]
            shown = " -> ".join([*circle, word])
            raise DocumentError(Fault(origin, "extends", f"is circular: {shown}; delete one `extends`"))
        if word not in parents:
            _visit(word, folder, (*path, name), parents)
    parents[name] = listed


def _parents(name: str, folder: Folder) -> Iterator[Parent]:
    """Yield what a layer extends; raises DocumentError for what is not a list of layers."""
    document = folder.documents[name]
    node = document.child("extends")
    if node is None or node.value is None:
        if name != "base" and ("base" in folder.documents or "base" in folder.broken):
            yield "base", document.origin
        return
    items = node.value if isinstance(node.value, list) else [node]
    if not items:
        message = "is an empty list; name a layer, or delete the line"
        raise DocumentError(Fault(node.origin, "extends", message))
    seen: set[str] = set()
    for item in items:
        if not isinstance(item.value, str):
            raise DocumentError(Fault(item.origin, "extends", f"is not the name of a layer; {_ADVICE}"))
        word = item.value.removesuffix(".yaml")
        if word in seen:
            raise DocumentError(Fault(item.origin, "extends", f"names {word} twice; delete one of them"))
        if word not in folder.documents and word not in folder.broken:
            hint = suggestion(word, (known for known in folder.documents if known != name))
            raise DocumentError(
                Fault(item.origin, "extends", f"there is no layer {printable(word, 60)}.yaml{hint}")
            )
        seen.add(word)
        yield word, item.origin


def _contradiction(name: str, parents: dict[str, list[Parent]], waiting: Sequence[str]) -> Fault:
    """Report the first list whose order another `extends` contradicts, preferably the one of the layer itself."""
    for layer in (name, *waiting):
        for (first, _), (second, origin) in pairwise(parents[layer]):
            if first in waiting and second in waiting:
                message = (
                    f"{first} is named before {second} here, but another `extends` applies it after {second}"
                )
                return Fault(origin, "extends", f"{message}; change the order of one of them")
    raise AssertionError("only the order of a list can contradict what extends what")
