"""Whatever one application does stays with it: a neighbour is applied in the same run, whatever comes."""

from __future__ import annotations

import os
import random
import socket
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from gitops.reading.reader import Reader
from tests.gitops.jobs import config_map
from tests.gitops.proxy import Disturbance, Proxy, proxy
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gitops.cluster.api import Connection
    from tests.gitops.jobs import Job, Result
    from tests.gitops.person import Person

HEALTHY = {"good/one.yaml": config_map("one", a="1")}


@pytest.fixture(autouse=True)
def _two_applications(job: Job) -> None:
    job.kinds = (*job.kinds, "apiextensions.k8s.io/*")
    job.applications = {"app": job.application(), "good": job.application("good")}


@pytest.fixture
def middlebox(job: Job, connection: Connection, tmp_path: Path) -> Iterator[Proxy]:
    """Put a proxy between the job and the API server."""
    with proxy(connection.http, tmp_path) as found:
        job.kubeconfig = str(found.kubeconfig)
        yield found


def _sync(job: Job, code: int, *words: str) -> Result:
    """Sync; the neighbour is applied, and the report on the application says these words."""
    result = job.sync()
    assert (result.changes.get("ConfigMap/one"), result.summary("good")["sync"]) == ("created", "InSync")
    assert result.summary()["code"] == code, result.summary()
    for word in words:
        assert word in result.summary()["message"], result.summary()["message"][:2000]
    assert "internal error" not in result.messages + result.errors
    return result


def _hpa(spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web"},
        "spec": spec,
    }


def _definition(spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.example.com"},
        "spec": spec,
    }


def test_brackets_that_once_broke_the_count_of_levels(job: Job) -> None:
    """The parser in C ended the whole run."""
    job.repository.commit(HEALTHY | {"app/a.yaml": f"#{']' * 60_000}\n{'[' * 60_000}"})
    _sync(job, 2, "app/a.yaml:2:101: is nested more than 100 levels deep")


@pytest.mark.parametrize(
    "body", [_hpa("x"), _hpa({"scaleTargetRef": "x"}), _definition("x"), _definition({"names": "x"})]
)
def test_objects_of_an_unexpected_form(job: Job, body: dict[str, Any]) -> None:
    """The API server or a policy says what is wrong with them."""
    job.repository.commit(HEALTHY | {"app/a.yaml": body})
    result = job.sync()
    assert result.changes["ConfigMap/one"] == "created"
    assert result.summary()["code"] in {2, 3}
    assert "internal error" not in result.messages


def test_a_name_that_is_not_utf_8(job: Job) -> None:
    """No status or log could hold it as it is."""
    job.repository.commit(HEALTHY)
    (job.repository.folder / "app").mkdir()
    with open(os.fsencode(job.repository.folder) + b"/app/\xff.yaml", "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write("a: [")
    job.repository.commit({})
    _sync(job, 2, "app/\\xff.yaml: has a name that is not UTF-8")


def test_a_report_of_thousands_of_faults(job: Job, person: Person) -> None:
    """It is cut, so that log, status and Event can be written."""
    job.repository.commit(HEALTHY | {"app/a.yaml": "---\nkind: 1\n" * 12_000})
    result = _sync(job, 2, "app/a.yaml:2:1: apiVersion", "more faults", "no more are looked for")
    assert len(result.summary()["message"]) < 100_000
    person.namespace = job.home
    status = person.live("ConfigMap", "status-app")["data"]["message"]
    assert "apiVersion" in status
    assert len(status) < 70_000


def test_a_tree_of_few_objects_that_lists_as_billions_of_files(job: Job) -> None:
    """The listing ends at the limit, not in memory: CVE-2022-24878 is of this class."""
    job.repository.commit(HEALTHY)
    oid = _git(job, "hash-object", "-w", "--stdin", given="a: 1\n")
    entries = "".join(f"100644 blob {oid}\t{name}.yaml\n" for name in range(10))
    for _ in range(10):
        oid = _git(job, "mktree", given=entries)
        entries = "".join(f"040000 tree {oid}\t{name}\n" for name in range(10))
    good = job.repository.git("rev-parse", "HEAD:good")
    top = _git(job, "mktree", given=f"040000 tree {oid}\tapp\n040000 tree {good}\tgood\n")
    commit = job.repository.git("commit-tree", "-m", "bomb", top)
    job.repository.git("update-ref", "refs/heads/main", commit)
    _sync(job, 2, "app: holds more files than the limit of 20000")


def _git(job: Job, *words: str, given: str) -> str:
    command = ["git", "-C", str(job.repository.folder), *words]
    done = subprocess.run(command, input=given, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_a_git_server_that_accepts_and_never_answers(job: Job) -> None:
    """It costs its own time, once, however many applications follow it."""
    job.repository.commit(HEALTHY)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/web/app.git"
        source = {"repository": url, "path": "app", "revision": "main"}
        job.applications = {"good": job.application("good")} | {
            name: job.application() | {"source": source} for name in ("app", "second", "third")
        }
        job.extra = {"limits": {"seconds": 2}}
        job.extra["projects"] = {"all": job.settings()["projects"]["all"] | {"repositories": ["**"]}}
        _sync(job, 5, "git ls-remote took longer than 2 seconds")
        silent.settimeout(0)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()


def test_files_that_take_too_much_time(job: Job) -> None:
    """Each is within the limits of one file; together they take longer than an application may."""
    repeated = "a: &a [" + "x," * 900 + "]\nb: [" + "*a," * 100 + "]\n"
    files = {f"app/{number}.yaml": repeated for number in range(100)}
    job.extra = {"limits": {"processor": 1}}
    job.repository.commit(HEALTHY | files)
    _sync(job, 2, "takes more time to be read than is left of the 1 seconds of processor time")


def test_a_file_that_takes_too_much_memory(job: Job) -> None:
    """The process that reads it ends; the next application is read by another one."""
    job.applications = {"app": job.application(), "good": job.application("good")}
    job.extra = {"limits": {"memory": 64 * 2**20}}
    job.repository.commit(HEALTHY | {"app/a.yaml": "- a\n" * 400_000})
    _sync(job, 2, "app/a.yaml: needs more than 67,108,864 bytes of memory to be read")


def test_a_file_that_is_too_large_is_not_downloaded(job: Job) -> None:
    """Git is stopped as soon as it brings more than the limit."""
    job.repository.git("config", "uploadpack.allowFilter", "true")
    content = random.Random(1).randbytes(20_000_000).hex()  # noqa: S311 - no secret
    job.repository.commit(HEALTHY | {"app/large.yaml": f"a: {content}\n"})
    job.extra = {"limits": {"bytes": 2**20}}
    _sync(job, 2, "app: its files have more bytes than the limit of 1048576")
    stored = [path.stat().st_size for path in (job.folder / "sources").rglob("*") if path.is_file()]
    assert sum(stored) < 4_000_000


def test_an_object_that_no_api_server_takes(job: Job) -> None:
    """It is refused with its place before anything is sent."""
    job.repository.commit(HEALTHY | {"app/a.yaml": config_map("large", a="x" * 3_500_000)})
    _sync(job, 2, "app/a.yaml:1:1: ConfigMap/large: has more than 3,145,728 bytes")


@pytest.mark.parametrize(
    ("disturbance", "said"),
    [
        (Disturbance("POST", "/events", 403, b"<p>no</p>"), "the status could not be written: POST /api/v1/"),
        (Disturbance("PATCH", "/configmaps/status-", 500), "the status could not be written: PATCH /api/v1/"),
        (Disturbance("POST", "/events", times=1), ""),
        (Disturbance("POST", "/leases", times=1), ""),
        (Disturbance("PUT", "/leases", times=1), ""),
    ],
    ids=["event refused", "status refused", "event answer lost", "lease creation lost", "lease renewal lost"],
)
def test_bookkeeping_is_best_effort(job: Job, middlebox: Proxy, disturbance: Disturbance, said: str) -> None:
    """Everything is applied and reported; an answer that is lost is no conflict with oneself."""
    middlebox.disturbances.append(disturbance)
    job.extra = {"applications": {name: _few_attempts(job, name) for name in ("app", "good")}}
    job.repository.commit(HEALTHY | {"app/two.yaml": config_map("two")})
    result = _sync(job, 0, said)
    assert result.changes == {"ConfigMap/one": "created", "ConfigMap/two": "created"}
    assert middlebox.disturbed
    assert result.code == 0


def _few_attempts(job: Job, name: str) -> dict[str, Any]:
    return job.application(name, {"retry": {"attempts": 2, "seconds": 0.01}})


def test_a_middlebox_that_answers_with_a_page(job: Job, middlebox: Proxy) -> None:
    """Verb, path and what came are in the report."""
    page = b"<html>Please log in</html>"
    middlebox.disturbances.append(Disturbance("PATCH", "/configmaps/two", 200, page))
    job.repository.commit(HEALTHY | {"app/two.yaml": config_map("two")})
    result = job.sync()
    assert result.changes == {"ConfigMap/one": "created", "ConfigMap/two": "failed"}
    path = f"/api/v1/namespaces/{job.namespace}/configmaps/two"
    said = f"PATCH {path}: the answer is not a JSON object but text/html: <html>Please log in</html>"
    assert said in result.messages


def test_an_inventory_that_cannot_be_written_at_the_end(job: Job, middlebox: Proxy) -> None:
    """The changes stay in the report, and the next run completes."""
    job.repository.commit(HEALTHY | {"app/two.yaml": config_map("two")})
    job.sync()
    job.repository.commit({"app/two.yaml": config_map("two", a="1")})
    middlebox.disturbances.append(Disturbance("PATCH", "/configmaps/inventory-app", 403, b"no"))
    result = job.sync()
    assert (result.code, result.changes) == (5, {"ConfigMap/two": "changed"})
    assert "the inventory could not be written" in result.summary()["message"]
    middlebox.disturbances.clear()
    assert (job.sync().code, job.sync().changes) == (0, {})


def test_records_that_cannot_be_deleted_after_an_application_was_pruned(job: Job, middlebox: Proxy) -> None:
    """The deletions stay in the report, and the next run completes."""
    job.repository.commit(HEALTHY | {"app/two.yaml": config_map("two")})
    job.sync()
    job.applications = {"good": job.application("good")}
    job.extra = {"mayRetire": ["app"]}
    middlebox.disturbances.append(Disturbance("DELETE", "/configmaps/inventory-app", 403, b"no"))
    result = job.sync()
    assert (result.code, result.changes) == (5, {"ConfigMap/two": "deleted"})
    assert "the inventory could not be deleted" in result.summary()["message"]
    middlebox.disturbances.clear()
    assert (job.sync().code, job.sync().code) == (0, 0)


def test_a_lease_that_cannot_be_released_is_said_and_changes_nothing_else(job: Job, middlebox: Proxy) -> None:
    """It expires by itself."""
    middlebox.disturbances.append(Disturbance("PUT", "/leases/", 403, b"no"))
    job.repository.commit(HEALTHY | {"app/two.yaml": config_map("two")})
    result = _sync(job, 0)
    assert result.code == 0
    assert "the Lease could not be written: PUT /apis/coordination.k8s.io/" in result.errors


def test_a_request_has_ten_seconds(connection: Connection) -> None:
    """To connect, and for each part of the answer."""
    timeout = connection.http.timeout
    assert (timeout.connect, timeout.read, timeout.write) == (10, 10, 10)


def test_a_version_of_an_api_that_is_no_longer_served(job: Job, connection: Connection) -> None:
    """What is recorded in it concerns its application alone; that one decides what becomes of the record."""
    name = f"{job.namespace}.example.com"
    body = {"apiVersion": f"{name}/v1", "kind": "Thing", "metadata": {"name": "thing"}}
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    connection.http.post(path, json=_things(name, "v1")).raise_for_status()
    job.kinds = (*job.kinds, f"{name}/*")
    job.repository.commit({"app/a.yaml": [body, config_map("two")]})
    wait_until(lambda: job.sync().summary()["sync"] == "InSync", "the object is applied")
    live = connection.http.get(f"{path}/things.{name}").json()
    served = {"spec": _things(name, "v2")["spec"], "metadata": live["metadata"]}
    connection.http.put(f"{path}/things.{name}", json=live | served).raise_for_status()
    wait_until(lambda: connection.http.get(f"/apis/{name}/v1").status_code == 404, "v1 is not served")
    job.repository.commit(HEALTHY | {"app/a.yaml": config_map("two", a="1")})
    result = job.sync()
    assert result.changes["ConfigMap/one"] == "created"
    assert result.summary("good")["sync"] == "InSync"
    connection.http.delete(f"{path}/things.{name}")


def _things(group: str, served: str) -> dict[str, Any]:
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    versions = [
        {"name": name, "served": name == served, "storage": name == "v2", "schema": schema}
        for name in ("v1", "v2")
    ]
    names = {"plural": "things", "singular": "thing", "kind": "Thing"}
    spec = {"group": group, "scope": "Namespaced", "names": names, "versions": versions}
    metadata = {"name": f"things.{group}"}
    return _definition(spec) | {"metadata": metadata}


def test_a_run_that_has_nothing_to_read_starts_no_process_for_it(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most runs are like that."""
    job.repository.commit(HEALTHY | {"app/two.yaml": config_map("two")})
    assert job.sync().code == 0
    monkeypatch.setattr(Reader, "_started", lambda _: pytest.fail("a process was started"))
    assert (job.sync().code, job.sync().changes) == (0, {})
