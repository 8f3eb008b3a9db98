"""Models of a release: the images that a workload runs in one environment, with their evidence."""

from __future__ import annotations

from pydantic import Field

from envs.config.model.fields import Build, ImageReference, Label
from envs.config.model.typed import Model


class Released(Model):
    """One image that was released."""

    image: ImageReference
    """Image of the release."""
    build: Build | None = None
    """Id of the build that made the image."""


class Release(Released):
    """What a workload runs in one environment; a file of its own below releases/."""

    containers: dict[Label, Released] = Field(default_factory=dict)
    """Images of its init containers and sidecars that have releases of their own, by container."""
