"""`envs preview`: what changes, and who said so."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import Result, commit, edit, envs, envs_process, files_of, git, make_environments
from tests.tree import TREE

PROD = "environments/prod.yaml"


def lines_of(result: Result) -> list[str]:
    """Lines of a preview without the last one, which says how long it took."""
    assert result.code == 0, result.err
    return result.out.splitlines()[:-1]


def test_says_so_where_nothing_changes(checkout: Path) -> None:
    """One line an environment, one with its kinds, and what it was compared with."""
    result = envs("preview", "qa", root=checkout)
    assert lines_of(result) == [
        "qa  test           8 objects: shop 8   no change",
        (
            "    Deployment 1, LimitRange 1, Namespace 1, NetworkPolicy 2, ResourceQuota 1, Service 1, "
            "ServiceAccount 1"
        ),
    ]
    assert f"compared with {git(checkout, 'rev-parse', 'HEAD')[:10]} " in result.out


def test_shows_each_field_with_the_line_that_says_it(checkout: Path) -> None:
    """Old and new value, the origin of the new one, and how many pods that replaces."""
    edit(checkout / PROD, "replicas: 2", "replicas: 4\n        env: {MODE: fast}")
    assert lines_of(envs("preview", "prod", root=checkout)) == [
        "prod  production     9 objects: shop 9   1 to change",
        (
            "      Deployment 1, LimitRange 1, Namespace 1, NetworkPolicy 2, PodDisruptionBudget 1, "
            "ResourceQuota 1, Service 1, ServiceAccount 1"
        ),
        "  ~ Deployment/shop-prod/server   restarts 4 pods",
        "      spec.replicas",
        "        - 2",
        "        + 4                                                         environments/prod.yaml:8",
        "      spec.template.spec.containers[server].env[MODE].value",
        "        + fast                                                      environments/prod.yaml:9",
    ]


def test_json_says_the_same_for_programs(checkout: Path) -> None:
    """The documented keys; a side that a field does not have is left out."""
    edit(checkout / PROD, "replicas: 2", "replicas: 4\n        env: {MODE: fast}")
    document = envs("preview", "prod", "--format", "json", root=checkout).json
    assert document["base"] == git(checkout, "rev-parse", "HEAD")
    (prod,) = document["environments"]
    assert (prod["name"], prod["tier"], prod["objects"]["apps"]) == ("prod", "production", {"shop": 9})
    path = "spec.template.spec.containers[server].env[MODE]"
    assert prod["changes"] == [
        {
            "action": "update",
            "object": "Deployment/shop-prod/server",
            "app": "shop",
            "file": "rendered/prod/apps/shop/deployment-server.yaml",
            "restarts": 4,
            "fields": [
                {"path": "spec.replicas", "old": 2, "new": 4, "origin": f"{PROD}:8"},
                {"path": f"{path}.name", "new": "MODE", "origin": "components/workloads/controller.py"},
                {"path": f"{path}.value", "new": "fast", "origin": f"{PROD}:9"},
            ],
        }
    ]


@pytest.mark.parametrize(
    ("words", "restarts"),
    [
        ("autoscale: {min: 3, max: 12, cpu: 70%}\n        env: {A: b}", 3),
        ("replicas: 0\n        env: {A: b}", None),
        ("replicas: 5", None),
    ],
)
def test_counts_the_pods_that_a_new_template_replaces(
    checkout: Path, words: str, restarts: int | None
) -> None:
    """An autoscaler keeps at least its minimum; scaling alone replaces none."""
    edit(checkout / PROD, "replicas: 2", words)
    (prod,) = envs("preview", "prod", "--format", "json", root=checkout).json["environments"]
    (change,) = [change for change in prod["changes"] if change["object"].startswith("Deployment/")]
    assert change["restarts"] == restarts


def test_shows_objects_that_appear_and_go(checkout: Path) -> None:
    """A second copy brings a disruption budget; without one it goes."""
    edit(checkout / PROD, "replicas: 2", "replicas: 1")
    edit(
        checkout / "environments/qa.yaml",
        "tier: test\n",
        "tier: test\nteams: {web: {groups: {view: eyes}}}\n",
    )
    assert "  - PodDisruptionBudget/shop-prod/server" in lines_of(envs("preview", root=checkout))
    lines = lines_of(envs("preview", "qa", root=checkout))
    assert lines[0].endswith("2 to create")
    assert lines[2:] == ["  + Role/shop-qa/team-view", "  + RoleBinding/shop-qa/team-view"]


def test_tells_an_app_that_is_renamed_in_two_lines(checkout: Path) -> None:
    """All of its objects appear under the new name and go under the old one."""
    edit(checkout / "environments/base.yaml", "  shop:\n", "  store:\n")
    (checkout / PROD).write_text("tier: production\npromotes: {from: e2e}\n")
    lines = lines_of(envs("preview", "qa", root=checkout))
    assert lines[0] == "qa  test           8 objects: store 8   8 to create, 8 to delete"
    assert lines[2:] == ["  + store: all of its 8 objects", "  - shop: all of its 8 objects"]


def test_tells_an_environment_that_is_removed(checkout: Path) -> None:
    """Its objects go, and its tier is not known any more; who asks for another does not see it."""
    assert envs("remove", "prod", "--yes", "--orphan", root=checkout).code == 0
    lines = lines_of(envs("preview", root=checkout))
    assert lines[-2:] == [
        "prod  removed        0 objects: none   9 to delete",
        "  - shop: all of its 9 objects",
    ]
    document = envs("preview", "--format", "json", root=checkout).json
    assert document["environments"][-1]["tier"] is None
    assert "Namespace/shop-prod" in {change["object"] for change in document["environments"][-1]["changes"]}
    assert "prod" not in envs("preview", "qa", root=checkout).out


def test_shows_an_environment_once_however_often_it_is_named(checkout: Path) -> None:
    """As `render` writes it once."""
    assert len(lines_of(envs("preview", "qa", "qa", root=checkout))) == 2


def test_looks_and_touches_nothing(checkout: Path) -> None:
    """Neither the layers nor `rendered/`, even where it is not fresh."""
    edit(checkout / PROD, "replicas: 2", "replicas: 4")
    before = files_of(checkout)
    envs("preview", root=checkout)
    assert files_of(checkout) == before


def test_names_the_component_for_what_python_says(checkout: Path, tmp_path: Path) -> None:
    """A change of code alone shows, in every environment, with the file of the component as its origin."""
    copy = tmp_path / "tree"
    for package in ("components", "envs", "gitops", "kube", "policies"):
        for source in (TREE / package).rglob("*.py"):
            target = copy / source.relative_to(TREE)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    edit(copy / "components/workloads/scaling.py", '"AlwaysAllow"', '"IfHealthyBudget"')
    command = [sys.executable, "-m", "envs", "preview", "prod", "--root", str(checkout)]
    done = subprocess.run(command, cwd=copy, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[2:-1] == [
        "  ~ PodDisruptionBudget/shop-prod/server",
        "      spec.unhealthyPodEvictionPolicy",
        "        - AlwaysAllow",
        "        + IfHealthyBudget                                           components/workloads/scaling.py",
    ]


def test_a_fault_ends_with_2_and_no_preview(checkout: Path) -> None:
    """Not even of the environments that are sound."""
    edit(checkout / PROD, "replicas: 2", "replicas: two")
    result = envs("preview", root=checkout)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("environments/prod.yaml:8:19: apps.shop.workloads.server.replicas: ")


BROKEN = {
    "a list": "- a\n",
    "nothing": "",
    "no YAML": "a: [\n",
    "no text": b"\xff\xfe\x00",
    "several documents": "a: 1\n---\na: 2\n",
    "very deep": "[" * 3_000,
    "aliases that stand for billions": "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'x'}]\n" for n in range(12)
    ),
    "itself": "metadata: &a {labels: *a}\n",
    "keys that are no texts": "metadata: {1: 2, 2026-01-01: 3}\n",
    "metadata that is a text": "kind: Pod\nmetadata: text\n",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_files_that_people_broke_are_no_obstacle(checkout: Path, content: str | bytes) -> None:
    """What a commit holds may be anything: it is compared as an empty object, in both formats."""
    data = content if isinstance(content, bytes) else content.encode()
    for name in (
        "rendered/prod/apps/shop/deployment-server.yaml",
        "rendered/prod/README.md",
        "rendered/qa/apps/x",
    ):
        (checkout / name).write_bytes(data)
    commit(checkout)
    for words in (["preview"], ["preview", "--format", "json"]):
        result = envs(*words, root=checkout)
        assert (result.code, result.err) == (0, "")
        assert "Deployment/shop-prod/server" in result.out
        assert "rendered/prod/README.md" in result.out


def test_dates_and_wide_letters_reach_json(checkout: Path) -> None:
    """An unquoted date is text in Kubernetes."""
    path = checkout / "rendered/prod/apps/shop/service-server.yaml"
    path.write_text(
        path.read_text() + "status: {at: 2026-11-20T10:00:00Z, by: Jürgen, ratio: 0.5, gone: null}\n"
    )
    commit(checkout)
    (prod,) = envs("preview", "prod", "--format", "json", root=checkout).json["environments"]
    assert prod["changes"][0]["fields"] == [
        {"path": "status.at", "old": "2026-11-20T10:00:00Z"},
        {"path": "status.by", "old": "Jürgen"},
        {"path": "status.ratio", "old": 0.5},
        {"path": "status.gone", "old": None},
    ]


def test_files_beside_the_environments_are_no_environment(checkout: Path) -> None:
    """A README in `rendered/` does not look like an environment that is removed."""
    (checkout / "rendered/README.md").write_text("about\n")
    (checkout / "rendered/notes").mkdir()
    (checkout / "rendered/notes/a.yaml").write_text("a: 1\n")
    commit(checkout)
    assert len(lines_of(envs("preview", root=checkout))) == 6


def test_values_cannot_command_the_terminal(checkout: Path) -> None:
    """Control characters of a value, which a quoted escape can bring, are shown as escapes."""
    edit(checkout / PROD, "replicas: 2", 'env: {A: "x\\e[2Jy\\u202Ez"}')
    out = envs("preview", "prod", root=checkout).out
    assert "+ x\\x1b[2Jy\\u202ez" in out


def test_thousands_of_changes_are_shown(tmp_path: Path) -> None:
    """A first preview of a root with many workloads, far more than a pipe holds at once."""
    workloads = "".join(f"      w{n}: {{image: 'registry.example.com/a:1.2.3'}}\n" for n in range(600))
    root = make_environments(
        tmp_path, {"base.yaml": f"apps:\n  shop:\n    quota: none\n    workloads:\n{workloads}"}
    )
    edit(root / PROD, "      server:\n        replicas: 2\n", "      w0: {replicas: 2}\n")
    done = envs_process("preview", "--format", "json", root=root)
    assert done.returncode == 0
    assert done.stdout.count(b'"action": "create"') > 3 * 1200
