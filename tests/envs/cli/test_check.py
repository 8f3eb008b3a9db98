"""`envs check` through the real command: environments, any manifests, and what cannot be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from envs.errors import Exit
from policies.context import Tier
from tests.command import commit, edit, envs, make_environments, make_repository
from tests.roots import in_server
from tests.tree import ROOTS, TREE

PINNED, MOVING = "registry.example.com/server:2.0.0", "registry.example.com/server:latest"
RELEASE = "releases/prod/shop/server.yaml"
LEDGER = "releases/images/registry.example.com/server.yaml"
DIGEST = f"sha256:{'0' * 64}"
EXEMPT = """\
tier: production
policies:
  exemptions:
    until-they-tag:
      rule: images-are-pinned
      repository: {repository}
      because: its publisher has no versions
      until: "{until}"
"""


def findings(*words: str, root: Path) -> list[dict[str, Any]]:
    """Return what the command finds, as a program reads it."""
    found: list[dict[str, Any]] = envs("check", "--format", "json", *words, root=root).json["findings"]
    return found


def manifests(folder: Path, image: str = PINNED, kind: str = "Pod") -> Path:
    """Write a folder with one object that carries the image."""
    folder.mkdir(parents=True, exist_ok=True)
    pod = {"containers": [{"name": "web", "image": image}]}
    item = {"apiVersion": "v1", "kind": kind, "metadata": {"name": "web", "namespace": "a"}, "spec": pod}
    (folder / "pod.json").write_text(json.dumps(item))
    return folder


def test_clean_environments_pass(tmp_path: Path) -> None:
    done = envs("check", root=make_environments(tmp_path))

    assert (done.code, done.out, done.err) == (0, "25 objects checked: 0 findings\n", "")


def test_a_moving_tag_in_production_is_found_where_it_was_written(tmp_path: Path) -> None:
    root = make_environments(tmp_path, {RELEASE: f"# by hand\nimage: {MOVING}\n"})

    done = envs("check", root=root)

    assert done.code == Exit.FOUND
    assert done.out.startswith(f"environments/{RELEASE}:2:8: mandatory: prod Deployment/shop-prod/server ")


def test_only_the_environments_that_are_asked_for_are_judged(tmp_path: Path) -> None:
    root = make_environments(tmp_path, {RELEASE: f"image: {MOVING}\n"})

    assert envs("check", "qa", "e2e", root=root).code == 0
    assert envs("check", "prod", root=root).code == Exit.FOUND


def test_a_test_environment_may_ask_for_warnings_and_production_may_not(tmp_path: Path) -> None:
    lenient = "policies: {levels: {images-are-pinned: advisory}}\n"
    image = in_server(f"image: {MOVING}")
    root = make_environments(tmp_path, {"qa.yaml": image + lenient})

    assert [(one["environment"], one["level"]) for one in findings(root=root)] == [("qa", "advisory")]
    assert envs("check", root=root).code == 0
    make_environments(tmp_path, {"prod.yaml": image.replace("test", "production") + lenient})
    assert envs("check", "prod", root=root).code == Exit.FOUND


@pytest.mark.parametrize(
    ("repository", "until", "rules"),
    [
        ("registry.example.com/server", "2999-12-31", set()),
        ("registry.example.com/server", "2020-12-31", {"images-are-pinned", "exemptions-are-current"}),
        ("registry.example.com/serve", "2999-12-31", {"images-are-pinned", "exemptions-are-needed"}),
    ],
    ids=["holds", "expired", "another repository"],
)
def test_an_exemption_of_a_layer_excuses_until_its_day(
    tmp_path: Path, repository: str, until: str, rules: set[str]
) -> None:
    layer = EXEMPT.format(repository=repository, until=until)
    root = make_environments(tmp_path, {RELEASE: f"image: {MOVING}\n", "prod.yaml": layer})

    found = findings(root=root)

    assert {one["rule"] for one in found} == rules
    about = [one["origin"] for one in found if one["rule"].startswith("exemptions")]
    assert all(origin.startswith("environments/prod.yaml:") for origin in about)


def test_a_tag_is_never_used_for_another_image(tmp_path: Path) -> None:
    root = make_environments(tmp_path, {RELEASE: f"image: {PINNED}\nbuild: '41'\n"})
    envs("render", root=root)
    assert envs("check", root=root).code == 0

    edit(root / "environments" / RELEASE, "'41'", "'42'")

    (found,) = findings(root=root)
    assert (found["rule"], found["object"]) == ("tags-are-never-reused", "Release/prod/shop/server")
    assert found["origin"].startswith(f"environments/{RELEASE}:1:")


def test_an_entry_of_the_ledger_that_vanished_since_the_base_is_found(tmp_path: Path) -> None:
    root = make_environments(
        make_repository(tmp_path), {RELEASE: f"image: {PINNED}@{DIGEST}\n", LEDGER: "1.9.9:\n  build: '7'\n"}
    )
    envs("render", root=root)
    commit(root)
    ledger = root / "environments" / LEDGER
    ledger.write_text(ledger.read_text().replace("1.9.9", "1.9.8"))

    (found,) = findings("--base", "main", root=root)

    assert (found["rule"], found["path"]) == ("ledger-only-grows", "1.9.9")


def test_github_sees_the_finding_at_its_line(tmp_path: Path) -> None:
    root = make_environments(tmp_path, {RELEASE: f"image: {MOVING}\n"})

    line = envs("check", "--format", "github", root=root).out.splitlines()[0]

    assert line.startswith(f"::error file=environments/{RELEASE},line=1,col=8,title=images-are-pinned::")


@pytest.mark.parametrize("words", [("nowhere",), ("--manifests", "{root}", "qa")])
def test_words_that_mean_nothing_are_bad_input(tmp_path: Path, words: tuple[str, ...]) -> None:
    root = make_environments(tmp_path)

    done = envs("check", *(word.format(root=root) for word in words), root=root)

    assert (done.code, done.out) == (Exit.BAD_INPUT, "")
    assert done.err.startswith("envs: ")


# --- any manifests


def test_json_of_manifests_has_the_promised_fields(tmp_path: Path) -> None:
    folder = manifests(tmp_path, MOVING)

    done = envs("check", "--manifests", str(folder), "--format", "json", root=tmp_path)

    assert done.json["checked"] == 1
    (found,) = [one for one in done.json["findings"] if one["rule"] == "images-are-pinned"]
    assert found == {
        "rule": "images-are-pinned",
        "level": "mandatory",
        "environment": "",
        "object": "Pod/a/web",
        "path": "spec.containers[web].image",
        "message": found["message"],
        "origin": f"{folder / 'pod.json'}:1:{found['origin'].rpartition(':')[2]}",
    }


@pytest.mark.parametrize("image", [MOVING, "registry.example.com/server:1", "App:1"])
@pytest.mark.parametrize("tier", Tier)
def test_the_tier_decides_about_moving_tags_and_nothing_else(tmp_path: Path, tier: Tier, image: str) -> None:
    found = findings("--manifests", str(manifests(tmp_path, image)), "--tier", tier, root=tmp_path)

    warned = tier is Tier.TEST and image != "App:1"
    levels = {one["level"] for one in found if one["rule"] in {"images-are-pinned", "images-are-valid"}}
    assert levels == ({"advisory"} if warned else {"mandatory"})


def test_a_folder_is_judged_as_a_whole_only_where_it_is_complete(tmp_path: Path) -> None:
    words = ("--manifests", str(manifests(tmp_path)))
    whole = {"pods-are-isolated", "namespaces-are-complete"}

    assert whole.isdisjoint(one["rule"] for one in findings(*words, root=tmp_path))
    assert whole <= {one["rule"] for one in findings(*words, "--complete", root=tmp_path)}


def test_objects_without_a_namespace_go_where_the_job_puts_them(tmp_path: Path) -> None:
    words = ("--manifests", str(TREE / "examples/sample-app/deploy"))

    assert {one["rule"] for one in findings(*words, root=tmp_path)} == {"objects-name-their-namespace"}
    done = envs("check", *words, "--namespace", "sample-prod", root=tmp_path)
    assert (done.code, done.out) == (0, "3 objects checked: 0 findings\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: [", "bad.yaml:2:1: "),
        ("- 1", "bad.yaml: document 1 is no object"),
        ("kind: A\nkind: B", "stands twice"),
    ],
)
@pytest.mark.parametrize("style", ["text", "json", "github"])
def test_what_cannot_be_read_is_bad_input_beside_good_files(
    tmp_path: Path, content: str, said: str, style: str
) -> None:
    folder = manifests(tmp_path)
    (folder / "bad.yaml").write_text(content)

    done = envs("check", "--manifests", str(folder), "--format", style, root=tmp_path)

    assert (done.code, done.out) == (Exit.BAD_INPUT, "")
    assert said in done.err
    assert "Traceback" not in done.err


def test_the_example_that_is_refused_is_refused_by_the_rules_that_its_page_names() -> None:
    found = findings(
        "--manifests", str(TREE / "examples/refused/deploy"), "--namespace", "sample-prod", root=TREE
    )

    assert {one["rule"] for one in found if one["level"] == "mandatory"} == {
        "images-are-pinned",
        "pods-meet-restricted",
        "pods-have-their-own-account",
        "tokens-are-mounted-with-a-reason",
        "containers-declare-resources",
        "servers-tell-when-ready",
        "root-file-systems-are-read-only",
        "services-stay-inside",
    }


@pytest.mark.parametrize("root", ROOTS, ids=lambda root: str(root.relative_to(TREE)))
def test_the_environments_of_this_repository_are_clean_but_for_placeholders(root: Path) -> None:
    assert {one["rule"] for one in findings(root=root)} <= {"placeholders-are-filled"}
