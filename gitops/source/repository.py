"""Reads a Git repository: the commit of a revision, the tree id of a path there, and the files below it.

Fetches are shallow, and files are read from Git's object store. There is no work tree, so that no symbolic
link, hook, filter, submodule or attribute of the repository can take part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gitops.errors import ManifestError, SourceError
from gitops.globs import any_matches
from gitops.settings import ApplicationSource, RunLimits
from gitops.source import signature
from gitops.source.command import batch
from gitops.source.git import Git
from kube.yaml.faults import Fault
from kube.yaml.origin import Origin
from kube.yaml.source import name_fault

COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
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
    for commit in sorted(set(commits)):
        if not _present(git, commit):
            _fetch(git, ["--depth=1", "--filter=blob:none", commit])
        signature.verify(git, commit, revision)


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


def files(git: Git, commit: str, source: ApplicationSource, limits: RunLimits) -> list[File]:
    """Read the files of a source; raises ManifestError for links, submodules and sizes beyond the limits."""
    top = "" if source.path == "." else f"{source.path}/"
    top_tree = tree(git, commit, source.path)
    entries = _entries(git, top_tree, top, source)
    faults = [fault for mode, _, path in entries if (fault := _refused(mode, path))]
    if len(entries) > limits.files:
        message = f"holds {len(entries)} files, more than the limit of {limits.files}"
        faults.append(Fault(Origin(source.path), "", message))
    if faults:
        raise ManifestError(faults)
    oids = [oid for _, oid, _ in entries]
    _fetch_missing(git, commit, top_tree, set(oids))
    contents = _contents(git, oids, source.path, limits)
    return [File(path, contents[oid]) for _, oid, path in entries]


def _refused(mode: str, path: str) -> Fault | None:
    if mode in _WHY_NOT:
        return Fault(Origin(path), "", _WHY_NOT[mode])
    return name_fault(path)


def _entries(git: Git, oid: str, top: str, source: ApplicationSource) -> list[tuple[str, str, str]]:
    """List (mode, blob id, path in the repository) of the files that match the globs of the source."""
    recurse = ("-r",) if source.recurse else ()
    output = git.run("ls-tree", *recurse, "-z", "--full-tree", oid).decode(errors="surrogateescape")
    found = []
    for line in filter(None, output.split("\0")):
        description, _, path = line.partition("\t")
        mode, kind, blob = description.split(" ")
        wanted = mode == "160000" or any_matches(source.include, path)
        if kind != "tree" and wanted and not any_matches(source.exclude, path):
            found.append((mode, blob, top + path))
    return found


def _fetch_missing(git: Git, commit: str, oid: str, wanted: set[str]) -> None:
    """Fetch all missing contents in one request, where Git itself would fetch them one by one.

    A server that speaks the old protocol (sshd without `AcceptEnv GIT_PROTOCOL`) sends whole commits only.
    """
    listed = git.run("rev-list", "--objects", "--missing=print", oid, "--").decode(errors="replace")
    missing = wanted & {line[1:] for line in listed.splitlines() if line.startswith("?")}
    if not missing:
        return
    try:
        blobs = "".join(f"{blob}\n" for blob in sorted(missing))
        _fetch(git, ["--filter=blob:none", "--stdin"], blobs.encode())
    except SourceError as error:
        if "unadvertised object" not in str(error):
            raise
        _fetch(git, ["--depth=1", "--no-filter", "--refetch", commit])


def _contents(git: Git, oids: Sequence[str], path: str, limits: RunLimits) -> dict[str, bytes]:
    sizes = git.run("cat-file", "--batch-check=%(objectsize)", given="\n".join(oids).encode() + b"\n")
    total = sum(int(size) for size in sizes.split() if size.isdigit())
    if total > limits.bytes:
        message = f"holds {total} bytes, more than the limit of {limits.bytes}"
        raise ManifestError([Fault(Origin(path), "", message)])
    output = git.run("cat-file", "--batch", given="\n".join(oids).encode() + b"\n")
    contents = {}
    for oid, content in zip(oids, batch(output, len(oids)), strict=True):
        if content is None:
            raise SourceError(f"{git.url}: the remote does not give the object {oid}")
        contents[oid] = content
    return contents
