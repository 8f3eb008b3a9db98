"""What environments say of themselves, told from their layers before anything else of them is read.

Who shares a cluster follows from it, and the order of promotion.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from envs.config.layers.folder import FOLDER, Folder
from envs.config.layers.merge import merge, unwritten
from envs.config.layers.stacks import OF_ONE_ENVIRONMENT, document_of
from kube.yaml.tree import Node

Outlines = Mapping[str, Node]
"""Tier, cluster and promotes of each environment whose layers can be read."""


def outlines(folder: Folder, chains: Mapping[str, Sequence[str]]) -> Outlines:
    """Merge what is of one environment alone, for each of them."""
    return {
        name: _outline(folder, name, chains[name])
        for name in folder.environments
        if name in chains and not folder.broken & {*chains[name]}
    }


def neighbours(folder: Folder, known: Outlines, asked: Collection[str]) -> list[str]:
    """Name the environments that may share a cluster with one of these; where it cannot be told, they may."""
    ours = [known[name] for name in asked if name in known]
    return [
        name
        for name in [*folder.environments, *_unreadable(folder)]
        if name not in asked and (name not in known or any(_same(known[name], one) for one in ours))
    ]


def _unreadable(folder: Folder) -> list[str]:
    """Name the layers that cannot be read and are environments, since they have a stack."""
    stacks = folder.root / FOLDER / "stacks"
    return [name for name in sorted(folder.broken) if (stacks / f"Pulumi.{name}.yaml").is_file()]


def _outline(folder: Folder, name: str, chain: Sequence[str]) -> Node:
    documents = [document_of(folder, name, layer) for layer in chain]
    return merge(
        unwritten({key: node for key in OF_ONE_ENVIRONMENT if (node := document.child(key)) is not None})
        for document in documents
    )


def _same(one: Node, other: Node) -> bool:
    uid, other_uid = (each.text("cluster", "uid") for each in (one, other))
    if uid is not None and other_uid is not None:
        return uid.lower() == other_uid.lower()
    return one.text("cluster", "context") == other.text("cluster", "context")
