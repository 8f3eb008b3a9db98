"""The platform of examples/platform becomes healthy in a cluster that has what it expects."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from lightkube import Client
from lightkube.core.exceptions import ApiError
from lightkube.models.core_v1 import HostPathVolumeSource, PersistentVolumeSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace, PersistentVolume
from lightkube.resources.scheduling_v1 import PriorityClass

from envs.gates.load import load
from envs.gates.rendering import render_environment
from gitops.cluster.health import Health, assess
from kube.yaml.write import to_yaml
from tests.api.custom_resources import KINDS, install
from tests.api.verbatim import verbatim
from tests.tree import TREE
from tests.waiting import wait_until

EXAMPLE = TREE / "examples" / "platform"
EXISTING = "observability"
OF_OTHERS = {kind for _, _, kind, _ in KINDS}
Manifest = dict[str, Any]


@pytest.fixture
def objects(tmp_path: Path) -> list[Manifest]:
    """Give the objects of qa under a name of its own, so that its namespaces collide with nobody's."""
    name, layers = f"test-{secrets.token_hex(3)}", tmp_path / "environments"
    shutil.copytree(EXAMPLE / "environments", layers)
    shutil.copytree(EXAMPLE / "files", tmp_path / "files")
    (layers / "qa.yaml").rename(layers / f"{name}.yaml")
    (layers / "stacks/Pulumi.qa.yaml").rename(layers / f"stacks/Pulumi.{name}.yaml")
    for folder in (layers / "qa", layers / "releases/qa"):
        folder.rename(folder.with_name(name))
    made = render_environment(load(tmp_path, [name]), name)
    return [yaml.safe_load(to_yaml(manifest.object)) for manifest in made]


@pytest.fixture
def platform(ready: Client, objects: list[Manifest]) -> Iterator[Client]:
    """Give a cluster with all that the platform expects of those who run it, and take it away afterwards."""
    install(ready)
    ready.apply(Namespace(metadata=ObjectMeta(name=EXISTING)), field_manager="tests", force=True)
    ready.apply(
        PriorityClass(value=1, metadata=ObjectMeta(name="platform")), field_manager="tests", force=True
    )
    volumes = [f"volume-{secrets.token_hex(4)}" for _ in range(2)]
    for volume in volumes:
        ready.create(_volume(volume))
    yield ready
    spaces = {item["metadata"]["name"] for item in objects if item["kind"] == Namespace.__name__}
    for name in {*spaces, EXISTING}:
        ready.delete(Namespace, name)
    for volume in volumes:
        ready.delete(PersistentVolume, volume)


def test_every_object_of_a_built_in_kind_becomes_healthy(platform: Client, objects: list[Manifest]) -> None:
    for manifest in sorted(objects, key=lambda item: bool(item["kind"] != Namespace.__name__)):
        platform.apply(verbatim(manifest), field_manager="tests", force=True)
    own = [manifest for manifest in objects if manifest["kind"] not in OF_OTHERS]
    assert {"StatefulSet", "Deployment", "DaemonSet", "CronJob"} <= {manifest["kind"] for manifest in own}
    for manifest in own:
        name = f"{manifest['kind']}/{manifest['metadata']['name']}"
        wait_until(partial(_is_well, platform, manifest), f"{name} is healthy")


def _is_well(client: Client, manifest: Manifest) -> bool:
    """Whether an object is Healthy; training is suspended in qa on purpose."""
    metadata = manifest["metadata"]
    kind: type[Any] = type(verbatim(manifest))
    try:
        live = client.get(kind, metadata["name"], namespace=metadata.get("namespace"))
    except ApiError:
        return False
    wanted = (
        Health.SUSPENDED
        if metadata["name"] == "trainer" and manifest["kind"] == "CronJob"
        else Health.HEALTHY
    )
    return assess(dict(live)).health is wanted


def _volume(name: str) -> PersistentVolume:
    """Return a volume that is large enough for each claim of qa."""
    spec = PersistentVolumeSpec(
        accessModes=["ReadWriteOnce"],
        capacity={"storage": "20Gi"},
        hostPath=HostPathVolumeSource(path=f"/var/{name}"),
    )
    return PersistentVolume(metadata=ObjectMeta(name=name), spec=spec)
