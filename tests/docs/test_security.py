"""docs/security.md names a guard and a test for each threat, and the tests exist."""

from __future__ import annotations

import re

from tests.tree import TREE

PAGE = TREE / "docs" / "security.md"
ROWS = [
    line.strip("| \n").split(" | ")
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| Threat")
]
LINK = re.compile(r"\[(test_\w+)\]\(\.\./([\w/]+\.py)\)")
CLASSES = TREE / "tests" / "gitops" / "test_cve_classes.py"


def test_each_threat_has_a_guard_and_a_test_that_exists() -> None:
    """A renamed test must be renamed there, too."""
    assert len(ROWS) > 20
    for threat, guard, tests in ROWS:
        assert threat
        assert guard
        names = LINK.findall(tests)
        assert names, f"{threat}: no test is named"
        for name, file in names:
            assert f"def {name}(" in (TREE / file).read_text(encoding="utf-8"), f"{file} has no {name}"


def test_each_class_of_vulnerability_is_on_the_page() -> None:
    """With the identifiers that its test names."""
    page = PAGE.read_text(encoding="utf-8")
    source = CLASSES.read_text(encoding="utf-8")
    for name in re.findall(r"^def (test_\w+)\(", source, re.MULTILINE):
        assert name in page
    for identifier in re.findall(r"CVE-\d{4}-\d+|GHSA-[\w-]+", source):
        assert identifier in page
