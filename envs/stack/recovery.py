"""Compares what an environment wants, what its stack remembers and what the cluster holds after a run was killed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from envs.stack.state import StackState
from gitops.engine.managed_fields import entries
from gitops.objects import Body, Key

PULUMI = "pulumi-kubernetes"  # prefix of the field managers under which the provider writes


@dataclass(frozen=True, slots=True)
class Recovery:
    """What there is to do; every object is named in one field at most."""

    adopt: tuple[Key, ...]
    """Wanted and written by a run of Pulumi that could not remember it: the next run takes it over."""
    foreign: tuple[Key, ...]
    """Wanted, and written by somebody else: never taken over."""
    orphans: tuple[Key, ...]
    """Written by Pulumi for this environment, neither remembered nor wanted any more."""
    pending: tuple[Key, ...]
    """Remembered as under way: the next run completes it."""

    @property
    def is_complete(self) -> bool:
        """Whether a killed run has left nothing behind."""
        return not (self.adopt or self.foreign or self.orphans or self.pending)


def plan_recovery(wanted: Collection[Key], state: StackState, live: Mapping[Key, Body]) -> Recovery:
    """Decide what becomes of each object; `live` holds the wanted objects that exist, and those with our label."""
    unknown = {key: body for key, body in live.items() if key not in state.objects}
    ours = {key for key, body in unknown.items() if written_by_pulumi(body)}
    return Recovery(
        adopt=tuple(sorted(ours & set(wanted))),
        foreign=tuple(sorted((unknown.keys() - ours) & set(wanted))),
        orphans=tuple(sorted(ours - set(wanted))),
        pending=tuple(sorted(state.pending)),
    )


def written_by_pulumi(body: Body) -> bool:
    """Tell whether Pulumi's provider created an object, by its field managers."""
    return any(str(entry.get("manager", "")).startswith(PULUMI) for entry in entries(body))
