"""Prune: what is deleted, what never is, and the guards."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gitops.cluster.inventory import Record
from gitops.engine.prune import Caution, choose, guard
from gitops.objects import Key
from tests.gitops.jobs import annotated, config_map, deployment
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tests.gitops.jobs import Job
    from tests.gitops.person import Person

FILES = {f"app/{number}.yaml": config_map(f"m{number}") for number in range(24)}


def test_an_emptied_source_is_refused_until_the_settings_name_its_commit(job: Job, person: Person) -> None:
    """Exit code 3 and nothing deleted; `mayDelete` lifts the guard for one commit only."""
    job.repository.commit({"app/one.yaml": config_map("one")})
    job.sync()
    commit = job.repository.commit({"app/one.yaml": None, "app/readme.md": "empty"})
    result = job.sync()
    assert (result.code, result.changes) == (3, {})
    assert "the source has no objects and had 1" in result.messages
    assert person.get("ConfigMap", "one") is not None
    job.options = {"mayDelete": "0" * 40}
    assert job.sync().code == 3
    job.options = {"mayDelete": commit}
    assert job.sync().changes == {"ConfigMap/one": "deleted"}


def test_the_refusal_names_the_key_of_the_layer_and_a_tree_that_later_commits_share(job: Job) -> None:
    """The commit that sets `mayDelete` moves the ref, so that no commit could name itself."""
    job.repository.commit(FILES)
    job.sync()
    job.repository.commit(dict.fromkeys(list(FILES)[:13]))
    advice = re.search(
        r"write `mayDelete: ([0-9a-f]{40})` below apps\.app\.gitops in a layer", job.sync().messages
    )
    assert advice is not None
    job.repository.commit({"environments/qa.yaml": "the layer that sets it"})
    job.options = {"mayDelete": advice[1]}
    assert list(job.sync().changes.values()) == ["deleted"] * 13


def test_deleting_more_than_half_and_more_than_ten_is_refused(job: Job, person: Person) -> None:
    """Thirteen of 24 are too many, and other changes of that commit wait as well."""
    job.repository.commit(FILES)
    job.sync()
    gone = dict.fromkeys(list(FILES)[:13])
    job.repository.commit(gone | {"app/23.yaml": config_map("m23", a="1")})
    result = job.sync()
    assert (result.code, result.changes) == (3, {})
    assert "13 of 24 objects would be deleted" in result.messages
    assert "data" not in person.live("ConfigMap", "m23")
    job.repository.commit({"app/0.yaml": FILES["app/0.yaml"]})
    assert set(job.sync().changes.values()) == {"deleted", "changed"}


def test_a_vanished_folder_never_prunes(job: Job, person: Person) -> None:
    """A path that does not exist is a fault of the source."""
    job.repository.commit({"app/one.yaml": config_map("one")})
    job.sync()
    job.repository.commit({"app/one.yaml": None})
    result = job.sync()
    assert result.code == 5
    assert "there is no folder app" in result.messages
    assert person.get("ConfigMap", "one") is not None


def test_objects_marked_so_and_applications_set_so_are_not_pruned(job: Job, person: Person) -> None:
    """The report says that they were left."""
    kept = annotated(config_map("kept"), prune="disabled")
    job.repository.commit({"app/a.yaml": [config_map("one"), kept], "app/b.yaml": config_map("stays")})
    job.sync()
    job.repository.commit({"app/a.yaml": None})
    assert job.sync().changes == {"ConfigMap/kept": "orphaned", "ConfigMap/one": "deleted"}
    assert person.get("ConfigMap", "kept") is not None
    assert job.sync().changes == {}


def test_what_somebody_recreated_or_unmarked_is_released_and_not_deleted(job: Job, person: Person) -> None:
    """Only an object with our uid and our label is ours."""
    job.repository.commit(
        {"app/a.yaml": [config_map("again"), config_map("bare")], "app/b.yaml": config_map("x")}
    )
    job.sync()
    person.delete("ConfigMap", "again")
    person.create(config_map("again", by="hand"))
    person.patch("ConfigMap", "bare", {"metadata": {"labels": {"environments.internal/application": None}}})
    job.repository.commit({"app/a.yaml": None})
    assert job.sync().changes == {"ConfigMap/again": "released", "ConfigMap/bare": "released"}
    assert {"again", "bare"} <= person.names("ConfigMap")


def test_an_object_that_does_not_go_stays_listed_until_it_is_gone(job: Job, person: Person) -> None:
    """A finalizer holds it: each run says so, the run after its end is quiet."""
    job.repository.commit({"app/a.yaml": config_map("held"), "app/b.yaml": config_map("x")})
    job.sync()
    person.patch("ConfigMap", "held", {"metadata": {"finalizers": ["example.com/hold"]}})
    job.options = {"coOwners": ["kubectl-edit"]}
    job.sync()
    job.repository.commit({"app/a.yaml": None})
    assert job.sync().changes == {"ConfigMap/held": "deleting"}
    assert job.sync().changes == {"ConfigMap/held": "deleting"}
    person.patch("ConfigMap", "held", [{"op": "remove", "path": "/metadata/finalizers"}])
    assert job.sync().changes == {}
    assert job.sync().summary()["counts"] == {"unchanged": 1}


def test_two_applications_do_not_fight_over_an_object(job: Job, person: Person) -> None:
    """The first keeps it, the second gets the name of the owner."""
    job.repository.commit({"app/one.yaml": config_map("one", a="1"), "b/one.yaml": config_map("one", a="2"),
                           "b/two.yaml": config_map("two")})  # fmt: skip
    job.applications = {"app": job.application(), "b": job.application("b")}
    result = job.sync()
    assert (result.code, result.summary("b")["sync"]) == (3, "OutOfSync")
    assert "belongs to the application qa.app" in result.messages
    assert person.live("ConfigMap", "one")["data"] == {"a": "1"}
    assert person.get("ConfigMap", "two") is not None


def test_what_an_interrupted_run_has_written_is_known_to_the_next(job: Job, person: Person) -> None:
    """A run that failed half way has announced its objects before: nothing is left over."""
    broken = annotated(deployment("web"), wave="1")
    broken["spec"]["selector"] = {"matchLabels": {"app": "other"}}
    job.repository.commit({"app/a.yaml": [config_map("one"), broken], "app/b.yaml": config_map("stays")})
    result = job.sync()
    assert (result.code, result.changes["Deployment/web"]) == (2, "failed")
    assert person.get("ConfigMap", "one") is not None
    job.repository.commit({"app/a.yaml": None})
    assert job.sync().changes == {"ConfigMap/one": "deleted"}
    assert job.sync().changes == {}


def test_a_killed_run_leaves_nothing_unknown(job: Job, person: Person) -> None:
    """SIGKILL while objects are written: the next run finishes, and the one after can take all away."""
    files = {
        f"app/{number}.yaml": [config_map(f"m{number}-{each}") for each in range(40)] for number in range(10)
    }
    job.repository.commit(files)
    process = subprocess.Popen(job.command("sync"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: len(person.names("ConfigMap")) > 20, "some objects are written")
    process.kill()
    process.wait()
    written = person.names("ConfigMap") - {"kube-root-ca.crt"}
    assert len(written) > 0
    replace(person, namespace=job.home).delete("Lease", "gitops")  # its holder is dead; else 15 s pass
    commit = job.repository.commit({**dict.fromkeys(files), "app/x.yaml": config_map("x")})
    job.options = {"mayDelete": commit}
    deleted = {name.split("/")[1] for name, action in job.sync().changes.items() if action == "deleted"}
    assert deleted >= written  # a request on its way may have ended after the process
    assert person.names("ConfigMap") == {"kube-root-ca.crt", "x"}


def test_deletion_runs_backwards(job: Job) -> None:
    """What was applied last goes first."""
    late = annotated(config_map("late"), wave="1")
    job.repository.commit(
        {"app/a.yaml": [config_map("early"), late, deployment("web", 0)], "app/b.yaml": config_map("x")}
    )
    job.sync()
    while job.sync().changes:
        pass
    job.repository.commit({"app/a.yaml": None})
    deleted = [line["object"].split("/")[2] for line in job.sync().lines if line.get("action") == "deleted"]
    assert deleted == ["late", "web", "early"]


KEY = Key("", "ConfigMap", "ns", "one")


def _live(uid: str = "u", owner: str = "qa.app", **metadata: Any) -> dict[str, Any]:
    return {"metadata": {"uid": uid, "labels": {"environments.internal/application": owner}, **metadata}}


@pytest.mark.parametrize(
    ("live", "prune", "fate"),
    [
        (None, True, "gone"),
        (_live(), True, "delete"),
        (_live(), False, "kept"),
        (_live(uid="other"), True, "foreign"),
        (_live(owner="qa.other"), True, "foreign"),
        (_live(owner=""), True, "foreign"),
        (_live(deletionTimestamp="now"), True, "waiting"),
        (_live(annotations={"environments.internal/prune": "disabled"}), True, "kept"),
    ],
)
def test_the_fate_of_a_stale_object(live: dict[str, Any] | None, prune: bool, fate: str) -> None:
    """One row per case."""
    record = Record("v1", "configmaps", namespaced=True, uid="u")
    found = choose({KEY: record}, {KEY: live} if live else {}, "qa.app", Caution(prune))
    assert getattr(found, fate) == (KEY,)


@pytest.mark.parametrize(
    ("before", "wanted", "deletions", "stopped"),
    [
        (0, 0, 0, False),
        (1, 0, 1, True),
        (20, 9, 11, True),
        (22, 11, 11, False),
        (20, 10, 10, False),
        (12, 1, 11, True),
    ],
)
def test_the_guards(before: int, wanted: int, deletions: int, stopped: bool) -> None:
    """More than ten and more than half, or everything."""
    assert bool(guard(before, wanted, deletions, allowed=False)) is stopped
    assert not guard(before, wanted, deletions, allowed=True)
