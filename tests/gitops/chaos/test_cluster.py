"""A cluster that restarts, refuses, hangs or does not let go, and another run at the same time."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from gitops.cluster.api import connect
from gitops.cluster.records import Store
from tests.clusters import temporary_namespace
from tests.gitops.chaos.control_plane import restartable
from tests.gitops.chaos.proxy import proxied
from tests.gitops.chaos.running import PATIENCE, running
from tests.gitops.chaos.webhook import webhook
from tests.gitops.jobs import config_map
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lightkube import Client

    from gitops.cluster.api import Connection
    from tests.gitops.chaos.proxy import Asked, Exchange, Proxy
    from tests.gitops.jobs import Body, Job
    from tests.gitops.person import Person


def test_two_runs_at_once_with_a_hung_request_end_in_what_git_wants_last(
    job: Job, person: Person, proxy: Proxy, connection: Connection
) -> None:
    """One run hangs, its Lease expires, another does the work; the first comes back and changes nothing."""
    job.repository.commit({"app/a.yaml": [config_map("keep", a="1"), config_map("gone")]})
    job.sync()
    job.repository.commit({"app/a.yaml": [config_map("keep", a="2"), config_map("gone")]})

    def writes_object(asked: Asked) -> bool:
        return asked.writes and asked.about("configmaps", "keep")

    held = proxy.hang(writes_object)
    with running(job, proxy.kubeconfig) as first:
        assert held.wait(PATIENCE)
        proxy.spoil(lambda asked: asked.about("leases"), lambda exchange: exchange.reset(), times=10_000)
        job.repository.commit({"app/a.yaml": [config_map("keep", a="3")]})
        wait_until(lambda: _is_free(connection, job.home), "the Lease has expired")
        wait_until(lambda: job.sync().code == 0, "another run has done the work")
        before = person.names("ConfigMap")
        asked = len(proxy.seen)
        proxy.freed.set()
        result = first.finish()
    assert result.code in {3, 5}
    assert "gone" not in before
    later = [each for each in proxy.seen[asked:] if each.writes and not each.about("leases")]
    assert later == []
    job.rest()  # what was on its way when the run hung may have arrived, and is put right
    assert person.live("ConfigMap", "keep")["data"] == {"a": "3"}
    assert person.names("ConfigMap") == before
    records = Store(connection, job.home).recall().inventories["app"].records
    assert {key.name for key in records} == {"keep"}


def _is_free(connection: Connection, home: str) -> bool:
    """Tell whether a run may take the Lease; runs that may not, one after the other, would take a processor."""
    path = f"/apis/coordination.k8s.io/v1/namespaces/{home}/leases/gitops"
    spec = connection.http.get(path).json()["spec"]
    age = datetime.now(UTC) - datetime.fromisoformat(spec["renewTime"])
    return not spec.get("holderIdentity") or age.total_seconds() >= spec["leaseDurationSeconds"]


def test_an_api_server_that_restarts_in_the_middle_of_a_run(job: Job, tmp_path: Path) -> None:
    """The run ends and says what it has done; a later one finishes it."""
    files = {f"app/{n}.yaml": config_map(f"m{n}") for n in range(40)}
    job.repository.commit(files)
    with (
        restartable(tmp_path / "plane") as server,
        connect(server.kubeconfig) as connection,
        proxied(connection.http, tmp_path) as proxy,
    ):
        for name in (job.namespace, job.home):
            space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
            connection.http.post("/api/v1/namespaces", json=space).raise_for_status()
        reached, down = threading.Event(), threading.Event()

        def wait(exchange: Exchange) -> None:
            reached.set()
            down.wait()
            exchange.answer(*exchange.forward())

        proxy.spoil(lambda asked: asked.writes and asked.about("configmaps", "m20"), wait)
        with running(job, proxy.kubeconfig) as run:
            assert reached.wait(PATIENCE)
            server.kill()
            down.set()
            server.start()
            result = run.finish()
        assert result.code in {0, 3, 5}, result
        assert result.changes
        job.kubeconfig = str(server.kubeconfig)
        wait_until(lambda: _is_free(connection, job.home), "the Lease is released or has expired")
        wait_until(lambda: job.sync().code == 0, "the job has finished what was begun")
        path = f"/api/v1/namespaces/{job.namespace}/configmaps"
        names = {item["metadata"]["name"] for item in connection.http.get(path).json()["items"]}
        assert names >= {f"m{n}" for n in range(40)}
        assert job.sync().changes == {}


@pytest.fixture
def neighbour(job: Job, api: Client, person: Person) -> Iterator[Person]:
    """Give the job a second application, in a namespace of its own, which must not suffer."""
    with temporary_namespace(api) as name:
        url = f"file://{job.repository.folder}"
        project = {"repositories": [url], "namespaces": [job.namespace, name], "kinds": list(job.kinds)}
        job.extra = {"projects": {"all": project}}
        retry = {"attempts": 1, "seconds": 0.05}
        options = {"retry": retry}
        second: Body = job.application("b", options) | {"namespace": name}
        job.applications = {"app": job.application("app", options), "b": second}
        job.repository.commit({"app/one.yaml": config_map("one"), "b/two.yaml": config_map("two")})
        yield replace(person, namespace=name)


@pytest.mark.parametrize("hangs", [False, True], ids=["refuses", "hangs"])
def test_a_webhook_that_refuses_or_hangs_stops_its_namespace_only(
    job: Job, person: Person, neighbour: Person, tmp_path: Path, hangs: bool
) -> None:
    """The object and the words of the webhook are in the report; once it is gone the next run goes on."""
    with webhook(person.http, tmp_path, job.namespace) as hook:
        wait_until(lambda: "refuses" in _probe(person), "the API server asks the webhook")
        hook.hangs = hangs
        result = job.sync()
        assert result.code == 5
        assert result.changes == {"ConfigMap/one": "failed", "ConfigMap/two": "created"}
        assert ("failed calling webhook" if hangs else "the test refuses it") in result.messages
    assert neighbour.get("ConfigMap", "two") is not None
    wait_until(lambda: _probe(person) == "", "the API server asks it no more")
    assert job.sync().changes == {"ConfigMap/one": "created"}


def _probe(person: Person) -> str:
    """Try to create a ConfigMap; return what is said against it."""
    path, body = f"/api/v1/namespaces/{person.namespace}/configmaps", config_map("probe")
    answer = person.http.post(path, params={"dryRun": "All"}, json=body)
    return "" if answer.is_success else answer.text


def test_a_namespace_that_does_not_go_stops_its_application_only(
    job: Job, person: Person, neighbour: Person
) -> None:
    """A finalizer that nobody removes keeps it Terminating; nothing can be created in it."""
    held: Any = config_map("held")
    held["metadata"]["finalizers"] = ["example.com/hold"]
    person.create(held)
    path = f"/api/v1/namespaces/{person.namespace}"
    person.http.delete(path).raise_for_status()
    try:
        wait_until(
            lambda: person.http.get(path).json()["status"]["phase"] == "Terminating", "it is Terminating"
        )
        result = job.sync()
        assert result.code == 5
        assert result.changes == {"ConfigMap/one": "failed", "ConfigMap/two": "created"}
        assert "is being terminated" in result.messages
        assert neighbour.get("ConfigMap", "two") is not None
    finally:
        person.patch("ConfigMap", "held", [{"op": "remove", "path": "/metadata/finalizers"}])


NUMBER = 10_000
LARGEST = 512 * 1024  # KiB that the run may have in memory at once

# In a small process between: a new process starts with the peak of the one that it was forked from.
MEASURE = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=sys.stderr).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""


@pytest.mark.slow
def test_ten_thousand_objects_are_applied_and_then_left_alone(
    job: Job, connection: Connection, tmp_path: Path
) -> None:
    """In bounded memory, with an inventory in one piece, and with nothing to do in the second run."""
    job.repository.commit(
        {
            f"app/{part}.yaml": [config_map(f"m{part}-{number}", a="1") for number in range(500)]
            for part in range(NUMBER // 500)
        }
    )
    peaks = []
    for _ in range(2):
        with (tmp_path / "log").open("w") as log:
            words = [sys.executable, "-c", MEASURE, *job.command("sync")]
            done = subprocess.run(words, stdout=subprocess.PIPE, stderr=log, text=True, check=False)
        assert done.returncode == 0, (tmp_path / "log").read_text()[-2000:]
        peaks.append(int(done.stdout))
    assert '"unchanged": 10000' in (tmp_path / "log").read_text()
    assert len(Store(connection, job.home).recall().inventories["app"].records) == NUMBER
    assert max(peaks) < LARGEST
