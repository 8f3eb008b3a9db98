"""The real `envs` and the real git for tests: words in, exit code and both streams out."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from envs.cli.main import main
from tests.roots import PRODUCTION_CLUSTER, make_root

ENVIRONMENTS = {
    "qa.yaml": "tier: test\n",
    "e2e.yaml": "tier: test\npromotes: {from: qa}\n",
    "prod.yaml": (
        "# prod: real load.\n"
        "tier: production\n"
        "promotes: {from: e2e}\n"
        "apps:\n"
        "  shop:\n"
        "    workloads:\n"
        "      server:\n"
        "        replicas: 2\n"
        f"{PRODUCTION_CLUSTER}"
    ),
    "stacks/Pulumi.e2e.yaml": "config: {}\n",
    "stacks/Pulumi.prod.yaml": "config: {}\n",
}
_ISOLATED = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "test",
    "GIT_AUTHOR_EMAIL": "test@example.com",
    "GIT_COMMITTER_NAME": "test",
    "GIT_COMMITTER_EMAIL": "test@example.com",
}


@dataclass(frozen=True, slots=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as one JSON document."""
        return json.loads(self.out)


def envs(*words: str, root: Path) -> Result:
    """Run the command in this process, as its entry point is called."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with (
        mock.patch.object(sys, "argv", ["envs", *_with_root(words, root)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as ending:
            code = int(ending.code or 0)
    return Result(code, out.getvalue(), err.getvalue())


def envs_process(*words: str, root: Path, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own, where streams, limits or the environment matter."""
    environment = {**os.environ, **options.pop("env", {})}
    command = [sys.executable, "-m", "envs", *_with_root(words, root)]
    return subprocess.run(
        command, check=False, timeout=120, env=environment, **{"capture_output": True, **options}
    )


def _with_root(words: Sequence[str], root: Path) -> list[str]:
    """Name the root, which is the argument of `init` and an option of all others."""
    named = [str(root)] if words[0] == "init" else ["--root", str(root)]
    return [words[0], *named, *words[1:]]


def git(folder: Path, *words: str) -> str:
    """Run git as nobody in particular, whatever the machine's own settings are."""
    done = subprocess.run(
        ["git", *words],
        cwd=folder,
        env={**os.environ, **_ISOLATED},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def commit(folder: Path, message: str = "change") -> str:
    """Commit everything; returns the id."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(folder, "rev-parse", "HEAD")


def make_environments(folder: Path, files: Mapping[str, str | bytes | None] | None = None) -> Path:
    """Write a root with qa, e2e and prod, and `files` on top."""
    return make_root(folder, {**ENVIRONMENTS, **(files or {})})


def make_repository(folder: Path) -> Path:
    """Make a repository with the branch main and nothing in it."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    return folder


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that is there once."""
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def files_of(folder: Path) -> dict[str, bytes]:
    """All files below a folder except Git's own, with their bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }
