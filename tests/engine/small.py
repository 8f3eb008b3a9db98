"""A project of one environment with suspended CronJobs, for which nothing has to become ready."""

import http
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lightkube import ApiError, Client
from lightkube.resources.core_v1 import Namespace

from tests.engine.command import Project, project_of_a_team

_WORKLOAD = """\
        kind: cron
        schedule: "0 4 * * *"
        suspend: true
        image: docker.io/library/busybox:1.37.0
        config: {{/etc/note: {{text: {text}}}}}
"""


@dataclass(frozen=True)
class SmallProject:
    """An environment with a name of its own, so that tests share a cluster."""

    project: Project
    name: str
    tier: str
    uid: str
    """What the layers say of the cluster; nothing if empty."""

    def write(self, apps: Sequence[str] = ("note",), text: str = "hello") -> None:
        """Write the layer, with one CronJob for each app."""
        context = "prod" if self.tier == "production" else "test"
        uid = f", uid: {self.uid}" if self.uid else ""
        lines = [f"tier: {self.tier}", f"cluster: {{context: {context}{uid}}}", "apps:"]
        for app in apps:
            lines += [f"  {app}:", "    workloads:", f"      {app}:", _WORKLOAD.format(text=text).rstrip()]
        path = self.project.folder / f"environments/{self.name}.yaml"
        path.write_text("\n".join([*lines, ""]) if apps else "\n".join([*lines[:2], ""]))


def small_project(
    folder: Path, kubeconfig: Path | None = None, *, name: str = "", tier: str = "test", uid: str = ""
) -> SmallProject:
    """Make the project and its stack."""
    name = name or f"test-{secrets.token_hex(4)}"
    (folder / "environments/stacks").mkdir(parents=True)
    (folder / f"environments/stacks/Pulumi.{name}.yaml").touch()
    made = SmallProject(project_of_a_team(folder, kubeconfig), name, tier, uid)
    made.write()
    made.project.succeed("stack", "init", name)
    return made


def uid_of(client: Client) -> str:
    """Read the uid by which a cluster is known."""
    metadata = client.get(Namespace, "kube-system").metadata
    assert metadata is not None
    assert metadata.uid is not None
    return metadata.uid


def exists(client: Client, namespace: str) -> bool:
    """Whether a namespace is there."""
    try:
        client.get(Namespace, namespace)
    except ApiError as error:
        if error.status.code == http.HTTPStatus.NOT_FOUND:
            return False
        raise
    return True
