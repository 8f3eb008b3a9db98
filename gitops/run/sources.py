"""Asks the repositories of a run side by side: the commits of their revisions, and the trees of new commits.

A repository that fails or does not answer fails alone, and once: its applications report it, and the run does not
ask it again.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from gitops.cluster.records import Memory
from gitops.errors import InternalError, SourceError
from gitops.run.job import Commits, Run
from gitops.settings import Application, ApplicationSource
from gitops.source import repository

_AT_ONCE = 16  # repositories
_TO_ANSWER = 30  # seconds for the refs of a repository, which healthy neighbours wait for


def ask(run: Run, remembered: Future[Memory]) -> dict[str, Commits]:
    """Return the commits by repository, or the reason why there is none; raises ClusterError of `remembered`."""
    applications = run.settings.applications.values()
    followed = [each.source for each in applications if not each.options.suspend]
    urls = sorted({source.repository for source in [*followed, *_watched(run)]})
    if not urls:
        return {}
    with ThreadPoolExecutor(min(len(urls), _AT_ONCE)) as pool:
        return dict(pool.map(lambda url: (url, _ask_one(run, url, remembered)), urls))


def _ask_one(run: Run, url: str, remembered: Future[Memory]) -> Commits:
    names = [name for name, each in run.settings.applications.items() if each.source.repository == url]
    followed = [*(run.settings.applications[name].source for name in names), *_watched(run)]
    revisions = {source.revision for source in followed if source.repository == url}
    memory: Memory | None = None
    try:
        git = run.git(url)
        git.prepare()
        commits = repository.resolve(replace(git, seconds=min(git.seconds, _TO_ANSWER)), revisions)
        memory = remembered.result()
        repository.download(git, _new(run, names, commits, memory))
    except SourceError as error:
        return dict.fromkeys(revisions, error)
    except Exception as error:
        if memory is None and remembered.done() and remembered.exception():
            raise
        return dict.fromkeys(revisions, SourceError(f"{url}: {InternalError(error)}"))
    return commits


def _watched(run: Run) -> list[ApplicationSource]:
    return [run.settings.watched.source] if run.settings.watched else []


def _new(run: Run, names: Iterable[str], commits: Commits, memory: Memory) -> set[str]:
    """Choose the commits whose trees no earlier run has compared."""
    found = ((name, _commit(run.settings.applications[name], commits)) for name in names)
    return {commit for name, commit in found if commit and not _compared(name, commit, memory)}


def _commit(application: Application, commits: Commits) -> str:
    commit = commits[application.source.revision]
    return commit if isinstance(commit, str) and not application.options.suspend else ""


def _compared(name: str, commit: str, memory: Memory) -> bool:
    inventory = memory.inventories.get(name)
    if inventory is None or not inventory.tree:
        return False
    return inventory.commit == commit or memory.trees.get(name) == f"{commit} {inventory.tree}"
