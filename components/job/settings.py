"""Settings of the GitOps job: one application and one project for each pulled app, with all options of the layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from components.job.repositories import CREDENTIALS, repositories
from components.objects.rendered import app_folder
from envs.config.model.app import App, Source
from envs.config.model.cron import longest_gap
from envs.config.model.environment import Environment
from envs.config.model.gitops import GitOps
from envs.config.model.sync import AppSync
from kube.quantity import number

SETTINGS = "settings.yaml"

Kinds = Mapping[str, Sequence[str]]  # of each pulled app, with their groups: apps/Deployment, Service


def settings(
    environment: Environment,
    job: GitOps,
    kinds: Kinds,
    policies: Mapping[str, Any],
    watched: Mapping[str, Any],
) -> dict[str, Any]:
    """Describe the job's applications in the format that `python -m gitops` reads.

    `policies` is handed on as it is: policies/context.py reads it. `watched` is what components/job/watched.py says.
    """
    apps = environment.pulled()
    value: dict[str, Any] = {"environment": environment.name}
    if environment.cluster.uid is not None:
        value["cluster"] = {"uid": str(environment.cluster.uid)}
    value["repositories"] = repositories(environment)
    value["projects"] = {
        name: {
            "repositories": [app.source.repo if app.source else job.repo],
            "namespaces": [environment.namespace(name)],
            "kinds": list(kinds.get(name, ())),
        }
        for name, app in apps.items()
    }
    value["applications"] = {name: _application(environment, job, name, app) for name, app in apps.items()}
    value["watched"] = dict(watched)
    if job.may_retire:
        value["mayRetire"] = list(job.may_retire)
    value["policies"] = dict(policies)
    value["limits"] = _limits(job)
    if job.notify is not None:
        address = f"{CREDENTIALS}/{job.notify.secret}/url"
        value["notify"] = {"address": address, "form": str(job.notify.form)}
    if job.pushgateway is not None:
        value["pushgateway"] = str(job.pushgateway.url)
    if job.pushgateway is not None or job.notify is not None:
        value["interval"] = job.interval or longest_gap(job.schedule)
    return value


def _limits(job: GitOps) -> dict[str, int]:
    """Bound a run; Git ends before the pod does, so that the job can still report what happened."""
    said: dict[str, int] = {
        name: int(getattr(job.limits, name))
        for name in ("files", "objects", "processor")
        if name in job.limits.model_fields_set
    }
    said |= {
        name: int(number(getattr(job.limits, name)))
        for name in ("bytes", "download", "memory")
        if name in job.limits.model_fields_set
    }
    return {**said, "seconds": int(job.limits.seconds or job.deadline // 2)}


def _application(environment: Environment, job: GitOps, name: str, app: App) -> dict[str, Any]:
    if app.source is not None:
        source = _source(app.source)
    else:
        revision = job.revision or f"env/{environment.name}"
        path = app_folder(environment.name, name)
        source = {"repository": job.repo, "path": path, "revision": revision}
    application: dict[str, Any] = {
        "project": name,
        "source": source,
        "namespace": environment.namespace(name),
    }
    options = _options(job, app.gitops)
    return {**application, "options": options} if options else application


def _source(source: Source) -> dict[str, Any]:
    """Describe a separate repository; defaults are left out."""
    globs = {"include": list(source.include), "exclude": list(source.exclude)}
    return {
        "repository": source.repo,
        "path": source.path,
        "revision": source.revision,
        **({} if source.recurse else {"recurse": False}),
        **{name: patterns for name, patterns in globs.items() if patterns},
    }


def _options(job: GitOps, app: AppSync) -> dict[str, Any]:
    """Combine what the environment and the app say; what is as by default is left out."""
    prune = job.prune if app.prune is None else app.prune
    retry = app.retry or job.retry
    said: dict[str, Any] = {
        "suspend": app.suspend,
        "ignore": [
            {"kind": each.kind, "name": each.name, "pointers": list(each.pointers)}
            for each in {**job.ignore, **app.ignore}.values()
        ],
        "coOwners": list((job.co_owners if app.co_owners is None else app.co_owners) or ()),
        "adopt": app.adopt or job.adopt,
        "adoptable": [
            {"kind": each.kind, "name": each.name} for each in {**job.adoptable, **app.adoptable}.values()
        ],
        "mayDelete": app.may_delete or job.may_delete,
        "retry": {"attempts": retry.attempts, "seconds": float(retry.seconds)} if retry else None,
    }
    pruning = {"prune": False} if prune is False else {}
    return {**pruning, **{name: value for name, value in said.items() if value}}
