"""Writes, prunes and compares the folder `rendered/`, which holds one file per object."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from components.objects.manifest import Manifest
from components.objects.rendered import FOLDER, PARTS, file_of
from envs.errors import CommandError, Exit
from kube.yaml.write import to_yaml


def texts(environment: str, manifests: Iterable[Manifest]) -> dict[str, bytes]:
    """Bytes of every file of an environment, by path below the root.

    Raises CommandError for objects that cannot have a file of their own on every file system.
    """
    files: dict[str, Manifest] = {}
    owners: dict[str, Manifest] = {}
    for manifest in manifests:
        path = file_of(environment, manifest)
        _check_name(environment, manifest)
        files[path] = manifest
        other = owners.setdefault(path.lower(), manifest)
        if other is not manifest:
            both = f"{other.id} and {manifest.id} would share the file {path}"
            raise CommandError(f"{_place(environment, manifest)}: {both}; rename one", Exit.BAD_INPUT)
    return {path: to_yaml(manifest.object).encode() for path, manifest in files.items()}


def _check_name(environment: str, manifest: Manifest) -> None:
    # Names are path segments: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
    if not f"{manifest.kind}{manifest.name}".isprintable() or "/" in f"{manifest.kind}{manifest.name}":
        what = f"{manifest.kind!r} {manifest.name!r} is not the name of an object; rename it"
        raise CommandError(f"{_place(environment, manifest)}: {what}", Exit.BAD_INPUT)


def _place(environment: str, manifest: Manifest) -> str:
    return f"{environment}: {'.'.join(manifest.source)}"


def check_folders(folder: Path, paths: Iterable[str]) -> None:
    """Raise CommandError where a parent folder of these paths below `folder` is a link or a file.

    A link could lead anywhere, and files would be written and deleted there.
    """
    folders = {path.rpartition("/")[0] for path in paths}
    for parent in sorted({parent for path in folders for parent in (Path(path), *Path(path).parents)}):
        place = folder / parent
        if parent != Path() and (place.is_symlink() or (place.exists() and not place.is_dir())):
            what = "a link" if place.is_symlink() else "a file"
            raise CommandError(f"{place} is {what} where a folder must be; delete it", Exit.BAD_INPUT)


def stale_files(folder: Path, environment: str, wanted: Mapping[str, bytes]) -> list[str]:
    """List the files that differ from what the layers give: changed, missing, or left over."""
    changed = [path for path, data in wanted.items() if not _holds(f"{folder}/{path}", data)]
    return sorted([*changed, *_left_over(folder, environment, wanted)])


def write_files(folder: Path, environment: str, wanted: Mapping[str, bytes]) -> tuple[list[str], list[str]]:
    """Write what differs and delete what is left over; return both as paths below `folder`."""
    written = [path for path, data in wanted.items() if not _holds(f"{folder}/{path}", data)]
    _make_folders(folder, written)
    temporary = f".envs-{secrets.token_hex(8)}"  # one after the other, so that one name is enough
    for path in written:
        _replace(f"{folder}/{path}", temporary, wanted[path])
    deleted = _left_over(folder, environment, wanted)
    for path in deleted:
        (folder / path).unlink()
    _drop_empty_folders(folder / FOLDER / environment)
    return sorted(written), deleted


def forgotten(folder: Path, known: Collection[str]) -> list[str]:
    """List unknown environments that have a folder; folders of another shape are ignored."""
    return sorted(
        path.name
        for path in (folder / FOLDER).glob("*")
        if path.name not in known and not path.is_symlink() and any((path / part).is_dir() for part in PARTS)
    )


def forget(folder: Path, name: str) -> None:
    """Delete the files of an environment, and its folder where nothing else is in it."""
    for part in PARTS:
        if (folder / FOLDER / name / part).is_dir():
            shutil.rmtree(folder / FOLDER / name / part)
    with contextlib.suppress(OSError):
        (folder / FOLDER / name).rmdir()


def replace_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; raises CommandError where that is not possible."""
    _make_folders(path.parent, [path.name])
    _replace(str(path), f".envs-{secrets.token_hex(8)}", data)


def _make_folders(folder: Path, paths: Iterable[str]) -> None:
    """Make the folders of files below `folder`, each once: for thousands of files, asking takes longer than writing."""
    for parent in sorted({(folder / path).parent for path in paths}):
        try:
            parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"{parent} cannot be made: {error.strerror}"
            raise CommandError(message, Exit.OUTSIDE_FAILED) from error


def _replace(path: str, temporary: str, data: bytes) -> None:
    """Write a file under a temporary name beside it, and rename it; paths are text, which is quick."""
    beside = f"{path.rpartition('/')[0]}/{temporary}"
    try:
        try:
            with open(beside, "xb") as file:  # noqa: PTH123 quick
                file.write(data)
            os.replace(beside, path)  # noqa: PTH105 quick
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}", Exit.OUTSIDE_FAILED) from error


def _holds(path: str, data: bytes) -> bool:
    """Tell whether a file has these bytes; a link never does, whatever it leads to."""
    try:
        with open(path, "rb", buffering=0, opener=_open_itself) as file:
            return file.read() == data
    except OSError:
        return False


def _open_itself(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _left_over(folder: Path, environment: str, wanted: Mapping[str, bytes]) -> list[str]:
    found = []
    for parent, folders, files in os.walk(folder / FOLDER / environment):
        below = Path(parent).relative_to(folder).as_posix()
        links = [name for name in folders if Path(parent, name).is_symlink()]
        found += [f"{below}/{name}" for name in (*files, *links)]
    return sorted(path for path in found if path not in wanted)


def _drop_empty_folders(folder: Path) -> None:
    for parent, _, _ in os.walk(folder, topdown=False):
        if not os.listdir(parent):  # noqa: PTH208 names alone, for thousands of files
            Path(parent).rmdir()
