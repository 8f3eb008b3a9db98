"""`envs list`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from envs.checkout.repository import Repository
from envs.deployments.notes import FETCH, record
from envs.deployments.record import Deployment, Result, deployment
from tests.command import envs, files_of, git, make_environments


def test_prints_the_environments_in_the_order_of_promotion(root: Path) -> None:
    """The names in a table, each after the one that it promotes from."""
    assert envs("list", root=root).out == (
        "ENVIRONMENT  TIER        CONTEXT  PROMOTES FROM  APPS\n"
        "qa           test        -        -              shop\n"
        "e2e          test        -        qa             shop\n"
        "prod         production  prod     e2e            shop\n"
    )


def test_a_test_environment_never_comes_after_production(tmp_path: Path) -> None:
    """A deploy in this order waits for the approval of production; what promotes from nothing must not wait."""
    files = {"zoo.yaml": "tier: test\n", "asia.yaml": "tier: production\n"}
    stacks = {f"stacks/Pulumi.{name}.yaml": "config: {}\n" for name in ("zoo", "asia")}
    rows = envs("list", "--format", "json", root=make_environments(tmp_path, {**files, **stacks})).json
    assert [row["name"] for row in rows] == ["qa", "e2e", "zoo", "asia", "prod"]


def test_json_has_the_documented_keys(root: Path) -> None:
    """Absent values are null, so that every row has the same keys."""
    same = {"tier": "test", "context": None, "apps": {"shop": "push"}, "deployed": None}
    assert envs("list", "--format", "json", root=root).json[:2] == [
        {"name": "qa", "promotesFrom": None, **same},
        {"name": "e2e", "promotesFrom": "qa", **same},
    ]


def test_says_which_apps_are_pulled(tmp_path: Path) -> None:
    """An app that Pulumi does not push is marked."""
    qa = (
        "tier: test\ncluster: {context: test, apiServer: 10.0.0.10/32}\napps: {shop: {delivery: pull}}\n"
        "gitops: {image: 'registry.example.com/gitops:1.0.0', repo: 'https://git.example.com/a.git'}\n"
    )
    root = make_environments(tmp_path, {"qa.yaml": qa})
    assert envs("list", root=root).out.splitlines()[1].split("  ")[-1] == "shop (pull)"


def test_a_context_cannot_command_the_terminal(tmp_path: Path) -> None:
    """Control characters are shown as escapes."""
    root = make_environments(tmp_path, {"qa.yaml": 'tier: test\ncluster: {context: "a\\e[2Jb"}\n'})
    assert "a\\x1b[2Jb" in envs("list", root=root).out


def test_a_fault_ends_with_2_and_prints_no_environment(root: Path) -> None:
    """Nothing goes to standard output, the whole report to standard error."""
    (root / "environments/qa.yaml").write_text("tier: test\nap: {}\n")
    before = files_of(root)
    result = envs("list", root=root)
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "environments/qa.yaml:2:1: ap: unknown field; did you mean `apps`?\n"
        "1 fault in 1 file; nothing was written\n"
    )
    assert files_of(root) == before


def test_a_folder_without_layers_is_named(tmp_path: Path) -> None:
    """The most likely mistake, another --root, is what the message asks about."""
    result = envs("list", root=tmp_path)
    assert result.code == 2
    assert f"is {tmp_path} the right --root?" in result.err


def deployed(checkout: Path, minute: int, result: Result = Result.SUCCEEDED) -> Deployment:
    """Record a deployment of HEAD to qa."""
    made = deployment(
        commit=git(checkout, "rev-parse", "HEAD"),
        environment="qa",
        root="",
        tree=git(checkout, "rev-parse", "HEAD:rendered/qa"),
        at=datetime(2026, 11, 20, 10, minute, tzinfo=UTC),
        result=result,
        actor="octocat",
        run="https://ci.example.com/1",
    )
    record(Repository(checkout), made, None)
    return made


def test_says_what_was_deployed_since_when_and_by_whom(checkout: Path) -> None:
    """From the notes of this clone: no remote is asked, and the checkout has none."""
    deployed(checkout, 0)
    made = deployed(checkout, 30)

    listed = envs("list", root=checkout)

    head, qa, e2e, _ = listed.out.splitlines()
    assert head.split()[-3:] == ["RUNS", "SINCE", "BY"]
    assert qa.endswith(f"{made.commit[:12]}  2026-11-20T10:00:00Z  octocat")
    assert e2e.split()[-3:] == ["-", "-", "-"]
    assert listed.err == ""
    assert envs("list", "--format", "json", root=checkout).json[0]["deployed"] == {
        "commit": made.commit,
        "tree": made.tree,
        "result": "succeeded",
        "at": "2026-11-20T10:30:00Z",
        "since": "2026-11-20T10:00:00Z",
        "actor": "octocat",
        "run": "https://ci.example.com/1",
    }


def test_says_that_the_last_deployment_failed(checkout: Path) -> None:
    """What runs then is not clear, and must not look as if it were."""
    made = deployed(checkout, 0, Result.FAILED)
    assert f"{made.commit[:12]} (failed)" in envs("list", root=checkout).out


def test_says_how_to_get_the_record_where_a_clone_has_none(checkout: Path) -> None:
    """Git does not fetch notes by itself."""
    listed = envs("list", root=checkout)
    assert (listed.code, "RUNS" in listed.out) == (0, False)
    assert listed.err == f"envs: this clone has no record of deployments; `{FETCH}` gets it\n"


def test_the_environments_are_listed_where_git_cannot_be_run(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record is a help, the layers are enough."""
    monkeypatch.setenv("PATH", str(tmp_path))
    listed = envs("list", root=checkout)
    assert (listed.code, listed.out.splitlines()[1].split()[0]) == (0, "qa")
    assert "the record of deployments cannot be read: git cannot be run" in listed.err
