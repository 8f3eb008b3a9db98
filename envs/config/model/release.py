"""Model of a release: the image that a workload runs in one environment, with its evidence."""

from __future__ import annotations

from pydantic import Field

from envs.config.model.fields import Build, Duration, ImageReference, Label, Line, Moment, String
from envs.config.model.typed import Model


class Promotion(Model):
    """Where a release came from."""

    from_: Label = Field(alias="from")
    """Environment that ran it before."""
    commit: String
    """Commit of the promotion's source."""
    tree: String | None = None
    """Git tree of the rendered source environment."""
    ran: Duration | None = None
    """How long it ran there."""


class Release(Model):
    """The image that a workload runs in one environment, with its evidence; commands write it."""

    image: ImageReference
    """Image of the release."""
    build: Build | None = None
    """Id of the build that made the image."""
    promoted: Promotion | None = None
    """The promotion that brought it here."""
    at: Moment | None = None
    """When the release was written."""
    by: Line | None = None
    """Who wrote it."""
