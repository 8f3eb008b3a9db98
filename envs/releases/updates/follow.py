"""Which workloads of an environment follow newer images, and which are left alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from envs.config.load import Configuration
from envs.config.model.updates import Updates
from envs.config.model.workload import Workload
from envs.releases.holds import find_hold
from envs.releases.target import Target
from envs.releases.updates.order import rank
from kube.image import Image, parse_image


@dataclass(frozen=True, slots=True)
class Followed:
    """A workload whose layers declare `updates:`."""

    target: Target
    updates: Updates
    image: str | None
    """Its image now."""
    left: str
    """Why it is left alone; empty where it is not."""

    @property
    def parsed(self) -> Image:
        """The parts of its image, which it must have."""
        return parse_image(str(self.image))

    def with_tag(self, tag: str) -> str:
        """Name the same repository, as it is written, with another tag."""
        name = str(self.image).partition("@")[0].removesuffix(f":{self.parsed.tag}")
        return f"{name}:{tag}"


def followed(configuration: Configuration, environment: str) -> Iterator[Followed]:
    """List the workloads of an environment that declare `updates:`."""
    for app_name, app in configuration.environments[environment].apps.items():
        for name, workload in app.workloads.items():
            if workload.updates is not None:
                target = Target(environment, app_name, name)
                left = _left(configuration, target, workload, workload.updates)
                yield Followed(target, workload.updates, workload.running_image, left)


def _left(configuration: Configuration, target: Target, workload: Workload, updates: Updates) -> str:
    """Say why a workload is left alone, or nothing."""
    held = find_hold(configuration, target)
    if held is not None:
        return str(held)
    promotes = configuration.environments[target.environment].promotes
    if promotes is not None:
        return f"its releases come from {promotes.from_}, by `envs promote`"
    if workload.running_image is None:
        return "it has no image yet; release one with `envs set-image`"
    tag = parse_image(workload.running_image).tag
    if tag is None or rank(updates, tag) is None:
        shown = f"the tag {tag}" if tag is not None else "its image without a tag"
        return f"{shown} is not {_form(updates)}; release one with `envs set-image`, or change `updates:`"
    return ""


def _form(updates: Updates) -> str:
    words = {"build": "a build number", "date": "a date", None: "a semantic version"}[updates.newest]
    return f"{words} with -{updates.variant} at its end" if updates.variant is not None else words
