"""Layers that are in no root yet: loaded, rendered and judged before anything of them is written there."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from envs.checkout.rendered import texts
from envs.config.load import load
from envs.config.schema import schema_files
from envs.gates.placeholders import placeholders
from envs.gates.rendering import render_environment
from policies.rule import Finding


@dataclass(frozen=True, slots=True)
class Trial:
    """A whole root, by paths below it, and what is to be filled in."""

    files: dict[str, bytes]
    placeholders: list[Finding]


def complete(layers: Mapping[str, bytes]) -> Trial:
    """Add the schema and the rendered objects; raises ConfigurationError if the layers are invalid."""
    with tempfile.TemporaryDirectory(prefix="envs-") as folder:
        files = {**layers, **schema_files(Path(folder))}
        for path, data in files.items():
            place = Path(folder, path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        configuration = load(Path(folder))
        for name in configuration.environments:
            files |= texts(name, render_environment(configuration, name))
    return Trial(files, placeholders(configuration, configuration.environments))
