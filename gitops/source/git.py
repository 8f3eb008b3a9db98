"""A bare repository and its remote: Git without hooks, prompts or the user's configuration.

Git gets credentials only as paths of files in its environment.
"""

from __future__ import annotations

import os
import re
import shlex
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import IO
from urllib.parse import quote

from gitops.errors import SourceError
from gitops.secrecy import stand_in
from gitops.settings import RepositoryCredentials
from gitops.source.budget import Budget
from gitops.source.command import GitCommand, environment

_PASSED_ON = {"PATH", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"}
_CONFIGURATION = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.symlinks=false",
    "submodule.recurse=false",
    "fetch.fsckObjects=true",
    "core.bigFileThreshold=1m",  # larger contents are checked as a stream, not in memory
    "pack.threads=1",
    "gc.auto=0",
    "maintenance.auto=false",
    "fetch.negotiationAlgorithm=noop",  # one commit needs no negotiation about history
    "gpg.format=ssh",
    "protocol.version=2",
    # A redirect could send the token to another host.
    "http.followRedirects=false",
)
_ATTEMPTS = 4
_PAUSE = 0.5  # seconds before the second attempt; twice as long before each further one
# How curl, ssh and Git word transient failures; a refusal or a missing repository is not one.
_PASSING = re.compile(
    r"Could not resolve host|Temporary failure in name resolution|Connection (refused|reset|timed out)"
    r"|Failed to connect|returned error: (429|50[0-9])|early EOF|unexpected disconnect|hung up unexpectedly"
    r"|RPC failed|TLS connection was non-properly terminated|Connection closed by"
)
# A helper of Git was stopped as it wrote more than it may (SIGXFSZ is 25 on Linux).
_TOO_LARGE = re.compile(r"died of signal 25\b|File too large")
_BOILERPLATE = ("Please make sure you have the correct access rights", "and the repository exists.")
# Git asks "Username for …" and "Password for …"; variables name the files, never arguments.
_ASKPASS = """\
#!/bin/sh
case "$1" in
Username*) if [ -n "$GITOPS_USERNAME_FILE" ]; then cat "$GITOPS_USERNAME_FILE"; else echo x-token-auth; fi ;;
Password*) cat "$GITOPS_PASSWORD_FILE" ;;
*) exit 1 ;;
esac
"""


class TooLargeError(SourceError):
    """A fetch that brings more than it may."""


@dataclass(frozen=True)
class Git:
    """A bare repository in `directory`, and the access to its remote."""

    directory: Path
    url: str
    credentials: RepositoryCredentials
    seconds: int  # time limit of one command
    budget: Budget | None = None  # of all commands that contact the remote; by default each has its own time
    largest: int | None = None  # bytes that one fetch may bring

    def prepare(self) -> None:
        """Create the repository and the script that Git asks for credentials, unless they exist."""
        if not (self.directory / "HEAD").exists():
            self.directory.mkdir(parents=True, exist_ok=True)
            self.run("init", "--quiet", "--bare", "--template=", ".")
            self.run("config", "remote.origin.url", self.url)
            self.run("config", "remote.origin.promisor", "true")
            self.run("config", "remote.origin.partialclonefilter", "blob:none")
        script = self.directory / "askpass"
        if self._password() and not script.exists():
            script.write_text(_ASKPASS, encoding="ascii")
            script.chmod(0o500)

    def ask(self, *arguments: str, given: bytes = b"") -> bytes:
        """Run a command that contacts the remote, and retry after transient failures; raises SourceError."""
        for attempt in range(1, _ATTEMPTS):
            try:
                return self._contact(*arguments, given=given)
            except SourceError as error:
                if isinstance(error, TooLargeError) or not _PASSING.search(str(error)):
                    raise
            time.sleep(_PAUSE * 2 ** (attempt - 1))
        return self._contact(*arguments, given=given)

    def _contact(self, *arguments: str, given: bytes) -> bytes:
        try:
            with self.budget.spend() if self.budget else nullcontext(self.seconds) as left:
                return replace(self, seconds=min(self.seconds, ceil(left))).run(*arguments, given=given)
        except TooLargeError:
            for part in self.directory.glob("objects/pack/tmp_*"):
                part.unlink(missing_ok=True)
            raise

    @contextmanager
    def stream(self, *arguments: str, given: bytes = b"") -> Generator[IO[bytes]]:
        """Give the output of a local command while it runs; raises SourceError with Git's own message."""
        try:
            with self._command().stream(*arguments, given=given) as output:
                yield output
        except SourceError as error:
            raise SourceError(f"{self.url}: {self._scrub(str(error))}") from error

    def run(self, *arguments: str, given: bytes = b"", settings: Sequence[str] = ()) -> bytes:
        """Run one command; raises SourceError with Git's own message, without secrets."""
        try:
            finished = self._command().run(*arguments, given=given, configuration=settings)
        except SourceError as error:
            raise SourceError(f"{self.url}: {error}") from error
        if finished.code and self.largest is not None and _TOO_LARGE.search(finished.complaint):
            message = f"git {arguments[0]} brings more than {self.largest:,} bytes and was stopped"
            raise TooLargeError(f"{self.url}: {message}")
        if finished.code:
            text = _last_lines(self._scrub(finished.complaint))
            raise SourceError(f"{self.url}: git {arguments[0]}: {text}")
        return finished.output

    def _command(self) -> GitCommand:
        return GitCommand(
            self.directory, self._environment(), self.seconds, _CONFIGURATION, largest=self.largest
        )

    @property
    def keyring(self) -> Path:
        """Folder of the OpenPGP keys that signatures are checked with."""
        return self.directory / "keyring"

    def _environment(self) -> dict[str, str]:
        own = {
            "HOME": str(self.directory),
            "GNUPGHOME": str(self.keyring),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ALLOW_PROTOCOL": "https:ssh:file",
            "GIT_LFS_SKIP_SMUDGE": "1",
            "GIT_SSH_COMMAND": self._ssh(),
        }
        if password := self._password():
            own["GIT_ASKPASS"] = str(self.directory / "askpass")
            own["GITOPS_PASSWORD_FILE"] = str(password)
            own["GITOPS_USERNAME_FILE"] = str(self.credentials.username or "")
        if self.credentials.certificate_authority:
            own["GIT_SSL_CAINFO"] = str(self.credentials.certificate_authority)
        return environment(_PASSED_ON.__contains__, **own)

    def _ssh(self) -> str:
        """Build the ssh command: one key, known hosts only, no configuration, agent or prompt."""
        hosts, key = self.credentials.known_hosts, self.credentials.ssh_key
        options = [f"UserKnownHostsFile={hosts or os.devnull}", f"GlobalKnownHostsFile={os.devnull}"]
        options += ["StrictHostKeyChecking=yes", "BatchMode=yes", "IdentitiesOnly=yes", "ConnectTimeout=15"]
        words = ["ssh", "-F", os.devnull, *(word for option in options for word in ("-o", option))]
        return shlex.join([*words, "-i", str(key or os.devnull)])

    def _password(self) -> Path | None:
        return self.credentials.token or self.credentials.password

    def _scrub(self, text: str) -> str:
        """Replace the secret, as it is and as a server may have received it."""
        password = self._password()
        try:
            secret = password.read_text(encoding="utf-8").strip() if password else ""
        except (OSError, UnicodeDecodeError):
            secret = ""
        for form in (secret, quote(secret, safe="")) if secret else ():
            text = text.replace(form, stand_in(secret))
        return text


def _last_lines(text: str) -> str:
    lines: Sequence[str] = [
        line.strip() for line in text.splitlines() if line.strip() and not line.startswith(_BOILERPLATE)
    ]
    return "; ".join(lines[-3:])[:600] or "failed without a message"
