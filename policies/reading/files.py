"""Files of YAML in, their objects and the places of their values out; faults with file, line, column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from policies.reading.document import Document, UnreadableError, parse
from policies.rules.namespaces import NAMESPACED
from policies.subject import Subject, subjects

SUFFIXES = frozenset({".yaml", ".yml", ".json"})
LARGEST_FILE = 16 * 1024 * 1024


@dataclass(frozen=True)
class Reading:
    """Everything that was read, and the place of each object."""

    subjects: list[Subject]
    _documents: dict[int, Document] = field(repr=False)

    def origin(self, subject: Subject, path: str) -> str | None:
        """File, line and column of a value of one of these objects."""
        document = self._documents.get(id(subject))
        return document.place(f"{subject.prefix}{path}") if document else None


def read(path: Path, namespace: str | None = None) -> Reading:
    """Read a file, or all YAML and JSON files beneath a folder; raises UnreadableError naming every fault.

    Namespaced objects of built-in kinds that name no namespace are put into `namespace`.
    """
    files = list(_files(path))
    if not files:
        raise UnreadableError(
            f"{path}: there is no YAML or JSON file here; name a file or a folder that has one"
        )
    opened: list[Subject] = []
    documents: dict[int, Document] = {}
    faults = []
    for file in files:
        try:
            for document in parse(_content(file), str(file)):
                for subject in subjects(document.manifest):
                    _place(subject, namespace)
                    opened.append(subject)
                    documents[id(subject)] = document
        except UnreadableError as error:
            faults.append(str(error))
    if faults:
        raise UnreadableError("\n".join(faults))
    return Reading(opened, documents)


def _place(subject: Subject, namespace: str | None) -> None:
    metadata = subject.manifest.get("metadata")
    if namespace and subject.kind in NAMESPACED and subject.builtin and isinstance(metadata, dict):
        metadata["namespace"] = metadata.get("namespace") or namespace


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


def _content(file: Path) -> str:
    try:
        size = file.stat().st_size
        if size > LARGEST_FILE:
            raise UnreadableError(f"{file}: {size} bytes; at most {LARGEST_FILE} are read")
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"{file}: byte {error.start} is not UTF-8; save the file as UTF-8") from error
    except OSError as error:
        raise UnreadableError(f"{file}: {error.strerror}") from error
