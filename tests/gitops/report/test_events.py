"""Events about objects: as `kubectl describe` finds them, once for each thing that happens."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.gitops.jobs import deployment
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tests.gitops.jobs import Job
    from tests.gitops.person import Person

STUCK = {
    "type": "Progressing",
    "status": "False",
    "reason": "ProgressDeadlineExceeded",
    "message": "timed out",
}


def cron_job() -> dict[str, Any]:
    """Return a CronJob of the name that the rendered one has."""
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "gitops", "image": "x:1.0.0"}]}}
    spec = {"schedule": "*/5 * * * *", "suspend": True, "jobTemplate": {"spec": {"template": template}}}
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "gitops"}, "spec": spec}


def described(person: Person, kind: str, name: str) -> list[tuple[str, str, str]]:
    """Return the job's Events that `kubectl describe` shows: those with the uid of the object."""
    uid = person.live(kind, name)["metadata"]["uid"]
    selector = f"involvedObject.kind={kind},involvedObject.name={name},involvedObject.uid={uid}"
    path = f"/api/v1/namespaces/{person.namespace}/events"
    items = person.http.get(path, params={"fieldSelector": selector}).json()["items"]
    mine = [each for each in items if each["source"] == {"component": "gitops"}]
    return sorted((each["type"], each["reason"], each["message"]) for each in mine)


def limit(person: Person, **most: str) -> None:
    """Give the namespace a quota."""
    body = {"metadata": {"name": "full"}, "spec": {"hard": most}}
    path = f"/api/v1/namespaces/{person.namespace}/resourcequotas"
    person.http.post(path, json=body).raise_for_status()


def test_an_object_that_becomes_degraded_has_an_event_and_so_has_the_job(job: Job, person: Person) -> None:
    """Once; when it is well again, the job says so."""
    home = replace(person, namespace=job.home)
    home.create(cron_job())
    limit(person, pods="0")
    job.repository.commit({"app/web.yaml": deployment("web", 1)})
    wait_until(lambda: job.sync().code == 4, "the Deployment is Degraded")
    assert job.sync().code == 4
    ((kind, reason, why),) = described(person, "Deployment", "web")
    assert (kind, reason) == ("Warning", "Degraded")
    assert why.startswith("FailedCreate: ")
    assert "exceeded quota: full" in why
    text = f"Deployment/{job.namespace}/web is Degraded: {why}"
    assert ("Warning", "Degraded", f"app: {text}") in described(home, "CronJob", "gitops")
    beginning = f"Deployment/{job.namespace}/web is Degraded: FailedCreate"
    assert home.live("ConfigMap", "status-app")["data"]["unhealthy"].startswith(beginning)
    person.http.delete(f"/api/v1/namespaces/{job.namespace}/resourcequotas/full").raise_for_status()
    wait_until(lambda: job.sync().summary()["health"] == "Healthy", "the Deployment is Healthy", seconds=120)
    said = [event[1:] for event in described(home, "CronJob", "gitops") if event[1] != "Synced"]
    assert sorted(said) == [
        ("Degraded", f"app: {text}"),
        ("Recovered", "app: no object is Degraded or Missing any more"),
    ]


def test_an_object_that_cannot_be_created_is_missing_and_the_job_has_an_event(
    job: Job, person: Person
) -> None:
    """Nobody can describe the object, so the Event is about the CronJob."""
    home = replace(person, namespace=job.home)
    home.create(cron_job())
    limit(person, **{"count/deployments.apps": "0"})
    job.repository.commit({"app/web.yaml": deployment("web", 1)})
    assert job.sync().code != 0
    assert {reason for _, reason, _ in described(home, "CronJob", "gitops")} == {"SyncFailed", "Missing"}
