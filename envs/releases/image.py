"""A new image for one workload, with what is known of where it was built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from envs.config.load import Configuration
from envs.config.model.environment import Environment
from envs.errors import CommandError, Exit
from envs.releases.change import Change, Decide
from envs.releases.document import fields_of, with_fields
from envs.releases.holds import check_holds
from envs.releases.target import Target, find_container, find_environment, read_release
from kube.image import Image, parse_image

_SHORT_DIGEST = 19  # sha256: and 12 digits


@dataclass(frozen=True, slots=True)
class NewImage:
    """An image and its evidence."""

    image: str
    build: str | None = None
    source: str | None = None
    forced: str | None = None
    """Why it comes by another way than a promotion."""

    @property
    def parsed(self) -> Image:
        """The parts of the reference."""
        return parse_image(self.image)


def set_image(environment: str, words: str, new: NewImage) -> Decide:
    """Release an image for APP/WORKLOAD, or for one of its other containers: APP/WORKLOAD/CONTAINER.

    Raises CommandError, when asked, where that is held or unsafe.
    """

    def decide(configuration: Configuration) -> Change:
        target = find_container(configuration, environment, words)
        check_digest(configuration, environment, new.parsed)
        check_holds(configuration, [target])
        data = read_release(configuration.root, target)
        said = fields_of(data, target.file) if data is not None else {}
        fields = _fields(target, said, new)
        if _without_nulls(said) == _without_nulls({**said, **fields}):
            return Change(environment, {target.file: data} if data is not None else {}, "")
        edited = with_fields(data, target.file, {**fields, "promoted": None, "forced": new.forced})
        line = subject(configuration.environments[environment], target, new)
        return Change(environment, {target.file: edited}, line)

    return decide


def _fields(target: Target, said: Mapping[str, Any], new: NewImage) -> dict[str, Any]:
    """Return the fields of the release that the image is in."""
    image = {"image": new.image, "build": new.build, "source": new.source}
    if not target.container:
        return image
    if "image" not in said:
        message = f"{target.app}/{target.workload} has no release in {target.environment}"
        raise CommandError(f"{message}; release its main container first", Exit.BAD_INPUT)
    return {"containers": {**said.get("containers", {}), target.container: _without_nulls(image)}}


def _without_nulls(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}


def check_digest(configuration: Configuration, environment: str, image: Image) -> None:
    """Raise CommandError for an image without a digest that production would run, here or after promotions."""
    if image.digest is None:
        production = next(
            (
                name
                for name in (environment, *_after(configuration, environment))
                if _is_production(configuration, name)
            ),
            None,
        )
        if production is not None:
            why = (
                f"{production} is production"
                if production == environment
                else f"{production} promotes from it"
            )
            message = f"{image} has no digest, and {why}: a tag alone does not say which image was tested"
            raise CommandError(f"{message}; give --digest, or omit --no-digest", Exit.REFUSED)


def subject(environment: Environment, target: Target, new: NewImage) -> str:
    """Write the first line of the commit message by the template of the environment."""
    image = new.parsed
    version = image.tag or (image.digest or "")[:_SHORT_DIGEST]
    return environment.commits.message.format(
        environment=environment.name,
        app=target.app,
        workload="/".join(filter(None, (target.workload, target.container))),
        version=version,
        image=new.image,
        build=new.build or "",
        source=new.source or "",
    ).strip()


def _after(configuration: Configuration, environment: str) -> list[str]:
    """List the environments that releases reach from this one, one promotion after the other."""
    reached: list[str] = []
    sources = [environment]
    for source in sources:
        for name, other in configuration.environments.items():
            if other.promotes is not None and other.promotes.from_ == source and name not in sources:
                sources.append(name)
                reached.append(name)
    return reached


def _is_production(configuration: Configuration, name: str) -> bool:
    return find_environment(configuration, name).tier == "production"
