"""`sync` against a real API server and a real repository: apply, prune, roll back, skip."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.gitops.jobs import annotated, config_map, deployment, network_policy
from tests.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.gitops.jobs import Job
    from tests.gitops.person import Person


def test_the_first_run_creates_and_the_second_writes_nothing(job: Job, person: Person) -> None:
    """Nothing in the cluster has another resourceVersion after a run without a change."""
    job.repository.commit(
        {"app/all.yaml": [config_map("one", a="1"), deployment("web"), network_policy("np")]}
    )
    first = job.sync()
    assert (first.code, set(first.changes.values())) == (0, {"created"})
    versions = [
        person.live(*each.split("/"))["metadata"]["generation" if "web" in each else "resourceVersion"]
        for each in ("ConfigMap/one", "Deployment/web", "NetworkPolicy/np")
    ]
    second = job.sync()
    assert (second.code, second.changes, second.summary()["sync"]) == (0, {}, "InSync")
    again = [
        person.live(*each.split("/"))["metadata"]["generation" if "web" in each else "resourceVersion"]
        for each in ("ConfigMap/one", "Deployment/web", "NetworkPolicy/np")
    ]
    assert versions == again


def test_what_leaves_git_is_deleted_and_a_revert_brings_it_back(job: Job, person: Person) -> None:
    """`git revert` is the rollback."""
    job.repository.commit({"app/one.yaml": config_map("one", a="1"), "app/two.yaml": config_map("two")})
    job.sync()
    job.repository.commit({"app/one.yaml": config_map("one", a="2"), "app/two.yaml": None})
    assert job.sync().changes == {"ConfigMap/one": "changed", "ConfigMap/two": "deleted"}
    assert person.get("ConfigMap", "two") is None
    job.repository.git("revert", "--no-edit", "HEAD")
    assert job.sync().changes == {"ConfigMap/one": "changed", "ConfigMap/two": "created"}
    assert person.live("ConfigMap", "one")["data"] == {"a": "1"}


def test_a_commit_elsewhere_in_the_repository_changes_nothing(job: Job) -> None:
    """In a monorepo the tree of the path decides, not the commit."""
    job.repository.commit({"app/one.yaml": config_map("one", a="1")})
    job.sync()
    job.repository.commit({"other/readme.md": "nothing of ours"})
    result = job.sync()
    assert (result.changes, result.summary()["counts"]) == ({}, {"unchanged": 1})


def test_a_commit_elsewhere_is_fetched_by_one_run_only(job: Job, tmp_path: Path) -> None:
    """The next run knows its tree from the lease, and asks the remote for nothing but its refs."""
    job.repository.commit({"app/one.yaml": config_map("one", a="1")})
    job.sync()
    job.repository.commit({"other/readme.md": "nothing of ours"})
    stores = [tmp_path / "first", tmp_path / "second"]
    for store in stores:
        job.sync("--folder", str(store))
    fetched = [bool(list(store.glob("*/objects/pack/*.pack"))) for store in stores]
    assert fetched == [True, False]


def test_foreign_objects_are_left_alone_and_can_be_listed(job: Job, person: Person) -> None:
    """What Git never had is not pruned; `diff --orphans` names it."""
    job.repository.commit({"app/one.yaml": config_map("one", a="1")})
    job.sync()
    person.create(config_map("by-hand", a="1"))
    assert job.sync().changes == {}
    orphans = [line["object"] for line in job.diff("--orphans").lines if line["event"] == "orphan"]
    assert orphans == [f"ConfigMap/{job.namespace}/by-hand"]
    assert person.get("ConfigMap", "by-hand") is not None


def test_a_diff_says_what_a_sync_would_do_and_writes_nothing(job: Job, person: Person) -> None:
    """Exit code 1 stands for differences; values are shown, those that look secret are not."""
    excuse = {"rule": "config-holds-no-credentials", "object": f"ConfigMap/{job.namespace}/one"}
    job.extra = {"policies": {"exemptions": {"web": excuse | {"because": "a test", "until": "2999-01-01"}}}}
    job.repository.commit(
        {"app/one.yaml": config_map("one", a="1", api_key="old"), "app/two.yaml": config_map("two")}
    )
    job.sync()
    job.repository.commit({"app/one.yaml": config_map("one", a="2", api_key="new"), "app/two.yaml": None,
                           "app/three.yaml": config_map("three")})  # fmt: skip
    before = person.live("ConfigMap", "one")
    result = job.diff()
    assert (result.code, result.changes) == (
        1,
        {"ConfigMap/one": "changed", "ConfigMap/three": "created", "ConfigMap/two": "deleted"},
    )
    fields = next(line["fields"] for line in result.lines if line.get("action") == "changed")
    assert fields[0] == {"path": "data.a", "before": '"1"', "after": '"2"'}
    assert fields[1]["path"] == "data.api_key"
    digests = {fields[1]["before"], fields[1]["after"]}
    assert len(digests) == 2
    assert all(re.fullmatch(r'"\*\*\*[0-9a-f]{8}"', each) for each in digests)
    assert person.live("ConfigMap", "one") == before
    assert person.get("ConfigMap", "three") is None
    assert job.sync().code == 0
    assert job.diff().code == 0


def test_a_broken_application_is_not_touched_and_others_go_on(job: Job, person: Person) -> None:
    """All faults come in one report with file and line; nothing of it is written or pruned."""
    job.repository.commit({"app/one.yaml": config_map("one"), "app/two.yaml": config_map("two"),
                           "other/x.yaml": config_map("x", a="1")})  # fmt: skip
    job.applications = {"app": job.application(), "other": job.application("other")}
    job.sync()
    bad = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n---\nkind: 3\n"
    job.repository.commit({"app/one.yaml": bad, "app/two.yaml": None, "app/bad.yaml": "a: [",
                           "other/x.yaml": config_map("x", a="2")})  # fmt: skip
    result = job.sync()
    assert (result.code, result.changes) == (2, {"ConfigMap/x": "changed"})
    assert "app/bad.yaml:1:5: " in result.messages
    assert "app/one.yaml:5:1: apiVersion" in result.messages
    assert "app/one.yaml:5:1: kind" in result.messages
    assert person.get("ConfigMap", "two") is not None


def test_an_unknown_field_is_refused_before_anything_is_written(job: Job, person: Person) -> None:
    """A misspelt field must neither be dropped in silence nor stop a run half-way."""
    job.repository.commit({"app/web.yaml": deployment("web"), "app/one.yaml": config_map("one", a="1")})
    job.sync()
    misspelt = deployment("web")
    misspelt["spec"]["replcas"] = 3
    job.repository.commit({"app/web.yaml": misspelt, "app/one.yaml": config_map("one", a="2")})
    result = job.sync()
    assert (result.code, result.changes) == (3, {})
    assert "spec.replcas: there is no such field in Kubernetes" in result.messages
    assert person.live("ConfigMap", "one")["data"] == {"a": "1"}


def test_what_the_server_refuses_is_an_error_and_blocks_its_wave(job: Job, person: Person) -> None:
    """What only the server can tell, such as a selector that does not fit, fails in its wave."""
    job.repository.commit({"app/web.yaml": deployment("web"), "app/one.yaml": config_map("one", a="1")})
    job.sync()
    misfit = deployment("web")
    misfit["spec"]["template"]["metadata"]["labels"] = {"app": "other"}
    job.repository.commit({"app/web.yaml": misfit, "app/one.yaml": config_map("one", a="2")})
    result = job.sync()
    assert (result.code, result.changes) == (2, {"Deployment/web": "failed"})
    assert "selector" in result.messages
    assert person.live("ConfigMap", "one")["data"] == {"a": "1"}


def test_a_suspended_application_is_left_alone(job: Job, person: Person) -> None:
    """Suspension stops writing and pruning alike."""
    job.repository.commit({"app/one.yaml": config_map("one")})
    job.options = {"suspend": True}
    result = job.sync()
    assert (result.code, result.summary()["suspended"], person.get("ConfigMap", "one")) == (0, True, None)


def test_the_wrong_cluster_is_refused_before_anything_is_written(job: Job, person: Person) -> None:
    """The uid of kube-system identifies a cluster."""
    job.repository.commit({"app/one.yaml": config_map("one")})
    job.extra = {"cluster": {"uid": "not-this-one"}}
    result = job.sync()
    assert (result.code, result.lines) == (3, [])
    assert "the cluster has the uid" in result.errors
    assert person.get("ConfigMap", "one") is None


def test_two_runs_at_once_do_not_write_at_the_same_time(job: Job, person: Person) -> None:
    """A run that finds the lease held leaves the cluster alone."""
    job.repository.commit({"app/one.yaml": config_map("one")})
    home = replace(person, namespace=job.home)
    spec = {
        "holderIdentity": "another",
        "leaseDurationSeconds": 600,
        "renewTime": "2999-01-01T00:00:00.000000Z",
    }
    lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "gitops"}}
    home.create(lease | {"spec": spec})
    result = job.sync()
    assert result.code == 3
    assert "another run, another, holds the Lease" in result.messages
    assert person.get("ConfigMap", "one") is None


def test_a_later_wave_goes_on_in_the_run_that_finds_the_earlier_one_healthy(job: Job, person: Person) -> None:
    """The job never waits: it comes back."""
    pod_less = annotated(deployment("db", replicas=1), wave="-1")
    job.repository.commit({"app/all.yaml": [pod_less, config_map("late")]})
    first = job.sync()
    assert first.changes == {"Deployment/db": "created"}
    assert "the next wave waits for Deployment" in first.messages
    assert (first.code, first.summary()["sync"]) == (0, "OutOfSync")
    wait_until(lambda: _available(person, "db"), "the Deployment is available")
    assert job.sync().changes == {"ConfigMap/late": "created"}


def _available(person: Person, name: str) -> bool:
    return bool(person.live("Deployment", name).get("status", {}).get("availableReplicas") == 1)
