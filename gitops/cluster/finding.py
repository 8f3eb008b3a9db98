"""What is wrong with one object, as an Event tells it."""

from __future__ import annotations

from dataclasses import dataclass

from gitops.objects import Key
from gitops.secrecy import scrub


@dataclass(frozen=True)
class Finding:
    """An object and the reason why somebody should look at it; the reason is a word, such as Degraded."""

    key: Key
    reason: str
    message: str
    api_version: str = ""  # empty, like the uid, where the object does not exist
    uid: str = ""

    def __post_init__(self) -> None:
        """Keep secrets out of Events."""
        object.__setattr__(self, "message", scrub(self.message))

    def __str__(self) -> str:
        return f"{self.key} is {self.reason}: {self.message}"
