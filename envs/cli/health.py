"""The health of the apps of an environment, for commands that it decides: from a file, or asked from the cluster."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from envs.config.load import load
from envs.errors import CommandError, Exit
from envs.gates.rendering import render_environment
from envs.live.connection import cluster_of
from envs.live.status import Asked
from envs.releases.promote import SourceHealth

_LARGEST = 16 * 1024 * 1024  # bytes of a status


def read_health(file: Path, environment: str) -> SourceHealth:
    """Read the health of the apps; raises CommandError for a file that does not say it of the environment."""
    with file.open("rb") as stream:
        data = stream.read(_LARGEST + 1)
    try:
        said: Any = json.loads(data) if len(data) <= _LARGEST else None
        (found,) = [each for each in said if each["environment"] == environment]
        if found["error"] is not None:
            return SourceHealth(unknown=f"{file}: {found['error']}")
        return SourceHealth({each["name"]: each["health"] for each in found["apps"]})
    except (ValueError, TypeError, KeyError) as error:
        message = f"{file} is not the status of {environment}"
        advice = f"write it with `envs status {environment} --format json`"
        raise CommandError(f"{message}; {advice}", Exit.BAD_INPUT) from error


def ask_health(root: Path, environment: str, kubeconfig: Path | None, context: str | None) -> SourceHealth:
    """Ask the cluster for the health of the apps, which stays unknown where it does not tell."""
    configuration = load(root, [environment])
    model = configuration.environment(environment)
    manifests = render_environment(configuration, environment)
    try:
        with cluster_of(model, kubeconfig, context) as live:
            found = Asked(live, model, manifests, "", datetime.now(UTC)).status()
            return SourceHealth({app.name: app.health for app in found.apps})
    except CommandError as error:
        return SourceHealth(unknown=str(error))
