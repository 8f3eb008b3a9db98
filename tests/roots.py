"""Small roots for tests: texts in, a folder with `environments/` out, complete except for what a test changes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from envs.config.load import load
from envs.config.reading.faults import ConfigurationError

BASE = """\
teams: {web: {}}
apps:
  shop:
    team: web
    workloads:
      server:
        image: registry.example.com/server:1.2.3
        ports: {http: 8080}
"""
PRODUCTION_CLUSTER = "cluster: {context: prod, uid: 6f2b4a9e-0c1d-4e5f-8a7b-9c0d1e2f3a4b}\n"
"""What production must say of its cluster."""
MINIMAL: Mapping[str, str | bytes] = {
    "base.yaml": BASE,
    "qa.yaml": "tier: test\n",
    "stacks/Pulumi.qa.yaml": "config: {}\n",
}


def make_root(folder: Path, files: Mapping[str, str | bytes | None] | None = None) -> Path:
    """Write the minimal root with `files`, named below environments/, on top; None leaves a file away."""
    for name, content in {**MINIMAL, **(files or {})}.items():
        if content is None:
            continue
        path = folder / "environments" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def faults(root: Path) -> list[str]:
    """Lines of the report on a root, without the last one, which counts them."""
    with pytest.raises(ConfigurationError) as caught:
        load(root)
    return str(caught.value).splitlines()[:-1]


def in_server(*lines: str) -> str:
    """Text of qa.yaml that says something of the workload `server`; the first line is number 6."""
    head = "tier: test\napps:\n  shop:\n    workloads:\n      server:\n"
    return head + "".join(f"        {line}\n" for line in lines)


def in_shop(*lines: str) -> str:
    """Text of qa.yaml that says something of the app `shop`; the first line is number 4."""
    return "tier: test\napps:\n  shop:\n" + "".join(f"    {line}\n" for line in lines)


def scalars_at(text: str) -> dict[tuple[int, int], str]:
    """Scalars of a YAML text by line and column, as PyYAML's own Python parser sees them."""
    return {
        (event.start_mark.line + 1, event.start_mark.column + 1): event.value
        for event in yaml.parse(text, Loader=yaml.SafeLoader)
        if isinstance(event, yaml.ScalarEvent) and event.start_mark is not None
    }
