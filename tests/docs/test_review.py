"""The console blocks of docs/review.md are what happens in the sample, one after the other."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from tests.command import commit, make_repository
from tests.docs.test_console import run
from tests.tree import TREE

PAGE = (TREE / "docs/review.md").read_text()
HAS_SAMPLE = "<!-- the sample -->" in (TREE / "README.md").read_text()
STEPS = [
    (command, shown)
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    for command, shown in re.findall(r"^\$ (.*?)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
]


def test_the_page_shows_what_happens(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "copy")
    for name in ("environments", "rendered"):
        shutil.copytree(TREE / name, folder / name)
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/envs").symlink_to(Path(sys.executable).with_name("envs"))
    (folder / ".gitignore").write_text(".venv/\n")
    commit(folder)
    assert len(STEPS) >= 8 or not HAS_SAMPLE, "`envs init --replace` takes the examples out with the sample"
    for command, shown in STEPS:
        printed = run(command, folder)
        pattern = ".*".join(map(re.escape, shown.strip().split("…")))
        assert re.search(pattern, printed, re.DOTALL), f"{command}\n{printed}"
