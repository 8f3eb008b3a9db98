"""Writes container images without a registry or an engine, as docker-archives.

A layer is a mapping of paths to files or symbolic links; containerd imports the tar file.
"""

import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True)
class Link:
    """A symbolic link in a layer."""

    target: str


@dataclass(frozen=True)
class Image:
    """An image: its full name with a tag, its layers as tar archives, its run configuration."""

    name: str
    layers: tuple[bytes, ...]
    run: Mapping[str, Any] = field(default_factory=dict)


def layer(entries: Mapping[str, Path | bytes | Link], folders: Mapping[str, int] | None = None) -> bytes:
    """Return a tar of the entries, owned by root and without times; `folders` sets the modes of empty folders."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, mode in sorted(_folders(entries, folders or {}).items()):
            _add_folder(archive, name, mode)
        for name, entry in sorted(entries.items()):
            _add_entry(archive, name, entry)
    return buffer.getvalue()


def write_archive(image: Image, path: Path, machine: str) -> Path:
    """Write the image as a docker-archive for this machine's architecture (as `platform.machine()` calls it)."""
    digests = [f"sha256:{hashlib.sha256(found).hexdigest()}" for found in image.layers]
    config = {
        "architecture": _ARCHITECTURES.get(machine, machine),
        "os": "linux",
        "config": dict(image.run),
        "rootfs": {"type": "layers", "diff_ids": digests},
    }
    names = [f"{number}/layer.tar" for number in range(len(image.layers))]
    manifest = [{"Config": "config.json", "RepoTags": [image.name], "Layers": names}]
    with tarfile.open(path, "w") as archive:
        for name, found in zip(names, image.layers, strict=True):
            _add_file(archive, name, found)
        _add_file(archive, "config.json", json.dumps(config).encode())
        _add_file(archive, "manifest.json", json.dumps(manifest).encode())
    return path


def busybox_layer() -> bytes:
    """Return a layer with this machine's static busybox and the few applets that tests use."""
    found = Path(shutil.which("busybox") or "/bin/busybox")
    applets = ("cat", "echo", "false", "httpd", "id", "ls", "sh", "sleep", "timeout", "touch", "true", "wget")
    links: dict[str, Path | bytes | Link] = {f"bin/{applet}": Link("busybox") for applet in applets}
    return layer({"bin/busybox": found, **links}, folders={"tmp": 0o1777})


def node_images() -> Iterable[Image]:
    """Return what every node needs: `localhost/pause:1` for its pods, `localhost/busybox:1` for tests."""
    files = (busybox_layer(),)
    path = {"Env": ["PATH=/bin"]}
    yield Image("localhost/pause:1", files, {**path, "Cmd": ["/bin/busybox", "sleep", "2147483647"]})
    yield Image("localhost/busybox:1", files, {**path, "Cmd": ["/bin/sh"]})


def _folders(entries: Mapping[str, object], given: Mapping[str, int]) -> dict[str, int]:
    parents = {str(parent) for name in entries for parent in PurePosixPath(name).parents}
    return {**dict.fromkeys(parents - {"."}, 0o755), **given}


def _add_entry(archive: tarfile.TarFile, name: str, entry: Path | bytes | Link) -> None:
    if isinstance(entry, Link):
        header = tarfile.TarInfo(name)
        header.type, header.mode, header.linkname = tarfile.SYMTYPE, 0o777, entry.target
        archive.addfile(header)
    elif isinstance(entry, bytes):
        _add_file(archive, name, entry)
    else:
        _add_file(archive, name, entry.read_bytes(), entry.stat().st_mode & 0o755)


def _add_folder(archive: tarfile.TarFile, name: str, mode: int) -> None:
    header = tarfile.TarInfo(name)
    header.type, header.mode = tarfile.DIRTYPE, mode
    archive.addfile(header)


def _add_file(archive: tarfile.TarFile, name: str, data: bytes, mode: int = 0o644) -> None:
    header = tarfile.TarInfo(name)
    header.mode, header.size = mode, len(data)
    archive.addfile(header, io.BytesIO(data))
