"""`envs check --base` where Git, its history or a part of it is missing: bad input, never a silent pass."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from envs.errors import Exit
from tests.command import Result, envs, envs_process, git
from tests.envs.gates.releasing import (
    NEW,
    OLD,
    REPOSITORY,
    check,
    release,
)

pytestmark = pytest.mark.slow


def clone(source: Path, target: Path, *words: str) -> Path:
    """Clone over Git's own transport, which knows depths and filters."""
    git(source, "config", "uploadpack.allowFilter", "true")
    git(target.parent, "clone", "--quiet", *words, f"file://{source}", target.name)
    return target


def refused(result: Result) -> str:
    """Return the message of bad input, without which nothing was printed."""
    assert (result.code, result.out) == (Exit.BAD_INPUT, "")
    return result.err


@pytest.mark.parametrize("base", ["HEAD", "HEAD~1", "origin/main"])
def test_a_shallow_clone_is_told_what_to_fetch(checkout: Path, tmp_path: Path, base: str) -> None:
    """Also one that has the base: a tag may have been used long before."""
    for tag in ("1.2.3", "1.2.4", "1.2.5"):
        release(checkout, "qa", tag, OLD, tag)
    shallow = clone(checkout, tmp_path / "shallow", "--depth=2")

    message = refused(envs("check", "--base", base, root=shallow))

    assert message.startswith("envs: this clone is shallow")
    assert "git fetch --unshallow; in CI fetch-depth: 0" in message
    assert envs("check", root=shallow).code == 0
    git(shallow, "fetch", "--quiet", "--unshallow")
    assert check(shallow, base) == []


@pytest.mark.parametrize("kept", ["blob:none", "tree:0"])
def test_a_partial_clone_fetches_what_it_lacks_or_says_that_it_cannot(
    checkout: Path, tmp_path: Path, kept: str
) -> None:
    release(checkout, "qa", "1.2.3", OLD)
    release(checkout, "qa", "1.2.4", NEW)
    partial = clone(checkout, tmp_path / "partial", f"--filter={kept}")
    release(partial, "prod", "1.2.3", NEW)
    address = git(partial, "remote", "get-url", "origin")
    git(partial, "remote", "set-url", "origin", str(tmp_path / "nowhere"))

    message = refused(envs("check", "--base", "origin/main", root=partial))
    assert message.startswith("envs: this partial clone lacks older releases and cannot fetch them (")
    assert "clone without --filter" in message

    git(partial, "remote", "set-url", "origin", address)
    assert len(check(partial, "origin/main")) == 1


def test_a_partial_clone_fetches_all_that_it_lacks_at_once(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        release(checkout, "qa", f"1.2.{number}", OLD)
    partial = clone(checkout, tmp_path / "partial", "--filter=blob:none")
    trace = tmp_path / "trace"
    monkeypatch.setenv("GIT_TRACE", str(trace))

    history = envs("history", "qa", "--format", "json", root=partial)
    fetches = trace.read_text().count("built-in: git fetch")
    trace.unlink()
    again = envs("history", "qa", "--format", "json", root=partial)

    assert [entry["image"] for entry in history.json] == [
        f"{REPOSITORY}:1.2.{number}@{OLD}" for number in reversed(range(5))
    ]
    assert fetches == 1
    assert (again.json, trace.read_text().count("built-in: git fetch")) == (history.json, 0)


@pytest.mark.parametrize("name", ["nowhere", "0" * 40, "--all", ""])
def test_a_base_that_git_does_not_know_is_bad_input(checkout: Path, name: str) -> None:
    assert "envs: Git " in refused(envs("check", f"--base={name}", root=checkout))


def test_without_a_repository_only_the_working_tree_is_judged(root: Path) -> None:
    assert envs("check", root=root).code == 0
    assert "has no commit to compare with" in refused(envs("check", "--base", "main", root=root))


def test_without_git_only_the_working_tree_is_judged(checkout: Path, tmp_path: Path) -> None:
    nothing = {"PATH": str(tmp_path)}
    assert envs_process("check", root=checkout, env=nothing).returncode == 0
    done = envs_process("check", "--base", "main", root=checkout, env=nothing)
    assert (done.returncode, os.strerror(2) in done.stderr.decode()) == (Exit.OUTSIDE_FAILED, True)
