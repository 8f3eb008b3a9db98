"""Requires that a commit, or the tag that names it, is signed by an allowed key, and says why it is not.

Git checks the signatures: those of SSH by ssh-keygen(1), ALLOWED SIGNERS, those of OpenPGP by gpg(1). As in Git, the
validity of an SSH key is judged at the time of the commit, and that of an OpenPGP key by the key itself.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import shutil
import subprocess
from pathlib import Path

from gitops.errors import SourceError
from gitops.source.git import Git

_SECONDS = 60
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]+")
_UNSIGNED = "is not signed"
_TAMPERED = "was changed after it was signed"
# What gpg and ssh-keygen say, and what it means; the first that occurs counts.
_REASONS = (
    (re.compile(r"REVKEYSIG|revoked", re.IGNORECASE), "is signed with a key that was revoked"),
    (re.compile(r"EXPKEYSIG|EXPSIG"), "is signed with a key, or by a signature, that has expired"),
    (re.compile(r"BADSIG|incorrect signature|Could not verify signature"), _TAMPERED),
    (re.compile(r"cannot run gpg"), "has an OpenPGP signature, and gpg is not installed to check it"),
    (
        re.compile(r"NO_PUBKEY|ERRSIG|No principal matched|needs to be configured"),
        "is signed by an unknown key",
    ),
)


def verify(git: Git, commit: str, revision: str = "") -> None:
    """Raise SourceError with the reason unless the commit, or its tag `revision`, is signed as it must be."""
    credentials = git.credentials
    if not credentials.allowed_signers and not credentials.allowed_keys:
        return
    _import_keys(git)
    reason = _fault(git, "commit", commit)
    if not reason:
        return
    if reason == _UNSIGNED and (tag := _tag(git, commit, revision)):
        reason = _fault_of_tag(git, tag, commit, revision)
        if not reason:
            return
        raise SourceError(f"{git.url}: the tag {revision} {reason}; nothing of it is applied")
    raise SourceError(f"{git.url}: commit {commit} {reason}; nothing of it is applied")


def _fault(git: Git, kind: str, name: str) -> str:
    """Return why a commit or tag does not count as signed; empty if it does."""
    credentials = git.credentials
    settings = (
        [f"gpg.ssh.allowedSignersFile={credentials.allowed_signers}"] if credentials.allowed_signers else []
    )
    if credentials.revoked_signers:
        settings.append(f"gpg.ssh.revocationFile={credentials.revoked_signers}")
    try:
        git.run(f"verify-{kind}", "--raw", name, settings=settings)
    except SourceError as error:
        return _reason(git, str(error))
    return ""


def _reason(git: Git, said: str) -> str:
    found = next((reason for pattern, reason in _REASONS if pattern.search(said)), "")
    if "No principal matched" in said and (key := _FINGERPRINT.search(said)) and key[0] in _allowed(git):
        return "is signed with a key that was not valid at the time, by valid-after or valid-before"
    if not found and ("without a message" in said or "no signature found" in said):
        return _UNSIGNED
    return found or f"cannot be checked: {said}"


def _allowed(git: Git) -> set[str]:
    """Compute the fingerprints of the allowed SSH keys, as `ssh-keygen -l` prints them."""
    file = git.credentials.allowed_signers
    words = file.read_text(encoding="utf-8", errors="replace").split() if file else []
    return {print_ for word in words if word.startswith("AAAA") and (print_ := _fingerprint(word))}


def _fingerprint(key: str) -> str:
    try:
        digest = hashlib.sha256(base64.b64decode(key, validate=True)).digest()
    except binascii.Error:
        return ""
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def _tag(git: Git, commit: str, revision: str) -> str:
    """Find the annotated tag of a revision that names the commit; empty where it is something else."""
    ref = revision if revision.startswith("refs/") else f"refs/tags/{revision}"
    if not revision or not ref.startswith("refs/tags/"):
        return ""
    output = git.ask("ls-remote", "--quiet", "--", git.url, ref, f"{ref}^{{}}").decode(errors="replace")
    refs = {name: oid for oid, _, name in (line.partition("\t") for line in output.splitlines())}
    return refs.get(ref, "") if refs.get(f"{ref}^{{}}") == commit else ""


def _fault_of_tag(git: Git, tag: str, commit: str, revision: str) -> str:
    """Return why a tag does not count; it must say its own name, or an old one could be put in its place."""
    git.ask(
        "fetch",
        "--quiet",
        "--no-tags",
        "--no-write-fetch-head",
        "--depth=1",
        "--filter=blob:none",
        "origin",
        tag,
    )
    head = git.run("cat-file", "tag", tag).decode(errors="replace").partition("\n\n")[0].splitlines()
    name = revision.removeprefix("refs/tags/")
    if f"object {commit}" not in head or f"tag {name}" not in head:
        return "was signed under another name or for another commit"
    return _fault(git, "tag", tag)


def _import_keys(git: Git) -> None:
    """Make a keyring of the allowed OpenPGP keys and no others, in Git's home; raises SourceError."""
    ring = git.keyring
    shutil.rmtree(ring, ignore_errors=True)
    ring.mkdir(mode=0o700, parents=True)
    keys = git.credentials.allowed_keys
    if keys is None:
        return
    command = ["gpg", "--homedir", str(ring), "--batch", "--no-tty", "--quiet", "--import", str(Path(keys))]
    try:
        done = subprocess.run(command, check=False, capture_output=True, timeout=_SECONDS)  # noqa: S603 no shell
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SourceError(f"the allowed keys cannot be read with gpg: {error}; install gpg") from error
    if done.returncode:
        text = done.stderr.decode(errors="replace").strip()
        raise SourceError(f"the allowed keys {keys} cannot be read: {text}")
