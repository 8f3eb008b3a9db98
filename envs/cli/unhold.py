"""`envs unhold`: lifts a hold."""

from __future__ import annotations

from envs.cli.hold import Held
from envs.cli.options import HERE, Name, Root
from envs.cli.writing import Branch, Commit, Onto, Push, Remote, carry_out
from envs.releases import holds


def unhold(  # noqa: PLR0913 each is an option of the command
    name: Name,
    what: Held,
    *,
    commit: Commit = False,
    push: Push = False,
    branch: Branch = None,
    remote: Remote = "origin",
    onto: Onto = None,
    root: Root = HERE,
) -> None:
    """Lift the hold of an app or workload."""
    decide = holds.unhold(name, what)
    carry_out(root, decide, commit=commit, push=push, branch=branch, remote=remote, onto=onto)
