"""Models of the teams that are responsible for apps."""

from __future__ import annotations

from envs.config.model.fields import Group
from envs.config.model.typed import Model, OneOrMany


class Groups(Model):
    """Groups of the identity provider, by their role in the namespaces of a team's apps."""

    view: OneOrMany[Group] = ()
    """May read everything except Secrets, logs included."""
    operate: OneOrMany[Group] = ()
    """May also restart pods by deleting them; what runs stays as Git has it."""
    deploy: OneOrMany[Group] = ()
    """May also restart, scale and patch workloads and run jobs."""
    admin: OneOrMany[Group] = ()
    """May also change workloads, never the fence."""


class Team(Model):
    """A team that is responsible for apps."""

    groups: Groups = Groups()
    """Groups of the identity provider."""
