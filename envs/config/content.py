"""Reads the files that environments name (config files, templates, sites), only below the root and up to a limit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from envs.config.checks.consistency import Place
from envs.config.model.environment import Environment
from envs.config.model.workload import Site, Workload
from kube.yaml.faults import Fault
from kube.yaml.paths import dotted

MAXIMUM_BYTES = (
    1024 * 1024
)  # what a ConfigMap may hold: https://kubernetes.io/docs/concepts/configuration/configmap/
MAXIMUM_FILES = 2000


class ContentReader:
    """Collects the bytes of all files that environments name, by their path below the root."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self.contents: dict[str, bytes] = {}

    def read(self, environment: Environment, place: Place) -> Iterator[Fault]:
        """Read what one environment names; yields a fault for each file that is missing, outside or too large."""
        for app_name, app in environment.apps.items():
            for name, workload in app.workloads.items():
                path = ("apps", app_name, "workloads", name)
                for key, reference in _references(workload):
                    problem = self._take(reference)
                    if problem:
                        yield Fault(place((*path, *key)), dotted((*path, *key)), problem)
                if isinstance(workload, Site):
                    problem = self._take_folder(workload.content)
                    if problem:
                        yield Fault(place((*path, "content")), dotted((*path, "content")), problem)

    def _take(self, reference: str) -> str:
        if reference in self.contents:
            return ""
        try:
            path = self._confined(reference)
            if not path.is_file():
                return f"there is no file {reference} below the root"
            with path.open("rb") as file:
                data = file.read(MAXIMUM_BYTES + 1)
        except (OSError, RuntimeError, ContentError) as error:
            return _unreadable(reference, error)
        if len(data) > MAXIMUM_BYTES:
            return f"{reference} has more than {MAXIMUM_BYTES:,} bytes, the most that a ConfigMap may hold"
        self.contents[reference] = data
        return ""

    def _take_folder(self, reference: str) -> str:
        try:
            folder = self._confined(reference)
            if not folder.is_dir():
                return f"there is no folder {reference} below the root"
            return self._take_files(reference, folder)
        except (OSError, RuntimeError, ContentError) as error:
            return _unreadable(reference, error)

    def _take_files(self, reference: str, folder: Path) -> str:
        size = 0
        for path in _files(folder):
            name = f"{reference}/{path.relative_to(folder).as_posix()}"
            size += path.stat().st_size
            if size > MAXIMUM_BYTES:
                most = f"{MAXIMUM_BYTES:,} bytes, counted up to {name}"
                return f"{reference} has more than {most}; serve what is larger from a bucket or an image"
            problem = self._take(name)
            if problem:
                return problem
        return "" if size else f"the folder {reference} contains nothing to serve"

    def _confined(self, reference: str) -> Path:
        path = (self._root / reference).resolve()
        if not path.is_relative_to(self._root):
            raise ContentError(f"{reference} is a link out of the root; put the file itself below it")
        return path


class ContentError(Exception):
    """A file that must not be read; its message says why."""


def _unreadable(reference: str, error: Exception) -> str:
    if isinstance(error, ContentError):
        return str(error)
    if isinstance(error, RuntimeError):  # what Python before 3.13 raises for it
        return f"{reference} is a link to itself"
    return f"{reference} cannot be read: {error.strerror if isinstance(error, OSError) else error}"


def _files(folder: Path) -> list[Path]:
    """List the files of a folder in a stable order; raises UnreadableError above the limit of files."""
    files: list[Path] = []
    for path in folder.rglob("*"):
        if path.is_file():
            files.append(path)
        if len(files) > MAXIMUM_FILES:
            raise ContentError(
                f"{folder.name} has more than {MAXIMUM_FILES:,} files, the most that a site may have"
            )
    return sorted(files)


def _references(workload: Workload) -> Iterator[tuple[tuple[str, ...], str]]:
    for path, file in workload.config.items():
        if file.file:
            yield ("config", path, "file"), file.file
        if file.template:
            yield ("config", path, "template"), file.template
