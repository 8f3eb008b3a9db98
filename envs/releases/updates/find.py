"""Asks registries for the newer images of workloads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from envs.errors import CommandError, Exit
from envs.releases.registry.digest import find_digest
from envs.releases.registry.registries import Registries
from envs.releases.registry.tags import list_tags
from envs.releases.updates.follow import Followed
from envs.releases.updates.order import newer
from kube.image import parse_image

_MOST_DIGESTS = 5  # registries count requests: https://docs.docker.com/docker-hub/usage/pulls/


@dataclass(frozen=True, slots=True)
class Found:
    """What a registry has for a workload."""

    followed: Followed
    images: tuple[str, ...] = ()
    """Newer images with their digests, the newest first; of very many the first."""
    more: int = 0
    """How many newer ones are left out."""
    problem: str = ""
    """Why the registry could not be asked; empty where it could."""
    code: Exit = Exit.FINE


@dataclass(slots=True)
class Finder:
    """Asks each registry once for the same thing."""

    registries: Registries
    _tags: dict[str, list[str]] = field(default_factory=dict)
    _digests: dict[str, str] = field(default_factory=dict)

    def find(self, several: Iterable[Followed]) -> Iterator[Found]:
        """Find the newer images of workloads; a registry that fails does not hide the others."""
        for each in several:
            try:
                yield self._found(each) if not each.left else Found(each)
            except CommandError as error:
                yield Found(each, problem=str(error), code=error.code)

    def _found(self, each: Followed) -> Found:
        image = each.parsed
        if image.repository not in self._tags:
            self._tags[image.repository] = list_tags(self.registries.of(image))
        tags = newer(each.updates, str(image.tag), self._tags[image.repository])
        images = tuple(self._pinned(each.with_tag(tag)) for tag in tags[:_MOST_DIGESTS])
        return Found(each, images, len(tags) - len(images))

    def _pinned(self, text: str) -> str:
        if text not in self._digests:
            self._digests[text] = find_digest(parse_image(text), self.registries)
        return f"{text}@{self._digests[text]}"
