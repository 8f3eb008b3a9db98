"""Which environments share a cluster, told from their layers before anything else of them is read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from envs.config.layers.folder import FOLDER, Folder
from envs.config.layers.merge import merge, unwritten
from envs.config.layers.stacks import document_of
from kube.yaml.tree import Node

_Identity = tuple[str | None, str | None]


def neighbours(folder: Folder, chains: Mapping[str, Sequence[str]], asked: Collection[str]) -> list[str]:
    """Name the environments that may share a cluster with one of these; where it cannot be told, they may."""
    identities = {
        name: _identity(document_of(folder, name, layer) for layer in chains[name])
        for name in folder.environments
        if name in chains and not folder.broken & {*chains[name]}
    }
    ours = {identities[name] for name in asked if name in identities}
    return [
        name
        for name in [*folder.environments, *_unreadable(folder)]
        if name not in asked and (name not in identities or any(_same(identities[name], one) for one in ours))
    ]


def _unreadable(folder: Folder) -> list[str]:
    """Name the layers that cannot be read and are environments, since they have a stack."""
    stacks = folder.root / FOLDER / "stacks"
    return [name for name in sorted(folder.broken) if (stacks / f"Pulumi.{name}.yaml").is_file()]


def _identity(documents: Iterable[Node]) -> _Identity:
    said = [node.child("cluster") for node in documents]
    tree = merge([unwritten({}), *(unwritten({"cluster": node}) for node in said if node is not None)])
    cluster = tree.child("cluster")
    uid = _text(cluster, "uid")
    return uid.lower() if uid else None, _text(cluster, "context")


def _text(node: Node | None, key: str) -> str | None:
    value = node.child(key) if node is not None else None
    return str(value.value) if value is not None and isinstance(value.value, str) else None


def _same(one: _Identity, other: _Identity) -> bool:
    (uid, context), (other_uid, other_context) = one, other
    return uid == other_uid if uid is not None and other_uid is not None else context == other_context
