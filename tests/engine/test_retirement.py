"""Removing an app from production: refused by the engine, explained by the program, done by `envs retire`."""

import json
import shlex
import subprocess
from pathlib import Path

import pytest
from lightkube import Client

from tests.command import envs_process
from tests.engine.small import SmallProject, exists, small_project, uid_of

pytestmark = pytest.mark.engine


def retire(made: SmallProject, *words: str) -> subprocess.CompletedProcess[bytes]:
    """Run `envs retire`, as a person would."""
    return envs_process(
        "retire", *words, "--from", made.name, root=made.project.folder, env=made.project.environment()
    )


def _unprotect(text: str) -> list[str]:
    """Find the command that takes the protection off, as a shell reads it, without the stack and `--yes`."""
    (line,) = [
        line.strip() for line in text.splitlines() if line.strip().startswith("pulumi state unprotect ")
    ]
    return shlex.split(line)[:-3]


def _protected(made: SmallProject) -> list[str]:
    """List what the engine refuses to delete."""
    state = json.loads(made.project.succeed("stack", "export", "--stack", made.name))
    return [each["urn"] for each in state["deployment"]["resources"] if each.get("protect")]


def test_an_app_is_removed_from_production_by_one_command(
    api: Client, kubeconfig: Path, tmp_path: Path
) -> None:
    made = small_project(tmp_path, kubeconfig, tier="production", uid=uid_of(api))
    made.write(apps=("note", "old"))
    up = ("up", "--yes", "--skip-preview", "--stack", made.name)
    old = f"::Namespace/old-{made.name}"
    made.project.succeed(*up)

    wanted = retire(made, "old", "--yes")
    assert wanted.returncode == 3
    assert b"the app old is still in the layers" in wanted.stderr

    made.write(apps=("note",))
    stopped = made.project.run(*up)  # which writes what it was told, though it deletes nothing
    assert stopped.returncode != 0
    assert f"{old}'" in stopped.stdout, "the engine writes a command for each object"

    preview = made.project.run("preview", "--stack", made.name)
    assert f"envs retire old --from {made.name}\n" in preview.stdout
    command = _unprotect(preview.stdout)
    assert command[-1].endswith(old)

    recovered = envs_process(
        "recover", made.name, "--yes", root=made.project.folder, env=made.project.environment()
    )
    assert recovered.returncode == 5
    assert _unprotect(recovered.stdout.decode()) == command

    shown = retire(made, "old")
    assert shown.returncode == 3, "nobody has agreed"
    assert f"{old}'".encode() in shown.stdout
    assert any(urn.endswith(old) for urn in _protected(made))

    done = retire(made, "old", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    made.project.succeed(*up)
    assert not exists(api, f"old-{made.name}")
    assert exists(api, f"note-{made.name}")

    gone = retire(made, "old", "--yes")
    assert gone.returncode == 3
    assert b"has no protected object of old" in gone.stderr
