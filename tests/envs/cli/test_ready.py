"""`envs ready` on real history: the order of promotion, rollbacks, and refs that only move forward."""

from __future__ import annotations

from pathlib import Path

import pytest

from envs.checkout.repository import Repository
from envs.deployments.notes import record
from envs.deployments.record import Result, deployment
from tests.command import commit, edit, envs, git
from tests.envs.deployments.timeline import minute

PULLED = (
    "tier: test\ncluster: {context: test, apiServer: 10.0.0.10/32}\napps: {shop: {delivery: pull}}\n"
    "gitops: {image: 'registry.example.com/gitops:1.0.0', repo: 'https://git.example.com/a.git'}\n"
)


def change(checkout: Path, name: str, replicas: int) -> str:
    """Change an environment, render, and commit."""
    layer = checkout / f"environments/{name}.yaml"
    own = f"apps: {{shop: {{workloads: {{server: {{replicas: {replicas}}}}}}}}}\n"
    head = layer.read_text().partition("apps:")[0]
    layer.write_text(head + own)
    assert envs("render", root=checkout).code == 0
    return commit(checkout, f"{name}: {replicas}")


def ran(checkout: Path, name: str, what: str, at: int = 0, result: Result = Result.SUCCEEDED) -> None:
    """Record that a commit was deployed, long ago."""
    made = deployment(
        commit=git(checkout, "rev-parse", what),
        environment=name,
        root="",
        tree=git(checkout, "rev-parse", f"{what}:rendered/{name}"),
        at=minute(at).replace(year=2025),
        result=result,
        actor="somebody",
        run="",
    )
    record(Repository(checkout), made, None)


def states(checkout: Path, *words: str) -> dict[str, str]:
    """State of each environment."""
    rows = envs("ready", "--format", "json", *words, root=checkout).json
    return {row["environment"]: row["state"] for row in rows}


def test_a_commit_goes_from_one_environment_to_the_next(checkout: Path) -> None:
    assert states(checkout) == {"qa": "ready", "e2e": "waiting", "prod": "waiting"}
    ran(checkout, "qa", "HEAD")
    assert states(checkout) == {"qa": "unchanged", "e2e": "ready", "prod": "waiting"}
    ran(checkout, "e2e", "HEAD")
    assert states(checkout) == {"qa": "unchanged", "e2e": "unchanged", "prod": "ready"}


def test_exit_codes_say_whether_it_may_go(checkout: Path) -> None:
    assert envs("ready", "qa", root=checkout).code == 0
    waiting = envs("ready", "e2e", root=checkout)
    assert (waiting.code, waiting.out) == (
        3,
        "e2e: waiting: no deployment of qa is recorded, which comes first\n",
    )
    assert envs("ready", "e2e", "--by-name", root=checkout).code == 0


def test_after_is_read_from_the_layers(checkout: Path) -> None:
    edit(checkout / "environments/e2e.yaml", "{from: qa}", "{from: qa, after: 2h30m}")
    commit(checkout)
    assert envs("record", "qa", "--commit", "HEAD", root=checkout).code == 0

    (row,) = envs("ready", "e2e", "--format", "json", root=checkout).json

    assert (row["state"], "and must run it until" in row["reason"]) == ("waiting", True)
    assert row["at"] > row["reason"].split()[4].rstrip(",")


def test_a_change_of_one_environment_leaves_the_others_alone(checkout: Path) -> None:
    for name in ("qa", "e2e", "prod"):
        ran(checkout, name, "HEAD")
    change(checkout, "prod", 3)
    assert states(checkout) == {"qa": "unchanged", "e2e": "unchanged", "prod": "ready"}


def test_a_rollback_by_name_is_not_undone_by_automation(checkout: Path) -> None:
    first = git(checkout, "rev-parse", "HEAD")
    ran(checkout, "qa", first, 0)
    second = change(checkout, "qa", 2)
    ran(checkout, "qa", second, 5)
    assert states(checkout, "qa", "--commit", first) == {"qa": "stopped"}
    assert states(checkout, "qa", "--commit", first, "--by-name") == {"qa": "ready"}
    ran(checkout, "qa", first, 10)
    assert states(checkout, "qa", "--commit", second) == {"qa": "stopped"}
    change(checkout, "qa", 3)
    assert states(checkout, "qa") == {"qa": "ready"}


def test_what_is_not_on_the_main_branch_is_refused(checkout: Path) -> None:
    git(checkout, "switch", "--quiet", "--create", "feature")
    change(checkout, "qa", 2)

    result = envs("ready", "qa", "--by-name", root=checkout)

    assert (result.code, "merge it first" in result.out) == (3, True)


@pytest.fixture
def pulled(checkout: Path) -> str:
    """Give the first commit after which qa is pulled, where the job's ref is at the second one."""
    (checkout / "environments/qa.yaml").write_text(PULLED)
    assert envs("render", root=checkout).code == 0
    first = commit(checkout, "pulled")
    edit(
        checkout / "environments/qa.yaml",
        "{delivery: pull}",
        "{delivery: pull, workloads: {server: {replicas: 2}}}",
    )
    assert envs("render", root=checkout).code == 0
    commit(checkout, "two replicas")
    git(checkout, "update-ref", "refs/remotes/origin/env/qa", "HEAD")
    return first


def test_pulled_apps_go_back_by_revert_only(checkout: Path, pulled: str) -> None:
    """The ref that the job follows never moves back, so a person may not ask for it either."""
    result = envs("ready", "qa", "--commit", pulled, "--by-name", root=checkout)

    assert result.code == 3
    assert "env/qa is newer and only moves forward, and shop would have to go back" in result.out
    git(checkout, "revert", "--no-edit", "HEAD")
    assert states(checkout, "qa", "--by-name") == {"qa": "ready"}


def test_a_commit_without_rendered_objects_is_named(checkout: Path) -> None:
    git(checkout, "rm", "-r", "--quiet", "rendered/qa")
    commit(checkout)

    result = envs("ready", "qa", root=checkout)

    assert (result.code, "has no folder rendered/qa; run `envs render`" in result.err) == (2, True)
