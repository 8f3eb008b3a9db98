"""Lists the releases of all environments as the policies see them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from envs.config.load import Configuration
from envs.config.model.container import MAIN
from envs.config.model.release import Release, Released
from envs.config.model.workload import Workload
from envs.gates.context import shapes
from kube.image import parse_image
from kube.yaml.origin import origin_of
from policies.context import Tier
from policies.rules.releases import ReleasedImage
from policies.tags import Shape, TagClass, classify


def releases(configuration: Configuration) -> list[ReleasedImage]:
    """List the releases of all environments whose tag must always name the same image.

    A tag that moves by its name promises nothing; the rule `images-are-pinned` judges it.
    """
    declared = {name: shapes(environment) for name, environment in configuration.environments.items()}
    return [
        ReleasedImage(
            environment=name,
            tier=Tier(environment.tier),
            app=app_name,
            workload=workload_name,
            image=released.image,
            build=released.build,
            origin=str(origin_of(released.image)),
            container=container,
            promotes_from=environment.promotes.from_ if environment.promotes else None,
            promoted_from=release.promoted.from_ if release.promoted else None,
            forced=release.forced is not None,
        )
        for name, environment in configuration.environments.items()
        for app_name, app in environment.apps.items()
        for workload_name, workload in app.workloads.items()
        if (release := workload.release) is not None
        for container, released in _released(release)
        if not _moves(released.image, declared[name], configuration.names)
    ]


def written(configuration: Configuration) -> list[ReleasedImage]:
    """List the images that layers say for containers without a release."""
    return [
        ReleasedImage(
            environment=name,
            tier=Tier(environment.tier),
            app=app_name,
            workload=workload_name,
            image=image,
            origin=str(origin_of(image)),
            container=container,
        )
        for name, environment in configuration.environments.items()
        for app_name, app in environment.apps.items()
        for workload_name, workload in app.workloads.items()
        for container, image in _written(workload)
    ]


def _written(workload: Workload) -> Iterator[tuple[str, str]]:
    """Yield the images that are no release's: of the main container, under the empty name, and of the others."""
    if workload.release is None and workload.image is not None:
        yield "", workload.image
    released = workload.release.containers if workload.release else {}
    for name, container in {**workload.init, **workload.sidecars}.items():
        if container.image not in {None, MAIN} and name not in released:
            yield name, container.image


def _released(release: Release) -> Iterator[tuple[str, Released]]:
    """Yield the release of the main container, under the empty name, and those of the others."""
    yield "", release
    yield from release.containers.items()


def _moves(reference: str, declared: Mapping[str, Shape], environments: Collection[str]) -> bool:
    return classify(parse_image(reference), declared, environments) is TagClass.MOVING
