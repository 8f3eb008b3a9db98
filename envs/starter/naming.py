"""Names in a new root: each is checked before anything is created."""

from __future__ import annotations

import re

from envs.config.layers.folder import RESERVED
from envs.config.model.fields import is_label
from envs.errors import CommandError, Exit
from kube.yaml.faults import quoted

_PROJECT = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,99}")  # what Pulumi accepts, except a digit at the start


def app_name(text: str) -> str:
    """Return the name of an app; raises CommandError if a namespace cannot begin with it."""
    return _label(text, "an app")


def environment_names(text: str) -> tuple[str, ...]:
    """Read names of environments, separated by commas; raises CommandError for an invalid one."""
    names = tuple(_label(name.strip(), "an environment") for name in text.split(","))
    for name in names:
        if name in RESERVED:
            raise CommandError(f"{name} is a reserved name; choose another one", Exit.BAD_INPUT)
        if names.count(name) > 1:
            raise CommandError(f"--environments names {name} twice", Exit.BAD_INPUT)
    return names


def project_name(text: str) -> str:
    """Return the name of a Pulumi project; raises CommandError if Pulumi would reject it."""
    if not _PROJECT.fullmatch(text):
        advice = "use letters, digits, dots, dashes and underscores in --name, starting with a letter"
        raise CommandError(
            f"{quoted(text)} is not a valid name of a Pulumi project; {advice}", Exit.BAD_INPUT
        )
    return text


def requirement_line(text: str) -> str:
    """Return a line of requirements.txt; raises CommandError for several."""
    if not text.strip() or not text.isprintable():
        advice = "write it like gitops-environments==1.2.3"
        raise CommandError(f"--requirement is one line; {advice}", Exit.BAD_INPUT)
    return text


def _label(text: str, what: str) -> str:
    if not is_label(text):
        advice = "write lowercase letters, digits and dashes, like shop-2"
        raise CommandError(f"{quoted(text)} cannot name {what}; {advice}", Exit.BAD_INPUT)
    return text
