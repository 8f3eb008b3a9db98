"""The report: lines for people, the status ConfigMap, Events, and metrics with their alerts."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
import yaml

from gitops.__main__ import main
from gitops.cluster.health import Health
from gitops.objects import Key
from gitops.report import metrics
from gitops.report.account import Account, Drift, Foreign
from gitops.report.masking import Difference
from gitops.report.outcome import Action, Change, Outcome, Sync, text
from gitops.settings import parse
from tests.gitops.jobs import config_map

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    assert "app/a.yaml:2" in data["message"]
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


@pytest.fixture
def gateway() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Take what is put, as a Pushgateway does."""
    taken: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            taken.append((self.path, body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", taken
    server.shutdown()
    server.server_close()
    thread.join()


def test_metrics_are_pushed_and_every_alert_uses_one_that_exists(
    job: Job, gateway: tuple[str, list[tuple[str, str]]]
) -> None:
    """The alert rules that are shipped fit the metrics that are sent."""
    url, taken = gateway
    job.extra = {"pushgateway": url}
    job.repository.commit({"app/a.yaml": config_map("one")})
    assert job.sync().code == 0
    ((path, body),) = taken
    assert path == "/metrics/job/gitops/environment/qa"
    sent = {line.split("{")[0].split(" ")[0] for line in body.splitlines() if not line.startswith("#")}
    assert 'gitops_application_objects{application="app",action="created"} 1' in body
    rules = yaml.safe_load(files("gitops").joinpath("alerts.yaml").read_text(encoding="utf-8"))
    used = {name for rule in rules["groups"][0]["rules"] for name in re.findall(r"gitops_\w+", rule["expr"])}
    assert used
    assert used <= sent


def test_metrics_count_foreign_objects_and_drift_in_each_namespace() -> None:
    """Also where there are none, so that an alert ends."""
    foreign = Foreign(Key("", "ConfigMap", "shop-qa", "left"), "was made by somebody")
    drift = Drift(Key("", "Namespace", "", "shop-qa"))
    account = Account(("gitops-qa", "shop-qa"), (foreign,), (drift,))
    outcome = Outcome("environment", Sync.OUT_OF_SYNC, account=account)
    settings = parse("{environment: qa, applications: {}}", "settings.yaml")
    page = metrics.page(settings, [outcome], datetime(2026, 11, 21, tzinfo=UTC), 1.0).splitlines()
    assert [line for line in page if line.startswith(("gitops_foreign", "gitops_drifted"))] == [
        'gitops_foreign_objects{namespace="gitops-qa"} 0',
        'gitops_foreign_objects{namespace="shop-qa"} 1',
        'gitops_drifted_objects{namespace="gitops-qa"} 0',
        'gitops_drifted_objects{namespace="shop-qa"} 0',
        'gitops_drifted_objects{namespace=""} 1',
    ]


def test_a_pushgateway_that_is_down_does_not_fail_the_run(job: Job) -> None:
    """The work was done; the complaint goes to the log."""
    job.extra = {"pushgateway": "http://127.0.0.1:9"}
    job.repository.commit({"app/a.yaml": config_map("one")})
    result = job.sync()
    assert result.code == 0
    assert "metrics were not accepted" in result.errors


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
