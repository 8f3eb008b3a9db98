"""`envs status`: shows what the clusters run of each app; only reads."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from envs.checkout.repository import Repository
from envs.cli.accounting import account_as_text
from envs.cli.cluster import Context, KubeConfig
from envs.cli.options import HERE, Format, Names, Root, TextOrJson, chosen, print_json
from envs.cli.outcome import HEALTH_STYLES, SYNC_STYLES
from envs.cli.terminal import print_text
from envs.config.load import Configuration, load
from envs.deployments.history import History
from envs.deployments.notes import read_history
from envs.errors import CommandError, Exit
from envs.gates.rendering import render_environment
from envs.live.connection import cluster_of
from envs.live.status import AppStatus, Asked, EnvironmentStatus, RunningImage
from gitops.cluster.health import Health
from gitops.errors import exit_code
from gitops.report.outcome import Sync
from kube.moments import moment

Watch = Annotated[
    bool,
    typer.Option("--watch", help="Look again every few seconds, and show what has changed, until Control-C."),
]
_POOR = {Health.DEGRADED, Health.MISSING, Health.UNKNOWN}
_SHOWN = 5  # messages of one app
_PAUSE = 5  # seconds between two looks


def status(  # noqa: PLR0913 each is an option of the command
    names: Names = None,
    *,
    output: TextOrJson = Format.TEXT,
    watch: Watch = False,
    kubeconfig: KubeConfig = None,
    context: Context = None,
    root: Root = HERE,
) -> None:
    """Show sync and health of each app, running images, foreign objects, and when the job has last run."""
    configuration = load(root, names or None)
    places = _Places(configuration, _recorded(root), kubeconfig, context)
    wanted = chosen(names, configuration.names)

    def look() -> Mapping[str, Found]:
        return {name: places.look(name) for name in wanted}

    if watch:
        _follow(look, output)
    rows = look()
    _show(rows, output)
    raise typer.Exit(exit_code([code for found in rows.values() for code in _codes(found)]))


Found = EnvironmentStatus | CommandError


@dataclass(frozen=True, slots=True)
class _Places:
    """Where to look, and what should be there."""

    configuration: Configuration
    history: History
    kubeconfig: Path | None
    context: str | None

    def look(self, name: str) -> Found:
        """Ask one cluster; one that does not answer does not hide the others."""
        model = self.configuration.environment(name)
        manifests = render_environment(self.configuration, name)
        running = self.history.running(name)
        deployed = running.deployment.commit if running else ""
        try:
            with cluster_of(model, self.kubeconfig, self.context) as environment:
                return Asked(environment, model, manifests, deployed, datetime.now(UTC)).status()
        except CommandError as error:
            return error


def _recorded(root: Path) -> History:
    """Read what was deployed; without a record the commit of pushed apps is not known."""
    try:
        return read_history(Repository(root))
    except CommandError:
        return History()


def _follow(look: Callable[[], Mapping[str, Found]], output: Format) -> None:
    """Show each change until the user ends it."""
    before: list[dict[str, object]] = []
    while True:
        rows = look()
        values = [_as_json(name, found) for name, found in rows.items()]
        if values != before:
            _show(rows, output)
        before = values
        time.sleep(_PAUSE)


def _show(rows: Mapping[str, Found], output: Format) -> None:
    if output is Format.JSON:
        print_json([_as_json(name, found) for name, found in rows.items()])
    else:
        lines = (line for name, found in rows.items() for line in _as_text(name, found))
        print_text(Text("\n").join(lines))


def _codes(found: Found) -> Iterator[int]:
    if isinstance(found, CommandError):
        yield found.code
        return
    if found.account.foreign:
        yield Exit.FOUND
    for app in found.apps:
        if app.sync is Sync.OUT_OF_SYNC:
            yield Exit.FOUND
        if app.health in _POOR or app.sync is Sync.UNKNOWN:
            yield Exit.UNHEALTHY


def _as_text(name: str, found: Found) -> Iterator[Text]:
    yield Text(name, style="bold")
    if isinstance(found, CommandError):
        yield from Text(f"  {str(found).removeprefix(f'{name}: ')}", style="bold red").split("\n")
        return
    width = max((len(app.name) for app in found.apps), default=0)
    for app in found.apps:
        yield from _app(app, width)
    if found.job.at is not None:
        yield Text(f"  the job has last run at {moment(found.job.at)}", style="dim")
    yield from (Text("  ").append_text(line) for line in account_as_text(found.account))


def _app(app: AppStatus, width: int) -> Iterator[Text]:
    line = Text(f"  {app.name:{width}}  {app.delivery}  ")
    line.append(f"{app.sync:<9}  ", style=SYNC_STYLES[app.sync])
    line.append(f"{app.health}", style=HEALTH_STYLES[app.health])
    yield line.append(f"  at {app.revision[:12]}" if app.revision else "", style="dim")
    yield from (_image(image) for image in app.images)
    yield from (Text(f"    {line}") for line in app.messages[:_SHOWN])
    if len(app.messages) > _SHOWN:
        yield Text(f"    and {len(app.messages) - _SHOWN} more", style="dim")
    yield from (Text(f"    {line}", style="dim") for line in app.repairs)


def _image(image: RunningImage) -> Text:
    where = f"    {image.workload}[{image.container}]"
    if image.running == image.wanted:
        return Text(f"{where}  {image.wanted}", style="dim")
    running, wanted = image.running or "nothing", image.wanted or "nothing"
    return Text(f"{where}  {running} runs, {wanted} is wanted", style="yellow")


def _as_json(name: str, found: Found) -> dict[str, object]:
    if isinstance(found, CommandError):
        return {"environment": name, "error": str(found), "apps": []}
    at = moment(found.job.at) if found.job.at else None
    account = found.account.as_json()
    return {
        "environment": name,
        "error": None,
        "apps": [app.as_json() for app in found.apps],
        "job": {"lastRun": at, "late": bool(found.job.late)},
        "foreign": account["foreign"],
        "unseen": account["unseen"],
    }
