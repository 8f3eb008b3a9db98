"""How the GitOps job reaches its repositories: files with credentials, allowed signers, and ports."""

from __future__ import annotations

from urllib.parse import urlsplit

from components.errors import ComponentError
from envs.config.model.environment import Environment
from envs.config.model.gitops import Credentials, GitOps

FOLDER = "/etc/gitops"  # where the job finds its settings, and the signers beside them
CREDENTIALS = "/var/run/gitops/credentials"

_PORTS = {"ssh": 22, "http": 80, "https": 443}
_FILES = {
    "token": {"token": "token"},
    "basic": {"username": "username", "password": "password"},
    "ssh": {"sshKey": "ssh-privatekey", "knownHosts": "known_hosts"},
}


def repositories(environment: Environment) -> dict[str, dict[str, str]]:
    """Name the files by which each repository is reached and its commits are verified."""
    found = {
        repository: _files(credentials) for repository, credentials in credentials_of(environment).items()
    }
    for position, repository in enumerate(signers_of(environment)):
        found.setdefault(repository, {})["allowedSigners"] = f"{FOLDER}/{signers_file(position)}"
    return found


def signers_of(environment: Environment) -> dict[str, tuple[str, ...]]:
    """Find the repositories whose commits must be signed, and by whom, in their order."""
    job = environment.gitops
    own = {job.repo: job.allowed_signers} if job is not None else {}
    others = {
        app.source.repo: app.source.allowed_signers
        for app in environment.pulled().values()
        if app.source is not None
    }
    return {repository: signers for repository, signers in sorted({**own, **others}.items()) if signers}


def signers_file(position: int) -> str:
    """Name of the file with the signers of a repository, beside the settings."""
    return f"allowed-signers-{position}"


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
        return _PORTS["ssh"]
    return port_of(repository)


def port_of(url: str) -> int:
    """Port of an address; raises ComponentError for one that cannot be."""
    address = urlsplit(url)
    try:
        return address.port or _PORTS[address.scheme]
    except ValueError as error:
        raise ComponentError(("gitops",), f"{url} has an invalid port; write 1 to 65535") from error


def _files(credentials: Credentials) -> dict[str, str]:
    folder = f"{CREDENTIALS}/{credentials.secret}"
    authority = {"certificateAuthority": "ca.crt"} if credentials.private_authority else {}
    return {setting: f"{folder}/{key}" for setting, key in (_FILES[credentials.kind] | authority).items()}
