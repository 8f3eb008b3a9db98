"""The report: lines for people, the status ConfigMap, Events, and metrics with their alerts."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import yaml

from gitops.__main__ import main
from gitops.cluster.health import Health
from gitops.objects import Key
from gitops.report.masking import Difference
from gitops.report.outcome import Action, Change, Outcome, Sync, lines, text
from gitops.report.plain import json_line, plain_line
from tests.gitops.jobs import config_map

if TYPE_CHECKING:
    from tests.gitops.jobs import Job
    from tests.gitops.person import Person


def test_a_line_per_change_and_one_summary() -> None:
    """Object, fields, then revision, sync, health, counts and seconds."""
    key = Key("", "ConfigMap", "ns", "one")
    changes = (Change(key, Action.CHANGED, (Difference("data.a", '"1"', '"2"'),)),)
    outcome = Outcome("app", Sync.IN_SYNC, Health.HEALTHY, "f" * 40, changes, 3, seconds=0.25)
    assert list(text(outcome)) == [
        "changed   ConfigMap/ns/one  data.a",
        "app  ffffffffffff  InSync Healthy  1 changed, 2 unchanged  0.2 s",
    ]
    assert list(text(outcome, values=True))[1:4] == ["    data.a", '      - "1"', '      + "2"']


def test_each_line_of_json_has_time_application_and_revision() -> None:
    """So that a line can be found again among those of all runs and environments."""
    key = Key("", "ConfigMap", "ns", "one")
    outcome = Outcome("app", Sync.IN_SYNC, Health.HEALTHY, "f" * 40, (Change(key, Action.CREATED),), 1)
    found = [json.loads(line) for line in lines(outcome, at="2026-11-21T19:00:00Z")]
    assert [line["event"] for line in found] == ["change", "summary"]
    for line in found:
        assert (line["time"], line["application"], line["revision"]) == (
            "2026-11-21T19:00:00Z",
            "app",
            "f" * 40,
        )


FORGED = "x\n2026 app  InSync Healthy\x1b[2J\x7f\u2028\U000e0001"


def test_no_text_of_a_source_forges_a_line_or_speaks_to_a_terminal(job: Job) -> None:
    """Neither as text nor as JSON, which means the same as before."""
    assert plain_line(FORGED) == "x\\n2026 app  InSync Healthy\\x1b[2J\\x7f\\u2028\\U000e0001"
    line = json_line({"message": FORGED})
    assert line.isprintable()
    assert json.loads(line) == {"message": FORGED}
    job.repository.commit({"app/x\n2026 app  InSync\x1b[2J.yaml": "a: ["})
    command = job.command("sync")
    formats = ("text", "json")
    for chosen in formats:
        assert main([*command[3:], "--format", chosen]) == 2
        output, _ = job.read_output()
        assert all(line.isprintable() for line in output.split("\n"))
        assert "InSync\\" in output


def test_what_concerns_the_run_as_a_whole_is_json_as_well(
    job: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    """On standard error, with its time."""
    job.extra = {"cluster": {"uid": "another"}}
    job.repository.commit({"app/a.yaml": config_map("one")})
    assert main(job.command("sync")[3:]) == 3
    (line,) = capsys.readouterr().err.splitlines()
    said = json.loads(line)
    assert (said["event"], said["message"].startswith("the cluster has the uid")) == ("error", True)
    assert said["time"].endswith("Z")


def test_the_status_keeps_the_last_good_revision_and_a_short_history(job: Job, person: Person) -> None:
    """And it is written only when there is something to tell."""
    home = replace(person, namespace=job.home)
    commits = [job.repository.commit({"app/a.yaml": config_map("one", a=str(run))}) for run in range(1)]
    job.sync()
    first = home.live("ConfigMap", "status-app")
    assert {
        name: first["data"][name] for name in ("sync", "health", "revision", "lastGoodRevision", "objects")
    } == {
        "sync": "InSync",
        "health": "Healthy",
        "revision": commits[0],
        "lastGoodRevision": commits[0],
        "objects": "1",
    }
    job.sync()
    assert home.live("ConfigMap", "status-app") == first
    bad = job.repository.commit({"app/a.yaml": "a: ["})
    job.sync()
    data = home.live("ConfigMap", "status-app")["data"]
    assert (data["revision"], data["lastGoodRevision"], data["sync"]) == (bad, commits[0], "OutOfSync")
    assert "app/a.yaml:1:5" in data["message"]
    for run in range(12):
        job.repository.commit({"app/a.yaml": config_map("one", a=f"x{run}")})
        job.sync()
    history = home.live("ConfigMap", "status-app")["data"]["history"].splitlines()
    assert len(history) == 10
    assert json.loads(history[0])["counts"] == {"changed": 1, "unchanged": 0}


def test_changes_and_failures_are_events(job: Job, person: Person) -> None:
    """An unchanged failure is reported once."""
    home = replace(person, namespace=job.home)
    job.repository.commit({"app/a.yaml": config_map("one")})
    job.sync()
    job.repository.commit({"app/a.yaml": "a: ["})
    job.sync()
    job.sync()
    events = [home.live("Event", name) for name in home.names("Event")]
    found = sorted((event["type"], event["reason"], event["involvedObject"]["name"]) for event in events)
    assert found == [("Normal", "Synced", "status-app"), ("Warning", "SyncFailed", "status-app")]
    uid = home.live("ConfigMap", "status-app")["metadata"]["uid"]
    assert {event["involvedObject"]["uid"] for event in events} == {uid}


def test_a_cluster_that_cannot_be_reached_is_no_traceback(
    job: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 5 and one sentence."""
    (job.folder / "settings.yaml").write_text(yaml.safe_dump(job.settings()), encoding="utf-8")
    (job.folder / "kubeconfig").write_text("{}", encoding="utf-8")
    arguments = [
        "--settings",
        str(job.folder / "settings.yaml"),
        "--kubeconfig",
        str(job.folder / "kubeconfig"),
    ]
    assert main(["sync", *arguments]) == 5
    assert capsys.readouterr().err.startswith("the kubeconfig cannot be used")


def test_credential_plugins_are_not_run(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    """A kubeconfig must not start programs in the job."""
    (job.folder / "settings.yaml").write_text(yaml.safe_dump(job.settings()), encoding="utf-8")
    marker = job.folder / "ran"
    plugin = {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "touch", "args": [str(marker)]}
    config = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "u", "user": {"exec": plugin}}],
    }
    (job.folder / "kubeconfig").write_text(yaml.safe_dump(config), encoding="utf-8")
    arguments = [
        "--settings",
        str(job.folder / "settings.yaml"),
        "--kubeconfig",
        str(job.folder / "kubeconfig"),
    ]
    assert main(["sync", *arguments]) == 3
    assert "credential plugin" in capsys.readouterr().err
    assert not marker.exists()
