"""Rules over images that need a setting, or a preview: unknown images, digests, registries."""

from __future__ import annotations

from typing import Any

import pytest

from kube.image import parse_image
from policies.check import check_subjects
from policies.context import Level, Tier
from policies.rules.images import is_allowed
from policies.subject import UNKNOWN, Subject, subjects
from tests.policies.objects import CARRIERS, Manifest, container, context, deployment, found, named, pod_spec

DIGEST = f"sha256:{'0' * 64}"
PLACES = ("initContainers", "containers", "ephemeralContainers")


def with_image(place: str, image: Any) -> Manifest:
    """Make the spec of a pod with one image in a place."""
    return pod_spec(**{place: [container("one", image=image)]})


@pytest.mark.parametrize("kind", CARRIERS)
@pytest.mark.parametrize("place", PLACES)
def test_an_unknown_image_stops_production_and_warns_in_test(kind: str, place: str) -> None:
    make, where = CARRIERS[kind]
    manifest = make(with_image(place, UNKNOWN))
    path = f"{where}.{place}[one].image"
    opened = [Subject(one.manifest, one.prefix, one.partial, frozenset({path})) for one in subjects(manifest)]

    for tier, level in ((Tier.PRODUCTION, Level.MANDATORY), (Tier.TEST, Level.ADVISORY)):
        findings = check_subjects(opened, context(tier), complete=False)
        assert [(one.rule, one.level, one.path) for one in findings] == [("images-are-known", level, path)]


def test_a_known_image_is_no_matter_of_the_preview() -> None:
    assert found(deployment(pod_spec()), "images-are-known") == []


@pytest.mark.parametrize("kind", CARRIERS)
@pytest.mark.parametrize("place", PLACES)
def test_an_image_without_a_digest_is_found_where_digests_are_required(kind: str, place: str) -> None:
    make, where = CARRIERS[kind]
    spec = {each: [container("one", image=f"app:1.2.3@{DIGEST}")] for each in PLACES}
    manifest = make(pod_spec(**{**spec, place: [container("one", image="app:1.2.3")]}))

    for tier in Tier:
        findings = found(manifest, "images-carry-digests", tier, require_digests=True)
        assert [(one.path, one.level) for one in findings] == [
            (f"{where}.{place}[one].image", Level.MANDATORY)
        ]


def test_digests_are_not_required_unless_the_environment_asks() -> None:
    assert found(deployment(pod_spec()), "images-carry-digests") == []


def test_what_is_no_reference_has_no_digest_to_miss() -> None:
    broken = deployment({"containers": [container(image="App:1.2.3")]})

    assert found(broken, "images-carry-digests", require_digests=True) == []


@pytest.mark.parametrize("kind", CARRIERS)
@pytest.mark.parametrize("place", PLACES)
def test_an_image_from_elsewhere_is_found_where_registries_are_listed(kind: str, place: str) -> None:
    make, where = CARRIERS[kind]
    spec = {each: [container("one", image="ghcr.io/team/app:1.2.3")] for each in PLACES}
    manifest = make(pod_spec(**{**spec, place: [container("one", image="evil.example.com/app:1.2.3")]}))

    findings = found(manifest, "images-come-from-allowed-registries", registries=("ghcr.io",))

    assert [one.path for one in findings] == [f"{where}.{place}[one].image"]


def test_without_a_list_every_registry_is_allowed() -> None:
    assert found(deployment(pod_spec()), "images-come-from-allowed-registries") == []


@pytest.mark.parametrize(
    ("reference", "allowed", "passes"),
    [
        ("ghcr.io/team/app:1", "ghcr.io", True),
        ("ghcr.io/team/app:1", "ghcr.io/team", True),
        ("ghcr.io/team/app:1", "ghcr.io/team/", True),
        ("ghcr.io/team/app:1", "ghcr.io/team/app", True),
        ("ghcr.io/team-b/app:1", "ghcr.io/team", False),
        ("ghcr.io.example.com/team/app:1", "ghcr.io", False),
        ("ghcr.io:5000/team/app:1", "ghcr.io", False),
        ("example.com/ghcr.io/team/app:1", "ghcr.io", False),
        ("GHCR.io/team/app:1", "ghcr.io", True),
        ("redis:7.4.1", "docker.io", True),
        ("redis:7.4.1", "docker.io/library", True),
        ("evil/redis:7.4.1", "docker.io/library", False),
        ("index.docker.io/library/redis:7.4.1", "docker.io/library", True),
    ],
)
def test_registries_are_compared_by_whole_parts(reference: str, allowed: str, *, passes: bool) -> None:
    assert is_allowed(parse_image(reference), (allowed,)) is passes


def test_a_volume_with_an_image_is_judged_like_a_container() -> None:
    spec = pod_spec(volumes=[{"name": "data", "image": {"reference": "evil.example.com/data:1.2.3"}}])
    settings: dict[str, Any] = {"registries": ("registry.example.com",), "require_digests": True}

    for rule in ("images-come-from-allowed-registries", "images-carry-digests"):
        paths = [one.path for one in found(deployment(spec), rule, **settings)]
        assert "spec.template.spec.volumes[data].image.reference" in paths


def test_objects_without_images_are_none_of_their_business() -> None:
    service = named("Service", "v1", spec={"image": "evil.example.com/app"})

    for rule in ("images-carry-digests", "images-come-from-allowed-registries", "images-are-known"):
        assert found(service, rule, registries=("ghcr.io",), require_digests=True) == []
