"""Keeps one GitHub issue about what differs between stacks and clusters, from the reports of drift.yml.

`python -m envs.drift_issue FOLDER --run URL` reads FOLDER/*.json and runs `gh`: it opens the issue, replaces its text,
or closes it when nothing differs any more.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TITLE = "Clusters differ from their stacks"
LABEL = "drift"
_LARGEST_BODY = 60_000  # characters; GitHub takes 65,536
_LONGEST_FENCE = 100  # backticks in a row that are kept
_WORDS = {
    "drifted": "differs from its cluster",
    "failed": "could not be compared",
    "clean": "is as its cluster",
}


@dataclass(frozen=True)
class Report:
    """What a comparison of one stack found."""

    environment: str
    result: str
    text: str


def read(folder: Path) -> list[Report]:
    """Read the reports of a folder, by environment."""
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    return [Report(each["environment"], each["result"], each["text"]) for each in documents]


def body(reports: Sequence[Report], run: str) -> str:
    """Write the text of the issue; what Pulumi printed cannot leave its block, mention anybody or be too long."""
    troubled = [report for report in reports if report.result != "clean"]
    share = _LARGEST_BODY // max(len(troubled), 1) - 500
    parts = [f"- **{report.environment}** {_WORDS.get(report.result, 'is unknown')}" for report in reports]
    parts += [f"\n### {report.environment}\n\n{_block(report.text, share)}" for report in troubled]
    advice = (
        "`repair` of the workflow `drift` deploys again what ran last. Or take the change into the layers."
    )
    return "\n".join([f"Seen by {run}.\n", *parts, f"\n{advice}\n"])


def _block(text: str, limit: int) -> str:
    """Put a text into a fence that is longer than any in it, without control characters, shortened at its start."""
    plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)
    plain = "".join(
        letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in plain
    ).strip()
    if len(plain) > limit:
        plain = f"…\n{plain[len(plain) - limit :]}"
    plain = re.sub(f"`{{{_LONGEST_FENCE},}}", "`" * _LONGEST_FENCE, plain)
    longest = max(map(len, re.findall("`+", plain)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{plain}\n{fence}"


def update(reports: Sequence[Report], run: str) -> str:
    """Open, update or close the issue with `gh`; returns what was done."""
    found = json.loads(_gh("issue", "list", "--label", LABEL, "--state", "open", "--json", "number"))
    numbers = sorted(str(issue["number"]) for issue in found)
    if all(report.result == "clean" for report in reports):
        for number in numbers:
            _gh("issue", "close", number, "--comment", f"Nothing differs any more, seen by {run}.")
        return "closed" if numbers else "nothing differs"
    text = body(reports, run)
    if numbers:
        _gh("issue", "edit", numbers[0], "--body-file", "-", given=text)
        return f"updated #{numbers[0]}"
    _gh("label", "create", LABEL, "--force", "--description", "A cluster differs from its stack")
    return _gh("issue", "create", "--title", TITLE, "--label", LABEL, "--body-file", "-", given=text).strip()


def _gh(*words: str, given: str = "") -> str:
    done = subprocess.run(  # noqa: S603 no shell, and the words are ours
        ["gh", *words],  # noqa: S607 found on PATH, as the workflows do
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"gh {' '.join(words[:2])}: {done.stderr.strip()}")
    return done.stdout


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; without a report nothing was compared, which is an error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--run", required=True, help="page of the run of the workflow")
    words = parser.parse_args(arguments)
    reports = read(words.folder)
    if not reports:
        sys.exit(f"there is no report in {words.folder}")
    sys.stdout.write(f"{update(reports, words.run)}\n")


if __name__ == "__main__":
    main()
