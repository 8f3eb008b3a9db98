"""Rollbacks: the releases of an earlier commit again, held so that automation does not undo it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from envs.checkout.commits import Commits
from envs.checkout.log import first_parents, read_at
from envs.checkout.repository import Repository
from envs.config.load import Configuration
from envs.errors import CommandError, Exit
from envs.releases.change import Change, Decide
from envs.releases.document import fields_of, image_of, with_fields
from envs.releases.target import Target, find_targets

_MOST_COMMITS = 1000
_SHORT = 12


def rollback(environment: str, words: str, to: str | None) -> Decide:
    """Bring back the release of APP/WORKLOAD, or those of all workloads of APP, that ran before or at a commit."""

    def decide(configuration: Configuration) -> Change:
        root = configuration.root
        targets = find_targets(configuration, environment, words)
        paths = [target.file for target in targets]
        commit, earlier = _at(root, to, paths) if to is not None else _before(root, words, paths)
        reason = f"rolled back to {commit[:_SHORT]}"
        files = {
            path: with_fields(data, path, {"hold": {"because": reason}, "restartedAt": None})
            for path, data in earlier.items()
            if image_of((root / path).read_bytes() if (root / path).is_file() else None, path)
            != image_of(data, path)
        }
        if not files:
            message = f"{words} in {environment} runs the images of {commit[:_SHORT]} already"
            raise CommandError(f"{message}; name another commit with --to", Exit.BAD_INPUT)
        return Change(
            environment,
            files,
            f"{environment}: roll {words} back to {commit[:_SHORT]}",
            _body(targets, files),
        )

    return decide


def _at(root: Path, revision: str, paths: Sequence[str]) -> tuple[str, Mapping[str, bytes]]:
    commit = Commits(Repository(root)).resolve(revision)
    return commit, read_at(root, commit, paths)


def _before(root: Path, words: str, paths: Sequence[str]) -> tuple[str, Mapping[str, bytes]]:
    """Find the last commit of main's own line in which an image was another one than now."""
    commits = Commits(Repository(root))
    now = {path: image_of((root / path).read_bytes(), path) for path in paths if (root / path).is_file()}
    for commit in first_parents(root, paths, _MOST_COMMITS):
        parent = commits.find(f"{commit}^")
        earlier = read_at(root, parent, paths) if parent is not None else {}
        if any(image_of(data, path) not in {None, now.get(path)} for path, data in earlier.items()):
            return str(parent), earlier
    message = (
        f"history knows no earlier image of {words}; name a commit with --to, or fetch the whole history"
    )
    raise CommandError(message, Exit.BAD_INPUT)


def _body(targets: Sequence[Target], files: Mapping[str, bytes]) -> str:
    return "\n".join(
        f"{target}: {fields_of(files[target.file], target.file).get('image')}"
        for target in targets
        if target.file in files
    )
