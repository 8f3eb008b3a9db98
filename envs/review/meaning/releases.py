"""Images that a change releases: which version follows which, and where the new one runs already."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from envs.review.causes.causes import UNKNOWN, Causes
from envs.review.changes import ObjectAction, Preview
from envs.review.meaning.objects import place_in
from envs.review.meaning.origins import field_origins
from envs.review.meaning.statement import Effect, Statement
from envs.review.naming import listed, opened
from kube.difference import ABSENT
from kube.image import Image, ImageError, parse_image
from policies.carriers import pods

_IMAGE = re.compile(r".*ontainers\[(?P<container>[^]]+)\]\.image")
_SHOWN = 19  # characters of a digest


def release_changes(previews: Sequence[Preview], causes: Mapping[str, Causes]) -> Iterator[Statement]:
    """Tell images that another one follows, environment by environment."""
    found = [
        (preview, change, field, image["container"])
        for preview in previews
        for change in preview.changes
        if change.action is ObjectAction.UPDATE
        for field in change.fields
        if (image := _IMAGE.fullmatch(field.change.path))
    ]
    running = _running(previews) if found else {}
    for preview, change, field, container in found:
        old, new = field.change.old, field.change.new
        if old is ABSENT or new is ABSENT:
            continue
        place = place_in(preview, change.object)
        named = place if place.endswith(f"/{container}") else f"{place}[{container}]"
        text = f"{_told(str(old), str(new))} ({_trail(running.get(str(new), []))})"
        origins = field_origins(preview, causes.get(preview.name, UNKNOWN), change, field)
        yield Statement(Effect.RELEASES, named, text, preview.name, origins)


def _running(previews: Sequence[Preview]) -> Mapping[str, list[str]]:
    """Name the environments by the images that they ran before the change."""
    found: dict[str, list[str]] = defaultdict(list)
    for preview in previews:
        for image in _images(preview.before.values()):
            found[image].append(preview.name)
    return found


def _images(objects: Any) -> set[str]:
    return {str(use.written) for subject in opened(objects) for pod in pods(subject) for use in pod.images}


def _trail(environments: Sequence[str]) -> str:
    return f"already in {listed(environments)}" if environments else "new everywhere"


def _told(old: str, new: str) -> str:
    """Say which version follows which."""
    try:
        before, after = parse_image(old), parse_image(new)
    except ImageError:
        return f"{old} -> {new}"
    name = after.path.rpartition("/")[2]
    if before.path != after.path or not (before.tag or before.digest):
        return f"{old} -> {new}"
    if before.tag != after.tag:
        return f"{name} {_version(before)} -> {_version(after)}"
    return f"{name} {_version(after)}: {str(before.digest)[:_SHOWN]} -> {str(after.digest)[:_SHOWN]}"


def _version(image: Image) -> str:
    return image.tag or str(image.digest)[:_SHOWN]
