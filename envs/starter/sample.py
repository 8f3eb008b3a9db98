"""A copy of this project: what of it belongs to the sample, and how the rest reads without it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from envs.starter.requirement import PACKAGE

PAGES = ("README.md", "docs/review.md")
"""Pages with examples that run in the sample."""
_SAMPLE = re.compile(r"<!-- the sample -->\n.*?<!-- end of the sample -->\n+", re.DOTALL)


def is_copy(folder: Path) -> bool:
    """Whether a folder holds the code of this project: a clone, a fork or a template."""
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8")).get("project")
    except (OSError, ValueError):
        return False
    return isinstance(project, dict) and project.get("name") == PACKAGE


def without_sample(page: str) -> str:
    """Return a page without the examples that run in the sample."""
    return _SAMPLE.sub("", page)


def renamed(settings: str, project: str, identity: str) -> str:
    """Pulumi.yaml with another name and another identity of the project."""
    named = re.sub(r"^name:.*$", f'name: "{project}"', settings, count=1, flags=re.MULTILINE)
    line = f"  {project}:identity: {{value: {identity}}}"
    return re.sub(r"^  \S+:identity:.*$", line, named, count=1, flags=re.MULTILINE)
