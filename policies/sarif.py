"""Formats findings as SARIF 2.1.0, which code scanning reads.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from policies.context import Level
from policies.rule import Finding
from policies.rules import RULES_BY_ID

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_BASE: Final = "%SRCROOT%"
_LEVELS: Final[Mapping[Level, str]] = {Level.MANDATORY: "error", Level.ADVISORY: "warning"}


@dataclass(frozen=True, slots=True)
class Base:
    """Folders: that of the places of findings, and the one that addresses are relative to.

    `fallback` is the file of a finding without a place, since code scanning takes no result without one.
    """

    findings: Path
    addresses: Path
    fallback: str

    def address(self, file: str) -> str:
        """Return the address of a file (RFC 3986), relative where it can be."""
        path = os.path.relpath(self.findings / file, self.addresses)
        return quote(Path(path).as_posix())


def write_sarif(findings: Sequence[Finding], version: str, base: Base) -> str:
    """Return one log with one run; `version` is that of the program."""
    rules = list(dict.fromkeys(finding.rule for finding in findings))
    run = {
        "tool": {"driver": {"name": "envs", "version": version, "rules": list(map(_rule, rules))}},
        "columnKind": "unicodeCodePoints",
        "results": list(_results(findings, rules, base)),
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(name: str) -> dict[str, Any]:
    """Describe a rule; those of the layers, such as placeholders, have no description of their own."""
    rule = RULES_BY_ID.get(name)
    if rule is None:
        return {"id": name}
    return {"id": name, "shortDescription": {"text": rule.law}, "fullDescription": {"text": rule.why}}


def _results(findings: Sequence[Finding], rules: Sequence[str], base: Base) -> Iterable[dict[str, Any]]:
    for finding in findings:
        about = " ".join(filter(None, (finding.environment, finding.object, finding.path)))
        yield {
            "ruleId": finding.rule,
            "ruleIndex": rules.index(finding.rule),
            "level": _LEVELS[finding.level],
            "message": {"text": f"{about}: {finding.message}"},
            "locations": [_location(finding, base)],
        }


def _location(finding: Finding, base: Base) -> dict[str, Any]:
    file, line, column = split_origin(finding.origin or base.fallback)
    physical: dict[str, Any] = {"artifactLocation": {"uri": base.address(file), "uriBaseId": _BASE}}
    region = {"startLine": line, "startColumn": column}
    if known := {name: number for name, number in region.items() if number}:
        physical["region"] = known
    name = "/".join(filter(None, (finding.environment, finding.object)))
    return {"physicalLocation": physical, "logicalLocations": [{"fullyQualifiedName": name}]}


def split_origin(origin: str) -> tuple[str, int, int]:
    """Split file:line:column; 0 where there is none."""
    file, *numbers = origin.rsplit(":", 2)
    if len(numbers) == len(("line", "column")) and all(number.isdecimal() for number in numbers):
        return file, int(numbers[0]), int(numbers[1])
    return origin, 0, 0
