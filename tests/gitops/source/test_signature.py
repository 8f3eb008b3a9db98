"""Signatures: made by the real gpg and ssh-keygen, checked by Git, and refused with the reason."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from gitops.errors import SourceError
from gitops.settings import RepositoryCredentials
from gitops.source import repository
from gitops.source.git import Git
from tests.clusters import MACHINE
from tests.gitops.jobs import Repository, config_map, make_repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture
def origin(tmp_path: Path) -> Repository:
    """Give a repository with one commit that nobody signed."""
    found = make_repository(tmp_path / "origin")
    found.commit({"app/one.yaml": config_map("one")})
    return found


def check(folder: Path, origin: Repository, revision: str = "main", **credentials: Path) -> None:
    """Fetch a revision as the job does; raises SourceError."""
    git = Git(folder / "store", f"file://{origin.folder}", RepositoryCredentials(**credentials), 60)
    git.prepare()
    commit = repository.resolve(git, [revision])[revision]
    assert isinstance(commit, str), commit
    repository.fetch(git, [commit], revision)


def tamper(origin: Repository) -> None:
    """Change the message of the last commit and keep its signature."""
    text = origin.git("cat-file", "commit", "HEAD") + "\nand more\n"
    command = ["git", "-C", str(origin.folder), "hash-object", "-t", "commit", "-w", "--stdin"]
    done = subprocess.run(command, input=text, check=True, capture_output=True, text=True)
    origin.git("update-ref", "refs/heads/main", done.stdout.strip())


@dataclass
class SshKey:
    """A key of ssh-keygen."""

    path: Path

    @property
    def public(self) -> str:
        """Its type and the key itself."""
        return " ".join(self.path.with_suffix(".pub").read_text(encoding="ascii").split()[:2])

    def sign(self, origin: Repository, *words: str) -> None:
        """Make a signed commit, or another object."""
        settings = ("-c", "gpg.format=ssh", "-c", f"user.signingKey={self.path}")
        origin.git(*settings, *(words or ("commit", "--allow-empty", "-S", "-m", "signed")))

    def allowed(self, options: str = "") -> Path:
        """Write a file that allows the key."""
        file = self.path.with_suffix(".allowed")
        file.write_text(
            " ".join(filter(None, ("dev@example.com", options, self.public))) + "\n", encoding="ascii"
        )
        return file


def ssh_key(folder: Path, name: str) -> SshKey:
    """Make a key."""
    path = folder / name
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return SshKey(path)


@pytest.fixture
def key(tmp_path: Path) -> SshKey:
    """Give the key of an allowed signer."""
    return ssh_key(tmp_path, "signer")


def test_a_commit_signed_by_an_allowed_ssh_key_is_read(
    tmp_path: Path, origin: Repository, key: SshKey
) -> None:
    key.sign(origin)
    check(tmp_path, origin, allowed_signers=key.allowed())


def test_an_unsigned_commit_is_refused(tmp_path: Path, origin: Repository, key: SshKey) -> None:
    with pytest.raises(SourceError, match=r"commit [0-9a-f]{40} is not signed; nothing of it is applied"):
        check(tmp_path, origin, allowed_signers=key.allowed())


def test_an_unknown_ssh_key_is_refused(tmp_path: Path, origin: Repository, key: SshKey) -> None:
    ssh_key(tmp_path, "stranger").sign(origin)
    with pytest.raises(SourceError, match="is signed by an unknown key"):
        check(tmp_path, origin, allowed_signers=key.allowed())


def test_an_expired_ssh_key_is_refused(tmp_path: Path, origin: Repository, key: SshKey) -> None:
    """It is judged at the time of the commit, as Git does: what was signed before stays signed."""
    key.sign(origin)
    check(tmp_path, origin, allowed_signers=key.allowed('valid-before="29990101"'))
    with pytest.raises(SourceError, match="a key that was not valid at the time"):
        check(tmp_path, origin, allowed_signers=key.allowed('valid-before="20200101"'))


def test_a_revoked_ssh_key_is_refused(tmp_path: Path, origin: Repository, key: SshKey) -> None:
    key.sign(origin)
    revoked = tmp_path / "revoked"
    revoked.write_text(f"{key.public}\n", encoding="ascii")
    with pytest.raises(SourceError, match="a key that was revoked"):
        check(tmp_path, origin, allowed_signers=key.allowed(), revoked_signers=revoked)


def test_a_tampered_commit_with_an_ssh_signature_is_refused(
    tmp_path: Path, origin: Repository, key: SshKey
) -> None:
    key.sign(origin)
    tamper(origin)
    with pytest.raises(SourceError, match="was changed after it was signed"):
        check(tmp_path, origin, allowed_signers=key.allowed())


def test_a_signed_tag_stands_for_its_commit(tmp_path: Path, origin: Repository, key: SshKey) -> None:
    """The commit need not be signed, but the tag must say its own name."""
    key.sign(origin, "tag", "-s", "v1", "-m", "one")
    origin.git("tag", "--annotate", "v2", "-m", "two")
    signers = key.allowed()
    check(tmp_path, origin, "v1", allowed_signers=signers)
    check(tmp_path, origin, "refs/tags/v1", allowed_signers=signers)
    with pytest.raises(SourceError, match="the tag v2 is not signed"):
        check(tmp_path, origin, "v2", allowed_signers=signers)
    origin.git("update-ref", "refs/tags/v3", origin.git("rev-parse", "v1"))
    with pytest.raises(SourceError, match="the tag v3 was signed under another name"):
        check(tmp_path, origin, "v3", allowed_signers=signers)
    with pytest.raises(SourceError, match="is not signed"):
        check(tmp_path, origin, "main", allowed_signers=signers)


@dataclass
class Gpg:
    """A keyring of gpg of one test."""

    home: Path

    def run(self, *words: str, given: str = "") -> str:
        """Run gpg without questions."""
        flags = ["--batch", "--no-tty", "--quiet", "--yes", "--pinentry-mode", "loopback", "--passphrase", ""]
        command = ["gpg", "--homedir", str(self.home), *flags, *words]
        done = subprocess.run(command, input=given, check=True, capture_output=True, text=True)
        return done.stdout

    def make(self, name: str, expires: str = "0") -> str:
        """Make a key; returns its fingerprint."""
        self.run("--quick-generate-key", f"{name} <{name}@example.com>", "ed25519", "sign", expires)
        rows = self.run("--list-keys", "--with-colons", f"{name}@example.com").splitlines()
        return next(row.split(":")[9] for row in rows if row.startswith("fpr"))

    def export(self, key: str) -> Path:
        """Write the public key."""
        file = self.home / "exported.asc"
        file.write_text(self.run("--export", "--armor", key), encoding="ascii")
        return file

    def sign(self, origin: Repository, key: str) -> None:
        """Make a signed commit."""
        settings = ("-c", "gpg.format=openpgp", "-c", f"user.signingKey={key}")
        command = ["git", *settings, "-c", "user.name=Test", "-c", "user.email=t@example.com"]
        command += ["-C", str(origin.folder), "commit", "--quiet", "--allow-empty", "-S", "-m", "signed"]
        subprocess.run(command, check=True, env=os.environ | {"GNUPGHOME": str(self.home)})


@pytest.fixture
def gpg(tmp_path: Path) -> Iterator[Gpg]:
    """Give a keyring."""
    if shutil.which("gpg") is None:
        pytest.skip(f"{MACHINE} check OpenPGP signatures: gpg is not installed")
    home = tmp_path / "gpg"
    home.mkdir(mode=0o700)
    yield Gpg(home)
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)


def test_a_commit_signed_by_an_allowed_gpg_key_is_read(tmp_path: Path, origin: Repository, gpg: Gpg) -> None:
    key = gpg.make("dev")
    gpg.sign(origin, key)
    check(tmp_path, origin, allowed_keys=gpg.export(key))


def test_an_unknown_gpg_key_is_refused(tmp_path: Path, origin: Repository, gpg: Gpg, key: SshKey) -> None:
    """Whichever kind of key is allowed."""
    gpg.sign(origin, gpg.make("stranger"))
    with pytest.raises(SourceError, match="is signed by an unknown key"):
        check(tmp_path, origin, allowed_keys=gpg.export(gpg.make("dev")))
    with pytest.raises(SourceError, match="is signed by an unknown key"):
        check(tmp_path, origin, allowed_signers=key.allowed())


def test_an_expired_gpg_key_is_refused(tmp_path: Path, origin: Repository, gpg: Gpg) -> None:
    clock = gpg.home / "gpg.conf"
    clock.write_text("faked-system-time 20200101T000000!\n", encoding="ascii")
    key = gpg.make("dev", expires="1d")
    gpg.sign(origin, key)
    clock.unlink()
    with pytest.raises(SourceError, match="has expired"):
        check(tmp_path, origin, allowed_keys=gpg.export(key))


def test_a_revoked_gpg_key_is_refused(tmp_path: Path, origin: Repository, gpg: Gpg) -> None:
    key = gpg.make("dev")
    gpg.sign(origin, key)
    certificate = (gpg.home / "openpgp-revocs.d" / f"{key}.rev").read_text(encoding="ascii")
    gpg.run("--import", given=certificate.replace(":-----BEGIN", "-----BEGIN"))
    with pytest.raises(SourceError, match="a key that was revoked"):
        check(tmp_path, origin, allowed_keys=gpg.export(key))


def test_a_tampered_commit_with_a_gpg_signature_is_refused(
    tmp_path: Path, origin: Repository, gpg: Gpg
) -> None:
    key = gpg.make("dev")
    gpg.sign(origin, key)
    tamper(origin)
    with pytest.raises(SourceError, match="was changed after it was signed"):
        check(tmp_path, origin, allowed_keys=gpg.export(key))


def test_keys_that_cannot_be_read_are_an_error(tmp_path: Path, origin: Repository, gpg: Gpg) -> None:
    """An empty list of keys must not allow everybody."""
    del gpg
    nothing = tmp_path / "nothing"
    nothing.write_text("no key\n", encoding="ascii")
    with pytest.raises(SourceError, match=r"the allowed keys .* cannot be read"):
        check(tmp_path, origin, allowed_keys=nothing)
