"""Writes a change with its rendered objects, judged by the policies; nothing is written where that is refused."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from envs.checkout.rendered import check_folders, replace_file, stale_files, texts, write_files
from envs.checkout.repository import Repository
from envs.config.load import Configuration
from envs.config.reading.faults import ConfigurationError
from envs.errors import CommandError, Exit
from envs.gates.history import change_since
from envs.gates.judgement import judge, judge_releases
from envs.gates.load import load
from envs.gates.rendering import render_around
from envs.releases.change import Change, Decide
from policies.check import mandatory
from policies.rule import Finding
from policies.rules.releases import IMAGES_HAVE_RELEASES, UNCHANGED


@dataclass(frozen=True, slots=True)
class Written:
    """A change, and the paths below the root of what differs by it: none where all is as it was."""

    change: Change
    paths: tuple[str, ...]


def write_change(root: Path, decide: Decide, today: date) -> Written:
    """Decide on the files below `root`, and write what is decided, with the rendered objects.

    Raises ConfigurationError or CommandError with every file as it was.
    """
    change = decide(load(root))
    files = {path: data for path, data in change.files.items() if _bytes(root / path) != data}
    if not files:
        return Written(change, ())
    check_folders(root, files)
    with _restored_on_error(root, files):
        for path, data in files.items():
            replace_file(root / path, data)
        rendered = _render(root, change, today)
    return Written(change, (*sorted(files), *rendered))


def _render(root: Path, change: Change, today: date) -> list[str]:
    """Write the rendered objects of the environment once the policies allow them; returns what differs."""
    try:
        configuration = load(root, [change.environment])
    except ConfigurationError as error:
        raise CommandError(f"{error.report()}; nothing was written", Exit.REFUSED) from error
    name = change.environment
    around = render_around(configuration, [name])
    _check_policies(configuration, judge(configuration, around, [name], today).findings, name, today)
    wanted = texts(name, around.objects[name])
    check_folders(root, wanted)
    stale = stale_files(root, name, wanted)
    with _restored_on_error(root, stale):
        write_files(root, name, wanted)
    return stale


def _check_policies(configuration: Configuration, judged: Iterable[Finding], name: str, today: date) -> None:
    known = Repository(configuration.root).top() is not None
    history = change_since("HEAD", configuration) if known else UNCHANGED
    found = [*judged, *judge_releases(configuration, today, history)]
    # What has no release yet gets one by this command, one after the other.
    stopping = [
        finding
        for finding in mandatory(found)
        if finding.environment in {"", name} and finding.rule != IMAGES_HAVE_RELEASES.id
    ]
    if stopping:
        lines = "\n".join(f"{finding.object}: {finding.message} [{finding.rule}]" for finding in stopping)
        raise CommandError(f"the policies refuse this; nothing was written:\n{lines}", Exit.REFUSED)


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


@contextlib.contextmanager
def _restored_on_error(root: Path, paths: Iterable[str]) -> Iterator[None]:
    """Bring files back as they were when an error ends what writes them."""
    before = {path: _bytes(root / path) for path in paths}
    try:
        yield
    except BaseException:
        for path, data in before.items():
            if data is not None:
                replace_file(root / path, data)
            else:
                _delete(root, path)
        raise


def _delete(root: Path, path: str) -> None:
    (root / path).unlink(missing_ok=True)
    for folder in (root / path).parents:
        if folder == root or not folder.is_dir() or any(folder.iterdir()):
            break
        folder.rmdir()
