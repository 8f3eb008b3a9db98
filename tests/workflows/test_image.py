"""The workflow that publishes the image of the job: nothing is published before it was scanned, nothing unsigned."""

from __future__ import annotations

import re

import yaml

from tests.tree import TREE

TEXT = (TREE / ".github/workflows/image.yml").read_text(encoding="utf-8")
STEPS = yaml.safe_load(TEXT)["jobs"]["publish"]["steps"]
LINES = [line.strip() for step in STEPS for line in step.get("run", "").splitlines()]


def place(words: str) -> int:
    """Return the number of the line that begins with some words."""
    (found,) = [number for number, line in enumerate(LINES) if line.startswith(words)]
    return found


def test_the_image_is_built_started_listed_and_scanned_before_it_is_published_and_signed() -> None:
    order = (
        "docker buildx build",
        "docker run",
        "syft scan",
        "grype ",
        "docker push",
        "cosign sign",
        "cosign attest",
    )
    places = [place(words) for words in order]
    assert places == sorted(places)
    assert "--fail-on high" in LINES[place("grype ")]


def test_what_is_signed_is_the_digest_that_was_pushed() -> None:
    """A tag can be moved between the push and the signature."""
    assert "RepoDigests" in LINES[place("published=")]
    for words in ("cosign sign", "cosign attest"):
        assert LINES[place(words)].endswith('"$published"')


def test_programs_have_a_version_and_the_base_image_a_digest() -> None:
    """Go compares modules with its checksum database; there is no program from a plain download."""
    installed = [line for line in LINES if line.startswith("go install")]
    assert len(installed) == 3
    assert all(re.fullmatch(r"go install [\w./-]+@v\d+\.\d+\.\d+", line) for line in installed)
    assert "curl" not in TEXT
    assert '--build-arg "PYTHON=$base@$digest"' in TEXT


def test_only_a_version_tag_publishes() -> None:
    assert yaml.safe_load(TEXT)[True] == {"push": {"tags": ["v*.*.*"]}}  # YAML 1.1 reads the key `on` as true
