"""Models of a release: the images that a workload runs in one environment, with their evidence."""

from __future__ import annotations

from pydantic import Field

from envs.config.model.fields import ImageReference, Label, Line, Moment
from envs.config.model.git_fields import Build, ObjectName
from envs.config.model.typed import Model


class Promoted(Model):
    """Where a release was before it came to this environment; `envs verify` proves it from Git."""

    from_: Label = Field(alias="from")
    """The environment that ran it before."""
    commit: ObjectName
    """Commit that deployed it there."""
    tree: ObjectName
    """Git tree id of the rendered app there."""
    since: Moment | None = None
    """Since when it ran there, according to the record of deployments."""


class Hold(Model):
    """Stops `envs set-image` and `envs promote` from changing this."""

    because: Line
    """Why."""


class Released(Model):
    """One image that was released."""

    image: ImageReference
    """Image of the release."""
    build: Build | None = None
    """Id of the build that made the image."""
    source: ObjectName | None = None
    """Commit of the source that the image was built from."""


class Release(Released):
    """What a workload runs in one environment; a file of its own below releases/."""

    containers: dict[Label, Released] = Field(default_factory=dict)
    """Images of its init containers and sidecars that have releases of their own, by container."""
    promoted: Promoted | None = None
    """Evidence of its promotion."""
    forced: Line | None = None
    """Why it came here by another way than a promotion, or although something was in the way of it."""
    restarted_at: Moment | None = None
    """When `envs restart` asked for new pods."""
    hold: Hold | None = None
    """Stops automation from changing this release; written by `envs hold`."""
