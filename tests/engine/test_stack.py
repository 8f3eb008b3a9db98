"""The real engine brings stacks up on a real API server, leaves them alone, sees drift, and takes them down."""

from pathlib import Path

import pytest
from lightkube import Client
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.batch_v1 import CronJob
from lightkube.resources.core_v1 import Namespace
from lightkube.resources.networking_v1 import NetworkPolicy

from tests.engine.command import project_of_a_team
from tests.engine.small import exists, small_project, uid_of

pytestmark = pytest.mark.engine

EXPECT_NOTHING = 7  # the exit code of pulumi when --expect-no-changes is disappointed


@pytest.mark.xdist_group("sample-on-cluster")
def test_a_stack_goes_up_stays_unchanged_shows_drift_and_goes_down(
    ready: Client, kubeconfig: Path, tmp_path: Path
) -> None:
    project = project_of_a_team(tmp_path, kubeconfig)
    project.succeed("stack", "init", "qa")
    stack_file = (tmp_path / "environments/stacks/Pulumi.qa.yaml").read_bytes()
    options = ("--stack", "qa", "--suppress-outputs")

    project.succeed("up", "--yes", "--skip-preview", *options)
    frontend = ready.get(Deployment, "frontend", namespace="shop-qa")
    assert frontend.status is not None
    assert frontend.status.readyReplicas == 1
    assert "site" not in _deployments(ready, "site-qa"), "the GitOps job applies the site, and only the job"

    project.succeed("up", "--yes", "--skip-preview", "--expect-no-changes", *options)
    project.succeed("refresh", "--preview-only", "--expect-no-changes", *options)

    ready.patch(NetworkPolicy, "default-deny", {"spec": {"policyTypes": ["Ingress"]}}, namespace="client-qa")
    drifted = project.run("refresh", "--preview-only", "--expect-no-changes", *options)
    assert drifted.returncode == EXPECT_NOTHING, drifted.stdout + drifted.stderr
    assert "client-qa/networking.k8s.io/NetworkPolicy/default-deny" in drifted.stdout

    project.succeed("destroy", "--yes", *options)
    assert not exists(ready, "shop-qa")
    assert (tmp_path / "environments/stacks/Pulumi.qa.yaml").read_bytes() == stack_file


RESTART = {"kubectl.kubernetes.io/restartedAt": "2026-11-21T12:00:00Z"}
WEB = """\
tier: test
cluster: {context: test}
apps:
  note:
    workloads:
      web: {replicas: 0, image: docker.io/library/busybox:1.37.0, probes: none}
"""


def test_a_restart_that_somebody_asked_for_is_not_undone(
    api: Client, kubeconfig: Path, tmp_path: Path
) -> None:
    """`kubectl rollout restart` is neither a change nor drift."""
    made = small_project(tmp_path, kubeconfig)
    project, name = made.project, made.name
    layer = tmp_path / f"environments/{name}.yaml"
    layer.write_text(WEB)
    options = ("--stack", name, "--suppress-outputs")
    project.succeed("up", "--yes", "--skip-preview", *options)

    restart = {"spec": {"template": {"metadata": {"annotations": RESTART}}}}
    api.patch(Deployment, "web", restart, namespace=f"note-{name}", field_manager="kubectl-rollout")
    project.succeed("preview", "--expect-no-changes", *options)
    project.succeed("up", "--yes", "--skip-preview", "--refresh", *options)
    assert _restarted(api, f"note-{name}")
    project.succeed("refresh", "--preview-only", "--expect-no-changes", *options)


def _restarted(client: Client, namespace: str) -> bool:
    spec = client.get(Deployment, "web", namespace=namespace).spec
    assert spec is not None
    assert spec.template.metadata is not None
    return RESTART.items() <= (spec.template.metadata.annotations or {}).items()


def test_production_is_not_destroyed_until_someone_takes_its_protection_off(
    api: Client, kubeconfig: Path, tmp_path: Path
) -> None:
    made = small_project(tmp_path, kubeconfig, tier="production", uid=uid_of(api))
    project, name = made.project, made.name
    project.succeed("up", "--yes", "--skip-preview", "--stack", name)

    refused = project.run("destroy", "--yes", "--stack", name)

    assert refused.returncode != 0
    assert "protected" in refused.stdout + refused.stderr
    assert exists(api, f"note-{name}")
    project.succeed("state", "unprotect", "--all", "--yes", "--stack", name)
    project.succeed("destroy", "--yes", "--stack", name)


def test_objects_of_others_are_taken_over_only_on_request_and_never_overwritten(
    api: Client, kubeconfig: Path, tmp_path: Path
) -> None:
    made = small_project(tmp_path, kubeconfig)
    project, name = made.project, made.name
    theirs = ObjectMeta(name=f"note-{name}", labels={"environments.internal/tier": "production"})
    api.create(Namespace(metadata=theirs))
    up = ("up", "--yes", "--skip-preview", "--stack", name)

    refused = project.run(*up)
    assert refused.returncode != 0
    assert "already exists" in refused.stdout

    disputed = project.run(*up, PULUMI_K8S_UPSERT_EXISTING_OBJECTS="true")
    assert disputed.returncode != 0
    assert 'conflict with "tests"' in disputed.stdout

    api.patch(Namespace, f"note-{name}", {"metadata": {"labels": {"environments.internal/tier": "test"}}})
    project.succeed(*up, PULUMI_K8S_UPSERT_EXISTING_OBJECTS="true")


def test_an_app_that_fails_does_not_stop_the_others_with_continue_on_error(
    api: Client, kubeconfig: Path, tmp_path: Path
) -> None:
    made = small_project(tmp_path, kubeconfig)
    made.write(apps=("bad", "good", "note"))
    api.create(Namespace(metadata=ObjectMeta(name=f"bad-{made.name}")))

    done = made.project.run("up", "--yes", "--skip-preview", "--continue-on-error", "--stack", made.name)

    assert done.returncode != 0
    assert f"bad-{made.name}" in done.stdout
    for app in ("good", "note"):
        assert api.get(CronJob, app, namespace=f"{app}-{made.name}")
    assert not list(api.list(CronJob, namespace=f"bad-{made.name}"))


def test_a_stack_of_an_earlier_release_keeps_its_objects(kubeconfig: Path, tmp_path: Path) -> None:
    """Earlier names had no group: the new ones know them as aliases."""
    made = small_project(tmp_path, kubeconfig)
    made.project.succeed("up", "--yes", "--skip-preview", "--stack", made.name)
    exported = made.project.succeed("stack", "export", "--stack", made.name)
    old = tmp_path / "old.json"
    old.write_text(exported.replace("/batch/CronJob/note", "/CronJob/note"))
    assert old.read_text() != exported
    made.project.succeed("stack", "import", "--stack", made.name, "--file", str(old))

    made.project.succeed("preview", "--expect-no-changes", "--stack", made.name)


def _deployments(client: Client, namespace: str) -> set[str | None]:
    return {found.metadata.name for found in client.list(Deployment, namespace=namespace) if found.metadata}
