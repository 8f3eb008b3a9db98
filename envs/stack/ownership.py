"""Tells the root that a stack belongs to from another one whose project has the same name."""

from __future__ import annotations

from envs.config.reading.faults import ConfigurationError
from kube.yaml.faults import Fault, quoted
from kube.yaml.origin import Origin

OUTPUT = "identity"
"""Output in which a stack keeps the identity of its root, and key of the project's settings that says it."""
_FILE = "Pulumi.yaml"


def refuse_without_identity(own: str | None, project: str, fresh: str) -> None:
    """Raise ConfigurationError for a project that does not say who it is; `fresh` is an identity that is not in use."""
    if not own:
        raise _fault(
            "the project has no identity, by which its stacks recognize it; write below `config:` "
            f"`{project}:{OUTPUT}: {{value: {fresh}}}`, and never change it"
        )


def refuse_other_root(own: str, recorded: object, stack: str) -> None:
    """Raise ConfigurationError where the state of a stack names another root than ours.

    `recorded` is what the state says, None for a stack that is empty or older than identities.
    """
    if recorded is None or recorded == own:
        return
    raise _fault(
        f"the stack {stack} belongs to another root, whose identity is {quoted(str(recorded))}, and this one is "
        f"{quoted(own)}; nothing was registered. Two repositories with one project name share their stacks: give "
        "this project another name. If the layers have moved here on purpose, write the other identity into this file"
    )


def _fault(message: str) -> ConfigurationError:
    return ConfigurationError([Fault(Origin(_FILE, 1, 1), "config", message)])
