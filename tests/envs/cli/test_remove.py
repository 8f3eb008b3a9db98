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
    result = envs("remove", "staging", root=root)
    assert (result.code, result.out.splitlines()[0]) == (
        0,
        "staging: removed from the layers, not from its cluster",
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
    assert envs("remove", "prod", "--yes", root=root).code == 0
    assert [row["name"] for row in envs("list", "--format", "json", root=root).json] == ["qa", "e2e"]


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
    assert envs("remove", "e2e", root=root).code == 0
    assert not (root / "rendered/e2e").is_symlink()
    assert (outside / "precious").exists()
