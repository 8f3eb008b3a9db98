"""Formats findings: as text, as JSON, and as annotations of GitHub."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum

from policies.context import Level
from policies.rule import Finding

_CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]")


class Style(StrEnum):
    """Output formats of findings."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


def write(findings: Sequence[Finding], checked: int, style: Style) -> str:
    """Format findings on `checked` objects; the text ends without a line break."""
    match style:
        case Style.JSON:
            return write_json(findings, checked)
        case Style.GITHUB:
            return "\n".join([*map(_annotation, findings), summary(findings, checked)])
        case Style.TEXT:
            return "\n".join([*map(_line, findings), summary(findings, checked)])


def write_json(findings: Sequence[Finding], checked: int) -> str:
    """Return {"checked": n, "findings": [...]} with the fields of a finding."""
    return json.dumps({"checked": checked, "findings": [asdict(finding) for finding in findings]}, indent=2)


def summary(findings: Sequence[Finding], checked: int) -> str:
    """Count the findings in one line."""
    stopping = sum(finding.level is Level.MANDATORY for finding in findings)
    found = (
        f"{stopping} mandatory and {len(findings) - stopping} advisory findings" if findings else "0 findings"
    )
    return f"{checked} object{'' if checked == 1 else 's'} checked: {found}"


def _line(finding: Finding) -> str:
    where = f"{finding.origin}: " if finding.origin else ""
    about = " ".join(filter(None, (finding.environment, finding.object, finding.path)))
    return one_line(f"{where}{finding.level}: {about}: {finding.message} [{finding.rule}]")


def one_line(text: str) -> str:
    """Escape control characters, so that a name in a manifest cannot start a line of its own."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _annotation(finding: Finding) -> str:
    """Format a workflow command.

    Source: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
    """
    command = "error" if finding.level is Level.MANDATORY else "warning"
    properties = {"title": finding.rule}
    if finding.origin:
        file, line, column = _split(finding.origin)
        properties = {"file": file, "line": line, "col": column, "title": finding.rule}
    about = " ".join(filter(None, (finding.object, finding.path)))
    written = ",".join(f"{key}={_escape(value, ',:')}" for key, value in properties.items() if value)
    return f"::{command} {written}::{_escape(f'{about}: {finding.message}')}"


def _split(origin: str) -> tuple[str, str, str]:
    file, _, rest = origin.partition(":")
    line, _, column = rest.partition(":")
    return file, line, column


def _escape(value: str, also: str = "") -> str:
    escaped = value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    for character in also:
        escaped = escaped.replace(character, f"%{ord(character):02X}")
    return escaped
