"""The recipes of CONTRIBUTING.md work: each is followed in a copy of the tree, and its effect is seen."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import git, make_repository
from tests.roots import in_server, in_shop, make_root
from tests.tree import TREE

PAGE = (TREE / "CONTRIBUTING.md").read_text()
RECIPES = dict(re.findall(r"^## (A new \w+)\n.*?```diff\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE))
COPIED = ("components", "docs", "envs", "gitops", "kube", "policies", "pyproject.toml")
INGRESS = (
    "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a, namespace: shop-qa}\nspec: {}\n"
)

pytestmark = pytest.mark.slow


def follow(recipe: str, folder: Path) -> Path:
    """Copy the tree and apply the patch of a recipe, as the page says."""
    copy = make_repository(folder / "tree")
    for name in COPIED:
        if (TREE / name).is_dir():
            shutil.copytree(TREE / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(TREE / name, copy)
    patch = folder / "recipe.patch"
    patch.write_text(RECIPES[recipe])
    git(copy, "apply", str(patch))
    return copy


def run(copy: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a module of the copy in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=copy, check=False, capture_output=True, text=True
    )


def rendered(copy: Path, root: Path) -> str:
    """Render a root by the copy; returns the text of all objects."""
    done = run(copy, "envs", "render", "--root", str(root))
    assert done.returncode == 0, done.stderr
    return "".join(path.read_text() for path in sorted((root / "rendered").rglob("*.yaml")))


def test_a_new_field_reaches_the_object_and_the_schema(tmp_path: Path) -> None:
    """From the layer to the pod, and into the completion of editors."""
    copy = follow("A new field", tmp_path)
    root = make_root(tmp_path / "root", {"qa.yaml": in_server("runtimeClass: gvisor")})
    assert "runtimeClassName: gvisor\n" in rendered(copy, root)
    assert run(copy, "envs", "schema", "--root", str(root)).returncode == 0
    assert "(runtimeClassName)" in (root / "environments/schema.json").read_text()


def test_a_new_component_makes_its_object(tmp_path: Path) -> None:
    """With the maker that previews name."""
    copy = follow("A new component", tmp_path)
    root = make_root(tmp_path / "root", {"qa.yaml": in_shop("team: web")})
    assert "kind: ConfigMap\nmetadata:\n  name: contact\n" in rendered(copy, root)


def test_a_new_rule_finds_what_breaks_it(tmp_path: Path) -> None:
    """And is on the page of rules."""
    copy = follow("A new rule", tmp_path)
    (tmp_path / "ingress.yaml").write_text(INGRESS)
    done = run(copy, "envs", "check", "--manifests", str(tmp_path / "ingress.yaml"))
    assert (done.returncode, "[ingresses-have-certificates]" in done.stdout) == (1, True)
    assert "### ingresses-have-certificates\n" in run(copy, "policies.page").stdout


def test_a_new_verb_runs_and_is_in_the_help(tmp_path: Path) -> None:
    """And in the table of commands, which another test compares with the verbs."""
    copy = follow("A new verb", tmp_path)
    host = "cluster: {ingress: {namespace: x}}\n" + in_shop(
        "flows: {visitors: {from: ingress, to: server, port: http}}", "workloads: {server: {host: www}}"
    )
    root = make_root(tmp_path / "root", {"qa.yaml": host})
    done = run(copy, "envs", "hosts", "--root", str(root))
    assert (done.returncode, done.stdout) == (0, "qa  www.qa.example.com\n"), done.stderr
    assert "  hosts " in run(copy, "envs", "--help").stdout
    assert "\n| `envs hosts [ENV…]` |" in (copy / "docs/commands.md").read_text()


@pytest.mark.parametrize("recipe", RECIPES)
def test_what_a_recipe_writes_is_in_the_house_style(recipe: str, tmp_path: Path) -> None:
    """`make lint` finds nothing in it."""
    copy = follow(recipe, tmp_path)
    packages = ["components", "envs", "policies"]
    checked = run(copy, "ruff", "check", "--no-cache", *packages)
    formatted = run(copy, "ruff", "format", "--no-cache", "--check", *packages)
    assert (checked.returncode, formatted.returncode) == (0, 0), checked.stdout + formatted.stdout


def test_every_recipe_is_followed() -> None:
    """Or the tests above would prove less than the page claims."""
    assert [*RECIPES] == ["A new field", "A new component", "A new rule", "A new verb"]
