"""Files of YAML as objects to judge, with the places of their values; faults with file, line, column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kube.yaml.faults import Fault
from kube.yaml.objects import OF_MANIFESTS, Document, read_objects
from kube.yaml.origin import Origin
from kube.yaml.source import name_fault
from policies.rules.namespaces import NAMESPACED
from policies.subject import Subject, steps, subjects

SUFFIXES = frozenset({".yaml", ".yml", ".json"})


class UnreadableError(ValueError):
    """A path with nothing to read."""


@dataclass(frozen=True)
class Reading:
    """Everything that was read, the place of each object, and what could not be read."""

    subjects: list[Subject] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    _documents: dict[int, Document] = field(default_factory=dict, repr=False)

    def origin(self, subject: Subject, path: str) -> str | None:
        """File, line and column of a value of one of these objects."""
        document = self._documents.get(id(subject))
        return str(_nearest(document, f"{subject.prefix}{path}")) if document else None

    def add(self, document: Document, namespace: str | None) -> None:
        """Take in the objects of a document."""
        if not isinstance(document.value, dict):
            kind = "a list" if isinstance(document.value, list) else "a single value"
            self.faults.append(Fault(document.origin, "", f"is {kind}, {_NO_OBJECT}"))
            return
        for subject in subjects(document.value, written=True):
            missing = [name for name in ("apiVersion", "kind") if not _is_word(subject.manifest.get(name))]
            if missing:
                place = _nearest(document, subject.prefix)
                self.faults.append(Fault(place, subject.prefix.rstrip("."), f"is {_NO_OBJECT}"))
                continue
            if subject.group == _KUSTOMIZE:
                self.faults.append(Fault(_nearest(document, subject.prefix), "", _UNBUILT))
                continue
            _place(subject, namespace)
            self.subjects.append(subject)
            self._documents[id(subject)] = document


_KUSTOMIZE = "kustomize.config.k8s.io"
_UNBUILT = "is an input of Kustomize, not what it builds; judge the output of `kustomize build` in a folder of its own"
_NO_OBJECT = "not a Kubernetes object; write apiVersion and kind, or keep the file out of this folder"


def read(path: Path, namespace: str | None = None) -> Reading:
    """Read a file, or all YAML and JSON files beneath a folder; raises UnreadableError where there is none.

    Namespaced objects of built-in kinds that name no namespace are put into `namespace`.
    """
    files = list(_files(path))
    if not files:
        raise UnreadableError(
            f"{path}: there is no YAML or JSON file here; name a file or a folder that has one"
        )
    reading = Reading()
    for file in files:
        unnamed = name_fault(str(file))
        documents, faults = ([], [unnamed]) if unnamed else _read(file)
        reading.faults.extend(faults)
        for document in documents:
            reading.add(document, namespace)
    return reading


def _read(file: Path) -> tuple[list[Document], list[Fault]]:
    try:
        with file.open("rb") as opened:
            data = opened.read(OF_MANIFESTS.bytes + 1)
    except OSError as error:
        return [], [Fault(Origin(str(file)), "", f"cannot be read: {error.strerror}")]
    return read_objects(data, str(file))


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(
            entry
            for entry in path.rglob("*")
            if entry.suffix in SUFFIXES and entry.is_file() and not entry.is_symlink()
        )
    elif path.exists():
        yield path
    else:
        raise UnreadableError(f"{path}: there is no such file or folder")


def _is_word(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _place(subject: Subject, namespace: str | None) -> None:
    metadata = subject.manifest.get("metadata")
    if namespace and subject.kind in NAMESPACED and subject.builtin and isinstance(metadata, dict):
        metadata["namespace"] = metadata.get("namespace") or namespace


def _nearest(document: Document, path: str) -> Origin:
    """Follow a path as far as it leads; an entry of a list goes by its number or its name."""
    origin, value = document.origin, document.value
    for wanted in steps(path):
        key = _key(value, wanted)
        found = None if key is None else document.entry(value, key)
        if found is None:
            break
        origin, value = found, value[key]
    return origin


def _key(value: Any, wanted: str) -> str | int | None:
    if isinstance(value, dict):
        return wanted if wanted in value else None
    for number, entry in enumerate(value if isinstance(value, list) else ()):
        if str(number) == wanted or (isinstance(entry, dict) and entry.get("name") == wanted):
            return number
    return None
