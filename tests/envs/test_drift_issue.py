"""The issue about drift: one, updated in place, closed at the end, and what Pulumi printed stays text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from envs.drift_issue import Report, body
from tests.command import make_repository
from tests.workflows.steps import Runner

RUN = "https://github.com/o/r/actions/runs/7"


def test_the_body_names_each_stack_and_shows_what_differs() -> None:
    text = body([Report("prod", "drifted", "~ replicas: 2 -> 5"), Report("qa", "clean", "nothing")], RUN)
    assert f"Seen by {RUN}." in text
    assert "- **prod** differs from its cluster\n- **qa** is as its cluster\n" in text
    assert "### prod\n\n```text\n~ replicas: 2 -> 5\n```" in text
    assert "### qa" not in text


@pytest.mark.parametrize(
    "text",
    [
        "```\n@everyone\n```",
        "`````\n<img src=x>\n`````",
        "\x1b[31mred\x1b[0m\x00",
        "x" * 200_000,
        "`" * 70_000,
    ],
)
def test_no_output_leaves_its_block_or_is_too_long(text: str) -> None:
    lines = body([Report("prod", "drifted", text), Report("qa", "failed", text)], RUN).splitlines()

    assert sum(map(len, lines)) + len(lines) <= 65_536
    fences = [line for line in lines if line.startswith("```") and line.endswith("text")]
    assert len(fences) == 2
    for fence in fences:
        assert lines.count(fence.removesuffix("text")) == 2
    assert not any("\x1b" in line or "\x00" in line for line in lines)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """Give a runner whose `gh` answers from files."""
    return Runner.of(make_repository(tmp_path / "checkout"), tmp_path / "runner")


def update(runner: Runner, result: str, issues: list[int]) -> str:
    """Run the command on one report; returns the words that matter of what `gh` was asked last."""
    folder = runner.temporary / "reports"
    folder.mkdir()
    (folder / "prod.json").write_text(json.dumps({"environment": "prod", "result": result, "text": "~ x"}))
    runner.answer("issues", json.dumps([{"number": number} for number in issues]))
    done = runner.run(
        f'PYTHONPATH={Path(__file__).parents[2]} python -m envs.drift_issue "$RUNNER_TEMP/reports" --run {RUN}'
    )
    assert done.returncode == 0, done.stderr
    return runner.asked()[-1]


@pytest.mark.parametrize(
    ("result", "issues", "asked"),
    [
        ("drifted", [], "issue create --title Clusters differ from their stacks --label drift --body-file -"),
        ("failed", [], "issue create --title Clusters differ from their stacks --label drift --body-file -"),
        ("drifted", [9, 4], "issue edit 4 --body-file -"),
        ("clean", [4], f"issue close 4 --comment Nothing differs any more, seen by {RUN}."),
        ("clean", [], "issue list --label drift --state open --json number"),
    ],
)
def test_there_is_one_issue_while_something_differs(
    runner: Runner, result: str, issues: list[int], asked: str
) -> None:
    assert update(runner, result, issues) == asked
