"""Files of components that differ from those of a commit, where the checkout holds the components."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import components
from envs.checkout.repository import Repository, blob_id
from envs.config.own import FOLDER as OWN

_OURS = "components"
_PROJECT = Path(components.__file__).parents[1]


def changed_components(repository: Repository, commit: str) -> list[str]:
    """Name the changed files: those of this project if it is what the checkout holds, and those of the root's own."""
    top = repository.top()
    found = list(_changed(repository, commit, OWN))
    if top is not None and _PROJECT.is_relative_to(top):
        found = [*_changed(Repository(_PROJECT), commit, _OURS), *found]
    return found


def _changed(repository: Repository, commit: str, folder: str) -> Iterator[str]:
    """Compare the modules of a folder that the commit has; without any there, it is not under version control."""
    before = {blob.path: blob.id for blob in repository.files(commit, folder) if blob.path.endswith(".py")}
    if not before:
        return
    for path in sorted((repository.folder / folder).rglob("*.py")):
        name = path.relative_to(repository.folder).as_posix()
        known = before.get(name, "")
        if blob_id(path.read_bytes(), known) != known:
            yield name
