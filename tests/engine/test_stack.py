"""The real engine brings stacks up on a real API server, leaves them alone, sees drift, and takes them down."""

import http
import secrets
from pathlib import Path

import pytest
from lightkube import ApiError, Client
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import Namespace
from lightkube.resources.networking_v1 import NetworkPolicy

from tests.engine.command import Project, project_of_a_team

pytestmark = pytest.mark.engine

EXPECT_NOTHING = 7  # the exit code of pulumi when --expect-no-changes is disappointed
LAYER = """\
tier: {tier}
cluster: {{context: {context}}}
apps:
  note:
    workloads:
      note:
        kind: cron
        schedule: "0 4 * * *"
        suspend: true
        config: {{/etc/note: {{text: {text}}}}}
"""


@pytest.mark.xdist_group("sample-on-cluster")
def test_a_stack_goes_up_stays_unchanged_shows_drift_and_goes_down(
    ready: Client, kubeconfig: Path, tmp_path: Path
) -> None:
    project = project_of_a_team(tmp_path, kubeconfig)
    project.succeed("stack", "init", "qa")
    stack_file = (tmp_path / "environments/stacks/Pulumi.qa.yaml").read_bytes()
    options = ("--stack", "qa", "--suppress-outputs")

    project.succeed("up", "--yes", *options)
    frontend = ready.get(Deployment, "frontend", namespace="shop-qa")
    assert frontend.status is not None
    assert frontend.status.readyReplicas == 1
    assert "site" not in _deployments(ready, "site-qa"), "the GitOps job applies the site, and only the job"

    project.succeed("up", "--yes", "--expect-no-changes", *options)
    project.succeed("refresh", "--preview-only", "--expect-no-changes", *options)

    ready.patch(NetworkPolicy, "default-deny", {"spec": {"policyTypes": ["Ingress"]}}, namespace="client-qa")
    drifted = project.run("refresh", "--preview-only", "--expect-no-changes", *options)
    assert drifted.returncode == EXPECT_NOTHING, drifted.stdout + drifted.stderr
    assert "client-qa/networking.k8s.io/NetworkPolicy/default-deny" in drifted.stdout

    project.succeed("destroy", "--yes", *options)
    assert not _exists(ready, "shop-qa")
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
    name = _new_name()
    project = _small_project(tmp_path, kubeconfig, name, tier="test")
    layer = tmp_path / f"environments/{name}.yaml"
    (tmp_path / f"environments/releases/{name}/note/note.yaml").unlink()
    layer.write_text(WEB)
    options = ("--stack", name, "--suppress-outputs")
    project.succeed("up", "--yes", *options)

    restart = {"spec": {"template": {"metadata": {"annotations": RESTART}}}}
    api.patch(Deployment, "web", restart, namespace=f"note-{name}", field_manager="kubectl-rollout")
    project.succeed("preview", "--expect-no-changes", *options)
    project.succeed("up", "--yes", "--refresh", *options)
    assert _restarted(api, f"note-{name}")
    project.succeed("refresh", "--preview-only", "--expect-no-changes", *options)
    project.succeed("destroy", "--yes", *options)


def _restarted(client: Client, namespace: str) -> bool:
    spec = client.get(Deployment, "web", namespace=namespace).spec
    assert spec is not None
    assert spec.template.metadata is not None
    return RESTART.items() <= (spec.template.metadata.annotations or {}).items()


def test_production_is_not_destroyed_until_someone_takes_its_protection_off(
    api: Client, kubeconfig: Path, tmp_path: Path
) -> None:
    name = _new_name()
    project = _small_project(tmp_path, kubeconfig, name, tier="production")
    project.succeed("up", "--yes", "--stack", name)

    refused = project.run("destroy", "--yes", "--stack", name)

    assert refused.returncode != 0
    assert "protected" in refused.stdout + refused.stderr
    assert _exists(api, f"note-{name}")
    project.succeed("state", "unprotect", "--all", "--yes", "--stack", name)
    project.succeed("destroy", "--yes", "--stack", name)


def test_objects_of_others_are_taken_over_only_on_request_and_never_overwritten(
    api: Client, kubeconfig: Path, tmp_path: Path
) -> None:
    name = _new_name()
    project = _small_project(tmp_path, kubeconfig, name, tier="test")
    theirs = ObjectMeta(name=f"note-{name}", labels={"environments.internal/tier": "production"})
    api.create(Namespace(metadata=theirs))
    up = ("up", "--yes", "--stack", name)

    refused = project.run(*up)
    assert refused.returncode != 0
    assert "already exists" in refused.stdout

    disputed = project.run(*up, PULUMI_K8S_UPSERT_EXISTING_OBJECTS="true")
    assert disputed.returncode != 0
    assert 'conflict with "tests"' in disputed.stdout

    api.patch(Namespace, f"note-{name}", {"metadata": {"labels": {"environments.internal/tier": "test"}}})
    project.succeed(*up, PULUMI_K8S_UPSERT_EXISTING_OBJECTS="true")
    project.succeed("destroy", "--yes", "--stack", name)


def _small_project(folder: Path, kubeconfig: Path, name: str, *, tier: str) -> Project:
    """Make a project of one environment with one suspended CronJob, for which nothing has to become ready."""
    (folder / "environments/stacks").mkdir(parents=True)
    (folder / f"environments/stacks/Pulumi.{name}.yaml").touch()
    layer = LAYER.format(tier=tier, context="prod" if tier == "production" else "test", text="hello")
    (folder / f"environments/{name}.yaml").write_text(layer)
    release = folder / f"environments/releases/{name}/note/note.yaml"
    release.parent.mkdir(parents=True)
    release.write_text('image: docker.io/library/busybox:1.37.0\nbuild: "1.37.0"\n')
    project = project_of_a_team(folder, kubeconfig)
    project.succeed("stack", "init", name)
    return project


def _new_name() -> str:
    return f"test-{secrets.token_hex(4)}"


def _deployments(client: Client, namespace: str) -> set[str | None]:
    return {found.metadata.name for found in client.list(Deployment, namespace=namespace) if found.metadata}


def _exists(client: Client, namespace: str) -> bool:
    try:
        client.get(Namespace, namespace)
    except ApiError as error:
        if error.status.code == http.HTTPStatus.NOT_FOUND:
            return False
        raise
    return True
