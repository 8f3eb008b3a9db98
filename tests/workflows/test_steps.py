"""The shell steps of the workflows do what they say: their own lines, real git, a real remote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from envs.checkout.repository import Repository
from envs.deployments.history import History
from envs.deployments.notes import REF, read_history
from tests.command import commit, envs, git
from tests.workflows.steps import Runner, script

pytestmark = pytest.mark.slow

START = script("deploy.yml", "Start what may go", "environments")
POLICIES = script(
    "deploy.yml", "Policies; what is new is judged by the history of releases as well", "environments"
)
MAY_GO = script("deploy-environment.yml", "May it go?", "ready")
FOLLOW = script("deploy-environment.yml", "The GitOps job may follow", "deploy")
RECORD = script("deploy-environment.yml", "Record the deployment", "record")
REPAIR = script("drift.yml", "Deploy again what ran last", "repair")
FETCH = script("deployments", "The record of deployments")


def head(runner: Runner) -> str:
    """Commit that the runner has checked out."""
    return git(runner.checkout, "rev-parse", "HEAD")


def change(runner: Runner, replicas: int) -> str:
    """Change prod, render, commit and push to main."""
    layer = runner.checkout / "environments/prod.yaml"
    text = layer.read_text()
    layer.write_text(text.replace(text[text.index("replicas:") :], f"replicas: {replicas}\n"))
    assert envs("render", root=runner.checkout).code == 0
    made = commit(runner.checkout, f"{replicas} replicas")
    git(runner.checkout, "push", "--quiet", "origin", "HEAD:main")
    return made


def deployed(runner: Runner, *environments: str, result: str = "succeeded") -> None:
    """Record deployments of HEAD."""
    for name in environments:
        words = ("record", name, "--commit", "HEAD", "--push", "--result", result)
        assert envs(*words, root=runner.checkout).code == 0


def started(runner: Runner) -> list[str]:
    """Environments whose deployment was started."""
    words = [
        line.split() for line in runner.asked() if line.startswith("workflow run deploy-environment.yml")
    ]
    return [
        word.removeprefix("environment=")
        for line in words
        for word in line
        if word.startswith("environment=")
    ]


def test_what_may_go_is_started_and_nothing_else(runner: Runner) -> None:
    assert runner.run(START, COMMIT=head(runner)).returncode == 0
    assert started(runner) == ["qa"]
    assert runner.asked()[-1] == (
        "workflow run deploy-environment.yml --ref main "
        f"-f environment=qa -f commit={head(runner)} -f automatic=true"
    )
    deployed(runner, "qa")
    assert runner.run(START, COMMIT=head(runner)).returncode == 0
    assert started(runner) == ["qa", "e2e"]


def test_while_the_newest_commit_waits_an_earlier_one_goes_on(runner: Runner) -> None:
    """Else a main branch with many commits would never reach the second environment."""
    deployed(runner, "qa", "e2e")
    first = head(runner)
    layer = runner.checkout / "environments/e2e.yaml"
    layer.write_text(layer.read_text() + "apps: {shop: {workloads: {server: {replicas: 2}}}}\n")
    assert envs("render", root=runner.checkout).code == 0
    second = commit(runner.checkout, "e2e changes")
    git(runner.checkout, "push", "--quiet", "origin", "HEAD:main")

    assert runner.run(START, COMMIT=second).returncode == 0

    lines = [line for line in runner.asked() if line.startswith("workflow run")]
    assert [line.split(" -f ")[1:3] for line in lines] == [
        ["environment=e2e", f"commit={second}"],
        ["environment=prod", f"commit={first}"],
    ]


def test_what_waits_for_its_approval_is_not_started_again(runner: Runner) -> None:
    deployed(runner, "qa", "e2e")
    runner.answer("runs", "deploy prod\n")

    done = runner.run(START, COMMIT=head(runner))

    assert (done.returncode, started(runner)) == (0, [])
    assert "A deployment of prod is under way or waits for its approval" in done.stdout


def test_the_summary_says_why_the_others_wait(runner: Runner) -> None:
    assert runner.run(START, COMMIT=head(runner)).returncode == 0
    assert "prod: waiting: no deployment of e2e is recorded" in (runner.temporary / "summary").read_text()


def test_a_fault_in_a_layer_starts_nothing(runner: Runner) -> None:
    (runner.checkout / "environments/qa.yaml").write_text("tier: tests\n")
    assert runner.run(START, COMMIT=head(runner)).returncode != 0
    assert started(runner) == []


def test_without_a_push_what_no_environment_ran_is_new(runner: Runner) -> None:
    """A run by schedule must not deploy what a run by push has refused."""
    deployed(runner, "qa")
    place = runner.checkout / "environments/releases/qa/shop/server.yaml"
    place.parent.mkdir(parents=True)
    for digest in "ab":
        place.write_text(f"image: registry.example.com/server:1.2.4@sha256:{digest * 64}\n")
        commit(runner.checkout, digest)

    done = runner.run(POLICIES, BEFORE="")

    assert (done.returncode, "[tags-are-never-reused]" in done.stdout) == (1, True), done.stderr


@pytest.mark.parametrize(
    ("automatic", "environment", "code", "go"),
    [
        ("true", "qa", 0, "true"),
        ("true", "e2e", 0, "false"),
        ("false", "e2e", 0, "true"),
        ("true", "nowhere", 2, None),
        ("false", "--help", 2, None),
    ],
)
def test_a_person_needs_not_wait_and_automation_does(
    runner: Runner, automatic: str, environment: str, code: int, go: str | None
) -> None:
    done = runner.run(MAY_GO, AUTOMATIC=automatic, ENVIRONMENT=environment, COMMIT="HEAD")

    assert (done.returncode, runner.output().get("go")) == (code, go), done.stderr
    assert runner.output().get("commit") == (None if go is None else head(runner))


def test_what_is_not_on_main_is_refused_to_a_person_too(runner: Runner) -> None:
    git(runner.checkout, "switch", "--quiet", "--create", "feature")
    commit(runner.checkout, "not merged")

    done = runner.run(MAY_GO, AUTOMATIC="false", ENVIRONMENT="qa", COMMIT="HEAD")

    assert (done.returncode, runner.output()) == (3, {})
    assert "merge it first" in done.stdout


def test_the_ref_of_the_job_only_moves_forward(runner: Runner, remote: Path) -> None:
    first = head(runner)
    second = change(runner, 3)
    for wanted, expected in ((first, first), (second, second), (first, second)):
        done = runner.run(FOLLOW, COMMIT=wanted, ENVIRONMENT="prod")
        assert done.returncode == 0, done.stderr
        assert git(remote, "rev-parse", "env/prod") == expected
        git(runner.checkout, "fetch", "--quiet", "origin")


def test_a_ref_that_left_main_is_never_overwritten(runner: Runner, remote: Path) -> None:
    aside = git(runner.checkout, "commit-tree", "HEAD^{tree}", "-m", "aside")
    git(runner.checkout, "push", "--quiet", "origin", f"{aside}:refs/heads/env/prod")

    done = runner.run(FOLLOW, COMMIT=head(runner), ENVIRONMENT="prod")

    assert done.returncode != 0
    assert git(remote, "rev-parse", "env/prod") == aside


def history(runner: Runner) -> History:
    """Read what the remote has recorded."""
    git(runner.checkout, "fetch", "--quiet", "origin", f"+{REF}:{REF}")
    return read_history(Repository(runner.checkout))


@pytest.mark.parametrize(
    ("ended", "began", "reviews", "result"),
    [
        ("success", "true", "approved\n", "succeeded"),
        ("failure", "true", "approved\n", "failed"),
        ("cancelled", "true", "", "failed"),
        ("failure", "", "rejected\n", "rejected"),
        ("cancelled", "", "", "rejected"),
        ("failure", "", "approved\n", "failed"),
    ],
    ids=["good", "failed", "cancelled in the middle", "rejected", "cancelled before", "the runner was lost"],
)
def test_how_a_deployment_ended_is_recorded(
    runner: Runner, ended: str, began: str, reviews: str, result: str
) -> None:
    runner.answer("api", reviews)
    variables = {"COMMIT": head(runner), "ENVIRONMENT": "qa", "ENDED": ended, "BEGAN": began, "RUN_ID": "7"}

    done = runner.run(RECORD, **variables, STARTED_BY="octocat", RUN="https://github.com/o/r/actions/runs/7")

    assert done.returncode == 0, done.stderr
    newest = history(runner).newest("qa")
    assert newest is not None
    assert (newest.result, newest.actor, newest.run[-6:]) == (result, "octocat", "runs/7")


def test_what_automation_deploys_is_recorded_with_the_author_of_the_commit(runner: Runner) -> None:
    variables = {
        "COMMIT": head(runner),
        "ENVIRONMENT": "qa",
        "ENDED": "success",
        "BEGAN": "true",
        "RUN_ID": "7",
    }

    done = runner.run(RECORD, **variables, STARTED_BY="github-actions[bot]", RUN="https://github.com/o/r")

    assert done.returncode == 0, done.stderr
    newest = history(runner).newest("qa")
    assert newest is not None
    assert newest.actor == "test"


def test_the_record_is_fetched_where_there_is_one(runner: Runner, remote: Path) -> None:
    assert "No deployment is recorded yet." in runner.run(FETCH).stdout
    deployed(runner, "qa")
    git(runner.checkout, "update-ref", "-d", REF)
    assert runner.run(FETCH).returncode == 0
    assert len(history(runner).of("qa")) == 1
    remote.rename(remote.with_name("elsewhere"))
    assert runner.run(FETCH).returncode not in {0, 2}


def test_a_repair_deploys_again_what_ran_last(runner: Runner) -> None:
    deployed(runner, "qa", "e2e")
    ran = head(runner)
    change(runner, 3)

    done = runner.run(REPAIR, DRIFTED=json.dumps(["e2e"]))

    assert done.returncode == 0, done.stderr
    line = (
        f"workflow run deploy-environment.yml --ref main -f environment=e2e -f commit={ran} -f refresh=true"
    )
    assert runner.asked() == [line]
