"""What the source of an application wants: a commit in, its checked and permitted objects out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from gitops.errors import GitOpsError, ManifestError, RefusedError, SourceError, listed
from gitops.objects import DesiredObject, Key, duplicates
from gitops.run.job import Run
from gitops.settings import Application
from gitops.source import project, repository


@dataclass(frozen=True)
class Reading:
    """What the source of an application says."""

    commit: str = ""
    tree: str = ""
    wanted: tuple[DesiredObject, ...] = ()
    keys: frozenset[Key] = frozenset()
    complete: bool = (
        True  # all keys are known; not while a kind is unknown, whose definition another one may bring
    )
    error: GitOpsError | None = None  # why nothing is known of it
    failure: SourceError | None = None  # why this is what an earlier run has fetched
    seconds: float = 0.0

    @property
    def is_current(self) -> bool:
        """Tell whether all that the source wants now is known."""
        return self.complete and self.error is None and self.failure is None


def read_wanted(run: Run, application: Application, commit: str) -> tuple[str, list[DesiredObject]]:
    """Read and check everything of an application before anything is written; with the Git tree id of its path.

    Raises SourceError, ManifestError with all faults, and RefusedError with all that its project or the policies
    forbid.
    """
    from gitops.run import gate  # noqa: F401, PLC0415 - imported while the process that reads starts

    git = run.git(application.source.repository)
    repository.fetch(git, [commit], application.source.revision)
    tree = repository.tree(git, commit, application.source.path)
    with closing(repository.files(git, commit, application.source, run.settings.limits)) as files:
        wanted, faults = run.reader.read(files)
    faults += duplicates(wanted)
    if faults:
        raise ManifestError(faults)
    check_wanted(run, application, wanted)
    return tree, wanted


def check_wanted(run: Run, application: Application, wanted: Sequence[DesiredObject]) -> None:
    """Raise RefusedError with all that the project of an application or the policies forbid."""
    from gitops.run import gate  # noqa: PLC0415 - a run that has nothing to do needs no rules

    rules = run.settings.projects[application.project]
    refusals = [
        *project.refused_objects(wanted, application.project, rules, run.settings.home),
        *gate.judge(run.settings, application.namespace, wanted, run.clock().date()),
    ]
    if refusals:
        raise RefusedError(listed(refusals))
