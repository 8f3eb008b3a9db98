"""Findings as SARIF 2.1.0: the shape that the standard requires, with addresses that code scanning finds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policies.context import Level
from policies.rule import Finding
from policies.sarif import Base, write_sarif

HERE = Path("/checkout")
STOPS = Finding(
    "images-are-pinned", Level.MANDATORY, "prod", "Pod/a/web", "spec.image", "it moves", "app/a b.yaml:3:7"
)
TELLS = Finding("own-rule", Level.ADVISORY, "prod", "Pod/a/web", "spec", "add a probe")


def run(*findings: Finding, base: Base | None = None) -> dict[str, Any]:
    """Write findings, and read the one run of the log."""
    log = json.loads(write_sarif(findings, "1.2.3", base or Base(HERE, HERE, "environments")))
    assert set(log) == {"$schema", "version", "runs"}
    assert log["version"] == "2.1.0"
    (found,) = log["runs"]
    return dict(found)


def test_a_log_has_what_the_standard_requires() -> None:
    """Sections 3.13 (sarifLog), 3.14 (run), 3.18 (tool), 3.19 (toolComponent), 3.27 (result), 3.49 (rule)."""
    found = run(STOPS, TELLS, STOPS)
    driver = found["tool"]["driver"]

    assert (driver["name"], driver["version"]) == ("envs", "1.2.3")
    assert [rule["id"] for rule in driver["rules"]] == ["images-are-pinned", "own-rule"]
    assert driver["rules"][0]["shortDescription"]["text"]
    assert [result["level"] for result in found["results"]] == ["error", "warning", "error"]
    for result in found["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert len(result["locations"]) == 1


def test_a_place_is_a_relative_address_with_a_region_that_counts_from_one() -> None:
    (result,) = run(STOPS)["results"]
    (location,) = result["locations"]

    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "app/a%20b.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3, "startColumn": 7},
    }
    assert location["logicalLocations"] == [{"fullyQualifiedName": "prod/Pod/a/web"}]


def test_a_finding_without_a_place_has_an_address_and_no_region() -> None:
    (result,) = run(TELLS)["results"]
    physical = result["locations"][0]["physicalLocation"]
    assert physical == {"artifactLocation": {"uri": "environments", "uriBaseId": "%SRCROOT%"}}


@pytest.mark.parametrize(
    ("origin", "folder", "uri"),
    [
        ("qa.yaml:1:1", HERE / "examples" / "shop", "examples/shop/qa.yaml"),
        ("/checkout/k8s/a.yaml:1:1", HERE, "k8s/a.yaml"),
        ("a:b.yaml:1:1", HERE, "a%3Ab.yaml"),
        ("whole.yaml", HERE, "whole.yaml"),
    ],
)
def test_addresses_are_relative_to_where_the_command_runs(origin: str, folder: Path, uri: str) -> None:
    finding = Finding("own-rule", Level.ADVISORY, "", "Pod/web", "", "message", origin)
    (result,) = run(finding, base=Base(folder, HERE, "environments"))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_nothing_found_is_a_run_without_results() -> None:
    found = run()
    assert (found["results"], found["tool"]["driver"]["rules"]) == ([], [])
