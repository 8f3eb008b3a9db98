"""Releases the newest images that were found, as far as the configuration still asks for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from envs.config.load import Configuration
from envs.releases.change import Change, Decide
from envs.releases.image import NewImage, set_image
from envs.releases.target import Target
from envs.releases.updates.find import Found
from envs.releases.updates.follow import Followed, followed
from envs.releases.updates.order import newer
from kube.image import parse_image


def update(environment: str, several: Sequence[Found]) -> Decide:
    """Release the newest image of each workload; raises CommandError, when asked, as `set_image` does."""

    def decide(configuration: Configuration) -> Change:
        now = {each.target: each for each in followed(configuration, environment)}
        chosen = {found.followed.target: found.images[0] for found in several if found.images}
        wanted = {target: image for target, image in chosen.items() if _still(now.get(target), image)}
        changes = [
            set_image(environment, str(target), NewImage(image))(configuration)
            for target, image in wanted.items()
        ]
        files = {path: data for change in changes for path, data in change.files.items()}
        return Change(environment, files, _subject(environment, changes), _body(wanted))

    return decide


def _still(each: Followed | None, image: str) -> bool:
    """Tell whether an image is still newer: the remote may be ahead of the work tree that was asked about."""
    if each is None or each.left:
        return False
    new = parse_image(image)
    same = new.repository == each.parsed.repository
    return same and bool(newer(each.updates, str(each.parsed.tag), [str(new.tag)]))


def _subject(environment: str, changes: Sequence[Change]) -> str:
    if len(changes) == 1:
        return changes[0].subject
    return f"{environment}: update {len(changes)} images"


def _body(wanted: Mapping[Target, str]) -> str:
    return "\n".join(f"{target}: {image}" for target, image in wanted.items())
