"""Model of a release: the image that a workload runs in one environment, with its evidence."""

from __future__ import annotations

from envs.config.model.fields import Build, ImageReference
from envs.config.model.typed import Model


class Release(Model):
    """The image that a workload runs in one environment; a file of its own below releases/."""

    image: ImageReference
    """Image of the release."""
    build: Build | None = None
    """Id of the build that made the image."""
