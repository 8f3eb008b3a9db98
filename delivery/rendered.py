"""The folder `rendered/`: one file an object, written, pruned and compared with what the layers say now."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from components.emit import to_yaml
from components.manifest import Manifest, Part

FOLDER = "rendered"


def file_of(environment: str, manifest: Manifest) -> str:
    """Path of the file of an object, below the root."""
    name = f"{manifest.kind.lower()}-{manifest.name}.yaml".replace(":", "_")
    if manifest.part is Part.WORKLOAD:
        return f"{FOLDER}/{environment}/apps/{manifest.app}/{name}"
    return f"{FOLDER}/{environment}/fence/{manifest.namespace or _own_namespace(manifest)}/{name}"


def _own_namespace(manifest: Manifest) -> str:
    """Keep a Namespace with what it bounds, and what is of the whole cluster by itself."""
    return manifest.name if manifest.kind == "Namespace" else "cluster"


def texts(environment: str, manifests: Iterable[Manifest]) -> dict[str, bytes]:
    """Bytes of every file of an environment, by path below the root."""
    return {file_of(environment, manifest): to_yaml(manifest.object).encode() for manifest in manifests}


def stale_files(folder: Path, environment: str, wanted: Mapping[str, bytes]) -> list[str]:
    """Files that differ from what the layers say now: changed, missing, or left over."""
    changed = [path for path, data in wanted.items() if not _holds(folder / path, data)]
    return sorted([*changed, *_left_over(folder, environment, wanted)])


def write_files(folder: Path, environment: str, wanted: Mapping[str, bytes]) -> tuple[list[str], list[str]]:
    """Write what differs and delete what is left over; returns both as paths below `folder`."""
    written = [path for path, data in wanted.items() if not _holds(folder / path, data)]
    for path in written:
        replace_file(folder / path, wanted[path])
    deleted = _left_over(folder, environment, wanted)
    for path in deleted:
        (folder / path).unlink()
    _drop_empty_folders(folder / FOLDER / environment)
    return sorted(written), deleted


def forget_environments(folder: Path, known: Iterable[str]) -> list[str]:
    """Delete the folders of environments that no longer exist; returns their names."""
    base = folder / FOLDER
    gone = sorted(path.name for path in base.glob("*") if path.is_dir() and path.name not in set(known))
    for name in gone:
        shutil.rmtree(base / name)
    return gone


def replace_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".envs-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except OSError:
        return False


def _left_over(folder: Path, environment: str, wanted: Mapping[str, bytes]) -> list[str]:
    base = folder / FOLDER / environment
    found = (
        path.relative_to(folder).as_posix() for path in base.rglob("*") if path.is_file() or path.is_symlink()
    )
    return sorted(path for path in found if path not in wanted)


def _drop_empty_folders(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
