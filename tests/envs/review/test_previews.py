"""Comparing environments with a commit, with and without the objects that did not change."""

from __future__ import annotations

from pathlib import Path

from envs.cli.reviewing import ask
from envs.review.masking import Mask
from envs.review.review import previews
from tests.command import edit


def test_without_the_whole_the_changes_are_the_same_and_no_objects_are_kept(checkout: Path) -> None:
    edit(checkout / "environments/prod.yaml", "replicas: 2", "replicas: 3")
    question = ask(checkout, None, None)
    whole, light = (previews(question, Mask(b"key"), whole=each) for each in (True, False))
    assert [each.changes for each in light] == [each.changes for each in whole]
    assert any(each.changes for each in light)
    assert all(each.before and each.now for each in whole)
    assert not any(each.before or each.now for each in light)
