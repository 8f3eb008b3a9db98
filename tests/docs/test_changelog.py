"""CHANGELOG.md keeps up, in the form of Keep a Changelog 1.1.0."""

from __future__ import annotations

import re
from importlib.metadata import version

from tests.tree import TREE

TEXT = (TREE / "CHANGELOG.md").read_text()
RELEASES = re.findall(r"^## (.*)$", TEXT, re.MULTILINE)
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_unreleased_changes_come_first() -> None:
    """There is always a place for the next line."""
    assert RELEASES[0] == "[Unreleased]"


def test_each_release_has_a_version_and_a_date() -> None:
    """As in `## [1.2.3] - 2026-11-20`, the latest first."""
    for release in RELEASES[1:]:
        assert re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}", release)
    assert RELEASES[1:] == sorted(RELEASES[1:], key=lambda text: text.rpartition(" - ")[2], reverse=True)


def test_a_released_version_is_not_behind() -> None:
    """The package has the version of the latest release, if there is one."""
    assert not RELEASES[1:] or RELEASES[1].startswith(f"[{version('gitops-environments')}]")


def test_changes_are_grouped_by_kind() -> None:
    """By the words of Keep a Changelog, each with entries."""
    groups = re.split(r"^### ", TEXT, flags=re.MULTILINE)[1:]
    assert groups
    for group in groups:
        kind, _, entries = group.partition("\n")
        assert kind in KINDS
        assert entries.strip().startswith("- ")
