"""`envs recover` completes what a killed run has left: all objects owned, orphans told, nothing of others taken."""

import json
import os
import secrets
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from lightkube import Client
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import ConfigMap, ServiceAccount

from tests.command import envs_process
from tests.engine.command import Project, project_of_a_team
from tests.waiting import wait_until

pytestmark = pytest.mark.engine

WORKLOADS = 8
AT_ONCE = "2"  # resources that the engine works on, so that a run of few objects has many moments too
WORKLOAD = """\
      job-{number:02}:
        kind: cron
        schedule: "0 4 * * *"
        suspend: true
        image: docker.io/library/busybox:1.37.0
        config: {{/etc/note: {{text: {text}}}}}
"""


@dataclass(frozen=True)
class Site:
    """An environment of many small objects, its project and its cluster."""

    client: Client
    kubeconfig: Path
    project: Project
    name: str

    @property
    def namespace(self) -> str:
        """The namespace of its app."""
        return f"many-{self.name}"

    def write(self, text: str = "first", workloads: int = WORKLOADS) -> None:
        """Write the layer."""
        body = "".join(WORKLOAD.format(number=number, text=text) for number in range(workloads))
        quota = "    quota: {cpu: 4, memory: 16Gi}\n"
        head = f"tier: test\ncluster: {{context: test}}\napps:\n  many:\n{quota}    workloads:\n"
        (self.project.folder / f"environments/{self.name}.yaml").write_text(head + body)

    def config_maps(self) -> dict[str, str]:
        """Read the objects that runs are watched by."""
        return {
            str(item.metadata.name): (item.data or {}).get("etc-note", "") or str(item.data)
            for item in self.client.list(ConfigMap, namespace=self.namespace)
            if item.metadata and str(item.metadata.name).startswith("job-")
        }

    def accounts(self) -> set[str]:
        """Name the ServiceAccounts."""
        found = self.client.list(ServiceAccount, namespace=self.namespace)
        return {str(item.metadata.name) for item in found if item.metadata}

    def kill_up_when(self, condition: Callable[[], bool], **variables: str) -> None:
        """Start `pulumi up` and kill it, as a lost runner would, once the cluster shows so much of it."""
        assert self._signal_when(signal.SIGKILL, condition, **variables) == -signal.SIGKILL

    def end_up_when(self, condition: Callable[[], bool], **variables: str) -> None:
        """Start `pulumi up` and ask it to end, as a pipeline that is cancelled does."""
        assert self._signal_when(signal.SIGTERM, condition, **variables) != 0

    def _signal_when(self, number: signal.Signals, condition: Callable[[], bool], **variables: str) -> int:
        up = ("up", "--yes", "--skip-preview", "--parallel", AT_ONCE, "--stack", self.name)
        with self.project.start(*up, **variables) as process:

            def come_so_far() -> bool:
                assert process.poll() is None, "the run ended before it was killed"
                return condition()

            wait_until(come_so_far, "the run has come so far")
            os.kill(process.pid, number)
            return process.wait()

    def recover(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        """Run `envs recover`, as a person would."""
        return envs_process(
            "recover",
            self.name,
            "--yes",
            *words,
            root=self.project.folder,
            env=self.project.environment() | {"KUBECONFIG": str(self.kubeconfig)},
        )

    def complete(self) -> None:
        """Run `envs recover`, which must end with a complete environment."""
        done = self.recover()
        assert done.returncode == 0, done.stdout + done.stderr

    def known(self) -> set[str]:
        """Name the objects in the state of the stack."""
        state = json.loads(self.project.succeed("stack", "export", "--stack", self.name))
        return {
            item["inputs"]["metadata"]["name"]
            for item in state["deployment"]["resources"]
            if item["type"].startswith("kubernetes:core/v1:ConfigMap")
        }


@pytest.fixture
def site(api: Client, kubeconfig: Path, tmp_path: Path) -> Site:
    """Give an environment whose stack exists and is empty."""
    name = f"test-{secrets.token_hex(4)}"
    (tmp_path / "environments/stacks").mkdir(parents=True)
    (tmp_path / f"environments/stacks/Pulumi.{name}.yaml").touch()
    found = Site(api, kubeconfig, project_of_a_team(tmp_path, kubeconfig), name)
    found.write()
    found.project.succeed("stack", "init", name)
    return found


@pytest.fixture
def share(record_property: Callable[[str, object], None]) -> int:
    """Choose how many objects a run writes before it is killed: another moment in each run of the tests."""
    chosen = 1 + secrets.randbelow(WORKLOADS // 2)
    record_property("objects", chosen)
    return chosen


CHECKPOINTS = [{}, {"PULUMI_SKIP_CHECKPOINTS": "true"}]


@pytest.mark.parametrize("variables", CHECKPOINTS, ids=["checkpoints", "no-checkpoints"])
def test_runs_that_were_killed_while_they_created_updated_and_deleted_are_completed_by_one_command_each(
    site: Site, share: int, variables: dict[str, str]
) -> None:
    site.kill_up_when(lambda: len(site.config_maps()) >= share, **variables)
    site.complete()
    assert len(site.config_maps()) == WORKLOADS
    assert site.known() >= site.config_maps().keys()

    site.write(text="second")
    site.kill_up_when(
        lambda: sum("second" in text for text in site.config_maps().values()) >= share, **variables
    )
    site.complete()
    assert all("second" in text for text in site.config_maps().values())

    site.write(text="second", workloads=2)
    site.kill_up_when(lambda: len(site.config_maps()) <= WORKLOADS - share, **variables)
    site.complete()
    assert len(site.config_maps()) == len(site.known() & site.config_maps().keys()) == 2
    site.project.succeed("preview", "--expect-no-changes", "--stack", site.name)


@pytest.mark.parametrize("variables", CHECKPOINTS, ids=["checkpoints", "no-checkpoints"])
def test_a_run_that_is_asked_to_end_leaves_no_lock_and_is_completed_by_one_command(
    site: Site, share: int, variables: dict[str, str]
) -> None:
    site.end_up_when(lambda: len(site.config_maps()) >= share, **variables)

    assert not list((site.project.folder / ".state").glob(".pulumi/locks/**/*.json"))
    site.complete()
    assert len(site.config_maps()) == WORKLOADS
    assert site.config_maps().keys() <= site.known()


def test_what_nobody_wants_any_more_is_reported_and_deleted_on_request(site: Site) -> None:
    site.kill_up_when(lambda: len(site.config_maps()) >= WORKLOADS // 2, PULUMI_SKIP_CHECKPOINTS="true")
    site.write(workloads=1)

    reported = site.recover()
    left = len(site.config_maps())
    deleted = site.recover("--delete-orphans")

    assert reported.returncode == 1, reported.stdout + reported.stderr
    assert b"orphaned; `envs recover" in reported.stdout
    assert left > 1
    assert deleted.returncode == 0, deleted.stdout + deleted.stderr
    assert len(site.config_maps()) == 1


def test_objects_that_others_wrote_are_refused_before_anything_is_written(site: Site) -> None:
    site.kill_up_when(lambda: "job-02" in site.accounts(), PULUMI_SKIP_CHECKPOINTS="true")
    site.client.delete(ServiceAccount, "job-02", namespace=site.namespace, grace_period=0)
    site.client.create(ServiceAccount(metadata=ObjectMeta(name="job-02", namespace=site.namespace)))

    done = site.recover()

    assert done.returncode == 3, done.stdout + done.stderr
    assert b"1 object written by others:\n  ServiceAccount/" in done.stdout
