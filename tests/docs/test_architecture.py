"""docs/architecture.md and the decisions are true: paths exist, arrows are those of the import contracts."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests.tree import TREE

PAGE = (TREE / "docs/architecture.md").read_text()
CONTRACTS = tomllib.loads((TREE / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LAYERS = next(each["layers"] for each in CONTRACTS if each["type"] == "layers")
PROSE = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
PATHS = sorted({word for word in re.findall(r"`([^`\s]+)`", PROSE) if "/" in word or word.endswith(".py")})
DEFINED = re.findall(r"`(\S+\.py)` \(((?:`\w+`(?:, )?)+)\)", PAGE)
DECISIONS = sorted((TREE / "docs/decisions").glob("*.md"))
PAGES = sorted(path for path in TREE.glob("**/*.md") if not {".venv", ".git", ".tools"} & {*path.parts})


@pytest.mark.parametrize("path", PATHS)
def test_each_path_exists(path: str) -> None:
    """A name in angle brackets stands for any."""
    assert [*TREE.glob(re.sub(r"<\w+>", "*", path))], f"{path} is named in docs/architecture.md"


@pytest.mark.parametrize(("path", "names"), DEFINED)
def test_each_function_is_where_the_page_says(path: str, names: str) -> None:
    """At the top level of its file."""
    defined = {getattr(node, "name", "") for node in ast.parse((TREE / path).read_text()).body}
    assert {*re.findall(r"\w+", names)} <= defined


def test_the_page_names_functions() -> None:
    """Or the test above would prove nothing."""
    assert len(DEFINED) >= 20


def test_the_arrows_are_the_layers_of_the_first_contract() -> None:
    """In this order, rooms side by side included."""
    arrows = next(line for line in PAGE.splitlines() if line.startswith("envs.cli "))
    assert arrows.split(" ─▶ ") == LAYERS


@pytest.mark.parametrize(
    ("source", "forbidden"),
    [
        ("kube", ("components", "envs", "gitops", "policies")),
        ("policies", ("components", "envs", "gitops")),
        ("gitops", ("components", "envs")),
        ("components", ("policies", "gitops")),
        ("envs.config", ("policies", "gitops")),
    ],
)
def test_what_the_page_forbids_a_contract_forbids(source: str, forbidden: tuple[str, ...]) -> None:
    """The list below the arrows, room by room."""
    found = {
        module
        for each in CONTRACTS
        if each["type"] == "forbidden" and source in each["source_modules"]
        for module in each["forbidden_modules"]
    }
    assert {*forbidden} <= found
    listed = "".join(line for line in PAGE.splitlines() if line.startswith("- ") and f"`{source}`" in line)
    assert all(f"`{module}`" in listed for module in forbidden)


def test_every_room_is_in_the_table() -> None:
    """Each package of the program, and each room of the arrows."""
    settings = tomllib.loads((TREE / "pyproject.toml").read_text())["tool"]
    packages = {*settings["hatch"]["build"]["targets"]["wheel"]["packages"]} - {"envs"}
    rooms = {room for layer in LAYERS for room in layer.split(" | ")}
    for room in packages | rooms:
        path = room.replace(".", "/")
        assert f"| `{path}/` |" in PAGE or f"| `{path}.py` |" in PAGE


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(TREE)))
def test_links_lead_to_files(page: Path) -> None:
    """Relative ones, of every page of the repository."""
    links = re.findall(
        r"\]\(([^)#:]+)(?:#[^)]*)?\)", re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    )
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_a_number_a_date_and_a_status(page: Path) -> None:
    """The number is that of its file; what supersedes a decision is linked."""
    text = page.read_text()
    number = int(page.name[:4])
    assert text.startswith(f"# {number}. ")
    assert re.search(r"^- Date: \d{4}-\d{2}-\d{2}$", text, re.MULTILINE)
    assert re.search(r"^- Status: (accepted|superseded by \[\d+\]\([\w.-]+\))$", text, re.MULTILINE)


def test_numbers_of_decisions_are_unique() -> None:
    """Two branches may choose the same one."""
    numbers = [page.name[:4] for page in DECISIONS]
    assert len(numbers) == len({*numbers})
