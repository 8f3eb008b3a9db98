"""What the releases of all environments add to the ledger of images; entries are added, never changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from envs.checkout.repository import Repository
from envs.config.ledger import PLACE, Ledger, Remembered, ledger_file, parse_ledger
from envs.config.load import Configuration
from envs.config.reading.faults import ConfigurationError
from envs.gates.context import shapes
from kube.image import parse_image
from kube.yaml.faults import Fault
from kube.yaml.origin import Origin, origin_of
from kube.yaml.write import to_yaml
from policies.context import Tier
from policies.rules.releases import Entry, Release, ReuseError, remember
from policies.rules.releases import Ledger as Entries
from policies.tags import Shape, TagClass, classify


def releases(configuration: Configuration) -> list[Release]:
    """List the releases of all environments whose tag is to be remembered.

    A tag that moves by its name has no entry: the rule `images-are-pinned` speaks of it.
    """
    declared = {name: shapes(environment) for name, environment in configuration.environments.items()}
    return [
        Release(
            environment=name,
            tier=Tier(environment.tier),
            app=app_name,
            workload=workload_name,
            image=release.image,
            build=release.build,
            origin=str(origin_of(release.image)),
        )
        for name, environment in configuration.environments.items()
        for app_name, app in environment.apps.items()
        for workload_name, workload in app.workloads.items()
        if (release := workload.release) is not None
        and not _moves(release.image, declared[name], configuration.environments)
        and not _moves(release.image, declared[name], configuration.environments)
    ]


def entries(ledger: Ledger) -> Entries:
    """Translate the ledger into the words of the policies."""
    return {
        repository: {tag: Entry(one.digest, one.build, str(one.origin)) for tag, one in tags.items()}
        for repository, tags in ledger.items()
    }


def ledger_at(repository: Repository, commit: str | None) -> Entries:
    """Read the ledger that a commit holds; empty without one."""
    blobs = repository.files(commit, PLACE) if commit is not None else []
    return entries(parse_ledger(repository.read(blobs)))


def remembered(configuration: Configuration) -> dict[str, bytes]:
    """Texts of the ledger's files that the releases add something to, by path below the root.

    Raises ConfigurationError for a release whose tag names another image already.
    """
    known: dict[tuple[str, str], Entry] = {}
    faults: list[Fault] = []
    for release in releases(configuration):
        image = parse_image(release.image)
        if image.tag is None:
            continue
        key = (image.repository, image.tag)
        before = known.get(key) or _entry(configuration.ledger, *key)
        try:
            known[key] = remember(before, image, release.build)
        except ReuseError as error:
            faults.append(Fault(_origin(release), "image", str(error)))
    if faults:
        raise ConfigurationError(faults)
    added = {key: entry for key, entry in known.items() if entry != _entry(configuration.ledger, *key)}
    return {ledger_file(name): _text(configuration, name, added) for name in {name for name, _ in added}}


def _moves(reference: str, declared: Mapping[str, Shape], environments: Collection[str]) -> bool:
    return classify(parse_image(reference), declared, environments) is TagClass.MOVING


def _entry(ledger: Ledger, repository: str, tag: str) -> Entry | None:
    one = ledger.get(repository, {}).get(tag)
    return Entry(one.digest, one.build, str(one.origin)) if one else None


def _text(configuration: Configuration, repository: str, added: Mapping[tuple[str, str], Entry]) -> bytes:
    """Add lines to a file of the ledger and leave all others as they are."""
    name = ledger_file(repository)
    path = configuration.root / name
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    known = configuration.ledger.get(repository, {})
    mine = {tag: entry for (owner, tag), entry in added.items() if owner == repository}
    # From the last line on, so that the numbers of the lines above stay right.
    for tag, one in sorted(known.items(), key=lambda item: item[1].origin, reverse=True):
        if tag in mine:
            _complete(lines, tag, one, mine[tag])
    for tag in sorted(mine.keys() - known.keys()):
        lines += to_yaml({tag: _fields(mine[tag])}).splitlines()
    data = ("\n".join(lines) + "\n").encode()
    _check(name, data, repository, {**known, **mine})
    return data


def _complete(lines: list[str], tag: str, before: Remembered, after: Entry) -> None:
    """Put what is new into the lines of an entry; one that said nothing is a line of its own."""
    said = {"digest": before.digest, "build": before.build}
    start = before.origin.line
    if not any(said.values()):
        lines[start - 1 : start] = to_yaml({tag: _fields(after)}).splitlines()
        return
    new = {name: value for name, value in _fields(after).items() if said[name] is None}
    lines[start:start] = [f"  {line}" for line in to_yaml(new).splitlines()]


def _check(name: str, data: bytes, repository: str, wanted: Mapping[str, Remembered | Entry]) -> None:
    """Read what is to be written: an entry that people wrote in another style cannot be completed by lines."""
    read = parse_ledger({name: data}).get(repository, {})
    for tag, entry in wanted.items():
        one = read.get(tag)
        if one is None or (one.digest, one.build) != (entry.digest, entry.build):
            line = entry.origin.line if isinstance(entry, Remembered) else 1
            message = f"the entry of {tag} cannot be completed; write its fields below the tag, a line each"
            raise ConfigurationError([Fault(Origin(name, line, 1), tag, message)])


def _fields(entry: Entry) -> dict[str, str]:
    pairs = (("digest", entry.digest), ("build", entry.build))
    return {name: str(value) for name, value in pairs if value is not None}


def _origin(release: Release) -> Origin:
    file, line, column = str(release.origin).rsplit(":", 2)
    return Origin(file, int(line), int(column))
