"""The files of a new root: layers, the Pulumi project that runs the installed package, and workflows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

# Brackets, since GitHub's expressions have the usual braces.
_TEMPLATES = Environment(
    loader=PackageLoader("envs.starter"),
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701 YAML and Python, no HTML; the values are names that were checked
    keep_trailing_newline=True,
    block_start_string="[%",
    block_end_string="%]",
    variable_start_string="[[",
    variable_end_string="]]",
    comment_start_string="[#",
    comment_end_string="#]",
)
_LAYERS = {"environments/base.yaml": "environments/base.yaml"}
_OF_ENVIRONMENT = {
    "environments/{}.yaml": "environments/environment.yaml",
    "environments/stacks/Pulumi.{}.yaml": "environments/stacks/stack.yaml",
}
_PROJECT = {
    "Pulumi.yaml": "Pulumi.yaml",
    "program/__main__.py": "program/__main__.py",
    "policy-pack/PulumiPolicy.yaml": "policy-pack/PulumiPolicy.yaml",
    "policy-pack/__main__.py": "policy-pack/__main__.py",
    "requirements.txt": "requirements.txt",
    ".gitignore": "gitignore",
    ".gitattributes": "gitattributes",
}
_ACTIONS = ("setup", "pulumi", "deployments")
_WORKFLOWS = ("pull-request", "pulumi-preview", "comment", "deploy", "deploy-environment", "drift")
_OF_REPOSITORY = (
    *(f"actions/environments-{name}/action.yml" for name in _ACTIONS),
    *(f"workflows/environments-{name}.yml" for name in _WORKFLOWS),
)
SHARED = (".gitignore", ".gitattributes")
"""Files that a repository may already have; its owners then add the missing lines."""

Files = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Start:
    """What the files say: names that were checked, and where the package comes from."""

    app: str
    environments: tuple[str, ...]
    """In the order of promotion; the last one is of tier production."""
    pulled: bool
    """Whether the GitOps job applies the app's workloads, instead of Pulumi."""
    project: str
    """Name of the Pulumi project."""
    identity: str
    """What no other root has, so that its stacks recognize it."""
    requirement: str
    """Line of requirements.txt (PEP 508)."""
    version: str


def layers(start: Start) -> Files:
    """Make the files below environments/, except the schema."""
    common = _common(start)
    files = {path: _render(template, common) for path, template in _LAYERS.items()}
    for values in _environments(start):
        name = values["environment"]
        for path, template in _OF_ENVIRONMENT.items():
            files[path.format(name)] = _render(template, {**common, **values})
    return files


def project(start: Start) -> Files:
    """Make the Pulumi project: its program and policy pack run from folders that shadow no package."""
    return {path: _render(template, _common(start)) for path, template in _PROJECT.items()}


def workflows(start: Start, prefix: str) -> Files:
    """Make the workflows of a repository that holds the root below `prefix`, which is empty or ends with a slash."""
    values = {**_common(start), "prefix": prefix, "folder": prefix.rstrip("/") or "."}
    return {f".github/{path}": _render(f"github/{path}", values) for path in _OF_REPOSITORY}


def _common(start: Start) -> dict[str, Any]:
    return {
        "app": start.app,
        "identity": start.identity,
        "last": start.environments[-1],
        "project": start.project,
        "pulled": start.pulled,
        "requirement": start.requirement,
        "version": start.version,
    }


def _environments(start: Start) -> Iterator[dict[str, Any]]:
    before = (None, *start.environments)
    for name, previous in zip(start.environments, before, strict=False):
        tier = "production" if name == start.environments[-1] else "test"
        yield {"environment": name, "before": previous, "tier": tier}


def _render(template: str, values: Mapping[str, Any]) -> bytes:
    return _TEMPLATES.get_template(f"{template}.jinja").render(values).encode()
