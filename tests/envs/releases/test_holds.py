"""`envs hold`, `unhold`, `restart` and `rollback`."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from envs.errors import Exit
from tests.command import commit, envs, files_of, git
from tests.envs.releases.remote import RENDERED, SERVER, changed_by, image

ASK = ("set-image", "qa", "shop/server")


@pytest.mark.parametrize("held", ["shop", "shop/server"])
def test_a_held_release_is_refused_with_place_and_reason_until_the_hold_is_lifted(
    checkout: Path, held: str
) -> None:
    assert envs(*ASK, image("1.2.4"), "--commit", root=checkout).code == 0
    assert envs("hold", "qa", held, "--because", "the auditor looks", "--commit", root=checkout).code == 0
    file = SERVER if "/" in held else "environments/releases/qa/shop.yaml"
    assert changed_by(checkout, "HEAD") == [file]
    before = files_of(checkout)

    refused = envs(*ASK, image("1.2.5"), root=checkout)

    assert refused.code == Exit.REFUSED
    assert f"{file}:" in refused.err
    assert f"{held} in qa is held: the auditor looks; lift it with `envs unhold qa {held}`" in refused.err
    assert files_of(checkout) == before
    assert envs("unhold", "qa", held, "--commit", root=checkout).code == 0
    assert envs(*ASK, image("1.2.5"), root=checkout).code == 0


def test_a_hold_changes_no_object(checkout: Path) -> None:
    assert envs("hold", "qa", "shop", "--because", "later", root=checkout).code == 0
    assert envs("render", "--check", root=checkout).code == 0


def test_lifting_a_hold_that_is_not_there_is_bad_input(checkout: Path) -> None:
    result = envs("unhold", "qa", "shop", root=checkout)
    assert (result.code, result.err) == (Exit.BAD_INPUT, "envs: shop in qa is not held\n")


def test_a_hold_in_a_layer_or_beside_other_fields_is_a_fault(checkout: Path) -> None:
    layer = checkout / "environments/qa.yaml"
    layer.write_text(layer.read_text() + "apps: {shop: {hold: {because: mine}}}\n")
    path = checkout / "environments/releases/qa/shop.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("hold: {because: mine}\nquota: none\n")
    result = envs("check", root=checkout)
    assert result.code == Exit.BAD_INPUT
    assert "qa.yaml:2:15: apps.shop.hold: a hold belongs in releases/<environment>/shop.yaml" in result.err
    assert "releases/qa/shop.yaml:2:1: quota: only `hold:` belongs here" in result.err


def test_a_restart_changes_the_pod_template_and_the_release_says_when(checkout: Path) -> None:
    assert envs(*ASK, image("1.2.4"), "--commit", root=checkout).code == 0
    assert envs("restart", "qa", "shop/server", "--commit", root=checkout).code == 0
    assert changed_by(checkout, "HEAD") == [SERVER, RENDERED]
    moment = yaml.safe_load((checkout / SERVER).read_text().replace("restartedAt: ", "restartedAt: !!str "))[
        "restartedAt"
    ]
    template = yaml.safe_load((checkout / RENDERED).read_bytes())["spec"]["template"]
    assert template["metadata"]["annotations"]["environments.internal/restarted-at"] == moment


def test_a_rollback_brings_the_earlier_release_back_and_holds_it(checkout: Path) -> None:
    assert envs(*ASK, image("1.2.4"), "--build", "4", "--commit", root=checkout).code == 0
    earlier = git(checkout, "rev-parse", "HEAD")
    assert envs(*ASK, image("1.2.5"), "--build", "5", "--commit", root=checkout).code == 0
    (checkout / "README").write_text("meanwhile\n")
    commit(checkout, "meanwhile")

    result = envs("rollback", "qa", "shop/server", "--commit", root=checkout)

    assert result.code == 0, result.err
    assert yaml.safe_load((checkout / SERVER).read_bytes()) == {
        "image": image("1.2.4"),
        "build": "4",
        "hold": {"because": f"rolled back to {earlier[:12]}"},
    }
    assert git(checkout, "log", "-1", "--format=%s") == f"qa: roll shop/server back to {earlier[:12]}"
    assert envs("render", "--check", root=checkout).code == 0
    assert envs(*ASK, image("1.2.6"), root=checkout).code == Exit.REFUSED


def test_a_rollback_to_a_commit_brings_what_that_commit_released(checkout: Path) -> None:
    assert envs(*ASK, image("1.2.4"), "--commit", root=checkout).code == 0
    wanted = git(checkout, "rev-parse", "HEAD")
    for version in ("1.2.5", "1.2.6"):
        assert envs(*ASK, image(version), "--commit", root=checkout).code == 0
    assert envs("rollback", "qa", "shop", "--to", wanted, root=checkout).code == 0
    assert yaml.safe_load((checkout / SERVER).read_bytes())["image"] == image("1.2.4")


def test_without_an_earlier_release_a_rollback_says_so(checkout: Path) -> None:
    assert envs(*ASK, image("1.2.4"), "--commit", root=checkout).code == 0
    result = envs("rollback", "qa", "shop/server", root=checkout)
    assert result.code == Exit.BAD_INPUT
    assert "history knows no earlier image of shop/server; name a commit with --to" in result.err
