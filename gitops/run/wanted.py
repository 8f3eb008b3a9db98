"""What the source of an application wants: a commit in, its checked and permitted objects out."""

from __future__ import annotations

from contextlib import closing

from gitops.errors import ManifestError, RefusedError, listed
from gitops.objects import DesiredObject, duplicates
from gitops.run.job import Run
from gitops.settings import Application
from gitops.source import project, repository


def read_wanted(run: Run, application: Application, commit: str) -> tuple[str, list[DesiredObject]]:
    """Read and check everything of an application before anything is written; with the Git tree id of its path.

    Raises SourceError, ManifestError with all faults, and RefusedError with all that its project or the policies
    forbid.
    """
    # A run that has nothing to do needs no rules; here they are imported while the reading process starts.
    from gitops.run import gate  # noqa: PLC0415

    git = run.git(application.source.repository)
    repository.fetch(git, [commit], application.source.revision)
    tree = repository.tree(git, commit, application.source.path)
    with closing(repository.files(git, commit, application.source, run.settings.limits)) as files:
        wanted, faults = run.reader.read(files)
    faults += duplicates(wanted)
    if faults:
        raise ManifestError(faults)
    rules = run.settings.projects[application.project]
    refusals = [
        *project.refused_objects(wanted, application.project, rules, run.settings.home),
        *gate.judge(run.settings, application.namespace, wanted, run.clock().date()),
    ]
    if refusals:
        raise RefusedError(listed(refusals))
    return tree, wanted
