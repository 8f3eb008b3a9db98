"""What an application must know of the others of its environment before it takes or deletes an object."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from gitops.objects import Key


@dataclass(frozen=True)
class Neighbour:
    """Another application of the environment, as far as this run knows it."""

    owner: str  # the value of its label
    wanted: Collection[Key] = frozenset()  # what it wants; what it has recorded, while that is not known
    readable: bool = True
    may_use: Callable[[Key], bool] = field(default=lambda _: False, compare=False)  # by its project


@dataclass(frozen=True)
class Neighbours:
    """All other applications of the environment."""

    known: tuple[Neighbour, ...] = ()

    def claims(self, holder: str, key: Key) -> bool:
        """Tell whether the application whose mark an object bears keeps it; what it does not want is handed over."""
        for each in self.known:
            if each.owner == holder:
                return not each.readable or key in each.wanted
        return False

    def holds(self, key: Key) -> str:
        """Say why an object must not be deleted in this run; empty when no other application can want it."""
        for each in self.known:
            if each.readable and key in each.wanted:
                return f"stays until the application {each.owner} has taken it over"
        for each in self.known:
            if not each.readable and (key in each.wanted or each.may_use(key)):
                return f"stays while the application {each.owner}, which may want it, cannot be read"
        return ""
