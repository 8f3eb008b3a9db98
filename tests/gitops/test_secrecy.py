"""Secrets stay out of logs, statuses, Events and errors, however they get into a text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gitops.errors import ClusterError, RefusedError, SourceError
from gitops.objects import Key
from gitops.report.outcome import Action, Change, Outcome, Sync
from gitops.secrecy import scrub, secrets_in, stand_in
from tests.gitops.jobs import config_map, deployment

if TYPE_CHECKING:
    from tests.gitops.jobs import Job
    from tests.gitops.person import Person

SECRET = "hunter2-4711"  # noqa: S105 - a test's own


@pytest.mark.parametrize(
    "text",
    [
        f"fatal: unable to access https://user:{SECRET}@git.example.com/x.git",
        f"fatal: unable to access https://{SECRET}@git.example.com/x.git",
        f"redirected to https://git.example.com/x?access_token={SECRET}&a=1",
        f"proxy http://me:{SECRET}@proxy.example.com:3128 refused",
        f"Authorization: Bearer {SECRET}",
        f"Authorization: Basic {SECRET}=",
        f'{{"error": "password={SECRET}"}}',
        f".data.x: expected string, got &value.valueUnstructured{{Value:{SECRET}}}",
        f"-----BEGIN PRIVATE KEY-----\\n{SECRET.replace('-', '+')}\\n-----END PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_secret_is_replaced_in_every_error_and_outcome(text: str) -> None:
    """By construction: whoever makes an error or an outcome cannot forget it."""
    said = [str(kind(text)) for kind in (ClusterError, SourceError, RefusedError)]
    outcome = Outcome("app", Sync.UNKNOWN, message=text, unhealthy=(text,))
    said.append(Change(Key("", "ConfigMap", "ns", "x"), Action.FAILED, message=text).message)
    said += [outcome.message, *outcome.unhealthy, ClusterError("x", causes=[text]).causes[0]]
    assert not [each for each in said if SECRET in each or SECRET.replace("-", "+") in each]


@pytest.mark.parametrize(
    "text",
    [
        "ssh://git@git.example.com/x.git: Host key verification failed",
        'Post "https://hook.example.com:443/check?timeout=1s": context deadline exceeded',
        ".spec.replicas: expected numeric, got string",
        'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1',
        "a basic check failed",
    ],
)
def test_what_is_not_secret_stays(text: str) -> None:
    assert scrub(text) == text


def test_equal_values_have_equal_digests_and_values_are_found_as_words() -> None:
    """What stands for a value says nothing about it, and the same in one report."""
    assert stand_in("a") == stand_in("a") != stand_in("b")
    assert scrub("12 of 1234 and '12'", ["12"]) == f"{stand_in('12')} of 1234 and '{stand_in('12')}'"
    assert json.loads(scrub(json.dumps({"a": 'token=x"y'})))["a"].startswith("token=***")


def test_secret_values_are_known_by_the_names_around_them() -> None:
    """References to Secrets are not secret."""
    body: Any = deployment("web")
    body["spec"]["template"]["spec"]["containers"][0]["env"] = [
        {"name": "DB_PASSWORD", "value": 4711},
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "db", "key": "k"}}},
    ]
    body["spec"]["template"]["spec"]["volumes"] = [{"name": "v", "secret": {"secretName": "web"}}]
    assert set(secrets_in(body)) == {"4711"}
    assert set(secrets_in({"kind": "Secret", "data": {"x": "abc"}})) == {"abc"}


def test_hostile_text_is_scrubbed_in_linear_time() -> None:
    """Each of these took minutes with an unbounded pattern."""
    for text in ("a." * 100_000, "eyJ-" * 50_000, "token" * 50_000, "://" * 60_000, "-----BEGIN A" * 20_000):
        scrub(text)


def test_an_unquoted_password_is_in_no_log_status_or_event(job: Job, person: Person) -> None:
    """The API server quotes the number that it expected to be text."""
    web: Any = deployment("web")
    web["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "DB_PASSWORD", "value": 47114711}]
    plain: Any = config_map("one") | {"data": {"greeting": 47124712}}
    noted: Any = config_map("two")
    noted["metadata"]["annotations"] = {"db-password": 47134713}
    excuse = {"rule": "config-holds-no-credentials", "because": "a test", "until": "2999-01-01"}
    exempt = {"web": excuse | {"object": f"Deployment/{job.namespace}/web"}}
    job.extra = {"policies": {"exemptions": exempt}}
    job.applications = {each: job.application(each) for each in ("a", "b", "c")}
    job.repository.commit({"a/a.yaml": web, "b/b.yaml": plain, "c/c.yaml": noted})
    result = job.sync()
    assert result.code == 2
    home = type(person)(person.http, job.home)
    statuses = [home.live("ConfigMap", f"status-{each}")["data"] for each in ("a", "b", "c")]
    events = home.http.get(f"/api/v1/namespaces/{job.home}/events").json()["items"]
    assert len(events) == 3
    everything = json.dumps([result.lines, result.errors, statuses, events])
    for value in ("47114711", "47124712", "47134713"):
        assert value not in everything
    assert "***" in everything
