"""`envs remove`: take an environment out of the layers, or refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import edit, envs, files_of, make_environments


def test_takes_back_what_new_made(root: Path) -> None:
    """Not a file more and not one less."""
    envs("render", root=root)
    before = files_of(root)
    envs("new", "staging", "--from", "e2e", root=root)
    result = envs("remove", "staging", "--orphan", root=root)
    assert (result.code, result.out) == (
        0,
        (
            "staging: removed from the layers\n"
            "  what lives of it in a cluster stays there until somebody takes it down:\n"
            "    what `envs up` has applied, with `envs down staging --context NAME`\n"
            "    a stack of Pulumi, with `pulumi destroy --stack staging` on a commit that still has the environment\n"
        ),
    )
    assert files_of(root) == before
    assert [path.name for path in root.iterdir() if path.name.startswith(".")] == []
    assert envs("render", "--check", root=root).code == 0


def test_production_goes_only_when_it_is_said_twice(root: Path) -> None:
    """Exit code 3, and nothing is touched, without --yes."""
    before = files_of(root)
    result = envs("remove", "prod", root=root)
    assert (result.code, result.err) == (3, "envs: prod is of tier production; use --yes to remove it\n")
    assert files_of(root) == before
    assert envs("remove", "prod", "--yes", "--orphan", root=root).code == 0
    assert [row["name"] for row in envs("list", "--format", "json", root=root).json] == ["qa", "e2e"]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ((), "the layers name no cluster.context; use --context"),
        (("--context", "a"), "the kubeconfig has no context a; it has none"),
    ],
)
def test_what_cannot_be_asked_for_is_left_to_the_user(
    root: Path, tmp_path: Path, words: tuple[str, ...], reason: str
) -> None:
    """Without a cluster to ask, exit code 3 with the reason, and nothing is touched; --orphan asks none."""
    edit(root / "environments/prod.yaml", "promotes: {from: e2e}\n", "")
    (tmp_path / "config").write_text("clusters: []\ncontexts: []\nusers: []\n")
    before = files_of(root)
    result = envs("remove", "e2e", "--kubeconfig", str(tmp_path / "config"), *words, root=root)
    assert (result.code, result.err) == (
        3,
        (
            f"envs: cannot tell whether objects of e2e are in a cluster: {reason}; if there are any, delete them "
            "first (`envs down e2e`, or `pulumi destroy --stack e2e` for a stack), "
            "or use --orphan to leave them there\n"
        ),
    )
    assert files_of(root) == before
    assert envs("remove", "e2e", "--orphan", root=root).code == 0


FLOW = "flows: {a: {from: server, to: {environment: qa, app: shop, workload: server}, port: 8080}}"
MIRROR = "flows: {a: {from: {environment: e2e, app: shop, workload: server}, to: server, port: 8080}}"


@pytest.mark.parametrize(
    ("files", "reasons"),
    [
        ({}, ["e2e promotes from it"]),
        ({"e2e.yaml": "tier: test\nextends: qa\n"}, ["e2e extends it"]),
        (
            {
                "e2e.yaml": f"tier: test\napps: {{shop: {{{FLOW}}}}}\n",
                "qa.yaml": f"tier: test\napps: {{shop: {{{MIRROR}}}}}\n",
            },
            ["the flow a of shop in e2e references it"],
        ),
    ],
)
def test_refuses_what_others_need(tmp_path: Path, files: dict[str, str], reasons: list[str]) -> None:
    """Exit code 3 with every reason; nothing is touched."""
    root = make_environments(tmp_path, files)
    before = files_of(root)
    result = envs("remove", "qa", "--yes", root=root)
    assert (result.code, result.err) == (3, f"envs: qa is still in use: {'; '.join(reasons)}\n")
    assert files_of(root) == before


def test_an_unknown_environment_is_named(root: Path) -> None:
    """A path is no environment either."""
    for name in ("stagin", "../qa", "base"):
        result = envs("remove", name, root=root)
        assert result.code == 2
        assert result.err.startswith(f"envs: there is no environment {name}; known: qa, e2e, prod")


def test_a_fault_anywhere_comes_first(root: Path) -> None:
    """Who needs whom is known only of sound layers."""
    edit(root / "environments/prod.yaml", "replicas: 2", "replica: 2")
    before = files_of(root)
    assert envs("remove", "e2e", root=root).code == 2
    assert files_of(root) == before


def test_links_are_removed_and_not_followed(root: Path, tmp_path: Path) -> None:
    """What a link leads to stays where it is."""
    edit(root / "environments/prod.yaml", "promotes: {from: e2e}\n", "")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("a")
    (root / "rendered").mkdir()
    (root / "rendered/e2e").symlink_to(outside)
    assert envs("remove", "e2e", "--orphan", root=root).code == 0
    assert not (root / "rendered/e2e").is_symlink()
    assert (outside / "precious").exists()
