"""What layers declare of accounts, hosts and namespaces is judged like everything else, at its place in the layers."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from envs.gates.judgement import judge
from envs.gates.load import load
from envs.gates.rendering import render_around
from policies.rule import Finding
from tests.components.language import ROWS
from tests.roots import PRODUCTION_CLUSTER, make_root

CLUSTER = PRODUCTION_CLUSTER.replace("}", ", apiServer: 10.0.0.10/32}")
HEAD = f"tier: production\n{CLUSTER}apps:\n  shop:\n"


def findings(folder: Path, lines: str, head: str = HEAD) -> list[Finding]:
    text = head + "".join(f"    {line}\n" for line in lines.splitlines())
    configuration = load(make_root(folder, {"qa.yaml": text}))
    return judge(configuration, render_around(configuration, ["qa"]), ["qa"], date(2026, 1, 1)).findings


def permissions(said: str) -> str:
    return f"workloads: {{server: {{account: {{token: a reason, permissions: {{a: {{{said}}}}}}}}}}}"


def test_permissions_of_an_account_are_judged_by_the_rules_over_roles(tmp_path: Path) -> None:
    for said, rule in (
        ("resources: secrets, verbs: [get]", "roles-read-named-secrets-only"),
        ("resources: pods/exec, verbs: [create]", "roles-open-no-shell"),
        ("resources: serviceaccounts/token, verbs: [create]", "roles-create-no-tokens"),
    ):
        (found,) = findings(tmp_path / rule, permissions(said))
        assert (found.rule, found.object) == (rule, "Role/shop-qa/account-server")
    assert findings(tmp_path / "fine", permissions("resources: secrets, verbs: [get], names: [one]")) == []


def test_a_token_with_a_reason_is_no_breach(tmp_path: Path) -> None:
    assert findings(tmp_path, permissions("resources: configmaps, verbs: [get, list, watch]")) == []


def test_nothing_that_a_platform_needs_to_say_breaks_a_mandatory_rule(tmp_path: Path) -> None:
    broken = {}
    for number, row in enumerate(ROWS):
        configuration = load(make_root(tmp_path / str(number), row.files))
        judged = judge(configuration, render_around(configuration, ["qa"]), ["qa"], date(2026, 1, 1)).findings
        # A load balancer is open to the outside, which needs an exemption that says why.
        broken[row.title] = [
            found for found in judged if found.level == "mandatory" and found.rule != "services-stay-inside"
        ]
    assert {title: found for title, found in broken.items() if found} == {}


def test_pods_may_be_in_a_namespace_that_exists(tmp_path: Path) -> None:
    level = "pod-security.kubernetes.io/enforce: restricted"
    said = f"namespace: {{name: web, create: false, labels: {{{level}}}}}"
    assert findings(tmp_path, said) == []


def test_a_namespace_that_exists_must_be_known_to_enforce_pod_security(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, "namespace: {name: web, create: false}")
    assert (found.rule, found.path) == ("namespaces-are-complete", "metadata.namespace")
    assert "namespace.labels" in found.message


def test_a_namespace_that_exists_needs_its_fence(tmp_path: Path) -> None:
    level = "pod-security.kubernetes.io/enforce: restricted"
    said = f"quota: none\nnamespace: {{name: web, create: false, labels: {{{level}}}}}"
    (found,) = findings(tmp_path, said)
    assert "no ResourceQuota" in found.message
