"""`envs status`: shows what the clusters run of each app; only reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import typer

from envs.cli.cluster import Context, KubeConfig
from envs.cli.options import HERE, Format, Names, Root, TextOrJson, chosen, print_json, write
from envs.config.load import Configuration, load
from envs.errors import CommandError, Exit
from envs.gates.rendering import render_environment
from envs.live.connection import cluster_of
from envs.live.status import AppStatus, RunningImage, statuses_of
from gitops.cluster.health import Health
from gitops.errors import exit_code
from gitops.report.outcome import Sync

_POOR = {Health.DEGRADED, Health.MISSING}
_SHOWN = 5  # messages of one app


def status(
    names: Names = None,
    *,
    output: TextOrJson = Format.TEXT,
    kubeconfig: KubeConfig = None,
    context: Context = None,
    root: Root = HERE,
) -> None:
    """Show sync status and health of each app, and the running images beside the wanted ones."""
    configuration = load(root)
    rows = {
        name: _look(configuration, name, kubeconfig, context)
        for name in chosen(names, configuration.environments)
    }
    if output is Format.JSON:
        print_json([_as_json(name, found) for name, found in rows.items()])
    else:
        write("\n".join(line for name, found in rows.items() for line in _as_text(name, found)))
    raise typer.Exit(exit_code([code for found in rows.values() for code in _codes(found)]))


Found = list[AppStatus] | CommandError


def _look(configuration: Configuration, name: str, kubeconfig: Path | None, context: str | None) -> Found:
    """Ask one cluster; one that does not answer does not hide the others."""
    model = configuration.environment(name)
    manifests = render_environment(configuration, name)
    try:
        with cluster_of(model, kubeconfig, context) as environment:
            return list(statuses_of(environment, model, manifests))
    except CommandError as error:
        return error


def _codes(found: Found) -> Iterator[int]:
    if isinstance(found, CommandError):
        yield found.code
        return
    for app in found:
        if app.sync is Sync.OUT_OF_SYNC:
            yield Exit.FOUND
        if app.health in _POOR:
            yield Exit.UNHEALTHY


def _as_text(name: str, found: Found) -> Iterator[str]:
    yield name
    if isinstance(found, CommandError):
        yield f"  {str(found).removeprefix(f'{name}: ')}"
        return
    width = max((len(app.name) for app in found), default=0)
    for app in found:
        at = f"  at {app.revision[:12]}" if app.revision else ""
        yield f"  {app.name:{width}}  {app.delivery}  {app.sync:<9}  {app.health}{at}"
        yield from (f"    {_image(image)}" for image in app.images)
        yield from (f"    {line}" for line in app.messages[:_SHOWN])
        if len(app.messages) > _SHOWN:
            yield f"    and {len(app.messages) - _SHOWN} more"


def _image(image: RunningImage) -> str:
    where = f"{image.workload}[{image.container}]"
    if image.running == image.wanted:
        return f"{where}  {image.wanted}"
    return f"{where}  {image.running or 'nothing'} runs, {image.wanted or 'nothing'} is wanted"


def _as_json(name: str, found: Found) -> dict[str, object]:
    if isinstance(found, CommandError):
        return {"environment": name, "error": str(found), "apps": []}
    return {"environment": name, "error": None, "apps": [app.as_json() for app in found]}
