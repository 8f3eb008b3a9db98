"""Metrics: what is sent to a real HTTP server at the end of a run, however it ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from gitops.objects import Key
from gitops.report import metrics
from gitops.report.account import Account, Drift, Foreign
from gitops.report.outcome import Outcome, Sync
from gitops.settings import parse
from tests.gitops.jobs import config_map, deployment
from tests.gitops.report.receiver import Receiver, receiving

if TYPE_CHECKING:
    from tests.gitops.jobs import Job
    from tests.gitops.person import Person


@pytest.fixture
def gateway() -> Iterator[Receiver]:
    """Take what is sent, as a Pushgateway does."""
    with receiving() as found:
        yield found


def value(page: str, sample: str) -> float:
    """Return the value of one sample."""
    found = re.search(rf"^{re.escape(sample)} (\S+)$", page, re.MULTILINE)
    assert found is not None, f"{sample} is not in {page}"
    return float(found[1])


def test_a_run_sends_durations_objects_by_health_errors_and_the_time_of_the_last_success(
    job: Job, gateway: Receiver
) -> None:
    """A run that fails keeps the time of the one that did not, which the Lease holds."""
    job.extra = {"pushgateway": gateway.url}
    job.repository.commit({"app/one.yaml": config_map("one"), "app/web.yaml": deployment("web", 0)})
    job.sync()
    job.repository.commit({"app/one.yaml": "a: ["})
    assert job.sync().code == 2
    (first_method, path, first), (_, _, second) = gateway.taken
    assert (first_method, path) == ("PUT", "/metrics/job/gitops/environment/qa")
    assert value(first, 'gitops_application_objects{application="app",action="created"}') == 2
    healths = re.findall(r'gitops_application_health_objects{application="app",health="\w+"} (\d)', first)
    assert sum(map(int, healths)) == 2
    assert 0 < value(first, 'gitops_application_seconds{application="app"}') < 60
    assert value(first, "gitops_api_requests") > 5
    assert value(first, "gitops_last_run_aborted") == 0
    success = 'gitops_application_last_success_timestamp_seconds{application="app"}'
    assert value(first, success) == value(second, success)
    assert value(second, 'gitops_application_code{application="app"}') == 2


def test_requests_that_fail_are_counted_by_their_status(job: Job, gateway: Receiver, person: Person) -> None:
    """That an object is not there is no failure."""
    job.extra = {"pushgateway": gateway.url}
    quota = {"metadata": {"name": "full"}, "spec": {"hard": {"count/configmaps": "0"}}}
    path = f"/api/v1/namespaces/{job.namespace}/resourcequotas"
    person.http.post(path, json=quota).raise_for_status()
    job.repository.commit({"app/one.yaml": config_map("one")})
    assert job.sync().code == 5
    (page,) = gateway.texts
    assert value(page, 'gitops_api_errors{status="403"}') == 1
    assert 'status="404"' not in page


def test_a_run_that_aborts_says_so_and_leaves_the_metrics_of_applications(
    job: Job, gateway: Receiver
) -> None:
    """POST keeps metrics of other names; PUT would remove them all."""
    job.extra = {"pushgateway": gateway.url, "cluster": {"uid": "another"}}
    job.repository.commit({"app/one.yaml": config_map("one")})
    assert job.sync().code == 3
    ((method, _, page),) = gateway.taken
    assert (method, value(page, "gitops_last_run_aborted"), value(page, "gitops_last_run_success")) == (
        "POST",
        1,
        0,
    )
    assert "gitops_application" not in page


def test_a_pushgateway_that_is_down_does_not_fail_the_run(job: Job) -> None:
    """The work was done; the complaint goes to the log."""
    job.extra = {"pushgateway": "http://127.0.0.1:9"}
    job.repository.commit({"app/a.yaml": config_map("one")})
    result = job.sync()
    assert result.code == 0
    assert "metrics were not accepted" in result.errors


def test_metrics_count_foreign_objects_and_drift_in_each_namespace() -> None:
    """Also where there are none, so that an alert ends."""
    foreign = Foreign(Key("", "ConfigMap", "shop-qa", "left"), "was made by somebody")
    drift = Drift(Key("", "Namespace", "", "shop-qa"))
    account = Account(("gitops-qa", "shop-qa"), (foreign,), (drift,))
    outcome = Outcome("environment", Sync.OUT_OF_SYNC, account=account)
    settings = parse("{environment: qa, applications: {}}", "settings.yaml")
    measured = metrics.Measured(datetime(2026, 11, 21, tzinfo=UTC), 1.0, [outcome])
    page = metrics.page(settings, measured).splitlines()
    assert [line for line in page if line.startswith(("gitops_foreign", "gitops_drifted"))] == [
        'gitops_foreign_objects{namespace="gitops-qa"} 0',
        'gitops_foreign_objects{namespace="shop-qa"} 1',
        'gitops_drifted_objects{namespace="gitops-qa"} 0',
        'gitops_drifted_objects{namespace="shop-qa"} 0',
        'gitops_drifted_objects{namespace=""} 1',
    ]
