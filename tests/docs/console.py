"""The commands that the pages show: what stands behind `$ ` in their console blocks, page by page."""

from __future__ import annotations

import re

from tests.tree import TREE

PAGES = ("README.md", "CONTRIBUTING.md", *sorted(f"docs/{path.name}" for path in TREE.glob("docs/*.md")))
_BLOCK = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"\s+#\s.*")


def commands(page: str) -> list[str]:
    """List the commands of a page in their order, without the comments behind them."""
    text = (TREE / page).read_text(encoding="utf-8")
    lines = [line for block in _BLOCK.findall(text) for line in block.splitlines()]
    return [_COMMENT.sub("", line.removeprefix("$ ")) for line in lines if line.startswith("$ ")]
