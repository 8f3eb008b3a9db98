"""`envs diff`: what a change means, what it does to which field, and in what two environments differ."""

from __future__ import annotations

import re
from pathlib import Path

from tests.command import commit, edit, envs

BASE, PROD = "environments/base.yaml", "environments/prod.yaml"


def test_what_does_not_change_is_not_listed(checkout: Path) -> None:
    result = envs("diff", root=checkout)
    assert result.out.splitlines()[0] == "no change"


def test_meaning_comes_before_the_fields(checkout: Path) -> None:
    """A changed value in base and another in prod: each effect, its environments and its line."""
    edit(checkout / BASE, "server:1.2.3", "server:1.2.4")
    edit(checkout / PROD, "replicas: 2", "replicas: 4")
    assert envs("diff", root=checkout).out.splitlines()[:-1] == [
        "restarts",
        "  shop/server: restarts its pods, 1 at a time (6 pods), in qa, e2e, prod  environments/base.yaml:7",
        "resizes",
        "  shop/server: pods 2 -> 4, in prod  environments/prod.yaml:8",
        "releases",
        "  shop/server: server 1.2.3 -> 1.2.4 (new everywhere), in qa, e2e, prod  environments/base.yaml:7",
        "",
        "in qa, e2e:",
        "  ~ 2 Deployments: shop-qa/server, shop-e2e/server   restarts 2 pods",
        "      spec.template.spec.containers[server].image:",
        "        - registry.example.com/server:1.2.3",
        "        + registry.example.com/server:1.2.4  environments/base.yaml:7",
        "in prod:",
        "  ~ Deployment/shop-prod/server   restarts 4 pods",
        "      spec.replicas: 2 -> 4  environments/prod.yaml:8",
        "      spec.template.spec.containers[server].image:",
        "        - registry.example.com/server:1.2.3",
        "        + registry.example.com/server:1.2.4  environments/base.yaml:7",
    ]


def test_a_renamed_workload_is_told_as_renamed(checkout: Path) -> None:
    text = (checkout / BASE).read_text()
    (checkout / BASE).write_text(text.replace("      server:", "      till:"))
    prod = (checkout / PROD).read_text()
    (checkout / PROD).write_text(prod.replace("      server:", "      till:"))
    result = envs("diff", "qa", "--base", "HEAD", root=checkout)
    assert "Deployment shop/till" in result.out
    assert (
        ": is created in place of shop/server, which is deleted, in qa  environments/base.yaml:6\n"
        in result.out
    )
    assert "  ~ Deployment/shop-qa/till  was Deployment/shop-qa/server" in result.out
    assert "image" not in result.out, "the image is called server, too, and stays"


def test_a_changed_credential_is_visible_and_its_value_is_not(checkout: Path) -> None:
    """`check` refuses literals that look like credentials; a diff may still meet one."""
    manifests = (
        "    manifests:\n"
        "      settings:\n"
        "        apiVersion: v1\n"
        "        kind: ConfigMap\n"
        "        metadata: {name: settings}\n"
        '        data: {app.ini: "mode: fast\\nqueue: one\\n"}\n'
    )
    with (checkout / BASE).open("a") as base:
        base.write(manifests)
    assert envs("render", root=checkout).code == 0
    path = checkout / "rendered/qa/apps/shop/configmap-settings.yaml"
    edit(path, "mode: fast", "db_password: hunter2")
    commit(checkout, "leak")
    result = envs("diff", "qa", "--base", "HEAD", root=checkout)
    assert "hunter2" not in result.out
    assert re.search(r"- db_password: \(hidden, digest [0-9a-f]{8}\)", result.out)
    assert "hunter2" not in envs("preview", "qa", "--base", "HEAD", "--format", "json", root=checkout).out


def test_findings_that_a_change_brings_are_told_and_old_ones_are_not(checkout: Path) -> None:
    edit(checkout / PROD, "replicas: 2", "replicas: 2\n        image: registry.example.com/server:latest")
    told = envs("diff", "--format", "json", root=checkout).json["meaning"]
    found = [each for each in told if each["effect"] == "new finding"]
    assert [each["environments"] for each in found] == [["prod"]]
    assert "images-are-pinned" in found[0]["text"]
    commit(checkout)
    edit(checkout / PROD, "server:latest", "server:1.2.3")
    assert envs("render", "qa", root=checkout).code == 0


def test_two_environments_are_compared_with_both_places(checkout: Path) -> None:
    result = envs("diff", "qa", "prod", root=checkout)
    assert (
        "      spec.replicas: 1 -> 2  components/workloads/controller.py | environments/prod.yaml:8"
        in result.out
    )
    assert "  + PodDisruptionBudget/shop/server\n" in result.out
    assert result.out.endswith("names of environments aside: 8 differences\n")
    data = envs("diff", "qa", "prod", "--format", "json", root=checkout).json
    assert {"path": "shop.Deployment.server.spec.replicas", "left": 1, "right": 2}.items() <= data[1].items()


def test_markdown_is_a_block_that_no_value_can_end(checkout: Path) -> None:
    edit(checkout / PROD, "replicas: 2", "replicas: 2\n        env: {A: '``` @everybody <b>'}")
    text = envs("diff", "--format", "markdown", root=checkout).out
    assert text.startswith("````text\n")
    assert text.endswith("````\n")


def test_a_new_permission_a_connection_and_an_address_are_told(checkout: Path) -> None:
    teams = "teams: {web: {groups: {operate: people}}}"
    cluster = "cluster: {domain: example.org, ingress: {namespace: edge, className: edge}}"
    edit(checkout / BASE, "teams: {web: {}}", f"{teams}\n{cluster}")
    edit(checkout / BASE, "ports: {http: 8080}", "ports: {http: 8080}\n        host: shop")
    with (checkout / BASE).open("a") as base:
        base.write("    flows:\n      visitors: {from: ingress, to: server, port: http}\n")
    lines = envs("diff", root=checkout).out.splitlines()
    assert (
        f"  shop/server: answers at http://shop.<environment>.example.org/, in qa, e2e, prod  {BASE}:10"
        in lines
    )
    assert (
        f"  pods in namespace edge → shop/server: is possible on TCP 8080, in qa, e2e, prod  {BASE}:12"
        in lines
    )
    assert any(
        line.startswith("  group people: may now in shop: delete, get, list, watch pods;") for line in lines
    )
