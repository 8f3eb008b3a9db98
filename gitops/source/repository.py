"""Reads a Git repository: the commit of a revision, the tree id of a path there, and the files below it.

Fetches are shallow, and files are read from Git's object store. There is no work tree, so that no symbolic
link, hook, filter, submodule or attribute of the repository can take part.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from gitops.errors import ManifestError, SourceError
from gitops.settings import ApplicationSource, RunLimits
from gitops.source import listing, signature
from gitops.source.git import Git, TooLargeError
from gitops.source.listing import Entry
from kube.yaml.faults import Fault
from kube.yaml.objects import OF_MANIFESTS
from kube.yaml.origin import Origin
from kube.yaml.source import name_fault

COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_OVERHEAD = 2**20  # bytes that a pack may have beside its contents
_LONGEST_LINE = 16 * 1024  # bytes of one line of Git's own output
_WHY_NOT = {
    "120000": "is a symbolic link; only regular files are read",
    "160000": "is a submodule; submodules are not fetched",
}


@dataclass(frozen=True)
class File:
    """A regular file of a source; `path` is relative to the repository."""

    path: str
    content: bytes


def resolve(git: Git, revisions: Iterable[str]) -> dict[str, str | SourceError]:
    """Resolve revisions to commits with one request to the remote; full commit ids need none."""
    wanted = set(revisions)
    names = sorted(
        {name for revision in wanted if not COMMIT.fullmatch(revision) for name in _names(revision)}
    )
    if not names:
        return {revision: revision for revision in wanted}
    output = git.ask("ls-remote", "--quiet", "--", git.url, *names).decode(errors="replace")
    refs = {name: commit for commit, _, name in (line.partition("\t") for line in output.splitlines())}
    return {revision: _choose(git.url, revision, refs) for revision in wanted}


def _names(revision: str) -> list[str]:
    if revision.startswith("refs/"):
        return [revision, f"{revision}^{{}}"]
    tag = f"refs/tags/{revision}"
    return [f"refs/heads/{revision}", tag, f"{tag}^{{}}", f"refs/{revision}"]


def _choose(url: str, revision: str, refs: dict[str, str]) -> str | SourceError:
    """Pick the commit of a revision; an annotated tag is peeled."""
    if COMMIT.fullmatch(revision):
        return revision
    found = {name: refs.get(f"{name}^{{}}", refs[name]) for name in _names(revision) if name in refs}
    commits = {commit for name, commit in found.items() if not name.endswith("^{}")}
    if len(commits) == 1:
        return commits.pop()
    if not commits:
        return SourceError(
            f"{url}: there is no branch, tag or ref {revision}; write its full name or commit id"
        )
    several = ", ".join(sorted(name for name in found if not name.endswith("^{}")))
    return SourceError(f"{url}: {revision} is ambiguous; write one of {several}")


def fetch(git: Git, commits: Iterable[str], revision: str = "") -> None:
    """Fetch commits and their trees, without history; file contents are fetched when they are read.

    Raises SourceError, also when a commit must be signed and neither it nor its tag `revision` is.
    """
    wanted = set(commits)
    download(git, wanted)
    for commit in sorted(wanted):
        signature.verify(git, commit, revision)


def download(git: Git, commits: Iterable[str]) -> None:
    """Fetch commits and their trees ahead of `fetch`, which checks their signatures; raises SourceError."""
    for commit in sorted(set(commits)):
        if not _present(git, commit):
            _fetch(git, ["--depth=1", "--filter=blob:none", commit])


def _fetch(git: Git, arguments: Sequence[str], given: bytes = b"") -> None:
    flags = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules")
    git.ask("fetch", *flags, "origin", *arguments, given=given)


def _present(git: Git, commit: str) -> bool:
    try:
        git.run("rev-list", "--max-count=1", "--exclude-promisor-objects", commit, "--")
    except SourceError:
        return False
    return True


def tree(git: Git, commit: str, path: str) -> str:
    """Return the id of the tree at `path` in a fetched commit; raises SourceError where there is none."""
    name = f"{commit}^{{tree}}" if path == "." else f"{commit}:{path}"
    answer = git.run("cat-file", "--batch-check=%(objectname) %(objecttype)", given=name.encode() + b"\n")
    oid, _, kind = answer.decode().strip().rpartition(" ")
    if kind != "tree" or not COMMIT.fullmatch(oid):
        raise SourceError(f"{git.url}: there is no folder {path} in commit {commit}")
    return oid


def files(git: Git, commit: str, source: ApplicationSource, limits: RunLimits) -> Generator[File]:
    """Read the files of a source one by one.

    Raises ManifestError for links, submodules and sizes beyond the limits, before the first file, and SourceError.
    """
    top_tree = tree(git, commit, source.path)
    entries = listing.entries(git, top_tree, source, limits)
    faults = [fault for entry in entries if (fault := _refused(entry))]
    if faults:
        raise ManifestError(faults)
    try:
        _fetch_missing(git, commit, top_tree, {entry.blob for entry in entries}, limits)
    except TooLargeError as error:
        raise ManifestError([_too_large(source, limits)]) from error
    faults = _check_sizes(git, entries, source, limits)
    if faults:
        raise ManifestError(faults)
    yield from _contents(git, entries)


def _refused(entry: Entry) -> Fault | None:
    if entry.mode in _WHY_NOT:
        return Fault(Origin(entry.path), "", _WHY_NOT[entry.mode])
    return name_fault(entry.path)


def _too_large(source: ApplicationSource, limits: RunLimits) -> Fault:
    message = f"its files have more bytes than the limit of {limits.bytes}"
    return Fault(
        Origin(source.path), "", f"{message}; follow a folder that holds fewer, or raise `limits.bytes`"
    )


def _fetch_missing(git: Git, commit: str, oid: str, wanted: set[str], limits: RunLimits) -> None:
    """Fetch all missing contents in one request, where Git itself would fetch them one by one.

    What it brings is bounded while it comes, since no server tells the size of a content before. A server that speaks
    the old protocol (sshd without `AcceptEnv GIT_PROTOCOL`) sends whole commits only. Raises TooLargeError.
    """
    missing = _missing(git, oid, wanted)
    if not missing:
        return
    most = limits.bytes + limits.bytes // 64 + _OVERHEAD
    try:
        blobs = "".join(f"{blob}\n" for blob in sorted(missing))
        _fetch(replace(git, largest=most), ["--filter=blob:none", "--stdin"], blobs.encode())
    except SourceError as error:
        if "unadvertised object" not in str(error):
            raise
        _fetch(git, ["--depth=1", "--no-filter", "--refetch", commit])


def _missing(git: Git, oid: str, wanted: set[str]) -> set[str]:
    missing = set()
    with git.stream("rev-list", "--objects", "--missing=print", oid, "--") as output:
        for line in iter(lambda: output.readline(_LONGEST_LINE), b""):
            if line.startswith(b"?") and (blob := line[1:].strip().decode(errors="replace")) in wanted:
                missing.add(blob)
    return missing


def _check_sizes(
    git: Git, entries: Sequence[Entry], source: ApplicationSource, limits: RunLimits
) -> list[Fault]:
    """Compare the sizes of the files with the limits before any of them is read."""
    faults, total = [], 0
    given = "".join(f"{entry.blob}\n" for entry in entries).encode()
    with git.stream("cat-file", "--batch-check=%(objectsize)", given=given) as output:
        for entry in entries:
            size = output.readline(_LONGEST_LINE).strip()
            if not size.isdigit():
                raise SourceError(f"{git.url}: the remote does not give the object {entry.blob}")
            total += int(size)
            if int(size) > OF_MANIFESTS.bytes:
                message = f"has more than {OF_MANIFESTS.bytes:,} bytes, the most that is read; split the file"
                faults.append(Fault(Origin(entry.path), "", message))
    return [*faults, _too_large(source, limits)] if total > limits.bytes else faults


def _contents(git: Git, entries: Sequence[Entry]) -> Iterator[File]:
    given = "".join(f"{entry.blob}\n" for entry in entries).encode()
    with git.stream("cat-file", "--batch", given=given) as output:
        for entry in entries:
            *_, size = output.readline(_LONGEST_LINE).split()
            content = output.read(int(size))
            if len(content) != int(size) or output.read(1) != b"\n":
                raise SourceError(f"{git.url}: git does not give the whole of {entry.path}")
            yield File(entry.path, content)
