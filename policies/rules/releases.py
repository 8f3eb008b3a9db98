"""Rules over releases: a tag always names the image that it named first, according to Git's history of releases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from kube.image import Image, ImageError, parse_image
from policies.context import Level, Tier
from policies.rule import Area, Rule, Violation


@dataclass(frozen=True, slots=True)
class ReleasedImage:
    """What one container of a workload runs in one environment."""

    environment: str
    tier: Tier
    app: str
    workload: str
    image: str
    build: str | None = None
    origin: str | None = None
    promotes_from: str | None = None
    """The environment that this one promotes from."""
    promoted_from: str | None = None
    """The environment that its evidence names."""
    forced: bool = False
    """Whether somebody wrote down why it came by another way."""
    container: str = ""
    """The init container or sidecar; empty for the main one."""

    @property
    def id(self) -> str:
        """Name in reports, shaped like the id of an object."""
        parts = ("Release", self.environment, self.app, self.workload, self.container)
        return "/".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class FormerRelease:
    """What the release of a workload said of one container in one commit."""

    environment: str
    app: str
    workload: str
    image: str
    build: str | None
    place: str
    """File and commit, for messages."""
    merged: bool
    """Whether the base has the commit, or only the change that is judged."""
    container: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseChange:
    """The releases that a change adds, and what Git's history says of their tags, oldest first."""

    added: frozenset[ReleasedImage] = frozenset()
    history: Sequence[FormerRelease] = ()
    environments: frozenset[str] = frozenset()
    """Environments that had releases before."""


UNCHANGED = ReleaseChange()


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a tag has named: the place of each known digest and build."""

    digests: dict[str, str] = field(default_factory=dict)
    builds: dict[str, str] = field(default_factory=dict)

    def learn(self, digest: str | None, build: str | None, place: str) -> None:
        """Add what is known; what is absent is unknown, not different."""
        for known, now in ((self.digests, digest), (self.builds, build)):
            if now is not None:
                known.setdefault(now, place)

    def contradiction(self, digest: str | None, build: str | None) -> str | None:
        """Say which other digest or build the tag has named, and where."""
        for noun, known, now in (("digest", self.digests, digest), ("build", self.builds, build)):
            other = next((value for value in known if value != now), None)
            if now is not None and other is not None:
                return f"names {noun} {now} here and {noun} {other} in {known[other]}"
        return None


_Meanings = dict[tuple[str, str], _Meaning]  # by repository in full and tag
_ADVICE = "a tag never names two images: push the new image under a new tag"
_OF_THE_BRANCH = ", or squash that commit if it was a mistake and is not merged"


def additions(
    releases: Sequence[ReleasedImage], history: Sequence[FormerRelease]
) -> frozenset[ReleasedImage]:
    """Keep the releases that are new; one that brings back what the base once had, as a revert does, is not."""
    known = {
        (former.environment, former.app, former.workload, former.container, former.image, former.build)
        for former in history
        if former.merged
    }
    return frozenset(
        release
        for release in releases
        if (
            release.environment,
            release.app,
            release.workload,
            release.container,
            release.image,
            release.build,
        )
        not in known
    )


def check_reuse(
    releases: Sequence[ReleasedImage], change: ReleaseChange = UNCHANGED
) -> Iterator[tuple[ReleasedImage, Violation]]:
    """Find releases whose tag names another image in another release or, where they are added, in history."""
    now: _Meanings = {}
    past = [
        (_meanings(former for former in change.history if former.merged), ""),
        (_meanings(former for former in change.history if not former.merged), _OF_THE_BRANCH),
    ]
    # What was there says what a tag names, and what is added is judged by it.
    for release in sorted(releases, key=lambda one: one in change.added):
        image = _tagged(release.image)
        if image is None:
            continue
        said = (image.digest, release.build)
        for meanings, advice in [(now, ""), *(past if release in change.added else ())]:
            contradiction = meanings.get(_key(image), _Meaning()).contradiction(*said)
            if contradiction:
                message = f'the tag "{image.tag}" of {image.repository} {contradiction}; {_ADVICE}{advice}'
                yield release, Violation("image", message, image.repository)
                break
        now.setdefault(_key(image), _Meaning()).learn(*said, str(release.origin))


def check_traceable(releases: Sequence[ReleasedImage]) -> Iterator[tuple[ReleasedImage, Violation]]:
    """Find production releases that nothing ties to what was built."""
    for release in releases:
        image = _parsed(release.image)
        if release.tier is Tier.PRODUCTION and image is not None and not (image.digest or release.build):
            message = "neither a digest nor a build says which image this is; write its digest, or its build"
            yield release, Violation("image", message, image.repository)


def check_released(
    written: Sequence[ReleasedImage], releases: Sequence[ReleasedImage]
) -> Iterator[tuple[ReleasedImage, Violation]]:
    """Find images of production, sidecars and init containers included, that a layer says instead of a release.

    An environment without any release is new: its first ones come with its first promotion.
    """
    begun = {release.environment for release in releases}
    for image in written:
        if image.tier is Tier.PRODUCTION and image.environment in begun:
            target = "/".join(part for part in (image.app, image.workload, image.container) if part)
            message = (
                "a layer says what runs here, so nothing compares it with Git's history of releases; "
                f"run `envs set-image {image.environment} {target} IMAGE`, or promote it"
            )
            parsed = _parsed(image.image)
            yield image, Violation("image", message, parsed.repository if parsed else None)


def check_promoted(
    releases: Sequence[ReleasedImage], change: ReleaseChange = UNCHANGED
) -> Iterator[tuple[ReleasedImage, Violation]]:
    """Find releases that are added without a promotion; the first ones of a new environment may be copies."""
    for release in releases:
        expected = release.promotes_from
        judged = release in change.added and release.environment in change.environments
        if expected is None or not judged or release.forced:
            continue
        if release.promoted_from != expected:
            how = f"names {release.promoted_from}" if release.promoted_from else "has no evidence"
            message = f"{release.environment} promotes from {expected}, and the release {how}"
            advice = (
                f'run `envs promote {expected} {release.environment} {release.app}`, or give --force "REASON"'
            )
            yield release, Violation("promoted", f"{message}; {advice}", release.image)


def _meanings(history: Iterable[FormerRelease]) -> _Meanings:
    found: _Meanings = {}
    for former in history:
        image = _tagged(former.image)
        if image is not None:
            found.setdefault(_key(image), _Meaning()).learn(image.digest, former.build, former.place)
    return found


def _key(image: Image) -> tuple[str, str]:
    return image.repository, str(image.tag)


def _tagged(reference: str) -> Image | None:
    image = _parsed(reference)
    return image if image is not None and image.tag is not None else None


def _parsed(reference: str) -> Image | None:
    try:
        return parse_image(reference)
    except ImageError:
        return None  # images-are-valid says so


TAGS_ARE_NEVER_REUSED = Rule(
    id="tags-are-never-reused",
    area=Area.IMAGES,
    law="A tag never names two digests or builds, in all environments and in Git's history of their releases.",
    why="A tag that was overwritten makes a rollback start something else than what ran.",
    test=Level.MANDATORY,
    production=Level.MANDATORY,
    exempt_by=("repository",),
)
RELEASES_ARE_TRACEABLE = Rule(
    id="releases-are-traceable",
    area=Area.IMAGES,
    law="A release in production carries a digest or the id of its build.",
    why="Without either it is unknown which source runs.",
    test=Level.MANDATORY,
    production=Level.MANDATORY,
    exempt_by=("repository",),
)
RELEASES_ARE_PROMOTED = Rule(
    id="releases-are-promoted",
    area=Area.IMAGES,
    law="A release that a change adds to an environment with `promotes:` carries the evidence of its promotion.",
    why="Otherwise production runs what no other environment has run.",
    test=Level.ADVISORY,
    production=Level.MANDATORY,
    exempt_by=("object",),
)
IMAGES_HAVE_RELEASES = Rule(
    id="images-have-releases",
    area=Area.IMAGES,
    law="In production, every container of a workload runs the image of a release, once there are releases.",
    why="An image that a layer says has no evidence, no history, and is the same in every environment at once.",
    test=Level.ADVISORY,
    production=Level.MANDATORY,
    exempt_by=("object", "repository"),
)
RULES = (IMAGES_HAVE_RELEASES, TAGS_ARE_NEVER_REUSED, RELEASES_ARE_TRACEABLE, RELEASES_ARE_PROMOTED)
