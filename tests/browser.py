"""A headless browser for tests: Markdown in, what a reader gets to see of it out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from tests.clusters import MACHINE

NAMES = ("chromium", "chromium-browser", "google-chrome")
WIDTH = 760  # pixels of a comment on GitHub
_LONGEST = 120  # seconds
_PAGE = """\
<!DOCTYPE html><meta charset="utf-8">
<style>body {{font: 14px/1.5 sans-serif; width: {width}px; margin: 0}} pre {{overflow: auto}}</style>
<body>{body}</body>
<script id="facts">
const all = selector => [...document.body.querySelectorAll(selector)];
document.documentElement.dataset.facts = JSON.stringify({{
  elements: [...new Set(all("*:not(#facts)").map(element => element.localName))].sort(),
  attributes: [...new Set(all("*:not(#facts)").flatMap(element => element.getAttributeNames()))].sort(),
  text: document.body.innerText,
  summaries: all("details > summary").map(element => element.textContent),
  folded: all("details").map(element => element.textContent),
  open: all("details[open]").length,
  rows: all("tr").map(row => [...row.children].map(cell => cell.textContent.trim())),
  height: document.body.scrollHeight,
  width: document.documentElement.scrollWidth,
}});
</script>
"""


@dataclass(frozen=True, slots=True)
class Page:
    """What the browser made of a comment."""

    elements: list[str]
    attributes: list[str]
    text: str
    """All that is visible before anything is unfolded."""
    summaries: list[str]
    folded: list[str]
    open: int
    rows: list[list[str]]
    height: int
    """Pixels, before anything is unfolded."""
    width: int


def markdown_as_html(text: str) -> str:
    """Render a comment as CommonMark with the tables of GitHub; raw HTML passes, as it does there."""
    return str(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))


def browse(markdown: str, folder: Path) -> Page:
    """Open a comment in a browser; skips the test on a machine that has none."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(f"{MACHINE} show HTML: no browser is on PATH; install chromium")
    page = folder / "comment.html"
    page.write_text(_PAGE.format(width=WIDTH, body=markdown_as_html(markdown)))
    options = ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}")
    command = [program, *options, f"--window-size={WIDTH},800", "--dump-dom", page.as_uri()]
    environment = {**os.environ, "HOME": str(folder)}
    done = subprocess.run(
        command, env=environment, check=True, capture_output=True, text=True, timeout=_LONGEST
    )
    reader = _Facts()
    reader.feed(done.stdout)
    return Page(**json.loads(reader.facts))


class _Facts(HTMLParser):
    facts = ""

    def handle_starttag(self, tag: str, attrs: list[Any]) -> None:
        if tag == "html":
            self.facts = dict(attrs)["data-facts"]
