"""The workflows that release and promote do what they say: their own lines, real git, a real remote."""

from __future__ import annotations

from pathlib import Path

import pytest

from envs.errors import Exit
from tests.command import envs, git
from tests.envs.releases.remote import DIGESTS, SERVER, changed_by, said
from tests.workflows.steps import Runner, script

pytestmark = pytest.mark.slow

RELEASE = script("release.yml", "Release the image", "release")
PULL_REQUEST = script("release.yml", "Open the pull request", "release")
PROMOTE = script("promote.yml", "Promote what may go on", "promote")
E2E = "environments/releases/e2e/shop/server.yaml"
BRANCH = "promote/e2e"
SOURCE = "c" * 40


def release(runner: Runner, version: str = "1.2.4", branch: str = "", digest: str = "") -> int:
    """Run the workflow as the pipeline of an app calls it; returns the code of the step that failed."""
    inputs = {
        "ENVIRONMENT": "qa",
        "WORKLOAD": "shop/server",
        "IMAGE": f"registry.example.com/server:{version}",
    }
    inputs |= {"DIGEST": digest or DIGESTS[version], "BUILD": "17", "SOURCE": SOURCE, "BRANCH": branch}
    done = runner.run(RELEASE, **inputs, ACTOR="octocat")
    if done.returncode == 0 and branch:
        done = runner.run(PULL_REQUEST, BRANCH=branch, TITLE="Release shop/server in qa")
    return done.returncode


def promote(runner: Runner, source: str = "", to: str = "", app: str = "", force: str = "") -> int:
    """Run the workflow by schedule, or by hand where two environments are named."""
    variables = {"FROM": source, "TO": to, "APP": app, "FORCE": force, "ACTOR": "octocat"}
    return runner.run(PROMOTE, **variables).returncode


def deployed(runner: Runner, environment: str) -> None:
    """Let an environment run what main has."""
    git(runner.checkout, "pull", "--quiet", "--ff-only")
    assert envs("record", environment, "--commit", "HEAD", "--push", root=runner.checkout).code == 0


def opened(runner: Runner) -> list[str]:
    """Branches for which a pull request was opened."""
    return [line.split()[3] for line in runner.asked() if line.startswith("pr create --head")]


def branches(remote: Path) -> list[str]:
    """All branches of the remote."""
    return git(remote, "for-each-ref", "--format=%(refname:short)", "refs/heads").splitlines()


def summary(runner: Runner) -> str:
    """Return what the page of the run shows."""
    return (runner.temporary / "summary").read_text()


def test_a_pipeline_releases_on_main_in_its_own_name(runner: Runner, remote: Path) -> None:
    assert release(runner) == 0
    expected = {
        "image": f"registry.example.com/server:1.2.4@{DIGESTS['1.2.4']}",
        "build": "17",
        "source": SOURCE,
    }
    assert said(remote) == expected
    assert (
        git(remote, "log", "-1", "--format=%an <%ae>", "main") == "octocat <octocat@users.noreply.github.com>"
    )
    assert "pushed to main of origin" in summary(runner)
    assert runner.asked() == []


def test_a_release_may_be_a_pull_request_and_the_next_one_joins_it(runner: Runner, remote: Path) -> None:
    before = git(remote, "rev-parse", "main")
    assert release(runner, branch="release/qa") == 0
    runner.answer("pulls", "1\n")
    assert release(runner, "1.2.5", branch="release/qa") == 0
    assert git(remote, "rev-parse", "main") == before
    assert str(said(remote, branch="release/qa")["image"]).endswith(DIGESTS["1.2.5"])
    assert git(remote, "rev-list", "--count", "main..release/qa") == "2"
    assert opened(runner) == ["release/qa"]


def test_the_branch_of_a_pull_request_that_is_gone_starts_anew(runner: Runner, remote: Path) -> None:
    assert release(runner, branch="release/qa") == 0
    assert release(runner, "1.2.5", branch="release/qa") == 0
    assert git(remote, "rev-list", "--count", "main..release/qa") == "1"
    assert opened(runner) == ["release/qa", "release/qa"]


def test_an_image_that_runs_already_opens_nothing(runner: Runner, remote: Path) -> None:
    assert release(runner) == 0
    assert release(runner, branch="release/qa") == 0
    assert (branches(remote), opened(runner)) == (["main"], [])


def test_a_tag_that_names_another_image_ends_the_pipeline(runner: Runner, remote: Path) -> None:
    assert release(runner) == 0
    before = git(remote, "rev-parse", "main")
    assert release(runner, digest=DIGESTS["1.2.5"]) == Exit.REFUSED
    assert git(remote, "rev-parse", "main") == before


def test_by_schedule_what_may_go_on_is_proposed_and_the_others_wait(runner: Runner, remote: Path) -> None:
    assert release(runner) == 0
    deployed(runner, "qa")

    assert promote(runner) == 0

    assert branches(remote) == ["main", BRANCH]
    assert opened(runner) == [BRANCH]
    assert changed_by(remote, BRANCH) == [E2E, "rendered/e2e/apps/shop/deployment-server.yaml"]
    evidence = said(remote, E2E, BRANCH)["promoted"]
    assert isinstance(evidence, dict)
    assert (evidence["from"], evidence["commit"]) == ("qa", git(remote, "rev-parse", "main"))
    assert said(remote, SERVER)["source"] == said(remote, E2E, BRANCH)["source"] == SOURCE


def test_while_a_pull_request_is_open_there_is_no_second_one(runner: Runner, remote: Path) -> None:
    assert release(runner) == 0
    deployed(runner, "qa")
    assert promote(runner) == 0
    before = git(remote, "rev-parse", BRANCH)
    runner.answer("pulls", "1\n")

    assert promote(runner) == 0

    assert git(remote, "rev-parse", BRANCH) == before
    assert opened(runner) == [BRANCH]


@pytest.mark.parametrize("way", ["merge", "squash"])
def test_after_the_merge_the_branch_goes_and_the_evidence_is_proven(
    runner: Runner, remote: Path, way: str
) -> None:
    assert release(runner) == 0
    deployed(runner, "qa")
    assert promote(runner) == 0
    git(runner.checkout, "fetch", "--quiet", "origin")
    if way == "squash":
        git(runner.checkout, "merge", "--quiet", "--squash", f"origin/{BRANCH}")
        git(runner.checkout, "commit", "--quiet", "--message", "promotion")
    else:
        git(runner.checkout, "merge", "--quiet", "--no-ff", "--no-edit", f"origin/{BRANCH}")
    git(runner.checkout, "push", "--quiet", "origin", "HEAD:main")

    assert promote(runner) == 0

    assert (branches(remote), opened(runner)) == (["main"], [BRANCH])
    proven = envs("verify", "e2e", root=runner.checkout)
    assert (proven.code, "proven" in proven.out) == (0, True), proven.out


def test_what_waits_is_said_by_schedule_and_refused_by_hand(runner: Runner, remote: Path) -> None:
    assert release(runner) == 0
    git(runner.checkout, "pull", "--quiet", "--ff-only")

    assert promote(runner) == 0
    assert promote(runner, "qa", "e2e") == Exit.REFUSED

    assert (branches(remote), opened(runner)) == (["main"], [])
    assert "shop/server in qa runs nowhere according to the record of deployments" in summary(runner)


def test_a_person_may_name_the_app_and_force_it_for_a_reason(runner: Runner, remote: Path) -> None:
    assert release(runner) == 0
    git(runner.checkout, "pull", "--quiet", "--ff-only")
    assert promote(runner, "qa", "e2e", app="shop", force="an urgent fix; $(id)") == 0
    assert said(remote, E2E, BRANCH)["forced"] == "an urgent fix; $(id)"


@pytest.mark.parametrize("words", [("qa", "prod", ""), ("qa", "--help", ""), ("qa", "e2e", "--push")])
def test_a_promotion_that_there_is_not_fails(
    runner: Runner, remote: Path, words: tuple[str, str, str]
) -> None:
    before = git(remote, "rev-parse", "main")
    assert promote(runner, *words) in {Exit.REFUSED, Exit.BAD_INPUT}
    assert (branches(remote), git(remote, "rev-parse", "main"), opened(runner)) == (["main"], before, [])


def test_a_fault_in_a_layer_fails_the_run(runner: Runner) -> None:
    (runner.checkout / "environments/qa.yaml").write_text("tier: tests\n")
    assert promote(runner) == Exit.BAD_INPUT
