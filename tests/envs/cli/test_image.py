"""`envs image` through the real command: references in, their parts and classes out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import envs, make_environments
from tests.policies.references import CASES, DIGEST, SHAPES

SHAPED = "tier: test\nimages:\n  docker.io/library/postgres: {tags: minor, because: two parts}\n"


def test_json_has_the_promised_fields_for_each_reference(tmp_path: Path) -> None:
    root = make_environments(tmp_path)

    done = envs("image", f"redis:7.4.1@{DIGEST}", "--format", "json", root=root)

    assert (done.code, done.json) == (
        0,
        [
            {
                "reference": f"redis:7.4.1@{DIGEST}",
                "valid": True,
                "domain": "docker.io",
                "path": "library/redis",
                "tag": "7.4.1",
                "digest": DIGEST,
                "class": "semver",
                "error": None,
            }
        ],
    )


def test_the_whole_table_is_read_as_it_says(tmp_path: Path) -> None:
    declared = "".join(f"  {name}: {{tags: {shape}, because: so it is}}\n" for name, shape in SHAPES.items())
    root = make_environments(tmp_path, {"qa.yaml": f"tier: test\nimages:\n{declared}"})
    cases = [
        case for case in CASES if not case.reference.endswith(":blue")
    ]  # no environment is called so here

    done = envs("image", "--format", "json", "--", *(case.reference for case in cases), root=root)

    assert done.code == 1
    assert [(one["reference"], one["class"] or "") for one in done.json] == [
        (case.reference, case.tag_class) for case in cases
    ]
    assert all(one["valid"] is (one["error"] is None) for one in done.json)


def test_a_reference_that_cannot_be_parsed_says_why_and_the_others_are_read(tmp_path: Path) -> None:
    done = envs("image", "App:1.2.3", "app:1.2.3", root=make_environments(tmp_path))

    assert done.code == 1
    assert done.out.splitlines() == [
        'App:1.2.3: invalid: "App:1.2.3": the repository name must be lower case; write "app"',
        "app:1.2.3: docker.io/library/app  tag 1.2.3 (semver)",
    ]


@pytest.mark.parametrize(
    ("reference", "of"), [("postgres:16.4", "semver"), ("example.com/postgres:16.4", "partial")]
)
def test_shapes_that_the_environments_declare_count(tmp_path: Path, reference: str, of: str) -> None:
    root = make_environments(tmp_path, {"qa.yaml": SHAPED})

    assert [one["class"] for one in envs("image", reference, "--format", "json", root=root).json] == [of]
