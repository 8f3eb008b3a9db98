"""Restarts: the time at which new pods were asked for, written into the release."""

from __future__ import annotations

import datetime as dt

from envs.config.load import Configuration
from envs.errors import CommandError, Exit
from envs.releases.change import Change, Decide
from envs.releases.document import with_fields
from envs.releases.target import find_target, read_release


def restart(environment: str, words: str, now: dt.datetime) -> Decide:
    """Ask for new pods of APP/WORKLOAD at a time."""

    def decide(configuration: Configuration) -> Change:
        target = find_target(configuration, environment, words)
        data = read_release(configuration.root, target)
        if data is None:
            message = f"{target} has no release in {environment}; set restartedAt in its layer instead"
            raise CommandError(message, Exit.BAD_INPUT)
        moment = now.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        edited = with_fields(data, target.file, {"restartedAt": moment})
        return Change(environment, {target.file: edited}, f"{environment}: restart {target}")

    return decide
