"""What `envs status --format json` printed in, what runs and differs from what is wanted out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from envs.errors import CommandError, Exit


def read_status(data: bytes, file: str) -> list[str]:
    """Read a line for each app; raises CommandError where the file is something else."""
    try:
        rows = json.loads(data)
        return [line for row in rows for line in _environment(row)]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        message = f"{file} is not what `envs status --format json` prints"
        raise CommandError(message, Exit.BAD_INPUT) from error


def _environment(row: Mapping[str, Any]) -> Iterator[str]:
    if row["error"]:
        yield f"{row['environment']}: {row['error']}"
    for app in row["apps"]:
        images = [
            f"{image['workload']} runs {image['running'] or 'nothing'}, {image['wanted'] or 'nothing'} is wanted"
            for image in app["images"]
            if image["running"] != image["wanted"]
        ]
        yield "; ".join([f"{row['environment']}/{app['name']}: {app['sync']}, {app['health']}", *images])
