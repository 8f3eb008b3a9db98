"""The layers now and at a commit in, the causes of effects on each environment out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from envs.config.layers.folder import FOLDER
from envs.config.load import Configuration
from envs.review.causes.causes import UNKNOWN, Causes
from envs.review.causes.layers import LayerChange, layer_changes


def find_causes(
    now: Configuration, before: Configuration | None, names: Iterable[str], code: Sequence[str]
) -> Mapping[str, Causes]:
    """Compare the merged layers of environments, those that only one side has included."""
    if before is None:
        return {}
    files = _changed_files(now.contents, before.contents)
    return {name: _causes(now, before, name, files, code) for name in names}


def _causes(
    now: Configuration, before: Configuration, name: str, files: Mapping[str, str], code: Sequence[str]
) -> Causes:
    here, there = now.trees.get(name), before.trees.get(name)
    if here is None:
        return Causes(whole=f"was {FOLDER}/{name}.yaml") if there is not None else UNKNOWN
    if there is None:
        return Causes([LayerChange((), here, None)], code, [here])
    return Causes(list(layer_changes(there, here, files)), code, [there, here])


def _changed_files(now: Mapping[str, bytes], before: Mapping[str, bytes]) -> dict[str, str]:
    """Name the first changed file by its own path and those of the folders above it, by which sites name it."""
    found: dict[str, str] = {}
    for file in sorted({*now, *before}):
        if now.get(file) != before.get(file):
            parts = file.split("/")
            for length in range(len(parts), 0, -1):
                found.setdefault("/".join(parts[:length]), file if file in now else f"was {file}")
    return found
