"""`envs check` through the real command: environments, any manifests, and what cannot be read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from envs.errors import Exit
from policies.context import Tier
from tests.command import edit, envs, make_environments
from tests.roots import in_server, make_root
from tests.tree import ROOTS, TREE

PINNED, MOVING = "registry.example.com/server:2.0.0", "registry.example.com/server:latest"
RELEASE = "releases/prod/shop/server.yaml"
# The hosts and addresses of the samples are placeholders, so they have neither certificates nor targets.
FILLED_IN = {"placeholders-are-filled", "ingresses-are-encrypted", "flows-name-their-targets"}
EXEMPT = """\
tier: production
policies:
  exemptions:
    until-they-tag:
      rule: images-are-pinned
      repository: {repository}
      because: its publisher has no versions
      until: "{until}"
cluster: {{context: prod, uid: 6f2b4a9e-0c1d-4e5f-8a7b-9c0d1e2f3a4b}}
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
    assert envs("check", "prod", root=root).code == Exit.BAD_INPUT


@pytest.mark.parametrize(
    ("repository", "until", "rules"),
    [
        ("registry.example.com/server", 30, set()),
        ("registry.example.com/server", -1, {"images-are-pinned", "exemptions-are-current"}),
        ("registry.example.com/server", 7, {"exemptions-are-renewed-in-time"}),
        ("registry.example.com/server", 200, {"exemptions-are-bounded"}),
        ("registry.example.com/serve", 30, {"images-are-pinned", "exemptions-are-needed"}),
    ],
    ids=["holds", "expired", "ends soon", "too long", "another repository"],
)
def test_an_exemption_of_a_layer_excuses_until_its_day(
    tmp_path: Path, repository: str, until: int, rules: set[str]
) -> None:
    last = datetime.now(tz=UTC).date() + timedelta(days=until)
    layer = EXEMPT.format(repository=repository, until=last)
    root = make_environments(tmp_path, {RELEASE: f"image: {MOVING}\n", "prod.yaml": layer})

    found = findings(root=root)

    assert {one["rule"] for one in found} == rules
    about = {one["origin"] for one in found if one["rule"].startswith("exemptions")}
    assert about <= {"environments/prod.yaml:5:13", "environments/prod.yaml:8:14"}  # its rule, its last day


@pytest.mark.parametrize(("longest", "code"), [("180d", Exit.FOUND), ("365d", 0)])
def test_an_environment_says_how_long_an_exemption_may_be(tmp_path: Path, longest: str, code: int) -> None:
    last = datetime.now(tz=UTC).date() + timedelta(days=200)
    layer = EXEMPT.format(repository="registry.example.com/server", until=last)
    layer = layer.replace("policies:\n", f"policies:\n  longestExemption: {longest}\n")
    root = make_environments(tmp_path, {RELEASE: f"image: {MOVING}\n", "prod.yaml": layer})

    assert envs("check", root=root).code == code


LEVELS = "policies:\n  levels:\n    {}\n"


@pytest.mark.parametrize(
    ("files", "report"),
    [
        (
            {"qa.yaml": "tier: test\n" + LEVELS.format("images-are-pined: advisory")},
            (
                "environments/qa.yaml:4:5: policies.levels.images-are-pined: there is no rule images-are-pined; "
                "docs/policies.md lists the rules; did you mean `images-are-pinned`?"
            ),
        ),
        (
            {"qa.yaml": "tier: test\n" + LEVELS.format("tokens-expire: advisory")},
            (
                "environments/qa.yaml:4:20: policies.levels.tokens-expire: this rule cannot be lowered; "
                "docs/policies.md lists the rules and marks those that test environments can lower"
            ),
        ),
        (
            {"prod.yaml": "tier: production\n" + LEVELS.format("images-are-pinned: advisory")},
            (
                "environments/prod.yaml:4:24: policies.levels.images-are-pinned: prod is a production environment, "
                "where no rule can be lowered; set it in test environments only"
            ),
        ),
    ],
    ids=["misspelt", "never lowered", "production"],
)
@pytest.mark.parametrize("verb", ["check", "preview", "render"])
def test_a_level_that_cannot_apply_is_a_fault_at_its_place(
    tmp_path: Path, verb: str, files: dict[str, str], report: str
) -> None:
    done = envs(verb, root=make_environments(tmp_path, files))

    assert done.code == Exit.BAD_INPUT
    assert done.err.splitlines()[0] == report


def test_all_levels_that_cannot_apply_are_one_report(tmp_path: Path) -> None:
    wrong = LEVELS.format("a: advisory\n    b: mandatory")
    done = envs("check", root=make_environments(tmp_path, {"qa.yaml": "tier: test\n" + wrong}))

    assert done.err.splitlines()[-1].startswith("2 faults in 1 file")


def test_a_tag_never_names_two_images_in_two_environments(tmp_path: Path) -> None:
    first = "releases/qa/shop/server.yaml"
    root = make_environments(
        tmp_path, {first: f"image: {PINNED}\nbuild: '41'\n", RELEASE: f"image: {PINNED}\nbuild: '41'\n"}
    )
    assert envs("check", root=root).code == 0

    edit(root / "environments" / RELEASE, "'41'", "'42'")

    (found,) = findings(root=root)
    assert (found["rule"], found["object"]) == ("tags-are-never-reused", "Release/prod/shop/server")
    assert found["origin"] == f"environments/{RELEASE}:1:8"
    assert f"names build 42 here and build 41 in environments/{first}:1:8; " in found["message"]


def test_github_sees_the_finding_at_its_line(tmp_path: Path) -> None:
    root = make_environments(tmp_path, {RELEASE: f"image: {MOVING}\n"})

    line = envs("check", "--format", "github", root=root).out.splitlines()[0]

    assert line.startswith(f"::error file=environments/{RELEASE},line=1,col=8,title=images-are-pinned::")


@pytest.mark.parametrize("words", [("nowhere",), ("--manifests", "{root}", "nowhere")])
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


def test_manifests_are_judged_as_an_environment_says(tmp_path: Path) -> None:
    lenient = "tier: test\npolicies: {levels: {images-are-pinned: advisory}, registries: [ghcr.io]}\n"
    root = make_environments(tmp_path / "root", {"qa.yaml": lenient})
    words = ("--manifests", str(manifests(tmp_path / "team", MOVING)))

    levels = {one["rule"]: one["level"] for one in findings("qa", *words, root=root)}

    assert levels["images-are-pinned"] == "advisory"
    assert levels["images-come-from-allowed-registries"] == "mandatory"
    assert envs("check", "qa", "prod", *words, root=root).code == Exit.BAD_INPUT
    assert envs("check", "qa", "--tier", "test", *words, root=root).code == Exit.BAD_INPUT


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
    ("content", "place", "said"),
    [
        ("a: [", "1:5", "is not YAML"),
        ("- 1", "1:1", "is a list, not a Kubernetes object"),
        ("replicas: 2", "1:1", "is not a Kubernetes object"),
        ("kind: A\nkind: B", "2:1", "`kind` is defined twice"),
    ],
)
def test_a_file_that_is_not_manifests_is_a_finding_beside_those_of_the_others(
    tmp_path: Path, content: str, place: str, said: str
) -> None:
    folder = manifests(tmp_path, MOVING)
    (folder / "bad.yaml").write_text(content)
    words = ("check", "--manifests", str(folder))

    done = envs(*words, "--format", "json", root=tmp_path)

    assert (done.code, done.err) == (Exit.FOUND, "")
    found = {one["rule"]: one for one in done.json["findings"]}
    assert "images-are-pinned" in found
    unreadable = found["manifests-are-readable"]
    assert (unreadable["object"], unreadable["origin"]) == ("File/bad.yaml", f"{folder}/bad.yaml:{place}")
    assert said in unreadable["message"]
    text, github = envs(*words, root=tmp_path).out, envs(*words, "--format", "github", root=tmp_path).out
    assert text.startswith(f"{folder}/bad.yaml:{place}: mandatory: File/bad.yaml: {said}")
    line, _, column = place.partition(":")
    assert github.startswith(f"::error file={folder}/bad.yaml,line={line},col={column},")


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
def test_the_environments_of_this_repository_are_clean_but_for_what_each_owner_fills_in(root: Path) -> None:
    assert {one["rule"] for one in findings(root=root)} <= FILLED_IN


def test_a_broken_neighbour_is_named_and_stops_nobody_else(tmp_path: Path) -> None:
    """Its own check reports the faults; the one of an environment on the same cluster says that it is missing."""
    broken = "tier: test\nteam: web\npromotes: {form: qa}\n"
    root = make_root(tmp_path, {"e2e.yaml": broken, "stacks/Pulumi.e2e.yaml": ""})
    result = envs("check", "qa", root=root)
    assert result.code == 0
    assert result.out.startswith(
        "environments/e2e.yaml:2:1: advisory: Environment/e2e team: its layers are broken, so nothing tells whether "
    )
    assert "`envs check e2e` lists the faults: unknown field; did you mean `teams`?, and 2 more" in result.out
    for words in (["check", "e2e"], ["check"], ["render"], ["list"]):
        assert envs(*words, root=root).code == 2
    assert [envs(*words, "qa", root=root).code for words in (["render"], ["show"])] == [0, 0]
    assert not (root / "rendered/e2e").exists()


TYPO = "tier: test\nteam: web\n"
FAULT = "environments/e2e.yaml:2:1: team: unknown field; did you mean `teams`?\n"


def test_all_but_the_environments_of_a_broken_layer_are_judged(tmp_path: Path) -> None:
    """The faults and what they stopped are on standard error, the findings of the others on standard output."""
    root = make_environments(tmp_path, {"e2e.yaml": TYPO, RELEASE: f"image: {MOVING}\n"})
    result = envs("check", root=root)
    assert result.code == Exit.BAD_INPUT
    assert result.err == f"{FAULT}1 fault in 1 file; not judged: e2e\n"
    assert f"environments/{RELEASE}:1:8: mandatory: prod Deployment/shop-prod/server " in result.out
    assert "advisory: Environment/e2e team: its layers are broken" in result.out
    assert result.out.splitlines()[-1].startswith("17 objects checked: ")


def test_a_level_that_cannot_be_stops_only_its_environment(tmp_path: Path) -> None:
    e2e = "tier: test\npolicies: {levels: {no-such-rule: advisory}}\n"
    result = envs("check", root=make_environments(tmp_path, {"e2e.yaml": e2e}))
    assert (result.code, result.err.splitlines()[-1]) == (2, "1 fault in 1 file; not judged: e2e")
    assert result.err.startswith(
        "environments/e2e.yaml:2:21: policies.levels.no-such-rule: there is no rule "
    )


def test_a_layer_that_nobody_uses_stops_no_environment_and_is_a_fault(tmp_path: Path) -> None:
    result = envs("check", root=make_environments(tmp_path, {"forgotten.yaml": "apps: {}\n"}))
    assert (result.code, result.out) == (2, "25 objects checked: 0 findings\n")
    assert result.err.splitlines()[-1] == "1 fault in 1 file; every environment was judged"


def test_a_broken_base_stops_everybody(tmp_path: Path) -> None:
    result = envs("check", root=make_environments(tmp_path, {"base.yaml": "teams: [\n"}))
    assert (result.code, result.out) == (2, "")


def test_a_neighbour_whose_objects_cannot_be_made_is_named_too(tmp_path: Path) -> None:
    """A template that fails is a fault of the environment that uses it."""
    e2e = "tier: test\napps: {shop: {manifests: {x: {kind: ConfigMap}}}}\n"
    root = make_root(tmp_path, {"e2e.yaml": e2e, "stacks/Pulumi.e2e.yaml": ""})
    assert (envs("check", "e2e", root=root).code, envs("check", root=root).code) == (2, 2)
    result = envs("check", "qa", root=root)
    assert (result.code, "Environment/e2e" in result.out) == (0, True)


def test_files_are_judged_as_the_job_of_an_environment_judges_them(tmp_path: Path) -> None:
    root = make_environments(
        tmp_path / "root",
        {"qa.yaml": 'tier: test\npolicies: {kinds: {example.com/Widget: a}}\ncluster: {version: "1.34"}\n'},
    )
    folder = tmp_path / "team"
    folder.mkdir()
    (folder / "values.yaml").write_text("replicas: 2\n")
    for kind in ("Widget", "Gadget"):
        text = f"apiVersion: example.com/v1\nkind: {kind}\nmetadata: {{name: a, namespace: b}}\n"
        (folder / f"{kind}.yaml").write_text(text)
    (folder / "config.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\ndat: {}\n"
    )

    found = findings("--manifests", str(folder), "--environment", "qa", root=root)

    assert {(one["rule"], one["object"]) for one in found} == {
        ("kinds-are-listed", "Gadget/b/a"),
        ("manifests-are-readable", "File/values.yaml"),
        ("objects-fit-kubernetes", "ConfigMap/b/a"),
    }
    assert {one["environment"] for one in found} == {"qa"}
    assert any("Kubernetes 1.34" in one["message"] for one in found)


def test_nobody_has_listed_kinds_where_no_environment_is_named(tmp_path: Path) -> None:
    file = tmp_path / "widget.yaml"
    file.write_text("apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a, namespace: b}\n")
    assert findings("--manifests", str(file), root=tmp_path) == []


def test_a_whole_environment_holds_its_fence(tmp_path: Path) -> None:
    root = make_environments(tmp_path)
    envs("render", root=root)
    found = findings(
        "--manifests", str(root / "rendered" / "qa"), "--environment", "qa", "--complete", root=root
    )
    assert found == []


def test_code_scanning_gets_sarif(tmp_path: Path) -> None:
    root = make_environments(tmp_path, {RELEASE: f"image: {MOVING}\n"})

    done = envs("check", "--format", "sarif", root=root)

    assert done.code == Exit.FOUND
    (run,) = done.json["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].endswith(f"environments/{RELEASE}")
    assert place["region"] == {"startLine": 1, "startColumn": 8}
