"""What Git remembers of releases: which image went where, when, by whom, and whether it still runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from envs.checkout.history import Version
from envs.checkout.log import Commit, describe
from envs.checkout.repository import Repository
from envs.config.layers.folder import RELEASES, released_by
from envs.config.reading.document import parse_document
from envs.releases.target import Target
from kube.yaml.faults import DocumentError


@dataclass(frozen=True, slots=True)
class Entry:
    """One image that a commit released."""

    target: Target
    image: str
    build: str | None
    source: str | None
    promoted_from: str | None
    commit: Commit
    current: bool = False
    """Whether the file of the release says it now."""
    until: dt.datetime | None = None
    """When the next image of the workload was released."""
    lead: dt.timedelta | None = None
    """Time since the source was committed, where this repository has that commit, else since it was first released."""


def read_history(root: Path) -> list[Entry]:
    """Read all releases of HEAD's history, oldest first; raises CommandError for a shallow clone."""
    repository = Repository(root)
    repository.check_history()
    if repository.base("HEAD") is None:
        return []
    versions = repository.versions("HEAD", RELEASES)
    contents = repository.contents(versions)
    commits = describe(root, (version.commit for version in versions))
    entries = [entry for version in versions if (entry := _entry(version, contents[version.id], commits))]
    changes = list(_changes(sorted(entries, key=lambda entry: entry.commit.at)))
    return list(_with_lead(_with_state(root, changes), _sources(root, changes)))


def at(entries: Iterable[Entry], moment: dt.datetime) -> list[Entry]:
    """Keep what each workload ran at a moment, by the time of the commits."""
    last = {entry.target: entry for entry in entries if entry.commit.at <= moment}
    return sorted(last.values(), key=lambda entry: (entry.target.environment, str(entry.target)))


def _entry(version: Version, data: bytes, commits: Mapping[str, Commit]) -> Entry | None:
    named = released_by(version.path)
    try:
        document = parse_document(data, version.path)
    except DocumentError:
        return None  # nobody can read it today either
    image = document.text("image")
    if named is None or image is None:
        return None
    return Entry(
        Target(*named),
        image,
        document.text("build"),
        document.text("source"),
        document.text("promoted", "from"),
        commits[version.commit],
    )


def _changes(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Leave out what changes no image, such as a hold or a merge."""
    last: dict[Target, str] = {}
    for entry in entries:
        if last.get(entry.target) != entry.image:
            last[entry.target] = entry.image
            yield entry


def _with_state(root: Path, entries: Sequence[Entry]) -> list[Entry]:
    following: dict[Target, dt.datetime] = {}
    found = []
    for entry in reversed(entries):
        current = entry.target not in following and (root / entry.target.file).is_file()
        found.append(replace(entry, current=current, until=following.get(entry.target)))
        following[entry.target] = entry.commit.at
    return found[::-1]


def _sources(root: Path, entries: Iterable[Entry]) -> Mapping[str, dt.datetime]:
    """Find when the sources were committed, of those that this repository has."""
    wanted = {entry.source for entry in entries if entry.source is not None}
    known = Repository(root).known(sorted(wanted))
    return {commit.id: commit.at for commit in describe(root, known).values()}


def _with_lead(entries: Iterable[Entry], sources: Mapping[str, dt.datetime]) -> Iterator[Entry]:
    first: dict[str, dt.datetime] = {}
    for entry in entries:
        start = first.setdefault(entry.image, sources.get(entry.source or "", entry.commit.at))
        yield replace(entry, lead=max(entry.commit.at - start, dt.timedelta()))
