"""`envs network` and `envs access`: who may talk to whom, and who may do what, without a cluster."""

from __future__ import annotations

from tests.command import envs
from tests.tree import SAMPLE


def test_each_flow_is_a_connection() -> None:
    lines = envs("network", "qa", root=SAMPLE).out.splitlines()
    connections = {tuple(line.split("  -> ")) for line in lines}
    told = {(source.strip(), target) for source, target in connections}
    assert ("shop/frontend", "shop/database  TCP 6379") in told
    assert ("client/curl", "site/site  TCP 8080") in told
    assert ("pods in namespace ingress-nginx", "shop/frontend  TCP 8080") in told
    assert not any(target.startswith("shop/database") for source, target in told if source != "shop/frontend")


def test_the_diagram_has_a_node_for_each_end_and_an_arrow_for_each_connection() -> None:
    lines = envs("network", "qa", "--format", "mermaid", root=SAMPLE).out.splitlines()
    assert lines[0] == "flowchart LR"
    nodes = {name: label for name, _, label in (line.strip().partition("[") for line in lines[1:]) if label}
    frontend = next(name for name, label in nodes.items() if label == '"shop/frontend"]')
    database = next(name for name, label in nodes.items() if label == '"shop/database"]')
    assert f'  {frontend} -->|"TCP 6379"| {database}' in lines


def test_access_is_told_by_group_and_account() -> None:
    text = envs("access", "qa", root=SAMPLE).out
    assert "\ngroup web-developers\n" in text
    rows = envs("access", "qa", "--format", "json", root=SAMPLE).json
    readers = {(row["verb"], row["resource"]) for row in rows if row["who"] == "group web-readers"}
    assert ("get", "pods") in readers
    assert {verb for verb, _ in readers} == {"get", "list", "watch"}
    assert not any(row["resource"] == "secrets" for row in rows)


def test_an_unknown_environment_is_refused() -> None:
    for verb in ("network", "access"):
        result = envs(verb, "staging", root=SAMPLE)
        assert (result.code, result.out) == (2, "")
        assert "there is no environment staging" in result.err
