"""Who may do what in an app's namespace: the roles of its team, and accounts that may do nothing."""

from pathlib import Path
from typing import Any

from tests.components.rendering import Objects, of_kind, render_text

TEAM = """\
tier: test
teams: {web: {groups: {view: readers, operate: watch, deploy: [developers, night-shift], admin: leads}}}
"""


def _may(objects: Objects, role: str) -> set[tuple[str, str, str]]:
    rules = objects[f"Role/shop-qa/team-{role}"]["rules"]
    return {
        (group, resource, verb)
        for rule in rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def test_each_role_may_more_than_the_one_before(tmp_path: Path) -> None:
    objects = render_text(tmp_path, TEAM)
    view, operate, deploy, admin = (_may(objects, role) for role in ("view", "operate", "deploy", "admin"))
    assert view < operate < deploy < admin


def test_viewers_read_and_never_write(tmp_path: Path) -> None:
    view = _may(render_text(tmp_path, TEAM), "view")
    assert {verb for _, _, verb in view} == {"get", "list", "watch"}
    assert {("", "pods/log", "get"), ("apps", "deployments", "list"), ("", "events", "watch")} < view


def test_operators_delete_pods_and_change_nothing_else(tmp_path: Path) -> None:
    """RBAC cannot allow a restart by patch without allowing every other patch of the workload."""
    objects = render_text(tmp_path, TEAM)
    assert _may(objects, "operate") - _may(objects, "view") == {("", "pods", "delete")}


def test_deployers_restart_scale_and_run_jobs(tmp_path: Path) -> None:
    deploy = _may(render_text(tmp_path, TEAM), "deploy")
    assert {
        ("apps", "deployments", "patch"),
        ("apps", "deployments/scale", "update"),
        ("", "pods", "delete"),
        ("batch", "jobs", "create"),
    } < deploy
    assert ("apps", "deployments", "delete") not in deploy


def test_nobody_reads_secrets_enters_pods_or_changes_the_fence(tmp_path: Path) -> None:
    objects = render_text(tmp_path, TEAM)
    everything = _may(objects, "admin")
    assert not {resource for _, resource, _ in everything} & {
        "*", "secrets", "pods/exec", "pods/attach", "pods/portforward", "pods/ephemeralcontainers",
        "serviceaccounts/token", "roles", "rolebindings",
    }  # fmt: skip
    written = {resource for _, resource, verb in everything if verb not in {"get", "list", "watch"}}
    assert not written & {"networkpolicies", "resourcequotas", "limitranges", "serviceaccounts", "namespaces"}
    assert "*" not in {part for triple in everything for part in triple}


def test_groups_are_bound_to_the_role_of_their_word(tmp_path: Path) -> None:
    binding = render_text(tmp_path, TEAM)["RoleBinding/shop-qa/team-deploy"]
    assert binding["roleRef"] == {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "Role",
        "name": "team-deploy",
    }
    assert binding["subjects"] == [
        {"kind": "Group", "name": group, "apiGroup": "rbac.authorization.k8s.io"}
        for group in ("developers", "night-shift")
    ]


def test_a_role_that_nobody_has_is_left_out(tmp_path: Path) -> None:
    objects = render_text(tmp_path, "tier: test\nteams: {web: {groups: {view: readers}}}\n")
    assert [item["metadata"]["name"] for item in of_kind(objects, "Role", "RoleBinding")] == ["team-view"] * 2


def test_every_workload_has_an_account_without_a_token(tmp_path: Path) -> None:
    objects = render_text(tmp_path, 'tier: test\napps: {shop: {workloads: {till: {image: "a:1"}}}}\n')
    accounts: list[dict[str, Any]] = of_kind(objects, "ServiceAccount")
    assert {item["metadata"]["name"] for item in accounts} == {"server", "till"}
    assert {item["automountServiceAccountToken"] for item in accounts} == {False}
    for workload in ("server", "till"):
        spec = objects[f"Deployment/shop-qa/{workload}"]["spec"]["template"]["spec"]
        assert (spec["serviceAccountName"], spec["automountServiceAccountToken"]) == (workload, False)
