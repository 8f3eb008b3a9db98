"""Releases whose source is another commit: read from the layers and Git, told with the commits between."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from envs.checkout.log import Between, between
from envs.checkout.repository import Blob, Repository, blob_id
from envs.config.layers.folder import RELEASES, release_path
from envs.config.load import Configuration
from envs.config.model.release import Release, Released
from envs.config.reading.document import parse_document
from envs.review.meaning.statement import Effect, Statement
from kube.image import parse_image
from kube.yaml.faults import DocumentError
from kube.yaml.origin import origin_of
from kube.yaml.tree import Node

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHORT = 12
_MOST = 10  # commits that are listed


@dataclass(frozen=True, slots=True)
class SourceChange:
    """A release that was built from another commit than the one before."""

    environment: str
    subject: str
    old: str
    new: str
    address: str
    """Where the two commits are compared on the web; empty where the layers name no such place."""
    origin: str


def source_changes(
    configuration: Configuration, repository: Repository, commit: str | None, names: Iterable[str]
) -> Iterator[SourceChange]:
    """Find the releases whose recorded source differs from the one that the commit has."""
    blobs = {blob.path: blob for blob in repository.files(commit, RELEASES)} if commit is not None else {}
    found = [(name, *each) for name in names for each in _changed(configuration, name, blobs)]
    before = repository.read([blob for *_, blob in found])
    for name, subject, release, blob in found:
        former = _former(before[blob.path], blob.path)
        for container, released in {"": release, **release.containers}.items():
            old, new = former.get(container), released.source
            if old is not None and new is not None and old != new:
                template = configuration.environments[name].sources.get(
                    parse_image(released.image).repository, ""
                )
                address = template.replace("{old}", old).replace("{new}", new)
                label = f"{subject}[{container}]" if container else subject
                yield SourceChange(name, label, old, new, address, _line(released))


def source_statements(changes: Iterable[SourceChange], repositories: Sequence[Path]) -> Iterator[Statement]:
    """Tell each change, with the commits between where one of the local repositories has them."""
    known: dict[tuple[str, str], Between | None] = {}
    for each in changes:
        pair = (each.old, each.new)
        if pair not in known:
            asked = (between(folder, *pair, _MOST) for folder in repositories)
            known[pair] = next((found for found in asked if found is not None), None)
        yield told(each, known[pair])


def told(change: SourceChange, found: Between | None) -> Statement:
    """Tell one change in words; the commits are its details, or else the address that compares them."""
    text = f"is built from {change.new[:_SHORT]}, before from {change.old[:_SHORT]}"
    details = (change.address,) if change.address else ()
    if found is not None:
        counts = (_count(found.new, "new"), _count(found.old, "taken back"))
        text += f": {' and '.join(filter(None, counts))}"
        rest = found.new - len(found.subjects)
        details = (*found.subjects, *((f"and {rest:,} more",) if rest else ()), *details)
    return Statement(
        Effect.RELEASES,
        change.subject,
        text,
        change.environment,
        (change.origin,) if change.origin else (),
        details=details,
    )


def _count(number: int, what: str) -> str:
    return f"{number:,} {'commit' if number == 1 else 'commits'} {what}" if number else ""


def _changed(
    configuration: Configuration, name: str, blobs: Mapping[str, Blob]
) -> Iterator[tuple[str, Release, Blob]]:
    """Yield the releases of an environment whose file is not the one of the commit, byte by byte."""
    for app_name, app in configuration.environments[name].apps.items():
        for workload_name, workload in app.workloads.items():
            blob = blobs.get(release_path(name, app_name, workload_name))
            if workload.release is not None and blob is not None:
                data = (configuration.root / blob.path).read_bytes()
                if blob_id(data, blob.id) != blob.id:
                    yield f"{app_name}/{workload_name}", workload.release, blob


def _former(data: bytes, path: str) -> Mapping[str, str]:
    """Read the sources of an old release by container, the main one under the empty name."""
    try:
        document = parse_document(data, path)
    except DocumentError:
        return {}
    containers = document.child("containers")
    nodes = containers.value if containers is not None and isinstance(containers.value, dict) else {}
    sources = {name: _source(node) for name, node in {"": document, **nodes}.items()}
    return {name: source for name, source in sources.items() if source is not None}


def _source(node: Node) -> str | None:
    child = node.child("source")
    text = str(child.value) if child is not None else ""
    return text if _COMMIT.fullmatch(text) else None


def _line(released: Released) -> str:
    origin = origin_of(released.source)
    return f"{origin.file}:{origin.line}" if origin is not None else ""
