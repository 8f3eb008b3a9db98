"""Layers that no environment is merged from: a forgotten file, or one whose `tier` is misspelt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from envs.config.layers.folder import Folder
from envs.config.reading.faults import suggestion
from kube.yaml.faults import Fault
from kube.yaml.paths import dotted


def unused_layers(folder: Folder, chains: Mapping[str, Sequence[str]]) -> Iterator[Fault]:
    """Faults for unused layers; none while a layer cannot be read or followed, since it may use them."""
    if folder.broken or len(chains) < len(folder.documents):
        return
    used = {layer for name in folder.environments for layer in chains.get(name, ())}
    for name, document in folder.documents.items():
        if name in used or name not in chains or name == "base":
            continue
        keys = document.value if isinstance(document.value, dict) else {}
        near = [key for key in keys if suggestion(key, ["tier"])]
        if near:
            message = "unknown field; did you mean `tier`? Without it, no environment uses this layer"
            yield Fault(keys[near[0]].key, dotted(near[:1]), message)
        elif any(layer in folder.environments for layer in chains[name][:-1]):
            message = "no environment uses this layer; to make it one, write its own `tier:`, which is never inherited"
            yield Fault(document.origin, "", message)
        else:
            advice = "write `tier: test` or `tier: production` to make it one, or name it in an `extends:`"
            yield Fault(document.origin, "", f"no environment uses this layer; {advice}")
