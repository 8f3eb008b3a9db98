"""Reads the manifest files of a folder on disk; never follows links."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from gitops.settings import RunLimits
from gitops.source.repository import File
from kube.yaml.faults import Fault
from kube.yaml.origin import Origin
from kube.yaml.source import name_fault

_ENDINGS = {".yaml", ".yml", ".json"}


def read(top: Path, limits: RunLimits) -> tuple[list[File], list[Fault]]:
    """Read the YAML and JSON files below a folder, in the order of their paths."""
    if not top.is_dir():
        return [], [Fault(Origin(str(top)), "", "is not a folder")]
    files: list[File] = []
    faults: list[Fault] = []
    left = limits.bytes
    for path in _manifest_paths(top):
        name = path.relative_to(top).as_posix()
        if unreadable := name_fault(name):
            faults.append(unreadable)
            continue
        if path.is_symlink() or not path.is_file():
            faults.append(Fault(Origin(name), "", "is not a regular file; only regular files are read"))
            continue
        left -= path.stat().st_size
        if left < 0 or len(files) >= limits.files:
            limit = f"{limits.files} files and {limits.bytes} bytes"
            faults.append(Fault(Origin(name), "", f"exceeds the limits of {limit}"))
            break
        files.append(File(name, path.read_bytes()))
    return files, faults


def _manifest_paths(top: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(top, followlinks=False):
        folders[:] = sorted(name for name in folders if name != ".git")
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        yield from (Path(folder) / name for name in links)
        yield from (Path(folder) / name for name in sorted(names) if Path(name).suffix in _ENDINGS)
