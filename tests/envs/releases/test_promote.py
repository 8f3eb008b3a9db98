"""`envs promote` and `envs verify`: releases go on with evidence, and Git alone proves it again."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from envs.checkout.repository import Repository
from envs.deployments.notes import record as record_deployment
from envs.deployments.record import Result, deployment
from envs.errors import Exit
from tests.command import commit, edit, envs, files_of, git
from tests.envs.releases.remote import changed_by, image

QA, E2E, PROD = (f"environments/releases/{name}/shop/server.yaml" for name in ("qa", "e2e", "prod"))
LONG_AGO = dt.timedelta(hours=3)


def ran(
    root: Path, environment: str, ago: dt.timedelta = LONG_AGO, result: Result = Result.SUCCEEDED
) -> None:
    """Record that HEAD was deployed to an environment some time ago."""
    head = git(root, "rev-parse", "HEAD")
    made = deployment(
        commit=head,
        environment=environment,
        root="",
        tree=git(root, "rev-parse", f"HEAD:rendered/{environment}"),
        at=dt.datetime.now(tz=dt.UTC) - ago,
        result=result,
        actor="Pipeline",
        run="",
    )
    record_deployment(Repository(root), made, None)


def release(root: Path, version: str = "1.2.4") -> None:
    """Release in qa and deploy it there."""
    words = ("set-image", "qa", "shop/server", image(version), "--build", version[-1], "--commit")
    assert envs(*words, root=root).code == 0
    ran(root, "qa")


def promote(root: Path, source: str, destination: str, *words: str) -> None:
    """Promote and deploy."""
    result = envs("promote", source, destination, "--commit", *words, root=root)
    assert result.code == 0, result.err
    ran(root, destination)


def read(root: Path, file: str) -> dict[str, object]:
    """Read a release."""
    said = yaml.safe_load((root / file).read_bytes())
    assert isinstance(said, dict)
    return said


def proofs(root: Path) -> list[tuple[str, str, str]]:
    """Environment, proof and reason of each release that was promoted."""
    result = envs("verify", "--format", "json", root=root)
    found = [(row["environment"], row["proof"], row["reason"]) for row in result.json]
    good = {"proven", "forced", "none"}
    assert result.code == (0 if {proof for _, proof, _ in found} <= good else Exit.FOUND)
    return found


def test_a_release_goes_unchanged_from_qa_to_e2e_to_prod_and_its_evidence_is_proven(checkout: Path) -> None:
    release(checkout)
    first = git(checkout, "rev-parse", "HEAD")
    promote(checkout, "qa", "e2e")
    promote(checkout, "e2e", "prod")

    assert changed_by(checkout, "HEAD") == [PROD, "rendered/prod/apps/shop/deployment-server.yaml"]
    diff = git(checkout, "diff", "--unified=0", "HEAD^", "--", "rendered").splitlines()
    assert [line.strip("+- ") for line in diff if line[:1] in "+-" and line[:3] not in {"+++", "---"}] == [
        "image: registry.example.com/server:1.2.3",
        f"image: {image('1.2.4')}",
    ]
    said = read(checkout, E2E)
    evidence = said.pop("promoted")
    assert said == {"image": image("1.2.4"), "build": "4"}
    assert isinstance(evidence, dict)
    assert (evidence["from"], evidence["commit"]) == ("qa", first)
    assert evidence["tree"] == git(checkout, "rev-parse", f"{first}:rendered/qa/apps/shop")
    assert [(name, proof) for name, proof, _ in proofs(checkout)] == [("e2e", "proven"), ("prod", "proven")]
    assert envs("check", "--base", first, root=checkout).code == 0


@pytest.mark.parametrize("way", ["merge", "squash", "rebase"])
def test_evidence_is_proven_however_its_pull_request_was_merged(checkout: Path, way: str) -> None:
    release(checkout)
    git(checkout, "switch", "--quiet", "--create", "promotion")
    assert envs("promote", "qa", "e2e", "--commit", root=checkout).code == 0
    git(checkout, "switch", "--quiet", "main")
    (checkout / "README").write_text("meanwhile\n")
    commit(checkout, "meanwhile")
    if way == "rebase":
        git(checkout, "rebase", "--quiet", "main", "promotion")
        git(checkout, "switch", "--quiet", "main")
        git(checkout, "merge", "--quiet", "--ff-only", "promotion")
    elif way == "squash":
        git(checkout, "merge", "--quiet", "--squash", "promotion")
        commit(checkout, "promotion")
    else:
        git(checkout, "merge", "--quiet", "--no-ff", "--no-edit", "promotion")
    assert [(name, proof) for name, proof, _ in proofs(checkout)] == [("e2e", "proven")]


def _soak(root: Path) -> None:
    edit(root / "environments/e2e.yaml", "{from: qa}", "{from: qa, after: 4h}")
    commit(root, "ask for time")


def _hold(root: Path) -> None:
    assert envs("hold", "e2e", "shop", "--because", "the sale is on", "--commit", root=root).code == 0


def _nothing(root: Path) -> None:
    del root


REFUSALS: dict[str, tuple[Callable[[Path], None], tuple[str, ...], str]] = {
    "a stage that is skipped": (
        _nothing,
        ("qa", "prod"),
        "prod promotes from e2e, not from qa; promote qa to the environment after it first, then e2e prod",
    ),
    "an environment that promotes from none": (_nothing, ("prod", "qa"), "qa promotes from no environment"),
    "a time that has not passed": (_soak, ("qa", "e2e"), "and may go on to e2e from"),
    "a hold": (
        _hold,
        ("qa", "e2e"),
        "shop in e2e is held: the sale is on; lift it with `envs unhold e2e shop`",
    ),
}


@pytest.mark.parametrize(("prepare", "words", "message"), REFUSALS.values(), ids=REFUSALS)
def test_a_promotion_is_refused_with_nothing_written(
    checkout: Path, prepare: Callable[[Path], None], words: tuple[str, ...], message: str
) -> None:
    prepare(checkout)
    release(checkout)
    before = files_of(checkout)
    result = envs("promote", *words, root=checkout)
    assert (result.code, result.out) == (Exit.REFUSED, "")
    assert message in result.err
    assert files_of(checkout) == before


def test_what_was_not_deployed_is_refused_and_can_be_forced_with_a_reason(checkout: Path) -> None:
    assert envs("set-image", "qa", "shop/server", image("1.2.4"), "--commit", root=checkout).code == 0
    refused = envs("promote", "qa", "e2e", root=checkout)
    assert refused.code == Exit.REFUSED
    assert "shop/server in qa runs nowhere according to the record of deployments" in refused.err

    assert envs("promote", "qa", "e2e", "--force", "an urgent fix", "--commit", root=checkout).code == 0

    assert read(checkout, E2E)["forced"] == "an urgent fix"
    assert proofs(checkout) == [("e2e", "forced", "an urgent fix")]


def test_a_deployment_that_failed_is_no_run(checkout: Path) -> None:
    assert envs("set-image", "qa", "shop/server", image("1.2.4"), "--commit", root=checkout).code == 0
    ran(checkout, "qa", result=Result.FAILED)
    assert envs("promote", "qa", "e2e", root=checkout).code == Exit.REFUSED


@pytest.mark.parametrize(("health", "code"), [("Healthy", 0), ("Degraded", Exit.REFUSED)])
def test_an_app_that_is_not_healthy_stays(checkout: Path, tmp_path: Path, health: str, code: int) -> None:
    release(checkout)
    status = tmp_path / "status.json"
    status.write_text(
        json.dumps([{"environment": "qa", "error": None, "apps": [{"name": "shop", "health": health}]}])
    )
    result = envs("promote", "qa", "e2e", "--status", str(status), root=checkout)
    assert result.code == code
    assert ("is Degraded according to the status of qa" in result.err) == bool(code)


@pytest.mark.parametrize("text", ["", "[]", "{}", '[{"environment": "prod"}]', "null"])
def test_a_file_that_is_not_the_status_of_the_source_is_bad_input(
    checkout: Path, tmp_path: Path, text: str
) -> None:
    status = tmp_path / "status.json"
    status.write_text(text)
    result = envs("promote", "qa", "e2e", "--status", str(status), root=checkout)
    assert result.code == Exit.BAD_INPUT
    assert "write it with `envs status qa --format json`" in result.err


def _tamper_image(root: Path) -> None:
    edit(root / E2E, image("1.2.4"), image("1.2.5"))


def _tamper_build(root: Path) -> None:
    edit(root / E2E, 'build: "4"', 'build: "5"')


def _tamper_container(root: Path) -> None:
    sidecar = "        sidecars: {proxy: {image: 'registry.example.com/proxy:1.0.0'}}\n"
    edit(
        root / "environments/base.yaml",
        "        ports: {http: 8080}\n",
        f"        ports: {{http: 8080}}\n{sidecar}",
    )
    with (root / E2E).open("a") as release_file:
        release_file.write(f"containers: {{proxy: {{image: '{image('1.2.6')}'}}}}\n")


def _tamper_tree(root: Path) -> None:
    tree = git(root, "rev-parse", "HEAD:rendered")
    said = read(root, E2E)["promoted"]
    assert isinstance(said, dict)
    edit(root / E2E, str(said["tree"]), tree)


def _strangers_commit(root: Path) -> None:
    said = read(root, E2E)["promoted"]
    assert isinstance(said, dict)
    git(root, "switch", "--quiet", "--create", "elsewhere")
    stranger = commit(root, "never merged")
    git(root, "switch", "--quiet", "main")
    edit(root / E2E, str(said["commit"]), stranger)


def _unknown_commit(root: Path) -> None:
    said = read(root, E2E)["promoted"]
    assert isinstance(said, dict)
    edit(root / E2E, str(said["commit"]), "f" * 40)


def _other_source(root: Path) -> None:
    edit(root / E2E, "from: qa", "from: prod")


def _more_time(root: Path) -> None:
    edit(root / "environments/e2e.yaml", "{from: qa}", "{from: qa, after: 2d}")


TAMPERED: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "another image": (_tamper_image, "wrong", f"releases {image('1.2.4')}, not {image('1.2.5')}"),
    "another build": (_tamper_build, "wrong", f"has another `build` than {E2E}"),
    "an image of another container": (_tamper_container, "wrong", f"has another `containers` than {E2E}"),
    "another tree": (_tamper_tree, "wrong", "is the tree"),
    "a commit that is not on main": (_strangers_commit, "wrong", "is not on the main branch"),
    "a source that was rewritten": (_unknown_commit, "unverified", "this clone has no commit ffffffffffff"),
    "another environment": (_other_source, "wrong", "it names prod, and e2e promotes from qa"),
    "a time that had not passed": (_more_time, "wrong", "and 2 days, 0:00:00 are asked for"),
}


@pytest.mark.parametrize(("tamper", "proof", "reason"), TAMPERED.values(), ids=TAMPERED)
def test_evidence_that_was_tampered_with_is_found_with_its_reason(
    checkout: Path, tamper: Callable[[Path], None], proof: str, reason: str
) -> None:
    release(checkout)
    promote(checkout, "qa", "e2e")
    tamper(checkout)
    commit(checkout, "tamper")
    ((name, found, why),) = proofs(checkout)
    assert (name, found) == ("e2e", proof)
    assert reason in why


def test_without_a_record_of_deployments_the_time_is_asserted_and_not_fine(checkout: Path) -> None:
    release(checkout)
    promote(checkout, "qa", "e2e")
    git(checkout, "update-ref", "-d", "refs/notes/deployments")
    ((_, proof, reason),) = proofs(checkout)
    assert proof == "asserted"
    assert "which no record of deployments here confirms" in reason


def test_a_release_that_came_by_another_way_is_found_and_a_rollback_is_not(checkout: Path) -> None:
    release(checkout)
    promote(checkout, "qa", "e2e")
    promote(checkout, "e2e", "prod")
    before = git(checkout, "rev-parse", "HEAD")
    refused = envs("set-image", "prod", "shop/server", image("1.2.5"), "--commit", root=checkout)
    assert refused.code == Exit.REFUSED
    assert (
        "prod promotes from e2e, and the release has no evidence; run `envs promote e2e prod shop`"
        in refused.err
    )
    forced = envs(
        "set-image", "prod", "shop/server", image("1.2.5"), "--force", "an outage", "--commit", root=checkout
    )
    assert forced.code == 0, forced.err

    rolled = envs("rollback", "prod", "shop/server", "--commit", root=checkout)

    assert rolled.code == 0, rolled.err
    assert read(checkout, PROD)["image"] == image("1.2.4")
    assert envs("check", "--base", before, root=checkout).code == 0
