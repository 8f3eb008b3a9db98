"""The environments of an earlier commit: their layers loaded, and their rendered objects judged."""

from __future__ import annotations

import tempfile
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
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

Objects = Mapping[str, Sequence[Mapping[str, Any]]]
"""Objects by environment."""


def former_layers(repository: Repository, commit: str, contents: Iterable[str]) -> Configuration | None:
    """Load the layers of a commit; None where it has none that this version accepts.

    `contents` are paths of files outside of `environments/` that layers may name.
    """
    wanted = {path for path in contents if not path.startswith(f"{FOLDER}/")}
    blobs = [*repository.files(commit, FOLDER), *_named(repository, commit, wanted)]
    with tempfile.TemporaryDirectory(prefix="envs-") as folder:
        for path, data in repository.read(blobs).items():
            place = Path(folder, path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        try:
            return load(Path(folder))
        except ConfigurationError:
            return None


def _named(repository: Repository, commit: str, wanted: set[str]) -> list[Blob]:
    folders = {path.rpartition("/")[0] for path in wanted} - {""}
    return [blob for folder in folders for blob in repository.files(commit, folder) if blob.path in wanted]


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
