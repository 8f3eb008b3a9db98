"""Rules over releases and the ledger of images: what a tag once meant it means for ever."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kube.image import Image, ImageError, parse_image
from policies.context import Level, Tier
from policies.rule import Area, Rule, Violation


@dataclass(frozen=True, slots=True)
class Release:
    """What one workload runs in one environment."""

    environment: str
    tier: Tier
    app: str
    workload: str
    image: str
    build: str | None = None
    origin: str | None = None

    @property
    def id(self) -> str:
        """Name in reports, shaped like the id of an object."""
        return f"Release/{self.environment}/{self.app}/{self.workload}"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger remembers of one tag."""

    digest: str | None = None
    build: str | None = None
    origin: str | None = None


Ledger = Mapping[str, Mapping[str, Entry]]
"""Entries by repository in full, then by tag."""


class ReuseError(ValueError):
    """A tag that already names another thing."""


def remember(entry: Entry | None, image: Image, build: str | None) -> Entry:
    """Entry after this use of the tag, which may complete it; raises ReuseError if it names another thing."""
    known = entry or Entry()
    for noun, before, now in (("digest", known.digest, image.digest), ("build", known.build, build)):
        if before is not None and now is not None and before != now:
            raise ReuseError(
                f'the tag "{image.tag}" of {image.repository} already names {noun} {before}, '
                f"not {now}; a tag is never used twice: push the new image under a new tag"
            )
    return Entry(known.digest or image.digest, known.build or build, known.origin)


def check_reuse(releases: Sequence[Release], ledger: Ledger) -> Iterator[tuple[Release, Violation]]:
    """Find releases whose tag names another image in the ledger, or in another release."""
    seen: dict[tuple[str, str], Entry] = {}
    for release in releases:
        image = _image(release)
        if image is None or image.tag is None:
            continue
        key = (image.repository, image.tag)
        entry = seen.get(key) or ledger.get(image.repository, {}).get(image.tag)
        if entry is None:
            message = f'the ledger does not know "{image}"; run `envs render`, which remembers it'
            yield release, Violation("image", message, image.repository)
        try:
            seen[key] = remember(entry, image, release.build)
        except ReuseError as error:
            yield release, Violation("image", str(error), image.repository)


def check_traceable(releases: Sequence[Release]) -> Iterator[tuple[Release, Violation]]:
    """Find production releases that nothing ties to what was built."""
    for release in releases:
        image = _image(release)
        if release.tier is Tier.PRODUCTION and image is not None and not (image.digest or release.build):
            message = "neither a digest nor a build says which image this is; promote it with its evidence"
            yield release, Violation("image", message, image.repository)


def check_growth(ledger: Ledger, base: Ledger) -> Iterator[tuple[str, Violation]]:
    """Find what the ledger knew at the base and has lost or changed since, by repository."""
    for repository, tags in base.items():
        for tag, before in tags.items():
            now = ledger.get(repository, {}).get(tag)
            if now is None:
                yield (
                    repository,
                    Violation(tag, f'the entry of tag "{tag}" has vanished; restore it', repository),
                )
                continue
            for noun, old, new in (("digest", before.digest, now.digest), ("build", before.build, now.build)):
                if old is not None and old != new:
                    message = f'the {noun} of tag "{tag}" was {old}; restore it, the ledger only grows'
                    yield repository, Violation(tag, message, repository)


def _image(release: Release) -> Image | None:
    try:
        return parse_image(release.image)
    except ImageError:
        return None  # images-are-valid says so


TAGS_ARE_NEVER_REUSED = Rule(
    id="tags-are-never-reused",
    area=Area.IMAGES,
    law="A tag is never used for two different images: the ledger remembers digest and build of each.",
    why="A tag that was overwritten makes a rollback start something else than what ran.",
    test=Level.MANDATORY,
    production=Level.MANDATORY,
    exempt_by=("repository",),
)
RELEASES_ARE_TRACEABLE = Rule(
    id="releases-are-traceable",
    area=Area.IMAGES,
    law="A release in production carries a digest or the id of its build.",
    why="Without either nobody can say which source runs.",
    test=Level.MANDATORY,
    production=Level.MANDATORY,
    exempt_by=("repository",),
)
LEDGER_ONLY_GROWS = Rule(
    id="ledger-only-grows",
    area=Area.IMAGES,
    law="The ledger loses and changes no entry against the base of a pull request.",
    why="Forgetting a tag is how it gets used twice.",
    test=Level.MANDATORY,
    production=Level.MANDATORY,
    exempt_by=(),
)
RULES = (TAGS_ARE_NEVER_REUSED, RELEASES_ARE_TRACEABLE, LEDGER_ONLY_GROWS)
