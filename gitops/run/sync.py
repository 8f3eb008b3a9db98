"""One run: compares every application with its source, and writes what differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from gitops.cluster.inventory import Inventory
from gitops.cluster.records import Memory
from gitops.engine import reconcile
from gitops.engine.plan import Target
from gitops.errors import ClusterError, Fault, GitOpsError, ManifestError, RefusedError, SourceError
from gitops.objects import DesiredObject, Key, duplicates
from gitops.report.outcome import Outcome
from gitops.run import summary, unchanged
from gitops.run.job import Commits, Run, commit_of
from gitops.settings import Application
from gitops.source import manifests, project, repository


def run(job: Run) -> Iterator[Outcome]:
    """Reconcile every application; raises GitOpsError only for what concerns the whole run."""
    _right_cluster(job)
    remembered = job.cluster.pool.submit(job.store.recall)
    commits = dict(job.cluster.each(lambda url: (url, _resolve(job, url)), _repositories(job)))
    memory = remembered.result()
    quiet = unchanged.find(job, memory, commits)
    for name in sorted(quiet):
        if not job.dry:
            summary.record(job.store, memory, quiet[name], job.clock())
        yield quiet[name]
    rest = sorted(job.settings.applications.keys() - quiet.keys())
    gone = sorted(memory.inventories.keys() - job.settings.applications.keys())
    if job.dry:
        yield from _work(job, memory, commits, rest, gone)
    elif gone or any(not job.settings.applications[name].options.suspend for name in rest):
        yield from _work_alone(job, memory.trees, commits, rest, gone)
    else:
        yield from (summary.suspended(name) for name in rest)
        job.store.lease(job.name, job.clock(), hold=False, trees=memory.trees)


def _work_alone(
    job: Run, trees: dict[str, str], commits: Mapping[str, Commits], rest: Sequence[str], gone: Sequence[str]
) -> Iterator[Outcome]:
    """Hold the lease while writing; read again what another run has written since."""
    try:
        job.store.lease(job.name, job.clock(), hold=True, trees=trees)
    except RefusedError as error:
        yield from (summary.failed(name, "", error) for name in (*rest, *gone))
        return
    try:
        yield from _work(job, job.store.recall(), commits, rest, gone)
    finally:
        job.store.lease(job.name, job.clock(), hold=False, trees=trees)


def _work(
    job: Run, memory: Memory, commits: Mapping[str, Commits], rest: Sequence[str], gone: Sequence[str]
) -> Iterator[Outcome]:
    yield from (_one(job, memory, name, commits) for name in rest)
    yield from (_retire(job, memory, name) for name in gone if name in memory.inventories)


def _right_cluster(job: Run) -> None:
    if job.settings.cluster and (found := job.cluster.uid()) != job.settings.cluster.uid:
        raise RefusedError(
            f"the cluster has the uid {found}, but the settings are for {job.settings.cluster.uid}"
        )


def _repositories(job: Run) -> list[str]:
    """List the repositories of the applications, each once."""
    applications = job.settings.applications.values()
    return sorted({each.source.repository for each in applications if not each.options.suspend})


def _resolve(job: Run, url: str) -> Commits:
    wanted = {
        each.source.revision for each in job.settings.applications.values() if each.source.repository == url
    }
    try:
        git = job.git(url)
        git.prepare()
        return repository.resolve(git, wanted)
    except SourceError as error:
        return dict.fromkeys(wanted, error)


def _one(job: Run, memory: Memory, name: str, commits: Mapping[str, Commits]) -> Outcome:
    """Reconcile one application; its failures do not affect the others."""
    application = job.settings.applications[name]
    started = job.clock()
    if application.options.suspend:
        return summary.suspended(name)
    commit = ""
    try:
        if name in memory.damaged:
            raise RefusedError(f"{memory.damaged[name]}; restore or delete ConfigMap inventory-{name}")
        commit = commit_of(application, commits)
        result = _reconcile(job, memory, name, commit)
    except GitOpsError as error:
        result = summary.failed(name, commit, error)
    result = replace(result, seconds=(job.clock() - started).total_seconds())
    if not job.dry:
        summary.record(job.store, memory, result, job.clock())
    return result


def _reconcile(job: Run, memory: Memory, name: str, commit: str) -> Outcome:
    application = job.settings.applications[name]
    if refusal := project.refused_application(application, job.settings.projects[application.project]):
        raise RefusedError(refusal)
    tree, wanted = _read(job, application, commit)
    before = memory.inventories.get(name, Inventory(name))
    options = application.options
    target = Target(job.owner(name), application.namespace, options, _claims(job, memory, name))
    if not job.dry:
        job.store.lease(job.name, job.clock(), hold=True, trees=memory.trees)
    mode = reconcile.Mode(
        announce=lambda value: job.store.save(memory, value),
        lifted=options.may_delete == commit,
        dry=job.dry,
    )
    cluster = replace(job.cluster, retry=options.retry)
    done = reconcile.reconcile(cluster, target, wanted, before, mode)
    after = replace(
        done.inventory,
        commit=commit,
        tree=tree if done.complete else "",
        settings=job.concerns(application),
        prune=options.prune,
    )
    if not job.dry and after != memory.inventories.get(name):
        job.store.save(memory, after)
    return summary.of(name, commit, done)


def _read(job: Run, application: Application, commit: str) -> tuple[str, list[DesiredObject]]:
    """Read and check everything of an application before anything is written."""
    git = job.git(application.source.repository)
    repository.fetch(git, [commit])
    tree = repository.tree(git, commit, application.source.path)
    files = repository.files(git, commit, application.source, job.settings.limits)
    found, faults = manifests.read(files, job.settings.limits)
    faults += duplicates(found)
    if faults:
        raise ManifestError(faults)
    rules = job.settings.projects[application.project]
    refusals = [*project.refused_objects(found, application.project, rules), *_judge(job, application, found)]
    if refusals:
        raise RefusedError("\n".join(str(fault) for fault in refusals))
    return tree, found


def _judge(job: Run, application: Application, found: Sequence[DesiredObject]) -> list[Fault]:
    from gitops.run import gate as policy  # noqa: PLC0415 - a run that has nothing to do needs no rules

    return policy.judge(job.settings, application.namespace, found, job.clock().date())


def _claims(job: Run, memory: Memory, name: str) -> Mapping[str, frozenset[Key]]:
    """List what the other applications of this environment have applied."""
    others = memory.inventories.items()
    return {job.owner(other): frozenset(value.records) for other, value in others if other != name}


def _retire(job: Run, memory: Memory, name: str) -> Outcome:
    """Prune or orphan the objects of an application that is no longer in the settings."""
    started = job.clock()
    before = memory.inventories[name]
    try:
        if not job.dry:
            job.store.lease(job.name, job.clock(), hold=True, trees=memory.trees)
        done = reconcile.retire(job.cluster, job.owner(name), before, dry=job.dry)
        if not job.dry and done.complete:
            job.store.remove(memory, name)
        elif not job.dry:
            job.store.save(memory, done.inventory)
        result = summary.of(name, before.commit, done)
    except (ClusterError, RefusedError) as error:
        return summary.failed(name, before.commit, error)
    how = "pruned" if before.prune else "orphaned"
    seconds = (job.clock() - started).total_seconds()
    return replace(result, message=f"is no longer in the settings and was {how}", seconds=seconds)
