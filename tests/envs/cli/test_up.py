"""`envs up`, `envs down` and `envs status` against a real API server."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from lightkube import ApiError, Client
from lightkube.models.authentication_v1 import TokenRequestSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.models.rbac_v1 import RoleRef, Subject
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import ConfigMap, Namespace, ServiceAccount, ServiceAccountToken
from lightkube.resources.networking_v1 import NetworkPolicy
from lightkube.resources.rbac_authorization_v1 import ClusterRoleBinding
from lightkube.types import PatchType

from localkube.clusters import LocalCluster
from tests.command import Result, edit, envs
from tests.roots import make_root
from tests.terminal import on_terminal
from tests.waiting import wait_until

JOB = """\
gitops: {image: "registry.example.com/gitops:1.0.0", repo: "https://git.example.com/e.git"}
"""


@dataclass(frozen=True)
class Site:
    """A root with one environment, and the cluster that it is for."""

    root: Path
    name: str
    client: Client
    kubeconfig: Path

    @property
    def file(self) -> Path:
        """The environment's own layer."""
        return self.root / "environments" / f"{self.name}.yaml"

    @property
    def namespace(self) -> str:
        """Namespace of its app."""
        return f"shop-{self.name}"

    def run(self, *words: str, kubeconfig: Path | None = None) -> Result:
        """Run a verb on the environment."""
        verb, *rest = words
        return envs(
            verb, self.name, "--kubeconfig", str(kubeconfig or self.kubeconfig), *rest, root=self.root
        )

    def status(self, *, kubeconfig: Path | None = None) -> tuple[int, dict[str, Any]]:
        """Run `status`; returns its exit code and the app as JSON."""
        result = self.run("status", "--format", "json", kubeconfig=kubeconfig)
        (environment,) = result.json
        (app,) = [app for app in environment["apps"] if app["name"] == "shop"]
        return result.code, app

    def exists(self) -> bool:
        """Whether the namespace of the app is there."""
        try:
            self.client.get(Namespace, self.namespace)
        except ApiError:
            return False
        return True


@pytest.fixture
def site(ready: Client, cluster: LocalCluster, tmp_path: Path) -> Iterator[Site]:
    """Give an environment with a name of its own, and take it away afterwards."""
    name = f"e{secrets.token_hex(3)}"
    files = {f"{name}.yaml": "tier: test\n", f"stacks/Pulumi.{name}.yaml": "config: {}\n"}
    found = Site(make_root(tmp_path / "root", files), name, ready, cluster.kubeconfig)
    yield found
    if found.exists():
        ready.delete(Namespace, found.namespace)


def test_up_applies_once_and_then_finds_nothing_to_do(site: Site) -> None:
    first = site.run("up", "--yes")
    assert first.code == 0, first.err
    assert f"created   Deployment/{site.namespace}/server" in first.out
    again = site.run("up")  # nothing to ask about
    assert (again.code, "created" in again.out) == (0, False)
    assert "InSync" in again.out


def test_nothing_is_written_before_somebody_agrees(site: Site) -> None:
    result = site.run("up")
    assert (result.code, "use --yes" in result.err) == (3, True)
    assert f"would create  Namespace/{site.namespace}\n" in result.out
    assert result.out.splitlines()[-1].startswith(f"{site.name}  OutOfSync  8 to create")
    assert "created" not in result.out
    assert not site.exists()


def test_the_question_comes_with_each_value_before_and_after(site: Site) -> None:
    """In the conditional; what is done afterwards names the fields."""
    assert site.run("up", "--yes").code == 0
    site.file.write_text("tier: test\napps: {shop: {workloads: {server: {replicas: 3}}}}\n")
    result = site.run("up")
    assert f"would change  Deployment/{site.namespace}/server\n    spec.replicas: 1 -> 3\n" in result.out, (
        result.out
    )
    assert "1 to change" in result.out.splitlines()[-1]
    assert f"changed   Deployment/{site.namespace}/server  spec.replicas" in site.run("up", "--yes").out


def test_what_left_the_layers_is_pruned(site: Site) -> None:
    site.file.write_text(
        "tier: test\napps: {shop: {workloads: {other: {image: registry.example.com/o:1.0.0}}}}\n"
    )
    assert site.run("up", "--yes").code == 0
    site.file.write_text("tier: test\n")
    result = site.run("up", "--yes")
    assert f"deleted   Deployment/{site.namespace}/other" in result.out
    assert {
        each.metadata.name for each in site.client.list(Deployment, namespace=site.namespace) if each.metadata
    } == {"server"}


def test_most_of_an_environment_is_not_deleted_unseen(site: Site) -> None:
    """Such as by another root that has an environment of the same name."""
    site.file.write_text(
        "tier: test\napps: {other: {workloads: {other: {image: registry.example.com/o:1.0.0}}}}\n"
    )
    assert site.run("up", "--yes").code == 0
    site.file.write_text("tier: test\n")
    (site.root / "environments/base.yaml").write_text("apps: {}\n")
    result = site.run("up", "--yes")
    assert (result.code, "would be deleted; omit --yes" in result.err) == (3, True)
    assert site.exists()
    assert site.run("down", "--yes").code == 0


def test_the_workloads_of_a_pulled_app_are_left_to_its_job(site: Site) -> None:
    site.file.write_text(f"tier: test\n{JOB}apps: {{shop: {{delivery: pull}}}}\n")
    edit(site.file, "tier: test\n", "tier: test\ncluster: {apiServer: 10.0.0.1/32}\n")
    try:
        result = site.run("up", "--yes")
        assert result.code == 0, result.err
        assert f"CronJob/gitops-{site.name}/gitops" in result.out
        assert "Deployment/" not in result.out
        code, app = site.status()
        assert (code, app["delivery"], app["sync"]) == (4, "pull", "Unknown")
        assert app["messages"] == ["the GitOps job has not reported yet"]
    finally:
        site.client.delete(Namespace, f"gitops-{site.name}")


def test_status_shows_drift_images_and_what_is_missing(site: Site) -> None:
    assert site.run("up", "--yes").code == 0
    wait_until(lambda: site.status()[1]["health"] == "Healthy", "the app is healthy")
    code, app = site.status()
    image = "registry.example.com/server:1.2.3"
    assert (code, app["sync"], app["messages"]) == (0, "InSync", [])
    assert app["images"] == [{"workload": "server", "container": "server", "running": image, "wanted": image}]

    other = {
        "spec": {
            "template": {"spec": {"containers": [{"name": "server", "image": "registry.example.com/x:9"}]}}
        }
    }
    site.client.patch(Deployment, "server", other, namespace=site.namespace)
    code, app = site.status()
    assert (code, app["sync"]) == (1, "OutOfSync")
    assert app["images"][0]["running"] == "registry.example.com/x:9"
    assert any("containers[server].image" in line for line in app["messages"])


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ([{"op": "add", "path": "/spec/template/spec/hostNetwork", "value": True}], "hostNetwork"),
        ([{"op": "replace", "path": "/spec/replicas", "value": 7}], "spec.replicas"),
        ([{"op": "add", "path": "/metadata/labels/by", "value": "hand"}], "metadata.labels.by"),
        (
            [{"op": "add", "path": "/spec/template/spec/containers/-", "value": {"name": "s", "image": "s"}}],
            "containers[s]",
        ),
    ],
)
def test_status_sees_what_a_hand_has_changed(site: Site, change: list[dict[str, Any]], path: str) -> None:
    assert site.run("up", "--yes").code == 0
    site.client.patch(Deployment, "server", change, namespace=site.namespace, patch_type=PatchType.JSON)
    code, app = site.status()
    assert (code in {1, 4}, app["sync"]) == (True, "OutOfSync")
    assert any(path in line for line in app["messages"]), app["messages"]


def test_status_names_what_does_not_exist_and_up_brings_it_back(site: Site) -> None:
    assert site.run("up", "--yes").code == 0
    site.client.delete(NetworkPolicy, "default-deny", namespace=site.namespace)
    code, app = site.status()
    assert (code, app["sync"], app["health"]) == (4, "OutOfSync", "Missing")
    assert f"NetworkPolicy/{site.namespace}/default-deny does not exist" in app["messages"]
    assert f"repaired  NetworkPolicy/{site.namespace}/default-deny" in site.run("up", "--yes").out


def test_status_needs_rights_to_read_only(site: Site, tmp_path: Path) -> None:
    """With the right to read all but roles, it says what it cannot see, and writes nothing."""
    site.file.write_text("tier: test\nteams: {web: {groups: {view: readers}}}\n")
    assert site.run("up", "--yes").code == 0
    reader = reading_kubeconfig(site, tmp_path / "reader")
    _, app = site.status(kubeconfig=reader)
    assert app["sync"] == "Unknown"
    assert [line for line in app["messages"] if "is Progressing" not in line] == [
        "you have no permission to read rbac.authorization.k8s.io/Role",
        "you have no permission to read rbac.authorization.k8s.io/RoleBinding",
    ]
    assert site.run("up", "--yes", kubeconfig=reader).code != 0


def reading_kubeconfig(site: Site, file: Path) -> Path:
    """Make a kubeconfig of a ServiceAccount that may read what the role `view` shows, and namespaces."""
    name = f"reader-{site.name}"
    site.client.create(ServiceAccount(metadata=ObjectMeta(name=name, namespace="default")))
    binding = ClusterRoleBinding(
        metadata=ObjectMeta(name=name),
        roleRef=RoleRef(apiGroup="rbac.authorization.k8s.io", kind="ClusterRole", name="view"),
        subjects=[Subject(kind="ServiceAccount", name=name, namespace="default")],
    )
    site.client.create(binding)
    request = ServiceAccountToken(metadata=ObjectMeta(), spec=TokenRequestSpec(audiences=[]))
    answer = site.client.create(request, name, namespace="default")
    assert answer.status is not None
    config = yaml.safe_load(site.kubeconfig.read_text())
    config["users"][0]["user"] = {"token": answer.status.token}
    file.write_text(yaml.safe_dump(config))
    return file


def test_down_leaves_nothing_and_touches_nothing_else(site: Site, namespace: str) -> None:
    """Neither another namespace, nor objects in it, nor the kinds that it has in common."""
    site.client.create(ConfigMap(metadata=ObjectMeta(name="theirs", namespace=namespace), data={"a": "b"}))
    assert site.run("up", "--yes").code == 0
    site.client.create(ServiceAccount(metadata=ObjectMeta(name="byhand", namespace=site.namespace)))
    refused = site.run("down")
    assert (refused.code, site.exists()) == (3, True)
    result = site.run("down", "--yes")
    assert result.code == 0, result.err
    assert f"deleted   Namespace/{site.namespace}" in result.out
    assert not site.exists()
    with pytest.raises(ApiError):
        site.client.get(ConfigMap, f"inventory-{site.name}", namespace="environments")
    assert site.client.get(ConfigMap, "theirs", namespace=namespace).data == {"a": "b"}
    assert "has applied nothing" in site.run("down").out


def current_context(site: Site) -> str:
    """Name the context of the kubeconfig."""
    return str(yaml.safe_load(site.kubeconfig.read_text())["current-context"])


def test_an_environment_is_not_removed_while_it_lives(site: Site) -> None:
    """Its own namespaces would stay, and no command would know them any more."""
    context = current_context(site)
    assert site.run("up", "--yes").code == 0
    result = site.run("remove", "--context", context)
    assert result.code == 3
    assert f"objects of {site.name} are still in its cluster: namespace shop-{site.name}, " in result.err
    assert f"`envs down {site.name}`" in result.err
    assert site.file.exists()
    assert site.run("down", "--yes").code == 0
    assert site.run("remove", "--context", context).out == f"{site.name}: removed from the layers\n"
    assert not site.file.exists()


def test_down_needs_no_layers(site: Site) -> None:
    """The inventory of `up` is enough, once it is said in which cluster."""
    context = current_context(site)
    assert site.run("up", "--yes").code == 0
    assert site.run("remove", "--orphan").code == 0
    unsaid = site.run("down", "--yes")
    assert (unsaid.code, unsaid.err) == (
        2,
        (
            f"envs: there is no environment {site.name}; known: qa; "
            "if it was removed and is still in a cluster, name the cluster with --context NAME\n"
        ),
    )
    assert site.exists()
    assert site.run("down", "--context", context).code == 3  # nobody is there to agree
    result = site.run("down", "--context", context, "--yes")
    assert result.code == 0, result.err
    assert not site.exists()
    again = site.run("down", "--context", context, "--yes")
    assert again.code == 2
    assert f"there is no environment {site.name}; the layers have qa, and `envs up` has applied " in again.err


def test_down_asks_about_the_current_context_of_a_removed_environment(site: Site) -> None:
    """On a terminal, where somebody reads which cluster it is."""
    assert site.run("up", "--yes").code == 0
    assert site.run("remove", "--orphan").code == 0
    words = ["down", site.name, "--root", str(site.root), "--kubeconfig", str(site.kubeconfig)]
    asked = f"Delete all this of {site.name} in the context {current_context(site)},"
    code, out = on_terminal(words, "n\n")
    assert (code, asked in out, site.exists()) == (3, True, True)
    code, out = on_terminal(words, "y\n")
    assert (code, site.exists()) == (0, False), out


def test_another_cluster_is_refused_before_anything_is_read(site: Site) -> None:
    site.file.write_text("tier: test\ncluster: {uid: 6a1e3b52-5f7b-4b0e-9d0a-0d3f1f6f3c11}\n")
    for words in (("up", "--yes"), ("down", "--yes"), ("status",)):
        result = site.run(*words)
        assert result.code == 3, result.err
        assert "the cluster has the uid" in result.err + result.out
    site.file.write_text("tier: test\ncluster: {context: elsewhere}\n")
    result = site.run("up", "--yes")
    assert (result.code, "has no context elsewhere; it has" in result.err) == (3, True)
    assert not site.exists()


def test_what_pulumi_manages_is_refused_and_handed_over_as_documented(site: Site) -> None:
    """Nothing of the environment is written, neither by `up` nor by `down`."""
    assert site.run("up", "--yes").code == 0
    pulumi = {"metadata": {"annotations": {"by": "pulumi"}}, "apiVersion": "apps/v1", "kind": "Deployment"}
    site.client.patch(
        Deployment,
        "server",
        pulumi,
        namespace=site.namespace,
        patch_type=PatchType.APPLY,
        field_manager="pulumi-kubernetes-1a2b",
    )
    edit(site.root / "environments/base.yaml", "1.2.3", "1.3.0")
    for verb in ("up", "down"):
        result = site.run(verb, "--yes")
        assert result.code == 3, result.out
        assert f"Deployment/{site.namespace}/server" in result.out + result.err
        assert "is managed by pulumi-kubernetes-1a2b" in result.out + result.err
    assert "docs/pulumi.md" in site.run("up", "--yes").err
    _, app = site.status()
    assert app["images"][0]["running"] == "registry.example.com/server:1.2.3"

    forget: dict[str, Any] = {"metadata": {"managedFields": [{}]}}
    site.client.patch(Deployment, "server", forget, namespace=site.namespace, patch_type=PatchType.MERGE)
    assert site.run("up", "--yes").code == 0
    assert site.status()[1]["images"][0]["running"] == "registry.example.com/server:1.3.0"


def test_what_somebody_else_made_is_taken_over_only_on_request(site: Site) -> None:
    """A namespace with the right name is not the environment's for that."""
    site.client.create(Namespace(metadata=ObjectMeta(name=site.namespace)))
    refused = site.run("up", "--yes")
    assert refused.code == 3
    assert f"Namespace/{site.namespace}" in refused.out
    assert "exists and was not made by this job" in refused.out
    assert "use --adopt" in refused.out
    assert not site.client.get(Namespace, site.namespace).metadata.labels.get("environments.internal/tier")  # type: ignore[union-attr]
    assert site.run("up", "--yes", "--adopt").code == 0
    assert site.run("up", "--yes").code == 0


def test_a_mandatory_policy_stops_up_before_the_cluster_is_asked(site: Site, tmp_path: Path) -> None:
    edit(site.root / "environments/base.yaml", "server:1.2.3", "server:latest")
    result = site.run("up", "--yes", kubeconfig=tmp_path / "none")
    assert (result.code, "images-are-pinned" in result.err) == (3, True)


def test_a_cluster_that_does_not_answer_hides_no_other(site: Site, tmp_path: Path) -> None:
    config = yaml.safe_load(site.kubeconfig.read_text())
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:9"
    (tmp_path / "dead").write_text(yaml.safe_dump(config))
    result = site.run("status", kubeconfig=tmp_path / "dead")
    assert (result.code, "127.0.0.1:9" in result.out) == (5, True)
