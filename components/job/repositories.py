"""How the GitOps job reaches its repositories: files with credentials, allowed signers, and ports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from components.errors import ComponentError
from envs.config.model.environment import Environment
from envs.config.model.gitops import Credentials, GitOps

FOLDER = "/etc/gitops"  # where the job finds its settings, and the signers beside them
CREDENTIALS = "/var/run/gitops/credentials"

REVOKED = "@revoked "  # begins a line with a refused key, as in sshd(8), SSH_KNOWN_HOSTS FILE FORMAT
OPENPGP = "-----BEGIN PGP PUBLIC KEY BLOCK-----"
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
    for repository, files in signer_files(environment).items():
        paths = {file.setting: f"{FOLDER}/{file.name}" for file in files}
        found[repository] = found.get(repository, {}) | paths
    return found


@dataclass(frozen=True, slots=True)
class SignerFile:
    """A file with public keys beside the settings, and the setting that names it."""

    setting: str
    name: str
    content: str


def signer_files(environment: Environment) -> dict[str, list[SignerFile]]:
    """Sort the keys of each repository into files: allowed SSH keys, revoked ones, and OpenPGP keys."""
    return {
        repository: list(_signer_files(position, signers))
        for position, (repository, signers) in enumerate(_signers_of(environment).items())
    }


def _signer_files(position: int, signers: Sequence[str]) -> Iterator[SignerFile]:
    revoked = [line.removeprefix(REVOKED) for line in signers if line.startswith(REVOKED)]
    keys = [line.rstrip("\n") for line in signers if line.startswith(OPENPGP)]
    allowed = [line for line in signers if not line.startswith((REVOKED, OPENPGP))]
    for setting, name, lines in (
        ("allowedSigners", "allowed-signers", allowed),
        ("allowedKeys", "allowed-keys", keys),
        ("revokedSigners", "revoked-signers", revoked),
    ):
        if lines:
            yield SignerFile(setting, f"{name}-{position}", "".join(f"{line}\n" for line in lines))


def _signers_of(environment: Environment) -> dict[str, tuple[str, ...]]:
    """Find the repositories whose commits must be signed, and by whom, in their order."""
    job = environment.gitops
    own = {job.repo: job.allowed_signers} if job is not None else {}
    others = {
        app.source.repo: app.source.allowed_signers
        for app in environment.pulled().values()
        if app.source is not None
    }
    return {repository: signers for repository, signers in sorted({**own, **others}.items()) if signers}


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
