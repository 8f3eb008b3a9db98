"""Deployments in real Git notes: parallel pipelines lose nothing, and nothing is forced."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from envs.checkout.repository import Repository
from envs.deployments.notes import REF, read_history
from tests.command import Result, commit, edit, envs, envs_process, git

WRITERS = 10


@pytest.fixture
def remote(checkout: Path, tmp_path: Path) -> Path:
    """Give the bare repository that the checkout was cloned from, so to speak."""
    bare = tmp_path / "remote.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(checkout), str(bare))
    git(checkout, "remote", "add", "origin", str(bare))
    git(checkout, "fetch", "--quiet", "origin")
    return bare


def clone(remote: Path, name: str) -> Path:
    """Clone the bare repository."""
    folder = remote.parent / name
    git(remote.parent, "clone", "--quiet", str(remote), str(folder))
    return folder


def record(folder: Path, environment: str = "qa", *words: str) -> Result:
    """Record that HEAD was deployed."""
    return envs("record", environment, "--commit", "HEAD", *words, root=folder)


def notes(remote: Path) -> list[str]:
    """Lines of the note of the only commit."""
    return [line for line in git(remote, "notes", "--ref", REF, "show", "main").splitlines() if line]


@pytest.mark.slow
def test_parallel_pushes_of_ten_pipelines_lose_nothing(remote: Path) -> None:
    folders = [clone(remote, f"clone-{number}") for number in range(WRITERS)]
    words = (sys.executable, "-m", "envs", "record", "qa", "--commit", "HEAD", "--push", "--actor")
    writers = [
        subprocess.Popen(
            [*words, f"writer-{number}"], cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for number, folder in enumerate(folders)
    ]
    ended = [(writer.communicate(), writer.returncode) for writer in writers]

    assert [code for _, code in ended] == [0] * WRITERS, ended
    last = clone(remote, "last")
    git(last, "fetch", "--quiet", "origin", f"{REF}:{REF}")
    history = read_history(Repository(last))
    assert sorted(each.actor for each in history.of("qa")) == sorted(f"writer-{n}" for n in range(WRITERS))
    assert history.faults == ()


def test_what_others_pushed_and_what_was_never_pushed_stay(remote: Path, checkout: Path) -> None:
    other = clone(remote, "other")
    assert record(checkout, "qa", "--actor", "unpushed").code == 0
    assert record(other, "qa", "--actor", "other", "--push").code == 0
    assert record(checkout, "e2e", "--actor", "last", "--push").code == 0

    assert len(notes(remote)) == 3
    history = read_history(Repository(checkout))
    assert {each.actor for each in history.of("qa")} == {"unpushed", "other"}
    assert {each.actor for each in history.of("e2e")} == {"last"}
    assert git(checkout, "for-each-ref", "--format=%(refname)", "refs/notes") == REF


def test_a_push_is_never_forced(remote: Path, checkout: Path) -> None:
    """What the remote has is an ancestor of what is pushed."""
    assert record(checkout, "qa", "--push").code == 0
    before = git(remote, "rev-parse", REF)
    other = clone(remote, "other")
    assert record(other, "e2e", "--push").code == 0
    git(remote, "merge-base", "--is-ancestor", before, REF)


def test_a_remote_that_refuses_ends_with_5_and_leaves_no_record(remote: Path, checkout: Path) -> None:
    hook = remote / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho notes are not welcome here >&2\nexit 1\n")
    hook.chmod(0o755)

    result = record(checkout, "qa", "--push")

    assert result.code == 5
    assert "notes are not welcome here" in result.err
    assert git(checkout, "for-each-ref", "refs/notes") == ""


def test_no_author_needs_to_be_configured(remote: Path, tmp_path: Path) -> None:
    """The runners of pipelines have none."""
    folder = clone(remote, "runner")
    git(folder, "config", "user.useConfigOnly", "true")
    settings = {"GIT_CONFIG_GLOBAL": "/dev/null", "HOME": str(tmp_path)}

    done = envs_process("record", "qa", "--commit", "HEAD", "--push", root=folder, env=settings)

    assert done.returncode == 0, done.stderr
    assert len(notes(remote)) == 1


def test_lines_that_are_no_records_are_reported_and_ignored(checkout: Path) -> None:
    assert record(checkout, "qa", "--actor", "somebody").code == 0
    git(checkout, "notes", "--ref", REF, "append", "-m", "deployed by hand, sorry")

    listed = envs("list", root=checkout)

    assert listed.code == 0
    assert "somebody" in listed.out
    assert "line 3" in listed.err
    assert "this line of the record was ignored" in listed.err


def test_roots_of_one_repository_do_not_share_a_record(checkout: Path) -> None:
    """An environment of the same name in another root is another environment."""
    (checkout / "other").mkdir()
    for folder in ("environments", "rendered"):
        shutil.copytree(checkout / folder, checkout / "other" / folder)
    commit(checkout, "another root")
    assert record(checkout / "other", "qa").code == 0

    assert read_history(Repository(checkout)).of("qa") == ()
    assert len(read_history(Repository(checkout / "other")).of("qa")) == 1


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("nowhere", "--commit", "HEAD"), 2, "there is no environment nowhere"),
        (("qa", "--commit", "4" * 40), 2, "Git does not know the commit"),
        (("qa", "--commit", "--all"), 2, "Git does not know the commit"),
        (("qa", "--commit", "HEAD", "--run", "ftp://x"), 2, "run"),
        (("qa", "--commit", "HEAD", "--push", "--remote", "--all"), 2, "--remote is the name of a remote"),
        (("qa", "--commit", "HEAD", "--push", "--remote", "nowhere"), 5, "nowhere"),
    ],
)
def test_bad_input_records_nothing(checkout: Path, words: tuple[str, ...], code: int, says: str) -> None:
    result = envs("record", *words, root=checkout)

    assert (result.code, says in result.err) == (code, True), result.err
    assert git(checkout, "for-each-ref", "refs/notes") == ""


def test_the_rendered_tree_of_the_commit_is_recorded_not_that_of_the_folder(checkout: Path) -> None:
    edit(checkout / "environments/prod.yaml", "replicas: 2", "replicas: 3")
    assert envs("render", root=checkout).code == 0
    assert record(checkout, "prod").code == 0

    newest = read_history(Repository(checkout)).newest("prod")

    assert newest is not None
    assert newest.tree == git(checkout, "rev-parse", "HEAD:rendered/prod")
    assert newest.actor == "test"
