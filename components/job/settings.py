"""The settings of the GitOps job: one application and one project for each pulled app."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from components.errors import ComponentError
from components.objects.rendered import app_folder
from envs.config.model.environment import App, Credentials, Environment, GitOps

SETTINGS = "settings.yaml"
CREDENTIALS = "/var/run/gitops/credentials"

Kinds = Mapping[str, Sequence[str]]  # of each pulled app, with their groups: apps/Deployment, Service

_SSH, _HTTPS = 22, 443
_FILES = {
    "token": {"token": "token"},
    "basic": {"username": "username", "password": "password"},
    "ssh": {"sshKey": "ssh-privatekey", "knownHosts": "known_hosts"},
}


def settings(environment: Environment, job: GitOps, kinds: Kinds) -> dict[str, Any]:
    """Describe the job's applications in the format that `python -m gitops` reads."""
    apps = environment.pulled()
    value: dict[str, Any] = {"environment": environment.name, "tier": environment.tier}
    if environment.cluster.uid is not None:
        value["cluster"] = {"uid": str(environment.cluster.uid)}
    value["repositories"] = {
        repository: _files(credentials) for repository, credentials in credentials_of(environment).items()
    }
    value["projects"] = {
        name: {
            "repositories": [app.source.repo if app.source else job.repo],
            "namespaces": [environment.namespace(name)],
            "kinds": list(kinds.get(name, ())),
        }
        for name, app in apps.items()
    }
    value["applications"] = {name: _application(environment, job, name, app) for name, app in apps.items()}
    if policies := _policies(environment):
        value["policies"] = policies
    return value


def _policies(environment: Environment) -> dict[str, Any]:
    """List the settings of the job's policies; empty ones are omitted."""
    declared = environment.policies
    said: dict[str, Any] = {
        "images": {
            repository: {"tags": versions.tags, "because": versions.because}
            for repository, versions in environment.images.items()
        },
        "exemptions": [
            exemption.model_dump(mode="json", exclude_none=True) for exemption in declared.exemptions.values()
        ],
        "registries": list(declared.registries),
        "requireDigests": declared.require_digests,
        "levels": dict(declared.levels),
    }
    return {key: item for key, item in said.items() if item}


def credentials_of(environment: Environment) -> dict[str, Credentials]:
    """Return the credentials of a job by repository."""
    found: dict[str, Credentials] = {}
    job = environment.gitops
    if job is not None and job.credentials is not None:
        found[job.repo] = job.credentials
    for app in environment.pulled().values():
        if app.source is not None and app.source.credentials is not None:
            found[app.source.repo] = app.source.credentials
    return found


def git_ports(environment: Environment, job: GitOps) -> list[int]:
    """Ports of the Git servers of a job's repositories; `git.port` stands for all of them."""
    if job.git.port is not None:
        return [job.git.port]
    sources = [app.source for app in environment.pulled().values() if app.source is not None]
    return sorted({_port(repository) for repository in (job.repo, *(source.repo for source in sources))})


def _port(repository: str) -> int:
    if "://" not in repository:  # user@host:path
        return _SSH
    address = urlsplit(repository)
    try:
        return address.port or (_SSH if address.scheme == "ssh" else _HTTPS)
    except ValueError as error:
        raise ComponentError(("gitops",), f"{repository} has no valid port; write 1 to 65535") from error


def _application(environment: Environment, job: GitOps, name: str, app: App) -> dict[str, Any]:
    if app.source is not None:
        source = {"repository": app.source.repo, "path": app.source.path, "revision": app.source.revision}
    else:
        revision = job.revision or f"env/{environment.name}"
        path = app_folder(environment.name, name)
        source = {"repository": job.repo, "path": path, "revision": revision}
    application = {"project": name, "source": source, "namespace": environment.namespace(name)}
    return application if job.prune else {**application, "options": {"prune": False}}


def _files(credentials: Credentials) -> dict[str, str]:
    folder = f"{CREDENTIALS}/{credentials.secret}"
    authority = {"certificateAuthority": "ca.crt"} if credentials.private_authority else {}
    return {setting: f"{folder}/{key}" for setting, key in (_FILES[credentials.kind] | authority).items()}
