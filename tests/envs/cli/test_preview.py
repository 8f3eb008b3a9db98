"""`envs preview`: what changes, and who said so."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import (
    Result,
    commit,
    edit,
    envs,
    envs_process,
    files_of,
    git,
    make_environments,
    make_repository,
)
from tests.roots import make_root
from tests.terminal import on_terminal
from tests.tree import TREE

PROD = "environments/prod.yaml"


def lines_of(result: Result) -> list[str]:
    """Lines of a preview without the last one, which says how long it took."""
    assert result.code == 0, result.err
    return result.out.splitlines()[:-1]


def test_says_so_where_nothing_changes(checkout: Path) -> None:
    """One line an environment, and what it was compared with."""
    result = envs("preview", "qa", root=checkout)
    assert lines_of(result) == ["qa  test            8 objects   no change"]
    assert f"compared with {git(checkout, 'rev-parse', 'HEAD')[:10]} " in result.out


def test_shows_each_field_with_the_line_that_says_it(checkout: Path) -> None:
    """Old and new value, the origin of the new one, and how many pods that replaces."""
    edit(checkout / PROD, "replicas: 2", "replicas: 4\n        env: {MODE: fast}")
    assert lines_of(envs("preview", "prod", root=checkout)) == [
        "prod  production      9 objects   1 to change in shop",
        "  ~ Deployment/shop-prod/server   restarts 4 pods",
        "      spec.replicas: 2 -> 4  environments/prod.yaml:8",
        "      + spec.template.spec.containers[server].env[MODE].value: fast  environments/prod.yaml:9",
    ]


def test_equal_changes_of_several_environments_are_told_once(checkout: Path) -> None:
    """Below the environments, with the names of those that they are for."""
    edit(checkout / "environments/base.yaml", "server:1.2.3", "server:1.2.4")
    assert lines_of(envs("preview", root=checkout)) == [
        "qa    test            8 objects   1 to change in shop",
        "e2e   test            8 objects   1 to change in shop",
        "prod  production      9 objects   1 to change in shop",
        "in qa, e2e, prod:",
        "  ~ 3 Deployments: shop-qa/server, shop-e2e/server, shop-prod/server   restarts 4 pods",
        "      spec.template.spec.containers[server].image:",
        "        - registry.example.com/server:1.2.3",
        "        + registry.example.com/server:1.2.4  environments/base.yaml:7",
    ]


EXEMPTION = """\
policies:
  admission: true
  exemptions:
    server:
      rule: images-are-pinned
      repository: registry.example.com/other
      because: it moves
      until: 2027-02-01
"""


def test_a_generated_expression_is_counted_and_not_shown(checkout: Path) -> None:
    """With the line that changed it; programs get all of it."""
    prod = checkout / PROD
    text = prod.read_text()
    prod.write_text(text + "policies: {admission: true}\n")
    envs("render", root=checkout)
    commit(checkout)
    prod.write_text(text + EXEMPTION)
    lines = lines_of(envs("preview", "prod", root=checkout))
    assert len(lines) == 3
    assert re.fullmatch(
        r"      ~ spec\.variables\[offenders\]\.expression: changed \([0-9],[0-9]{3} characters\)"
        r"  environments/prod\.yaml:15",
        lines[2],
    )
    (shown,) = envs("preview", "prod", "--format", "json", root=checkout).json["environments"]
    assert len(shown["changes"][0]["fields"][0]["new"]) > 1000


def many(replicas: int) -> str:
    """Write a base with 1,500 workloads of so many copies."""
    workload = f"{{image: 'registry.example.com/a:1.2.3', replicas: {replicas}}}"
    rows = "".join(f"      w{n}: {workload}\n" for n in range(1500))
    return f"apps:\n  shop:\n    quota: none\n    workloads:\n{rows}"


@pytest.mark.slow
def test_one_decision_fits_a_screen_whatever_it_changes(tmp_path: Path) -> None:
    """A number changed in 1,500 Deployments: 24 lines of 80 columns."""
    root = make_root(make_repository(tmp_path), {"base.yaml": many(2)})
    assert envs("render", root=root).code == 0
    commit(root)
    (root / "environments/base.yaml").write_text(many(3))
    code, out = on_terminal(["preview", "--root", str(root)], environment={"NO_COLOR": "1"})
    lines = re.sub(r"\x1b\[[0-9;]*m", "", out).splitlines()
    assert (code, len(lines) <= 24, max(map(len, lines)) <= 80) == (0, True, True)
    assert lines[1:3] == [
        "  ~ 1,500 Deployments: shop-qa/w0, shop-qa/w1, shop-qa/w2 and 1,497 more",
        "      spec.replicas: 2 -> 3  environments/base.yaml:5 and 1,499 other places",
    ]
    document = envs("preview", "--format", "json", root=root).json
    assert len(document["environments"][0]["changes"]) == 1500


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
        ("autoscale: {min: 3, max: 6, cpu: 70%}\n        env: {A: b}", 3),
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
    assert lines[0].endswith("2 to create in shop")
    assert lines[1:] == ["  + Role/shop-qa/team-view", "  + RoleBinding/shop-qa/team-view"]


def test_tells_an_app_that_is_renamed_in_two_lines(checkout: Path) -> None:
    """All of its objects appear under the new name and go under the old one."""
    edit(checkout / "environments/base.yaml", "  shop:\n", "  store:\n")
    (checkout / PROD).write_text("tier: production\npromotes: {from: e2e}\n")
    lines = lines_of(envs("preview", "qa", root=checkout))
    assert lines[0] == "qa  test            8 objects   8 to create, 8 to delete in store, shop"
    assert lines[1:] == ["  + store: all of its 8 objects", "  - shop: all of its 8 objects"]


def test_tells_an_environment_that_is_removed(checkout: Path) -> None:
    """Its objects go, and its tier is not known any more; who asks for another does not see it."""
    assert envs("remove", "prod", "--yes", "--orphan", root=checkout).code == 0
    lines = lines_of(envs("preview", root=checkout))
    assert lines[-2:] == [
        "prod  removed         0 objects   9 to delete in shop",
        "  - shop: all of its 9 objects",
    ]
    document = envs("preview", "--format", "json", root=checkout).json
    assert document["environments"][-1]["tier"] is None
    assert "Namespace/shop-prod" in {change["object"] for change in document["environments"][-1]["changes"]}
    assert "prod" not in envs("preview", "qa", root=checkout).out


def test_shows_an_environment_once_however_often_it_is_named(checkout: Path) -> None:
    """As `render` writes it once."""
    assert len(lines_of(envs("preview", "qa", "qa", root=checkout))) == 1


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
        shutil.copytree(TREE / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    edit(copy / "components/workloads/scaling.py", '"AlwaysAllow"', '"IfHealthyBudget"')
    command = [sys.executable, "-m", "envs", "preview", "prod", "--root", str(checkout)]
    done = subprocess.run(command, cwd=copy, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[1:-1] == [
        "  ~ PodDisruptionBudget/shop-prod/server",
        "      spec.unhealthyPodEvictionPolicy: AlwaysAllow -> IfHealthyBudget  components/workloads/scaling.py",
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
    assert len(lines_of(envs("preview", root=checkout))) == 3


def test_values_cannot_command_the_terminal(checkout: Path) -> None:
    """Control characters of a value, which a quoted escape can bring, are shown as escapes."""
    edit(checkout / PROD, "replicas: 2", 'env: {A: "x\\e[2Jy\\u202Ez"}')
    out = envs("preview", "prod", root=checkout).out
    assert "value: x\\x1b[2Jy\\u202ez" in out


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
