"""Credentials for registries, as `docker login` and its helpers keep them."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from envs.errors import CommandError, Exit

_HELPER = re.compile(r"[A-Za-z0-9_-]+")
_DOCKER_HUB = "https://index.docker.io/v1/"
_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user and a password; neither appears in a text."""

    user: str
    password: str = field(repr=False)


def find_credentials(domain: str, variables: Mapping[str, str] = os.environ) -> Credentials | None:
    """Find what Docker's configuration holds for a registry; raises CommandError where it cannot be read.

    Source: https://docs.docker.com/reference/cli/docker/login/#credential-stores
    """
    folder = variables.get("DOCKER_CONFIG") or str(Path(variables.get("HOME", "/")) / ".docker")
    path = Path(folder, "config.json")
    if not path.is_file():
        return None
    try:
        said = json.loads(path.read_bytes())
    except ValueError as error:
        raise CommandError(f"{path} is not JSON: {error}", Exit.BAD_INPUT) from error
    key = _DOCKER_HUB if domain == "docker.io" else domain
    helper = _mapping(said, "credHelpers").get(key) or (
        said.get("credsStore") if isinstance(said, dict) else None
    )
    if isinstance(helper, str):
        return _ask(helper, key)
    return _decoded(_mapping(_mapping(said, "auths"), key).get("auth"), path)


def _mapping(value: Any, key: str) -> Mapping[str, Any]:
    inner = value.get(key) if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else {}


def _decoded(text: Any, path: Path) -> Credentials | None:
    if not isinstance(text, str) or not text:
        return None
    try:
        user, _, password = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise CommandError(
            f"{path} has an `auth` that is not base64; log in again", Exit.BAD_INPUT
        ) from error
    return Credentials(user, password)


def _ask(helper: str, key: str) -> Credentials | None:
    """Ask a credential helper: https://github.com/docker/docker-credential-helpers."""
    if not _HELPER.fullmatch(helper):
        raise CommandError(f"Docker's configuration names a credential helper {helper!r}", Exit.BAD_INPUT)
    program = f"docker-credential-{helper}"
    try:
        finished = subprocess.run(  # noqa: S603 an argument list, no shell
            [program, "get"], input=key.encode(), capture_output=True, check=False, timeout=_SECONDS
        )
        answer = json.loads(finished.stdout) if finished.returncode == 0 else {}
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise CommandError(
            f"{program} cannot be asked: {type(error).__name__}", Exit.OUTSIDE_FAILED
        ) from error
    said = answer if isinstance(answer, dict) else {}
    user, password = said.get("Username"), said.get("Secret")
    return Credentials(user, password) if isinstance(user, str) and isinstance(password, str) else None
