"""Git in the user's checkout, with the user's own configuration and credentials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from envs.errors import CommandError, Exit
from gitops.errors import SourceError
from gitops.source.command import Finished, GitCommand, environment

# A hook inherits variables that name the repository it runs for; ours is the one that holds the root.
_OF_HOOKS = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"})
# https://git-scm.com/docs/git-push#_output, and the words of receive-pack where two pushes arrive at once.
_OVERTAKEN = (
    "(fetch first)",
    "(non-fast-forward)",
    "cannot lock ref",
    "failed to update ref",
    "incorrect old value",
    "reference already exists",
)
_NONE: Mapping[str, str] = {}
_SECONDS = 300  # a partial clone brings what is missing from its remote


def run(folder: Path, *words: str, given: bytes = b"", variables: Mapping[str, str] = _NONE) -> bytes:
    """Run one command of Git; raises CommandError with its words."""
    finished = start(folder, *words, given=given, variables=variables)
    if finished.code != 0:
        raise failure(words, finished)
    return finished.output


def start(folder: Path, *words: str, given: bytes = b"", variables: Mapping[str, str] = _NONE) -> Finished:
    """Run one command of Git with the user's own configuration and credentials; returns how it ended."""
    inherited = environment(lambda name: name not in _OF_HOOKS, **variables)
    command = GitCommand(folder, inherited, _SECONDS, ("core.quotePath=false",))
    try:
        return command.run(*words, given=given)
    except SourceError as error:
        raise CommandError(str(error), Exit.OUTSIDE_FAILED) from error


def was_overtaken(text: str) -> bool:
    """Tell whether the words of a push say that somebody else was first; every other refusal is final."""
    return any(words in text for words in _OVERTAKEN)


def failure(words: Sequence[str], finished: Finished) -> CommandError:
    """Say that a command failed, with Git's words."""
    verb = next(word for word in words if not word.startswith("-") and "=" not in word)
    return CommandError(f"git {verb}: {finished.complaint.strip()}", Exit.OUTSIDE_FAILED)
