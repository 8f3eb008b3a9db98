"""The chain of layers that a layer is merged from: itself, what it extends, and so on down to the base."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from envs.config.layers.folder import Folder
from envs.config.reading.faults import suggestion
from kube.yaml.faults import DocumentError, Fault, printable
from kube.yaml.origin import Origin
from kube.yaml.tree import Node


def chains(folder: Folder, faults: list[Fault]) -> dict[str, list[str]]:
    """Names of the layers of each layer, weakest first; layers whose chain cannot be followed are left out."""
    found: dict[str, list[str]] = {}
    for name in folder.documents:
        try:
            found[name] = _chain(name, folder.documents, folder.broken)
        except DocumentError as error:
            faults += error.faults
    return found


def _chain(name: str, documents: Mapping[str, Node], broken: Collection[str]) -> list[str]:
    """Return the names of the layers of `name`, weakest first; a `broken` one ends the chain.

    Raises DocumentError for an `extends` that names no file, is not a name, or is circular.
    """
    names = [name]
    while names[0] not in broken:
        parent = _extends(names[0], documents, broken)
        if parent is None:
            break
        word, origin = parent
        if word in names:
            circle = " -> ".join([*reversed(names[: names.index(word) + 1]), word])
            raise DocumentError(Fault(origin, "extends", f"is circular: {circle}; delete one `extends`"))
        if word not in documents and word not in broken:
            hint = suggestion(word, (known for known in documents if known != names[0]))
            raise DocumentError(
                Fault(origin, "extends", f"there is no layer {printable(word, 60)}.yaml{hint}")
            )
        names.insert(0, word)
    return names


def _extends(name: str, documents: Mapping[str, Node], broken: Collection[str]) -> tuple[str, Origin] | None:
    document = documents[name]
    node = document.child("extends")
    if node is None or node.value is None:
        exists = "base" in documents or "base" in broken
        return ("base", document.origin) if name != "base" and exists else None
    if not isinstance(node.value, str):
        raise DocumentError(
            Fault(node.origin, "extends", "is not the name of a layer; write it like `extends: base`")
        )
    return node.value.removesuffix(".yaml"), node.origin
