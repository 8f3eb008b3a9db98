"""The environments of an earlier commit: their layers loaded, and their rendered objects judged."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePath
from typing import Any

from envs.checkout.repository import Blob, Repository
from envs.config.layers.folder import FOLDER
from envs.config.load import Configuration, load
from envs.config.reading.faults import ConfigurationError
from envs.gates.context import context
from envs.gates.judgement import Clusters, judge_releases
from policies.check import check
from policies.rule import Finding
from policies.rules.kinds import with_fence

_CONTENT = re.compile(r"""\b(?:file|template|content):\s*["']?([^"'\s,{}\[\]]+)""")
"""Fields of layers that name files below the root."""
Objects = Mapping[str, Sequence[Mapping[str, Any]]]
"""Objects by environment."""


def former_layers(repository: Repository, commit: str) -> Configuration | None:
    """Load the layers of a commit, with the files that they name; None where this version refuses them."""
    with tempfile.TemporaryDirectory(prefix="envs-") as folder:
        layers = repository.read(repository.files(commit, FOLDER))
        for path, data in {**layers, **repository.read(_named(repository, commit, layers))}.items():
            place = Path(folder, path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        try:
            return load(Path(folder))
        except ConfigurationError:
            return None


def _named(repository: Repository, commit: str, layers: Mapping[str, bytes]) -> list[Blob]:
    """List the files of the commit that its layers name, or that are in folders that they name."""
    texts = (data.decode(errors="replace") for path, data in layers.items() if path.endswith(".yaml"))
    named = {name.rstrip("/") for text in texts for name in _CONTENT.findall(text)}
    inside = [
        name
        for name in named
        if ".." not in PurePath(name).parts and not name.startswith((f"{FOLDER}/", "/"))
    ]
    folders = {name.rpartition("/")[0] or "." for name in inside}
    blobs = {blob.path: blob for folder in folders for blob in repository.files(commit, folder)}
    return [
        blob
        for path, blob in blobs.items()
        if any(path == name or path.startswith(f"{name}/") for name in inside)
    ]


def judge_former(
    configuration: Configuration,
    objects: Objects,
    names: Iterable[str],
    today: date,
    typed: Container[int] = (),
) -> list[Finding]:
    """Judge objects of earlier environments by what their layers said then; one that was not there has none.

    `typed` are the ids (as of `id`) of objects that models with types are known to have made, so that they fit the API.
    """
    findings = judge_releases(configuration, today)
    bodies = {name: list(map(dict, several)) for name, several in objects.items()}
    clusters = Clusters(configuration.environments, bodies)
    for name in names:
        if name not in configuration.environments:
            continue
        environment = configuration.environments[name]
        here = with_fence(context(environment, configuration.environments, today))
        here = replace(here, cluster=clusters.of(name))
        judged = bodies.get(name, [])
        given = zip(judged, objects.get(name, ()), strict=True)
        written = {id(body) for body, former in given if id(former) not in typed}
        findings += check(judged, here, complete=True, written=written)
    return findings
