"""What a change adds to the releases, and what its tags name in Git's history."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from envs.checkout.history import Version
from envs.checkout.repository import Repository, blob_id
from envs.config.layers.folder import RELEASES, release_path, released_by
from envs.config.load import Configuration
from envs.config.reading.document import parse_document
from envs.gates.releases import releases
from kube.image import parse_image
from kube.yaml.faults import DocumentError
from kube.yaml.tree import Node
from policies.rules.releases import UNCHANGED, FormerRelease, ReleaseChange, ReleasedImage, additions

_SHORT_ID = 12
_ENVIRONMENT = RELEASES.count("/") + 1  # which part of the path of a release names its environment
# The last part of a repository, and a tag: however an image is written, they stand side by side. A digest is neither.
NAME_AND_TAG = re.compile(rb"(?<![@a-z0-9._-])[a-z0-9._-]+:[A-Za-z0-9_][A-Za-z0-9_.-]*")


def change_since(reference: str, configuration: Configuration) -> ReleaseChange:
    """Find the releases that were added since the merge base with `reference`, and the history of their tags.

    Raises CommandError where the reference or a part of the history is missing.
    """
    repository = Repository(configuration.root)
    repository.check_history()
    changed = _changed(repository, str(repository.base(reference)), releases(configuration))
    if not changed:
        return UNCHANGED
    versions = repository.versions(reference, RELEASES)
    history = list(_history(repository, versions, changed))
    before = {version.path.split("/")[_ENVIRONMENT] for version in versions if version.merged}
    return ReleaseChange(additions(changed, history), history, frozenset(before))


def _changed(repository: Repository, base: str, now: Iterable[ReleasedImage]) -> list[ReleasedImage]:
    """Keep the releases whose file is not the one of a commit, byte by byte."""
    committed = {blob.path: blob.id for blob in repository.files(base, RELEASES)}
    paths = {release: release_path(release.environment, release.app, release.workload) for release in now}
    return [
        release
        for release, path in paths.items()
        if committed.get(path) != blob_id((repository.folder / path).read_bytes(), like=base)
    ]


def _history(
    repository: Repository, versions: Sequence[Version], changed: Iterable[ReleasedImage]
) -> Iterator[FormerRelease]:
    """Read the releases of each commit that may use a tag of those that changed."""
    images = [parse_image(release.image) for release in changed]
    wanted = {f"{image.path.rpartition('/')[2]}:{image.tag}".encode() for image in images if image.tag}
    contents = repository.contents(versions)
    relevant = {name: data for name, data in contents.items() if _may_use(data, wanted)}
    for version in versions:
        if version.id in relevant:
            yield from _former(version, relevant[version.id])


def _may_use(data: bytes, names: Collection[bytes]) -> bool:
    """Tell whether a file may name one of these images: reading thousands of files as YAML takes seconds."""
    escaped = b"\\" in data  # then a string may differ from its bytes
    return escaped or not set(NAME_AND_TAG.findall(data)).isdisjoint(names)


def _former(version: Version, data: bytes) -> Iterator[FormerRelease]:
    """Read the images of an old release; one that cannot be read any more names none."""
    named = released_by(version.path)
    try:
        document = parse_document(data, version.path)
    except DocumentError:
        return
    if named is None:
        return
    environment, app, workload = named
    place = f"{version.path} at commit {version.commit[:_SHORT_ID]}"
    for container, released in [("", document), *_containers(document)]:
        image, build = released.text("image"), released.text("build")
        if image is not None:
            yield FormerRelease(environment, app, workload, image, build, place, version.merged, container)


def _containers(document: Node) -> Iterable[tuple[str, Node]]:
    node = document.child("containers")
    return node.value.items() if node is not None and isinstance(node.value, dict) else ()
