"""`envs preview --base`: what the working tree is compared with."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.command import Result, commit, edit, envs, envs_process, git, make_environments, make_repository


def replicas(result: Result) -> list[tuple[int, int]]:
    """Tell what becomes of the number of copies in prod, as old and new."""
    assert result.code == 0, result.err
    changes = [change for row in result.json["environments"] for change in row["changes"]]
    fields = [field for change in changes for field in change["fields"]]
    return [(field["old"], field["new"]) for field in fields if field["path"] == "spec.replicas"]


def scale(root: Path, old: int, new: int) -> None:
    """Ask for another number of copies in prod."""
    edit(root / "environments/prod.yaml", f"replicas: {old}", f"replicas: {new}")


def preview(root: Path, *words: str) -> Result:
    """Preview prod for programs."""
    return envs("preview", "prod", "--format", "json", *words, root=root)


def scale_and_commit(root: Path, old: int, new: int) -> str:
    """Ask for another number of copies in prod, render and commit."""
    scale(root, old, new)
    assert envs("render", root=root).code == 0
    return commit(root)


def test_a_branch_is_compared_with_where_it_left_main(checkout: Path) -> None:
    """Neither with its own last commit nor with what main has become since."""
    start = git(checkout, "rev-parse", "HEAD")
    git(checkout, "switch", "--quiet", "--create", "feature")
    scale_and_commit(checkout, 2, 3)
    git(checkout, "switch", "--quiet", "main")
    scale_and_commit(checkout, 2, 5)
    git(checkout, "switch", "--quiet", "feature")
    scale(checkout, 3, 4)
    result = preview(checkout)
    assert replicas(result) == [(2, 4)]
    assert result.json["base"] == start


def test_main_is_compared_with_the_main_branch_of_its_remote(checkout: Path, tmp_path: Path) -> None:
    """What is committed and not pushed still shows."""
    git(tmp_path, "clone", "--quiet", str(checkout), "clone")
    clone = tmp_path / "clone"
    scale_and_commit(clone, 2, 3)
    assert replicas(preview(clone)) == [(2, 3)]


def test_without_a_main_branch_there_is_no_answer(checkout: Path) -> None:
    """As on a branch called trunk that has no remote; its last commit would hide what it has committed."""
    git(checkout, "branch", "--move", "trunk")
    scale_and_commit(checkout, 2, 3)
    result = preview(checkout)
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "envs: there is no main branch to compare with; "
        "looked for origin/HEAD, origin/main, origin/master, main, master; "
        "fetch it (git fetch origin main:refs/remotes/origin/main), or name a commit with --base\n"
    )
    assert replicas(preview(checkout, "--base", "HEAD^")) == [(2, 3)]


def test_another_base_can_be_named(checkout: Path) -> None:
    """By a branch, a tag or a commit."""
    git(checkout, "tag", "v1")
    scale_and_commit(checkout, 2, 3)
    assert replicas(preview(checkout, "--base", "v1")) == [(2, 3)]
    assert replicas(preview(checkout, "--base", "HEAD")) == []


@pytest.mark.parametrize("name", ["nowhere", "--all", "", "HEAD:environments", "a\x1b[2Jb"])
def test_a_base_that_git_does_not_know_is_bad_input(checkout: Path, name: str) -> None:
    """Exit code 2 and one line, whatever the name looks like."""
    result = preview(checkout, f"--base={name}")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("envs: Git does not know ")
    assert "\x1b" not in result.err


@pytest.mark.parametrize("branch", ["main", "feature"])
def test_a_shallow_clone_says_what_to_fetch(checkout: Path, tmp_path: Path, branch: str) -> None:
    """As in CI with a fetch depth of 1: a commit that is compared with itself has no change."""
    git(checkout, "switch", "--quiet", "--create", "feature")
    scale_and_commit(checkout, 2, 3)
    git(checkout, "switch", "--quiet", "main")
    scale_and_commit(checkout, 2, 5)
    git(tmp_path, "clone", "--quiet", "--depth=1", f"--branch={branch}", f"file://{checkout}", "clone")
    result = preview(tmp_path / "clone")
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "envs: this clone is shallow and may lack the commit to compare with; "
        "fetch the whole history (git fetch --unshallow; in CI fetch-depth: 0), or name a commit with --base\n"
    )


def test_a_base_beyond_the_end_of_a_shallow_clone_is_told_as_such(checkout: Path, tmp_path: Path) -> None:
    """The commit is there, and what leads from it to HEAD is not."""
    git(checkout, "switch", "--quiet", "--create", "feature")
    scale_and_commit(checkout, 2, 3)
    git(checkout, "switch", "--quiet", "main")
    scale_and_commit(checkout, 2, 5)
    address = f"file://{checkout}"
    git(tmp_path, "clone", "--quiet", "--depth=1", "--no-single-branch", "--branch=feature", address, "clone")
    result = preview(tmp_path / "clone", "--base", "origin/main")
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "envs: HEAD and origin/main share no history in this shallow clone; "
        "fetch the whole history (git fetch --unshallow; in CI fetch-depth: 0)\n"
    )
    assert replicas(preview(tmp_path / "clone", "--base", "HEAD")) == []


def test_histories_without_a_common_commit_are_named(checkout: Path) -> None:
    """The advice for shallow clones would mislead here."""
    git(checkout, "switch", "--quiet", "--orphan", "other")
    make_environments(checkout)
    commit(checkout)
    result = preview(checkout)
    assert (result.code, result.err) == (5, "envs: HEAD and main share no history\n")


def test_before_the_first_commit_all_is_new(tmp_path: Path) -> None:
    """The base is null, and the text says why."""
    root = make_environments(make_repository(tmp_path / "root"))
    assert preview(root).json["base"] is None
    assert "  + shop: all of its 9 objects\n" in envs("preview", root=root).out
    assert "compared with nothing: there is no commit " in envs("preview", root=root).out


def test_outside_of_a_repository_all_is_new(root: Path) -> None:
    """Nothing of an environment needs Git to be looked at."""
    result = preview(root)
    assert (result.code, result.json["base"]) == (0, None)
    assert {change["action"] for change in result.json["environments"][0]["changes"]} == {"create"}


def test_a_base_needs_a_repository(root: Path) -> None:
    """Who names a base shall not get an answer without one."""
    result = preview(root, "--base", "main")
    assert (result.code, result.err) == (2, f"envs: {root} has no commit to compare with\n")


def test_a_root_may_be_a_folder_of_its_repository(tmp_path: Path) -> None:
    """Its files are found, and those of another root beside it are not mixed in."""
    repository = make_repository(tmp_path / "repository")
    root, other = (make_environments(repository / name) for name in ("teams/ünser shop", "rest"))
    for folder in (root, other):
        envs("render", root=folder)
    commit(repository)
    envs("remove", "prod", "--yes", "--orphan", root=other)
    scale(root, 2, 3)
    result = preview(root)
    assert replicas(result) == [(2, 3)]
    (change,) = result.json["environments"][0]["changes"]
    assert change["file"] == "rendered/prod/apps/shop/deployment-server.yaml"


def test_a_hook_compares_the_root_and_not_what_git_says_of_itself(checkout: Path, tmp_path: Path) -> None:
    """In the hook of a worktree Git names its own folders to every program that it starts."""
    root = make_environments(checkout / "teams/a")
    envs("render", root=root)
    commit(checkout)
    git(checkout, "worktree", "add", "--quiet", str(tmp_path / "tree"), "-b", "topic")
    root = tmp_path / "tree/teams/a"
    scale(root, 2, 3)
    folder = {"GIT_DIR": str(checkout / ".git/worktrees/tree"), "GIT_INDEX_FILE": "index", "GIT_PREFIX": ""}
    done = envs_process("preview", "prod", "--format", "json", root=root, env=folder)
    assert replicas(Result(done.returncode, done.stdout.decode(), done.stderr.decode())) == [(2, 3)]


def test_a_repository_that_git_does_not_trust_is_no_empty_one(checkout: Path) -> None:
    """Git's own advice is passed on, rather than showing all as new."""
    done = envs_process("preview", root=checkout, env={"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"})
    assert (done.returncode, done.stdout) == (5, b"")
    assert b"dubious ownership" in done.stderr


def test_a_machine_without_git_is_told_so(checkout: Path, tmp_path: Path) -> None:
    """Exit code 5, not a preview in which all is new."""
    done = envs_process("preview", root=checkout, env={"PATH": str(tmp_path)})
    assert (done.returncode, done.stdout) == (5, b"")
    assert done.stderr.decode() == f"envs: git cannot be run: {os.strerror(2)}; install git\n"


def test_repositories_of_the_longer_hash_work_alike(tmp_path: Path) -> None:
    """SHA-256, as new repositories will have it."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main", "--object-format=sha256", "root")
    root = make_environments(tmp_path / "root")
    envs("render", root=root)
    commit(root)
    assert not envs("preview", "--format", "json", root=root).json["environments"][0]["changes"]
    scale(root, 2, 3)
    assert replicas(preview(root)) == [(2, 3)]
