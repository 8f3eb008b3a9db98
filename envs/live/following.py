"""Tells how far the GitOps job is on its way to a commit, from what it reports; pure, the cluster is not asked here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from components.objects.rendered import app_folder
from envs.config.model.app import App
from envs.config.model.environment import Environment
from envs.errors import Exit
from gitops.cluster.health import Health
from gitops.report.outcome import Sync

_GOOD = {Health.HEALTHY, Health.SUSPENDED}
_POOR = {Health.DEGRADED, Health.MISSING, Health.UNKNOWN}
_LONGEST = 2000  # characters of what the job says

Tree = Callable[[str, str], str | None]
"""Commit and folder in, the id of the tree out; None if the commit or the folder is not known here."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where one pulled app is."""

    app: str
    code: Exit
    """FINE if the app is there, else what to exit with if it stays like this."""
    text: str

    @property
    def arrived(self) -> bool:
        """Whether there is nothing left to wait for."""
        return self.code is Exit.FINE


def progress_of(
    environment: Environment, commit: str, statuses: Mapping[str, Mapping[str, str]], tree: Tree
) -> Iterator[Progress]:
    """Judge each pulled app by the last status of the job.

    An app has arrived if the job runs a commit with the same folder of the app, and says InSync and Healthy (or
    Suspended). Apps with a repository or a revision of their own follow no commit of this one: only sync and health
    count. Apps that the job leaves alone (`suspend`) are not awaited.
    """
    for name, app in environment.pulled().items():
        if app.gitops.suspend:
            yield Progress(name, Exit.FINE, "is suspended; the job leaves it alone")
            continue
        status = statuses.get(name, {})
        if not status:
            yield Progress(name, Exit.FOUND, "the job has not reported yet")
        elif _follows(environment, app) and not _same(environment, name, commit, status, tree):
            yield Progress(name, Exit.FOUND, f"the job is at {_revision(status)}{_message(status)}")
        else:
            yield _judge(name, status)


def _follows(environment: Environment, app: App) -> bool:
    return app.source is None and environment.gitops is not None and environment.gitops.revision is None


def _same(environment: Environment, name: str, commit: str, status: Mapping[str, str], tree: Tree) -> bool:
    revision = status.get("revision", "")
    if revision == commit:
        return True
    folder = app_folder(environment.name, name)
    wanted = tree(commit, folder)
    return bool(revision) and wanted is not None and tree(revision, folder) == wanted


def _judge(name: str, status: Mapping[str, str]) -> Progress:
    sync, health = status.get("sync", ""), status.get("health", "")
    text = f"{sync or Sync.UNKNOWN} {health or Health.UNKNOWN} at {_revision(status)}{_message(status)}"
    if health in _POOR or not health:
        return Progress(name, Exit.UNHEALTHY, text)
    if sync == Sync.IN_SYNC and health in _GOOD:
        return Progress(name, Exit.FINE, text)
    return Progress(name, Exit.FOUND, text)


def _revision(status: Mapping[str, str]) -> str:
    return status.get("revision", "")[:12] or "no commit"


def _message(status: Mapping[str, str]) -> str:
    message = status.get("message", "").strip()
    return f": {message[:_LONGEST]}" if message else ""
