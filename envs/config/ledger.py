"""The ledger of images: what each tag of a repository has once named, one file a repository.

`releases/images/<repository>.yaml` maps a tag to its digest, its build, or both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, unquote

from envs.config.layers.folder import FOLDER, IMAGES
from envs.config.reading.document import parse_document, read_document
from envs.config.reading.faults import suggestion
from kube.yaml.faults import DocumentError, Fault
from kube.yaml.origin import Origin
from kube.yaml.tree import Node

PLACE = f"{FOLDER}/releases/{IMAGES}"
_FIELDS = ("digest", "build")


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a tag names, and where the ledger says so."""

    origin: Origin
    digest: str | None = None
    build: str | None = None


Ledger = Mapping[str, Mapping[str, Remembered]]
"""What is remembered, by repository in full, then by tag."""


def ledger_file(repository: str) -> str:
    """Path of the file of a repository, below the root; a port's colon is written %3A."""
    return f"{PLACE}/{quote(repository, safe='/')}.yaml"


def read_ledger(root: Path, faults: list[Fault]) -> Ledger:
    """Read the ledger of a root; collects faults."""
    found = sorted((root / PLACE).rglob("*.yaml"))
    files = {path.relative_to(root).as_posix(): path for path in found}
    return _read(files, lambda name, path: read_document(path, name), faults)


def parse_ledger(files: Mapping[str, bytes]) -> Ledger:
    """Read the ledger of a commit from the bytes of its files; what cannot be read counts as empty."""
    return _read(files, lambda name, data: parse_document(data, name), [])


Content = TypeVar("Content")


def _read(
    files: Mapping[str, Content], read: Callable[[str, Content], Node], faults: list[Fault]
) -> dict[str, dict[str, Remembered]]:
    ledger = {}
    for name, content in files.items():
        try:
            document = read(name, content)
        except DocumentError as error:
            faults += error.faults
            continue
        faults += _faults(document)
        ledger[_repository(name)] = dict(_entries(document))
    return ledger


def _repository(file: str) -> str:
    return unquote(file.removeprefix(f"{PLACE}/").removesuffix(".yaml"))


def _entries(document: Node) -> Iterator[tuple[str, Remembered]]:
    for tag, node in document.value.items() if isinstance(document.value, dict) else ():
        said = {field: node.child(field) for field in _FIELDS}
        texts = {
            field: str(child.value) for field, child in said.items() if child and isinstance(child.value, str)
        }
        yield tag, Remembered(node.key, texts.get("digest"), texts.get("build"))


def _faults(document: Node) -> Iterator[Fault]:
    for tag, node in document.value.items() if isinstance(document.value, dict) else ():
        if not isinstance(node.value, dict):
            yield Fault(node.origin, tag, "is no entry; write `digest:`, `build:` or both below the tag")
            continue
        for field, child in node.value.items():
            if field not in _FIELDS:
                yield Fault(child.key, f"{tag}.{field}", f"unknown field{suggestion(field, _FIELDS)}")
            elif not isinstance(child.value, str):
                yield Fault(child.origin, f"{tag}.{field}", "is no text")
