"""`envs status`: shows what the clusters run of each app; only reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import typer
from rich.text import Text

from envs.cli.cluster import Context, KubeConfig
from envs.cli.options import HERE, Format, Names, Root, TextOrJson, chosen, print_json
from envs.cli.outcome import HEALTH_STYLES, SYNC_STYLES
from envs.cli.terminal import print_text
from envs.config.load import Configuration, load
from envs.errors import CommandError, Exit
from envs.gates.rendering import render_environment
from envs.live.connection import cluster_of
from envs.live.status import AppStatus, RunningImage, statuses_of
from gitops.cluster.health import Health
from gitops.errors import exit_code
from gitops.report.outcome import Sync

_POOR = {Health.DEGRADED, Health.MISSING, Health.UNKNOWN}
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
    configuration = load(root, names or None)
    rows = {
        name: _look(configuration, name, kubeconfig, context) for name in chosen(names, configuration.names)
    }
    if output is Format.JSON:
        print_json([_as_json(name, found) for name, found in rows.items()])
    else:
        lines = (line for name, found in rows.items() for line in _as_text(name, found))
        print_text(Text("\n").join(lines))
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
        if app.health in _POOR or app.sync is Sync.UNKNOWN:
            yield Exit.UNHEALTHY


def _as_text(name: str, found: Found) -> Iterator[Text]:
    yield Text(name, style="bold")
    if isinstance(found, CommandError):
        yield from Text(f"  {str(found).removeprefix(f'{name}: ')}", style="bold red").split("\n")
        return
    width = max((len(app.name) for app in found), default=0)
    for app in found:
        line = Text(f"  {app.name:{width}}  {app.delivery}  ")
        line.append(f"{app.sync:<9}  ", style=SYNC_STYLES[app.sync])
        line.append(f"{app.health}", style=HEALTH_STYLES[app.health])
        yield line.append(f"  at {app.revision[:12]}" if app.revision else "", style="dim")
        yield from (_image(image) for image in app.images)
        yield from (Text(f"    {line}") for line in app.messages[:_SHOWN])
        if len(app.messages) > _SHOWN:
            yield Text(f"    and {len(app.messages) - _SHOWN} more", style="dim")


def _image(image: RunningImage) -> Text:
    where = f"    {image.workload}[{image.container}]"
    if image.running == image.wanted:
        return Text(f"{where}  {image.wanted}", style="dim")
    running, wanted = image.running or "nothing", image.wanted or "nothing"
    return Text(f"{where}  {running} runs, {wanted} is wanted", style="yellow")


def _as_json(name: str, found: Found) -> dict[str, object]:
    if isinstance(found, CommandError):
        return {"environment": name, "error": str(found), "apps": []}
    return {"environment": name, "error": None, "apps": [app.as_json() for app in found]}
