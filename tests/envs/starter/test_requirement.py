"""The line of requirements.txt that gets the running package again, from what pip and uv note of its source."""

from __future__ import annotations

from typing import Any

import pytest

from envs.gates.placeholders import is_placeholder
from envs.starter.requirement import placeholder, requirement

COMMIT = "0123456789abcdef0123456789abcdef01234567"
GIT = {"vcs": "git", "requested_revision": "main", "commit_id": COMMIT}
ARCHIVE = "https://packages.acme.dev/gitops_environments-1.2.3-py3-none-any.whl"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (None, "gitops-environments==1.2.3"),
        (
            {"url": "https://git.acme.dev/envs.git", "vcs_info": GIT},
            f"gitops-environments @ git+https://git.acme.dev/envs.git@{COMMIT}",
        ),
        (
            {"url": "ssh://git@git.acme.dev/envs.git", "vcs_info": GIT},
            f"gitops-environments @ git+ssh://git@git.acme.dev/envs.git@{COMMIT}",
        ),
        (
            {"url": ARCHIVE, "archive_info": {"hashes": {"sha256": "abc"}}},
            f"gitops-environments @ {ARCHIVE}#sha256=abc",
        ),
        ({"url": ARCHIVE, "archive_info": {}}, None),
        ({"url": "https://me:secret@git.acme.dev/envs.git", "vcs_info": GIT}, None),
        ({"url": "file:///home/me/envs", "dir_info": {"editable": True}}, None),
    ],
)
def test_a_source_that_others_reach_is_pinned_and_no_other(source: dict[str, Any] | None, line: str) -> None:
    assert requirement("1.2.3", source) == line


def test_what_is_to_be_filled_in_names_no_package_of_an_index() -> None:
    assert placeholder("1.2.3").startswith("gitops-environments @ git+https://")
    assert is_placeholder(placeholder("1.2.3"))
