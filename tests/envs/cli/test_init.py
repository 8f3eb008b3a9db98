"""`envs init`: a whole root of one's own, or nothing at all."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

import pytest
import yaml

from tests.command import commit, edit, envs, envs_process, files_of, git, make_repository
from tests.tree import TREE

WORKFLOWS = {
    ".github/actions/environments-deployments/action.yml",
    ".github/actions/environments-pulumi/action.yml",
    ".github/actions/environments-setup/action.yml",
    ".github/workflows/environments-comment.yml",
    ".github/workflows/environments-deploy-environment.yml",
    ".github/workflows/environments-deploy.yml",
    ".github/workflows/environments-drift.yml",
    ".github/workflows/environments-pull-request.yml",
    ".github/workflows/environments-pulumi-preview.yml",
}
PROJECT = {
    ".gitattributes",
    ".gitignore",
    "Pulumi.yaml",
    "policy-pack/PulumiPolicy.yaml",
    "policy-pack/__main__.py",
    "program/__main__.py",
    "requirements.txt",
}


def test_two_commands_lead_from_nothing_to_a_preview_of_three_environments(tmp_path: Path) -> None:
    """The folder need not exist."""
    root = tmp_path / "shop"
    assert envs("init", "--app", "web", root=root).code == 0
    previewed = envs("preview", "--format", "json", root=root).json
    assert [(one["name"], one["tier"]) for one in previewed["environments"]] == [
        ("qa", "test"),
        ("e2e", "test"),
        ("prod", "production"),
    ]
    assert all(one["objects"]["apps"] == {"web": len(one["changes"])} for one in previewed["environments"])
    assert previewed["findings"]["mandatory"] == 0


@pytest.mark.parametrize("delivery", ["push", "pull"])
def test_what_it_writes_is_complete_and_passes_every_check(tmp_path: Path, delivery: str) -> None:
    """Layers, rendered objects, schema, Pulumi project and workflows; the rest are hints."""
    assert envs("init", "--app", "web", "--delivery", delivery, root=tmp_path).code == 0
    written = {name for name in files_of(tmp_path) if not name.startswith("rendered/")}
    names = ("qa", "e2e", "prod")
    assert written == {
        *PROJECT,
        *WORKFLOWS,
        *(f"environments/{name}.yaml" for name in ("base", *names)),
        *(f"environments/stacks/Pulumi.{name}.yaml" for name in names),
        "environments/app.schema.json",
        "environments/schema.json",
    }
    assert envs("render", "--check", root=tmp_path).code == 0
    assert envs("schema", "--check", root=tmp_path).code == 0
    assert envs("check", root=tmp_path).code == 0
    assert all(yaml.safe_load((tmp_path / name).read_text()) for name in WORKFLOWS)
    assert all(data.endswith(b"\n") and not data.endswith(b"\n\n") for data in files_of(tmp_path).values())


def test_the_last_of_the_environments_is_production_and_each_promotes_from_the_one_before(
    tmp_path: Path,
) -> None:
    """Whatever they are called."""
    assert envs("init", "--app", "web", "--environments", "dev, live", root=tmp_path).code == 0
    rows = envs("list", "--format", "json", root=tmp_path).json
    assert [(row["name"], row["tier"], row["promotesFrom"]) for row in rows] == [
        ("dev", "test", None),
        ("live", "production", "dev"),
    ]


def test_a_pulled_app_comes_with_the_job_that_pulls_it(tmp_path: Path) -> None:
    """And the workflow moves the ref that the job follows, without force."""
    assert envs("init", "--app", "web", "--delivery", "pull", root=tmp_path).code == 0
    assert (tmp_path / "rendered/prod/fence/gitops-prod/cronjob-gitops.yaml").is_file()
    workflow = ".github/workflows/environments-deploy-environment.yml"
    assert 'git push origin "$COMMIT:refs/heads/env/$ENVIRONMENT"' in (tmp_path / workflow).read_text()
    envs("init", "--app", "web", root=tmp_path / "pushed")
    assert "refs/heads/env/" not in (tmp_path / "pushed" / workflow).read_text()


def test_says_what_to_fill_in_and_check_finds_it_until_it_is_done(tmp_path: Path) -> None:
    """Each place once, with the line that is to be edited."""
    result = envs("init", "--app", "web", "--environments", "qa,prod", "--delivery", "pull", root=tmp_path)
    places = re.findall(r"^  (environments/\S+): ", result.out, re.MULTILINE)
    assert "  requirements.txt:2:1: " in result.out
    assert set(places) == placeholders(tmp_path)
    assert len(places) == 8
    for path in tmp_path.glob("environments/*.yaml"):
        text = path.read_text().replace("example.com", "acme.dev").replace("192.0.2.1", "10.0.0.1")
        text = text.replace("00000000-0000-0000-0000-000000000000", "6f2b4a9e-0c1d-4e5f-8a7b-9c0d1e2f3a4b")
        path.write_text(text)
    assert placeholders(tmp_path) == set()


def placeholders(root: Path) -> set[str]:
    found = envs("check", "--format", "json", root=root).json["findings"]
    assert {one["level"] for one in found} <= {"advisory"}
    return {one["origin"] for one in found if one["rule"] == "placeholders-are-filled"}


def test_each_repository_has_a_pulumi_project_of_its_own(tmp_path: Path) -> None:
    """So that two on one backend share no stack: by default the name of the folder."""
    envs("init", "--app", "web", root=tmp_path / "shop")
    envs("init", "--app", "web", "--name", "till", root=tmp_path / "other")
    names = [
        yaml.safe_load((tmp_path / folder / "Pulumi.yaml").read_text())["name"]
        for folder in ("shop", "other")
    ]
    assert names == ["shop", "till"]


def test_each_root_has_an_identity_by_which_its_stacks_recognize_it(tmp_path: Path) -> None:
    """Also where the name of the project is the same."""
    for folder in ("one", "two"):
        envs("init", "--app", "web", "--name", "shop", root=tmp_path / folder)
    identities = [
        UUID(
            yaml.safe_load((tmp_path / folder / "Pulumi.yaml").read_text())["config"]["shop:identity"][
                "value"
            ]
        )
        for folder in ("one", "two")
    ]
    assert identities[0] != identities[1]


def test_what_exists_is_never_overwritten(tmp_path: Path) -> None:
    """One file that is there already is named, and nothing at all is written."""
    (tmp_path / "program").mkdir()
    (tmp_path / "program/__main__.py").write_text("mine")
    (tmp_path / "rendered").mkdir()
    before = files_of(tmp_path)
    result = envs("init", "--app", "web", root=tmp_path)
    assert (result.code, result.out) == (2, "")
    assert "rendered" in result.err
    assert "program/__main__.py" in result.err
    assert "exist already; nothing was written" in result.err
    assert files_of(tmp_path) == before


def test_an_error_half_way_leaves_nothing_behind(tmp_path: Path) -> None:
    """Here a folder that is a file."""
    (tmp_path / ".github").write_text("mine")
    result = envs("init", "--app", "web", root=tmp_path)
    assert result.code == 2
    assert ".github is a file where a folder must be" in result.err
    assert [path.name for path in tmp_path.iterdir()] == [".github"]


def test_a_repository_keeps_its_gitignore_and_is_told_what_to_add(tmp_path: Path) -> None:
    """Almost every repository has one; lines that it has already are not repeated."""
    root = make_repository(tmp_path / "shop")
    (root / ".gitignore").write_text(".venv/\n")
    commit(root)
    result = envs("init", "--app", "web", root=root)
    assert result.code == 0
    assert "Add to .gitignore, which exists already: .state/  __pycache__/\n" in result.out
    assert (root / ".gitignore").read_text() == ".venv/\n"


def test_in_a_folder_of_a_repository_its_workflows_are_at_the_top(tmp_path: Path) -> None:
    """GitHub reads them nowhere else; they work in the folder."""
    repository = make_repository(tmp_path / "shop")
    assert envs("init", "--app", "web", root=repository / "deploy").code == 0
    assert {path for path in files_of(repository) if not path.startswith("deploy/")} == WORKFLOWS
    workflow = yaml.safe_load((repository / ".github/workflows/environments-deploy.yml").read_text())
    assert workflow["defaults"]["run"]["working-directory"] == "deploy"
    pulled = envs("init", "--app", "web", "--delivery", "pull", root=repository / "other")
    assert pulled.code == 2
    assert "at the top of a repository" in pulled.err
    strange = envs("init", "--app", "web", "--name", "x", root=repository / "a ${{ b }}")
    assert strange.code == 2
    assert "is not allowed in a workflow" in strange.err
    assert not (repository / "other").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--app", "Web"], '"Web" cannot name an app; write lowercase letters'),
        (["--app", "web", "--environments", "qa,,prod"], '"" cannot name an environment'),
        (["--app", "web", "--environments", "qa,qa"], "--environments names qa twice"),
        (["--app", "web", "--environments", "base"], "base is a reserved name"),
        (["--app", "web", "--name", "9 lives"], '"9 lives" is not a valid name of a Pulumi project'),
        (["--app", "w" * 63], "shorten the name of the app"),
        (["--app", "web", "--requirement", "a\nb"], "--requirement is one line"),
    ],
)
def test_names_that_do_not_work_are_bad_input_and_nothing_is_written(
    tmp_path: Path, words: list[str], said: str
) -> None:
    """Before anything is written."""
    result = envs("init", *words, root=tmp_path)
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert not [*tmp_path.iterdir()]


def test_replaces_nothing_outside_of_a_copy_of_this_project(tmp_path: Path) -> None:
    """--replace deletes: elsewhere the environments are somebody's own."""
    envs("init", "--app", "web", root=tmp_path)
    before = files_of(tmp_path)
    result = envs("init", "--app", "other", "--replace", root=tmp_path)
    assert result.code == 3
    assert "is not a copy of this project" in result.err
    assert files_of(tmp_path) == before


def test_in_a_copy_of_this_project_the_sample_is_replaced_on_request(tmp_path: Path) -> None:
    """Its examples leave the README, and the project gets a name of its own."""
    copy = tmp_path / "shop"
    copy.mkdir()
    for name in ("README.md", "Pulumi.yaml", "pyproject.toml"):
        (copy / name).write_bytes((TREE / name).read_bytes())
    (copy / "environments").mkdir()
    (copy / "environments/staging.yaml").write_text("tier: test\n")
    refused = envs("init", "--app", "web", root=copy)
    assert refused.code == 2
    assert "--replace deletes the sample" in refused.err
    assert envs("init", "--app", "web", "--replace", root=copy).code == 0
    assert not (copy / "environments/staging.yaml").exists()
    assert not (copy / "program").exists()
    settings = yaml.safe_load((copy / "Pulumi.yaml").read_text())
    assert settings["name"] == "shop"
    assert settings["config"].keys() == {"shop:identity"}
    assert settings["config"] != yaml.safe_load((TREE / "Pulumi.yaml").read_text())["config"]
    assert "guestbook" not in (copy / "README.md").read_text()
    assert envs("check", root=copy).code == 0


def test_the_workflows_use_actions_by_commit_and_the_same_as_this_project(tmp_path: Path) -> None:
    """A tag of an action can be moved."""
    envs("init", "--app", "web", root=tmp_path)
    own = used(TREE / ".github")
    assert used(tmp_path / ".github") <= own
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+", line) for line in own)


def used(folder: Path) -> set[str]:
    """Actions of others that a folder's workflows use, each with its commit and version."""
    text = "".join(path.read_text() for path in folder.rglob("*.yml"))
    return {line for line in re.findall(r"uses: (.*)", text) if not line.startswith("./")}


def test_without_git_it_says_so(tmp_path: Path) -> None:
    """It asks Git where the repository begins."""
    done = envs_process("init", "--app", "web", root=tmp_path / "shop", env={"PATH": str(tmp_path)})
    assert done.returncode == 5
    assert done.stderr.decode().startswith("envs: git cannot be run: ")
    assert not (tmp_path / "shop").exists()


def test_a_new_root_is_clean_once_it_is_committed(tmp_path: Path) -> None:
    """Git changes no line end, and nothing that is written is ignored."""
    root = make_repository(tmp_path / "shop")
    envs("init", "--app", "web", root=root)
    commit(root)
    assert git(root, "status", "--short", "--ignored") == ""
    edit(root / "environments/prod.yaml", "replicas: 2", "replicas: 3")
    assert "~ Deployment/web-prod/web" in envs("preview", "prod", root=root).out
