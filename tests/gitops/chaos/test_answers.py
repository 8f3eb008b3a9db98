"""What an API server, or something between it and the job, may answer; the job says it and comes to rest."""

from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.gitops.jobs import config_map
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tests.gitops.chaos.proxy import Asked, Exchange, Proxy, Spoil
    from tests.gitops.jobs import Job
    from tests.gitops.person import Person


def _status(code: int, **headers: str) -> Spoil:
    text = f'{{"kind": "Status", "message": "the answer was {code}", "code": {code}}}'.encode()
    return lambda exchange: exchange.answer(code, text, **headers)


def _half(exchange: Exchange) -> None:
    _, content = exchange.forward()
    exchange.part(content[: len(content) // 2])


def _reset(exchange: Exchange) -> None:
    exchange.reset()


def _lost(exchange: Exchange) -> None:
    exchange.forward()
    exchange.reset()


def _slow(exchange: Exchange) -> None:
    """Answer in small pieces, each after a pause."""
    status, content = exchange.forward()
    handler = exchange.handler
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    for at in range(0, len(content), 50):
        handler.wfile.write(content[at : at + 50])
        threading.Event().wait(0.02)


def _one(asked: Asked) -> bool:
    return asked.writes and asked.about("configmaps", "one")


def through(job: Job, proxy: Proxy) -> Job:
    """Let the job's requests go through the proxy."""
    job.kubeconfig = str(proxy.kubeconfig)
    return job


class Row(NamedTuple):
    """A bad answer, the exit code of the run, and how often the request is sent."""

    spoil: Spoil
    code: int
    tries: int


@pytest.mark.parametrize(
    "row",
    [
        Row(_status(401), 5, 1),
        Row(_status(409), 3, 1),
        Row(_status(429, Retry_After="1"), 0, 2),
        Row(_status(500), 0, 2),
        Row(_reset, 0, 2),
        Row(_half, 0, 2),
        Row(_lost, 0, 2),
        Row(_slow, 0, 1),
    ],
    ids=["401", "409", "429", "500", "reset", "half an answer", "lost answer", "slow answer"],
)
def test_one_bad_answer_concerns_one_object(job: Job, person: Person, proxy: Proxy, row: Row) -> None:
    """What may pass is tried again; the rest is reported by name, and the next run goes on."""
    through(job, proxy)
    job.options = {"retry": {"attempts": 3, "seconds": 0.05}}
    job.repository.commit({"app/one.yaml": config_map("one", a="1"), "app/two.yaml": config_map("two")})
    proxy.spoil(_one, row.spoil)
    result = job.sync()
    assert (result.code, result.changes["ConfigMap/two"]) == (row.code, "created")
    assert sum(_one(each) for each in proxy.seen) == row.tries
    if row.code:
        assert f"the answer was {401 if row.code == 5 else 409}" in result.messages
        assert result.changes["ConfigMap/one"] in {"failed", "refused"}
    job.sync()
    assert person.live("ConfigMap", "one")["data"] == {"a": "1"}
    assert (job.sync().changes, job.sync().code) == ({}, 0)


def test_the_time_that_the_server_asks_for_is_kept(job: Job, proxy: Proxy) -> None:
    """Retry-After counts more than the job's own, shorter delay."""
    through(job, proxy)
    job.options = {"retry": {"attempts": 2, "seconds": 0.05}}
    job.repository.commit({"app/one.yaml": config_map("one")})
    proxy.spoil(_one, _status(429, Retry_After="1"))
    assert job.sync().summary()["seconds"] >= 1


def test_a_token_that_is_refused_is_an_error_of_the_cluster(job: Job, person: Person, proxy: Proxy) -> None:
    """Every request is answered 401: nothing is written, and nobody is told otherwise."""
    through(job, proxy)
    job.repository.commit({"app/one.yaml": config_map("one")})
    proxy.spoil(lambda _: True, _status(401), times=1000)
    result = job.sync()
    assert result.code == 5
    assert "the answer was 401" in result.errors + result.messages
    assert person.get("ConfigMap", "one") is None


def test_a_storm_of_failures_ends_in_the_state_that_git_wants(job: Job, person: Person, proxy: Proxy) -> None:
    """A third of all answers is bad; nothing is lost, deleted or left over."""
    through(job, proxy)
    job.options = {"retry": {"attempts": 4, "seconds": 0.05}}
    person.create(config_map("foreign"))
    dice = random.Random(4711)  # noqa: S311 a test that can be repeated
    bad = [_status(429), _status(500), _half, _lost, _reset]

    def spoil(exchange: Exchange) -> None:
        dice.choice(bad)(exchange)

    proxy.spoil(lambda _: dice.random() < 0.3, spoil, times=10_000)
    files = {f"app/{number}.yaml": config_map(f"m{number}", a="1") for number in range(12)}
    job.repository.commit(files)
    wait_until(lambda: job.sync().code == 0, "the job got through")
    job.repository.commit(dict.fromkeys(list(files)[:5]))
    wait_until(lambda: job.sync().code == 0, "the job got through")
    proxy.rules.clear()
    assert job.rest().keys() <= {f"ConfigMap/m{number}" for number in range(12)}
    wanted = {f"m{number}" for number in range(5, 12)}
    assert person.names("ConfigMap") - {"kube-root-ca.crt"} == wanted | {"foreign"}
