"""What the documentation shows is what happens: its console examples run, its tables name what there is."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from envs.cli.main import VERBS
from envs.errors import Exit
from tests.command import commit, edit, envs, make_repository
from tests.tree import SAMPLE, TREE

README = (TREE / "README.md").read_text()
HAS_SAMPLE = "<!-- the sample -->" in README  # `envs init --replace` takes out what runs in the sample
COMMANDS = (TREE / "docs/commands.md").read_text()
EXAMPLES = {
    command: output
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    for command, output in re.findall(r"^\$ (.*?)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    if "envs" in command.partition("#")[0]
    and "--context" not in command  # tests/delivery/test_up.py has a cluster
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Give the sample of this repository in one of its own, committed, with `envs` where the README has it."""
    folder = make_repository(tmp_path / "copy")
    for name in ("environments", "rendered", "examples/refused"):
        shutil.copytree(TREE / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/envs").symlink_to(Path(sys.executable).with_name("envs"))
    (folder / ".gitignore").write_text(".venv/\n")
    commit(folder)
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a root that stays, rendered and committed."""
    folder = make_repository(tmp_path / "root")
    shutil.copytree(SAMPLE / "environments", folder / "environments")
    assert envs("render", root=folder).code == 0
    commit(folder)
    return folder


def run(command: str, folder: Path) -> list[str]:
    """Run a line of a console as a person would; returns the lines of both streams."""
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    return done.stdout.decode().splitlines()


def same(shown: str, printed: list[str]) -> bool:
    """Whether output begins as it is shown; … stands for anything."""
    patterns = [".*".join(map(re.escape, line.split("…"))) for line in shown.splitlines()]
    return len(printed) >= len(patterns) and all(map(re.fullmatch, patterns, printed))


def test_the_readme_has_examples_of_the_command() -> None:
    """Or the tests below would prove nothing."""
    assert [command.split("envs ")[1] for command in EXAMPLES] == [
        *(["preview prod", "render"] if HAS_SAMPLE else []),
        "check --manifests examples/refused | grep images-are-pinned",
    ]


def test_the_preview_of_the_readme_is_what_happens(copy: Path) -> None:
    """The edit, the numbers and the origin of the new value."""
    for command in (command for command in EXAMPLES if command.endswith("envs preview prod")):
        printed = run(command, copy)
        assert same(EXAMPLES[command], printed), "\n".join(printed)


def test_the_typo_of_the_readme_is_refused_in_these_words(copy: Path) -> None:
    """With its file, line, column and the suggestion, and nothing is written."""
    for command in (command for command in EXAMPLES if command.endswith("envs render")):
        _insert_typo(copy, EXAMPLES[command])
        printed = run(command, copy)
        assert same(EXAMPLES[command], printed), "\n".join(printed)
        assert len(printed) == len(EXAMPLES[command].splitlines())


def _insert_typo(folder: Path, shown: str) -> None:
    """Write the unknown field where the README says that it is."""
    file, line, column, path = re.findall(r"[^:\s]+", shown)[:4]
    lines = (folder / file).read_text().splitlines(keepends=True)
    lines.insert(int(line) - 1, f"{' ' * (int(column) - 1)}{path.rpartition('.')[2]}: 3\n")
    (folder / file).write_text("".join(lines))


def test_the_finding_of_the_readme_is_what_happens(copy: Path) -> None:
    """Where, what and what to do."""
    command = next(command for command in EXAMPLES if "envs check" in command)
    printed = run(command, copy)
    assert same(EXAMPLES[command], printed), "\n".join(printed)


def test_a_new_environment_passes_every_check_without_another_edit(root: Path) -> None:
    """The first recipe of the README: layer, releases, stack and rendered objects are all there."""
    assert envs("new", "staging", "--from", "e2e", root=root).code == 0
    assert envs("render", "--check", root=root).code == 0
    rows = {row["name"]: row for row in envs("list", "--format", "json", root=root).json}
    assert rows["staging"] == {**rows["e2e"], "name": "staging"}
    assert (root / "environments/stacks/Pulumi.staging.yaml").is_file()


def test_the_table_of_commands_names_every_verb() -> None:
    """None too many and none missing."""
    assert re.findall(r"^\| `envs ([a-z-]+)", COMMANDS, re.MULTILINE) == [*VERBS]


def test_every_exit_code_is_documented() -> None:
    """Each number is in the paragraph on exit codes."""
    paragraph = next(line for line in COMMANDS.splitlines() if "Exit codes:" in line)
    numbers = {int(number) for number in re.findall(r"\b\d+\b", paragraph)}
    assert numbers == {int(code) for code in Exit}


@pytest.mark.parametrize(
    ("verb", "words"), [("list", ["list"]), ("ready", ["ready"]), ("preview", ["preview", "prod"])]
)
def test_the_json_of_the_documentation_has_the_keys_that_there_are(
    root: Path, verb: str, words: list[str]
) -> None:
    """In the same order, on every level; names of apps and kinds are data."""
    edit(root / "environments/prod.yaml", "host: shop.example.com", "host: till.example.com")
    assert envs("record", "qa", "--commit", "HEAD", root=root).code == 0
    found = re.search(rf"## JSON of `envs {verb}`\n\n```json\n(.*?)```", COMMANDS, re.DOTALL)
    assert found is not None
    shown = json.loads(found[1])
    printed = envs(*words, "--format", "json", root=root).json
    assert keys(shown) == keys(printed)


def keys(value: object) -> object:
    """Keys of a document on every level, of the first item of each list."""
    if isinstance(value, dict):
        return {key: None if key in {"apps", "kinds"} else keys(item) for key, item in value.items()}
    return [keys(value[0])] if isinstance(value, list) and value else None
