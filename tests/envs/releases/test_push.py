"""`--push` and `--branch`: one commit at the head of the remote, never by force, the user's files untouched."""

from __future__ import annotations

import base64
import os
import re
import signal
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from envs.errors import Exit
from tests.command import commit, envs, envs_process, files_of, git, make_environments
from tests.envs.releases.remote import DIGESTS, RENDERED, SERVER, changed_by, image, said
from tests.gitops.servers import https

ASK = ("set-image", "qa", "shop/server")


def test_the_remote_gets_one_commit_and_the_work_tree_stays(checkout: Path, bare: Path) -> None:
    (checkout / "environments/base.yaml").write_text("not: [even valid")
    git(checkout, "switch", "--quiet", "--create", "mine")
    git(checkout, "checkout", "--quiet", "--", ".")
    (checkout / "notes.txt").write_text("mine\n")
    before, first = files_of(checkout), git(bare, "rev-parse", "main")

    result = envs(*ASK, image("1.2.4"), "--push", root=checkout)

    assert result.code == 0, result.err
    assert result.out.splitlines()[-1].endswith("pushed to main of origin")
    assert (said(bare)["image"], changed_by(bare)) == (image("1.2.4"), [SERVER, RENDERED])
    assert git(bare, "rev-parse", "main^") == first
    assert files_of(checkout) == before
    assert git(checkout, "status", "--porcelain") == "?? notes.txt"
    assert len(git(checkout, "worktree", "list").splitlines()) == 1


def test_what_others_pushed_meanwhile_is_kept(checkout: Path, bare: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    git(tmp_path, "clone", "--quiet", os.fspath(bare), os.fspath(other))
    (other / "README").write_text("theirs\n")
    theirs = commit(other, "theirs")
    git(other, "push", "--quiet", "origin", "HEAD:main")

    assert envs(*ASK, image("1.2.4"), "--push", root=checkout).code == 0

    assert git(bare, "rev-parse", "main^") == theirs
    assert git(bare, "show", "main:README") == "theirs"


def test_nothing_is_pushed_where_the_remote_says_so_already(checkout: Path, bare: Path) -> None:
    assert envs(*ASK, image("1.2.4"), "--push", root=checkout).code == 0
    head = git(bare, "rev-parse", "main")
    result = envs(*ASK, image("1.2.4"), "--push", root=checkout)
    assert (result.code, result.out) == (0, "qa: unchanged, it says so already\n")
    assert git(bare, "rev-parse", "main") == head


def test_a_branch_for_a_pull_request_starts_at_main_and_is_continued(checkout: Path, bare: Path) -> None:
    first = git(bare, "rev-parse", "main")
    for version in ("1.2.4", "1.2.5"):
        assert envs(*ASK, image(version), "--branch", "bump/server", root=checkout).code == 0
    assert git(bare, "rev-parse", "main") == first == git(bare, "rev-parse", "bump/server~2")
    assert said(bare, branch="bump/server")["image"] == image("1.2.5")


def test_a_refusal_of_the_server_ends_at_once_with_the_advice_to_use_a_branch(
    checkout: Path, bare: Path
) -> None:
    hook = bare / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho asked >> asked.txt\necho 'main is protected' >&2\nexit 1\n")
    hook.chmod(0o755)

    result = envs(*ASK, image("1.2.4"), "--push", root=checkout)

    assert result.code == Exit.OUTSIDE_FAILED
    assert "the server refuses the push to main: [remote rejected] (pre-receive hook declined)" in result.err
    assert "remote: main is protected" in result.err
    assert result.err.endswith("push to a branch for a pull request instead: --branch NAME\n")
    assert (bare / "asked.txt").read_text() == "asked\n"


def test_a_refusal_of_the_policies_pushes_nothing(checkout: Path, bare: Path) -> None:
    head = git(bare, "rev-parse", "main")
    result = envs(*ASK, "registry.example.com/server:latest", "--no-digest", "--push", root=checkout)
    assert result.code == Exit.REFUSED
    assert git(bare, "rev-parse", "main") == head


def test_a_shallow_blobless_clone_is_enough(checkout: Path, bare: Path, tmp_path: Path) -> None:
    assert envs(*ASK, image("1.2.4"), "--push", root=checkout).code == 0
    assert envs(*ASK, image("1.2.5"), "--push", root=checkout).code == 0
    git(bare, "config", "uploadpack.allowFilter", "true")
    git(bare, "config", "uploadpack.allowAnySHA1InWant", "true")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth=1", "--filter=blob:none", f"file://{bare}", os.fspath(clone))

    reused = envs(*ASK, f"registry.example.com/server:1.2.4@{DIGESTS['1.2.6']}", "--push", root=clone)
    assert (reused.code, "a tag never names two images" in reused.err) == (Exit.REFUSED, True)
    result = envs(*ASK, image("1.2.6"), "--push", root=clone)

    assert result.code == 0, result.err
    assert said(bare)["image"] == image("1.2.6")


def test_a_root_below_the_top_of_the_repository_is_found_in_the_remote(
    tmp_path: Path, checkout: Path
) -> None:
    monorepo = tmp_path / "monorepo"
    monorepo.mkdir()
    git(monorepo, "init", "--quiet", "--initial-branch=main")
    root = make_environments(monorepo / "deploy/envs")
    assert envs("render", root=root).code == 0
    commit(monorepo, "first")
    origin = tmp_path / "monorepo.git"
    git(tmp_path, "clone", "--quiet", "--bare", os.fspath(monorepo), os.fspath(origin))
    git(monorepo, "remote", "add", "origin", os.fspath(origin))
    del checkout

    assert envs(*ASK, image("1.2.4"), "--push", root=root).code == 0
    assert changed_by(origin) == [f"deploy/envs/{SERVER}", f"deploy/envs/{RENDERED}"]


@pytest.fixture(params=["file", "https"])
def address(
    request: pytest.FixtureRequest, bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Give the address of the remote; Git's own configuration knows the token and the authority of the server."""
    if request.param == "file":
        yield os.fspath(bare)
        return
    git(bare, "config", "http.receivepack", "true")
    folder = tmp_path / "server"
    folder.mkdir()
    token = base64.b64encode(b"pipeline:token").decode()
    with contextmanager(https)(bare.parent, folder, "pipeline", "token") as server:
        monkeypatch.setenv("GIT_SSL_CAINFO", os.fspath(server.authority))
        monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
        monkeypatch.setenv("GIT_CONFIG_KEY_0", "http.extraHeader")
        monkeypatch.setenv("GIT_CONFIG_VALUE_0", f"Authorization: Basic {token}")
        yield f"{server.url}/{bare.name}"


@pytest.mark.slow
def test_twenty_writers_at_once_or_six_by_https_lose_nothing(
    checkout: Path, bare: Path, tmp_path: Path, address: str
) -> None:
    """Each writer costs seconds of a processor; over the network six show that a push that comes second is known."""
    names = [f"w{number}" for number in range(6 if address.startswith("https:") else 20)]
    layer = checkout / "environments/base.yaml"
    quota = "    quota: {cpu: 8, memory: 32Gi, pods: 60}\n"
    lines = [
        f"      {name}: {{image: registry.example.com/{name}:1.0.0, ports: {{http: 8080}}}}\n"
        for name in names
    ]
    layer.write_text(layer.read_text().replace("    team: web\n", f"    team: web\n{quota}") + "".join(lines))
    assert envs("render", root=checkout).code == 0
    commit(checkout, "many workloads")
    git(checkout, "push", "--quiet", "origin", "main")
    clones = [tmp_path / f"clone-{number}" for number in range(4)]
    for clone in clones:
        git(tmp_path, "clone", "--quiet", address, os.fspath(clone))

    ended = _release_at_once(names, clones)

    assert [code for _, code in ended] == [0] * len(names), ended
    attempts = sorted(_attempts(printed) for printed, _ in ended)
    print(f"attempts: {attempts}")  # noqa: T201 for whoever wants to know: pytest -rP
    assert statistics.median(attempts) <= 3, attempts
    assert len(git(bare, "log", "--format=%H", "main").splitlines()) == 2 + len(names)
    for name in names:
        path = f"environments/releases/qa/shop/{name}.yaml"
        assert said(bare, path)["image"] == _new(name)


def _attempts(printed: str) -> int:
    """Read how often a writer pushed until nobody else was first."""
    found = re.search(r"in (\d+) attempts$", printed.strip())
    return int(found[1]) if found else 1


def _new(name: str) -> str:
    return f"registry.example.com/{name}:1.0.1@sha256:{'d' * 64}"


def _release_at_once(names: list[str], clones: list[Path]) -> list[tuple[str, int]]:
    """Run one writer for each name, all at the same time; returns what they print and their exit codes."""
    command = (sys.executable, "-m", "envs", "set-image", "qa")
    writers = [
        subprocess.Popen(
            [
                *command,
                f"shop/{name}",
                _new(name),
                "--push",
                "--root",
                os.fspath(clones[number % len(clones)]),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for number, name in enumerate(names)
    ]
    return [(writer.communicate()[0], writer.returncode) for writer in writers]


@pytest.mark.slow
@pytest.mark.parametrize(
    "at", ["ls-remote", "fetch", "worktree", "diff-tree", "add", "commit", "push", "prune"]
)
def test_a_kill_at_any_step_leaves_the_remote_as_before_or_complete(
    checkout: Path, bare: Path, tmp_path: Path, at: str
) -> None:
    """A `git` in front of the real one kills the writer when it starts the step."""
    path = _git_that(tmp_path / "tools", at, "kill -9 $PPID && exit 1")
    before, head = files_of(checkout), git(bare, "rev-parse", "main")

    killed = envs_process(*ASK, image("1.2.4"), "--push", root=checkout, env={"PATH": path})

    assert killed.returncode == -signal.SIGKILL
    complete = at == "prune"  # the step after the push
    assert git(bare, "rev-parse", "main^" if complete else "main") == head
    assert files_of(checkout) == before
    assert git(checkout, "status", "--porcelain") == ""
    assert envs(*ASK, image("1.2.4"), "--push", root=checkout).code == 0
    assert said(bare)["image"] == image("1.2.4")


def _git_that(folder: Path, at: str, does: str) -> str:
    """Put a `git` in front of the real one that does something when it starts a step; returns the PATH for it."""
    folder.mkdir()
    wrapper = folder / "git"
    real = subprocess.run(["which", "git"], check=True, capture_output=True, text=True).stdout.strip()
    lines = ('for word in "$@"; do', f'  [ "$word" = {at} ] && {does}', "done", f'exec {real} "$@"')
    wrapper.write_text("\n".join(("#!/bin/sh", *lines, "")))
    wrapper.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_what_others_push_while_a_release_is_judged_costs_no_attempt(
    checkout: Path, bare: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    git(tmp_path, "clone", "--quiet", os.fspath(bare), os.fspath(other))
    release = other / "environments/releases/e2e/shop/server.yaml"
    release.parent.mkdir(parents=True)
    release.write_text(f"image: {image('1.2.1')}\n")
    assert envs("render", root=other).code == 0
    theirs = commit(other, "theirs")
    real = subprocess.run(["which", "git"], check=True, capture_output=True, text=True).stdout.strip()
    path = _git_that(tmp_path / "tools", "commit", f"{real} -C {other} push --quiet origin HEAD:main")

    done = envs_process(*ASK, image("1.2.4"), "--push", root=checkout, env={"PATH": path})

    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().endswith("pushed to main of origin\n")
    assert git(bare, "rev-parse", "main^") == theirs
    assert said(bare)["image"] == image("1.2.4")
