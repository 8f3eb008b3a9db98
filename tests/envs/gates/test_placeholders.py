"""Placeholders of layers: what is reserved for documentation, in the fields that the world outside must know."""

from __future__ import annotations

from pathlib import Path

import pytest

from envs.config.load import load
from envs.gates.placeholders import is_placeholder, placeholders
from tests.roots import BASE, in_server, make_root


@pytest.mark.parametrize(
    "text",
    [
        "example.com",
        "https://git.example.com/platform/environments.git",
        "registry.example.com/platform/gitops:0.1.0",
        "EXAMPLE.ORG",
        "host.example",
        "192.0.2.1/32",
        "198.51.100.7",
        "2001:db8::1/128",
    ],
)
def test_names_and_networks_for_documentation_are_placeholders(text: str) -> None:
    assert is_placeholder(text)


@pytest.mark.parametrize(
    "text",
    ["acme.dev", "my-example.com", "example.com.acme.dev", "example", "10.0.0.1/32", "0.0.0.0/0", "qa.test"],
)
def test_all_else_is_not(text: str) -> None:
    assert not is_placeholder(text)


def test_each_place_is_found_once_however_many_environments_read_it(tmp_path: Path) -> None:
    files = {
        "base.yaml": f"cluster: {{domain: example.com}}\n{BASE}",
        "e2e.yaml": "tier: test\n",
        "stacks/Pulumi.e2e.yaml": "config: {}\n",
    }
    (found,) = placeholders(configuration := load(make_root(tmp_path, files)), configuration.environments)
    assert (found.origin, found.path) == ("environments/base.yaml:1:19", "cluster.domain")


def test_an_example_that_no_other_machine_must_reach_may_stay(tmp_path: Path) -> None:
    """What no layer says, an image for a test, a variable."""
    configuration = load(make_root(tmp_path, {"qa.yaml": in_server('env: {DOCS: "https://example.com"}')}))
    assert placeholders(configuration, ["qa"]) == []
