"""The registries that are asked for images: those of the images, or their mirrors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from envs.releases.registry.client import Registry
from envs.releases.registry.credentials import find_credentials
from kube.image import Image


@dataclass(slots=True)
class Registries:
    """Registries with what they have handed out, such as tokens."""

    mirrors: Mapping[str, str] = field(default_factory=dict)
    """Registries that are asked instead, by the host of an image: a host, and the start of repositories, if any."""
    _known: dict[str, Registry] = field(default_factory=dict, repr=False)

    def of(self, image: Image) -> Registry:
        """Return the registry to ask for the repository of an image; raises CommandError for bad credentials."""
        if image.repository not in self._known:
            host, _, start = self.mirrors.get(image.domain, image.domain).partition("/")
            path = "/".join(filter(None, (start.strip("/"), image.path)))
            self._known[image.repository] = Registry(host, path, find_credentials(host))
        return self._known[image.repository]
