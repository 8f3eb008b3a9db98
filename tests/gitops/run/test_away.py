"""A source that fails: the last commit that was fetched goes on being compared and repaired."""

from __future__ import annotations

import base64
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gitops.cluster.snapshots import CONFIG_MAPS, Snapshot, Snapshots
from gitops.objects import DesiredObject, key_of
from kube.yaml.origin import Origin
from tests.gitops.jobs import config_map

if TYPE_CHECKING:
    from pathlib import Path

    from gitops.cluster.api import Connection
    from tests.gitops.jobs import Job, Result
    from tests.gitops.person import Person


def sync_as_a_new_pod(job: Job, tmp_path: Path) -> Result:
    """Sync with nothing on disk, as each run of the CronJob does."""
    return job.sync("--folder", str(tmp_path / secrets.token_hex(4)))


def status(job: Job, person: Person) -> dict[str, str]:
    """Read the status of the application."""
    data: dict[str, str] = replace(person, namespace=job.home).live("ConfigMap", "status-app")["data"]
    return data


def take_git_away(job: Job) -> Path:
    """Let the remote be gone; returns where it went."""
    return job.repository.folder.rename(job.repository.folder.with_name("away"))


def test_while_git_is_away_drift_is_repaired_and_the_status_says_since_when(
    job: Job, person: Person, tmp_path: Path
) -> None:
    """And one Event; afterwards everything is as before."""
    home = replace(person, namespace=job.home)
    commit = job.repository.commit(
        {"app/one.yaml": config_map("one", a="1"), "app/two.yaml": config_map("two")}
    )
    sync_as_a_new_pod(job, tmp_path)
    away = take_git_away(job)
    person.patch("ConfigMap", "one", {"data": {"a": "2"}})
    person.delete("ConfigMap", "two")
    result = sync_as_a_new_pod(job, tmp_path)
    assert (result.code, set(result.changes)) == (5, {"ConfigMap/one", "ConfigMap/two"})
    assert person.live("ConfigMap", "one")["data"] == {"a": "1"}
    summary, said = result.summary(), status(job, person)
    assert (summary["sync"], summary["health"], summary["revision"]) == ("Unknown", "Healthy", commit)
    since = said["sourceFailedSince"]
    assert since == summary["awaySince"]
    assert (
        f"the source has failed since {since}; commit {commit[:12]} goes on being compared" in said["message"]
    )
    again = sync_as_a_new_pod(job, tmp_path)
    assert (again.code, again.changes, status(job, person)["sourceFailedSince"]) == (5, {}, since)
    reasons = [home.live("Event", name)["reason"] for name in home.names("Event")]
    assert reasons.count("SourceFailed") == 1
    away.rename(job.repository.folder)
    assert sync_as_a_new_pod(job, tmp_path).code == 0
    assert (status(job, person)["sourceFailedSince"], status(job, person)["sync"]) == ("", "InSync")


def test_what_was_kept_is_refused_when_it_no_longer_fits_the_settings(
    job: Job, person: Person, tmp_path: Path
) -> None:
    """The project is asked again, and the commit of another source is none of this one."""
    commit = job.repository.commit(
        {"app/one.yaml": config_map("one", a="1"), "other/x.yaml": config_map("x")}
    )
    sync_as_a_new_pod(job, tmp_path)
    take_git_away(job)
    person.patch("ConfigMap", "one", {"data": {"a": "2"}})
    job.kinds = ("Service",)
    result = sync_as_a_new_pod(job, tmp_path)
    assert (result.code, result.changes) == (3, {})
    assert "project all does not allow the kind ConfigMap" in result.messages
    job.kinds, job.applications = ("*",), {"app": job.application("other")}
    result = sync_as_a_new_pod(job, tmp_path)
    assert (result.code, result.changes, result.summary()["revision"]) == (5, {}, commit)
    assert person.live("ConfigMap", "one")["data"] == {"a": "2"}


def test_an_older_commit_than_the_applied_one_is_never_brought_back(
    job: Job, person: Person, connection: Connection, tmp_path: Path
) -> None:
    """Where the last commit could not be kept, the one before it is not what Git wants."""
    job.repository.commit({"app/one.yaml": config_map("one", a="1")})
    sync_as_a_new_pod(job, tmp_path)
    snapshots = Snapshots(connection, job.home)
    old = snapshots.load("app")
    job.repository.commit({"app/one.yaml": config_map("one", a="2")})
    sync_as_a_new_pod(job, tmp_path)
    assert old is not None
    snapshots.save("app", old)
    take_git_away(job)
    result = sync_as_a_new_pod(job, tmp_path)
    assert (result.code, result.changes) == (5, {})
    assert person.live("ConfigMap", "one")["data"] == {"a": "2"}


def snapshot(commit: str, size: int) -> Snapshot:
    """Return a snapshot whose data cannot be compressed much."""
    text = base64.b64encode(secrets.token_bytes(size)).decode()
    body: dict[str, Any] = config_map("one", a=text)
    return Snapshot(commit, "t", "s", "", (DesiredObject(key_of(body), body, Origin("a.yaml", 1, 1)),))


def test_a_large_snapshot_has_shards_and_a_damaged_one_is_none(
    connection: Connection, namespace: str
) -> None:
    """Shards of an earlier one are deleted, and so is everything in the end."""
    snapshots = Snapshots(connection, namespace)
    large = snapshot("a", 1_500_000)
    snapshots.save("app", large)
    assert snapshots.load("app") == large
    assert len(_names(connection, namespace)) == 3
    small = snapshot("b", 10)
    snapshots.save("app", small)
    assert (snapshots.load("app"), _names(connection, namespace)) == (small, ["source-app"])
    body = connection.get(CONFIG_MAPS, namespace, "source-app")
    assert body is not None
    body["binaryData"]["objects"] = base64.b64encode(b"something else").decode()
    connection.replace(CONFIG_MAPS, body)
    assert snapshots.load("app") is None
    snapshots.remove("app")
    assert _names(connection, namespace) == []


def _names(connection: Connection, namespace: str) -> list[str]:
    bodies = connection.objects(CONFIG_MAPS, "ConfigMap", namespace)
    return [name for body in bodies if (name := body["metadata"]["name"]).startswith("source-")]
