"""Rules over images: references that parse, tags that never move, known registries."""

from __future__ import annotations

from collections.abc import Iterator

from kube.image import Image
from policies.context import Context, Level
from policies.pods import Pod
from policies.rule import Area, PodRule, Violation
from policies.subject import Subject, Unknown
from policies.tags import UNIQUE, Shape, TagClass, classify

_ADVICE = "write a full version, a commit, a build stamp or a digest"


def check_known(_subject: Subject, pod: Pod, _context: Context) -> Iterator[Violation]:
    """Find images that nobody knows before the deployment: Pulumi, or the controller that installs them."""
    if pod.installs:
        message = (
            f"a {pod.installs} installs images that are not written here; commit the objects that it would make "
            "(`helm template`, `kustomize build`) in its place"
        )
        yield Violation(pod.path, message)
    for use in pod.images:
        if isinstance(use.written, Unknown):
            yield Violation(
                use.path, "the image is not known before the deployment; write it as a plain text"
            )


def check_valid(_subject: Subject, pod: Pod, _context: Context) -> Iterator[Violation]:
    """Find references that no container runtime can parse."""
    for use in pod.images:
        if use.error and not isinstance(use.written, Unknown):
            yield Violation(use.path, use.error)


def check_pinned(_subject: Subject, pod: Pod, context: Context) -> Iterator[Violation]:
    """Find images whose tag can move."""
    for use in pod.images:
        image = use.image
        if image is None or image.digest is not None:
            continue
        tag_class = classify(image, context.shapes, context.names)
        if tag_class not in UNIQUE:
            yield Violation(use.path, _explain(image, tag_class, context), image.repository)


def _explain(image: Image, tag_class: TagClass, context: Context) -> str:
    tag = f'the tag "{image.tag}" of {image.repository}'
    if tag_class is TagClass.NONE:
        return f'"{image}" has no tag and no digest, which means latest; {_ADVICE}'
    if tag_class is TagClass.MOVING:
        return f"{tag} moves from image to image; {_ADVICE}"
    if tag_class is TagClass.PARTIAL:
        shape = context.shapes.get(image.repository)
        declare = f", or declare the shape of its versions ({', '.join(Shape)})" if shape is None else ""
        return f"{tag} is part of a version and moves; {_ADVICE}{declare}"
    return f"{tag} has nothing that makes it unique; {_ADVICE}"


def check_telling(_subject: Subject, pod: Pod, context: Context) -> Iterator[Violation]:
    """Find digests beside a moving tag, which misleads the reader."""
    for use in pod.images:
        image = use.image
        if image is None or image.digest is None or image.tag is None:
            continue
        if classify(image, context.shapes, context.names) is TagClass.MOVING:
            message = (
                f'the digest decides, but the tag "{image.tag}" misleads readers; write the version beside it'
            )
            yield Violation(use.path, message, image.repository)


def check_digests(_subject: Subject, pod: Pod, context: Context) -> Iterator[Violation]:
    """Find images without a digest where the environment requires one."""
    for use in pod.images if context.require_digests else ():
        if use.image is not None and use.image.digest is None:
            yield Violation(use.path, f'"{use.image}" has no digest; add @sha256:…', use.image.repository)


def check_registries(_subject: Subject, pod: Pod, context: Context) -> Iterator[Violation]:
    """Find images of a registry or repository that the environment does not allow."""
    if not context.registries:
        return
    for use in pod.images:
        if use.image is not None and not is_allowed(use.image, context.registries):
            allowed = ", ".join(context.registries)
            message = f"{use.image.repository} is not in an allowed registry; allowed are {allowed}"
            yield Violation(use.path, message, use.image.repository)


def is_allowed(image: Image, registries: tuple[str, ...]) -> bool:
    """Compare whole parts of the path: `example.com/team` does not allow `example.com/team-b`."""
    repository = f"{image.domain.lower()}/{image.path}"
    return any(f"{repository}/".startswith(f"{entry.rstrip('/')}/") for entry in registries)


IMAGES_ARE_KNOWN = PodRule(
    id="images-are-known",
    area=Area.IMAGES,
    law="An image is known before the deployment starts.",
    why="An image that the preview does not show cannot be reviewed.",
    test=Level.ADVISORY,
    production=Level.MANDATORY,
    check=check_known,
)
IMAGES_ARE_VALID = PodRule(
    id="images-are-valid",
    area=Area.IMAGES,
    law="An image is written in the grammar that container runtimes parse.",
    why="Anything else fails only when a node pulls it, or bypasses rules that parse it differently.",
    test=Level.MANDATORY,
    production=Level.MANDATORY,
    check=check_valid,
)
IMAGES_ARE_PINNED = PodRule(
    id="images-are-pinned",
    area=Area.IMAGES,
    law="An image has a digest, or a tag that always names the same image.",
    why="A moving tag changes what runs without a commit, and a rollback does not bring back what ran before.",
    test=Level.MANDATORY,
    production=Level.MANDATORY,
    relaxable=True,
    exempt_by=("object", "repository"),
    check=check_pinned,
)
RULES = (
    IMAGES_ARE_KNOWN,
    IMAGES_ARE_VALID,
    IMAGES_ARE_PINNED,
    PodRule(
        id="image-tags-tell-the-truth",
        area=Area.IMAGES,
        law="A tag beside a digest is not a moving word.",
        why="The digest decides; a reader believes the tag.",
        test=Level.ADVISORY,
        production=Level.ADVISORY,
        exempt_by=("object", "repository"),
        check=check_telling,
    ),
    PodRule(
        id="images-carry-digests",
        area=Area.IMAGES,
        law="Where the environment requires it, every image has a digest.",
        why="A registry may let a tag be overwritten; a digest cannot be.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        exempt_by=("object", "repository"),
        check=check_digests,
    ),
    PodRule(
        id="images-come-from-allowed-registries",
        area=Area.IMAGES,
        law="Images come from the registries that the environment allows.",
        why="Anybody can publish an image with a similar name on a public registry.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        exempt_by=("object", "repository"),
        check=check_registries,
    ),
)
