"""Texts in, rendered objects out, through the real loader: what every test of components starts with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from envs.config.load import load
from envs.gates.rendering import render_environment
from tests.roots import in_server, in_shop, make_root

Objects = Mapping[str, dict[str, Any]]
Files = Mapping[str, str | bytes | None]
TEMPLATED = ("Deployment", "StatefulSet", "DaemonSet", "Job")


def render_root(root: Path, environment: str = "qa") -> Objects:
    """Render one environment of a root: objects by Kind/namespace/name."""
    return {item.id: item.object for item in render_environment(load(root), environment)}


def render_text(folder: Path, text: str, files: Files | None = None) -> Objects:
    """Render qa with `text` as its qa.yaml, on top of an app `shop` with a workload `server`."""
    return render_root(make_root(folder, {"qa.yaml": text, **(files or {})}))


def render_shop(folder: Path, *lines: str, files: Files | None = None) -> Objects:
    """Render qa where `lines` say something of the app `shop`."""
    return render_text(folder, in_shop(*lines) if lines else "tier: test\n", files)


def render_server(folder: Path, *lines: str, files: Files | None = None) -> Objects:
    """Render qa where `lines` say something of the workload `server`."""
    return render_text(folder, in_server(*lines) if lines else "tier: test\n", files)


def template(item: Mapping[str, Any]) -> dict[str, Any]:
    """Pod template of a controller."""
    spec = item["spec"]
    found: dict[str, Any] = (spec["jobTemplate"]["spec"] if item["kind"] == "CronJob" else spec)["template"]
    return found


def pod(item: Mapping[str, Any]) -> dict[str, Any]:
    """Pod of a controller."""
    found: dict[str, Any] = template(item)["spec"]
    return found


def main(item: Mapping[str, Any]) -> dict[str, Any]:
    """Container of a controller that carries the workload's name."""
    found: dict[str, Any] = pod(item)["containers"][0]
    return found


def server(objects: Objects) -> dict[str, Any]:
    """Deployment of the workload `server`."""
    return objects["Deployment/shop-qa/server"]


def of_kind(objects: Objects, *kinds: str) -> list[dict[str, Any]]:
    """Objects of some kinds, in their order."""
    return [item for item in objects.values() if item["kind"] in kinds]


def templates(objects: Objects) -> Iterator[tuple[str, dict[str, Any]]]:
    """All pod templates with their namespaces."""
    for item in of_kind(objects, *TEMPLATED, "CronJob"):
        yield item["metadata"]["namespace"], template(item)
