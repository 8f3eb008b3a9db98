"""Findings for people, for programs and for GitHub."""

from __future__ import annotations

import json

import pytest

from policies.context import Level
from policies.report import Style, write
from policies.rule import Finding

STOPS = Finding(
    "images-are-pinned",
    Level.MANDATORY,
    "prod",
    "Deployment/shop-prod/web",
    "spec.image",
    "it moves",
    "a b.yaml:3:7",
)
TELLS = Finding("servers-tell-when-alive", Level.ADVISORY, "prod", "Pod/shop-prod/web", "spec", "add a probe")


def test_text_is_a_line_for_each_finding_and_one_that_counts() -> None:
    assert write([STOPS, TELLS], 2, Style.TEXT).splitlines() == [
        "a b.yaml:3:7: mandatory: prod Deployment/shop-prod/web spec.image: it moves [images-are-pinned]",
        "advisory: prod Pod/shop-prod/web spec: add a probe [servers-tell-when-alive]",
        "2 objects checked: 1 mandatory and 1 advisory findings",
    ]


@pytest.mark.parametrize("style", [Style.TEXT, Style.GITHUB])
@pytest.mark.parametrize(
    ("checked", "line"), [(0, "0 objects checked: 0 findings"), (1, "1 object checked: 0 findings")]
)
def test_nothing_found_is_one_line(style: Style, checked: int, line: str) -> None:
    assert write([], checked, style) == line


def test_json_has_exactly_the_promised_fields() -> None:
    assert json.loads(write([STOPS, TELLS], 2, Style.JSON)) == {
        "checked": 2,
        "findings": [
            {
                "rule": "images-are-pinned",
                "level": "mandatory",
                "environment": "prod",
                "object": "Deployment/shop-prod/web",
                "path": "spec.image",
                "message": "it moves",
                "origin": "a b.yaml:3:7",
            },
            {
                "rule": "servers-tell-when-alive",
                "level": "advisory",
                "environment": "prod",
                "object": "Pod/shop-prod/web",
                "path": "spec",
                "message": "add a probe",
                "origin": None,
            },
        ],
    }


def test_github_gets_an_annotation_at_the_line_of_the_origin() -> None:
    first, second, _ = write([STOPS, TELLS], 2, Style.GITHUB).splitlines()

    assert first == (
        "::error file=a b.yaml,line=3,col=7,title=images-are-pinned"
        "::Deployment/shop-prod/web spec.image: it moves"
    )
    assert second == "::warning title=servers-tell-when-alive::Pod/shop-prod/web spec: add a probe"


def test_no_text_of_a_manifest_can_write_a_command_of_github_or_a_line_of_its_own() -> None:
    evil = "x\n::error file=a::owned\r100%"
    finding = Finding("rule", Level.MANDATORY, "", f"Pod/{evil}", evil, evil, f"{evil}.yaml:1:2")

    for style in (Style.GITHUB, Style.TEXT):
        lines = write([finding], 1, style).splitlines()
        assert len(lines) == 2
        assert not any(line.startswith("::error file=a::") for line in lines)


def test_properties_of_annotations_are_escaped() -> None:
    finding = Finding("rule", Level.ADVISORY, "", "Pod/a", "spec", "50%", "a,b.yaml:1:2")

    assert write([finding], 1, Style.GITHUB).splitlines()[0] == (
        "::warning file=a%2Cb.yaml,line=1,col=2,title=rule::Pod/a spec: 50%25"
    )
