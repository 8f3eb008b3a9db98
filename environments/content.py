"""Reads the files that environments name (config files, templates, sites), confined to the root and bounded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from environments.consistency import Place
from environments.faults import Fault
from environments.model import Environment
from environments.workload import Site, Workload

MAXIMUM_BYTES = (
    1024 * 1024
)  # what a ConfigMap may hold: https://kubernetes.io/docs/concepts/configuration/configmap/


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
                        yield Fault(place((*path, *key)), ".".join((*path, *key)), problem)
                if isinstance(workload, Site):
                    problem = self._take_folder(workload.content)
                    if problem:
                        yield Fault(place((*path, "content")), ".".join((*path, "content")), problem)

    def _take(self, reference: str) -> str:
        if reference in self.contents:
            return ""
        path = (self._root / reference).resolve()
        if not path.is_relative_to(self._root):
            return f"{reference} leads out of the root"
        if not path.is_file():
            return f"there is no file {reference} below the root"
        data = path.read_bytes()
        if len(data) > MAXIMUM_BYTES:
            return f"{reference} has {len(data):,} bytes; a ConfigMap holds at most {MAXIMUM_BYTES:,}"
        self.contents[reference] = data
        return ""

    def _take_folder(self, reference: str) -> str:
        folder = (self._root / reference).resolve()
        if not folder.is_relative_to(self._root) or not folder.is_dir():
            return f"there is no folder {reference} below the root"
        size = 0
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = f"{reference}/{path.relative_to(folder).as_posix()}"
            size += path.stat().st_size
            if size > MAXIMUM_BYTES:
                return f"{reference} has more than {MAXIMUM_BYTES:,} bytes, counted up to {name}; a site is smaller"
            problem = self._take(name)
            if problem:
                return problem
        return "" if size else f"the folder {reference} holds nothing to serve"


def _references(workload: Workload) -> Iterator[tuple[tuple[str, ...], str]]:
    for path, file in workload.config.items():
        if file.file:
            yield ("config", path, "file"), file.file
        if file.template:
            yield ("config", path, "template"), file.template
