"""A run that is killed between any two of its steps leaves nothing that the next run does not put right."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from gitops.cluster.records import Store
from tests.gitops.chaos.running import Running, running
from tests.gitops.jobs import config_map

if TYPE_CHECKING:
    from gitops.cluster.api import Connection
    from tests.gitops.chaos.proxy import Asked, Exchange, Proxy
    from tests.gitops.jobs import Job
    from tests.gitops.person import Person

BEFORE = {"app/a.yaml": [config_map("keep", a="1"), config_map("change", a="1"), config_map("gone")]}
AFTER = {"app/a.yaml": [config_map("keep", a="1"), config_map("change", a="2"), config_map("new")]}
_MOST = 40  # steps; more would mean that the test does not end


def test_a_run_may_be_killed_between_any_two_of_its_steps(
    job: Job, person: Person, proxy: Proxy, connection: Connection
) -> None:
    """Steps are the requests that write: between two of them the cluster stays the same."""
    person.create(config_map("foreign", by="hand"))
    job.repository.commit(BEFORE)
    job.sync()
    steps = 0
    while _killed_before(job, proxy, steps):
        with suppress(AssertionError):  # there is none before the first step
            replace(person, namespace=job.home).delete("Lease", "gitops")
        _assert_next_run_recovers(job, person, connection)
        steps += 1
        assert steps < _MOST
    _assert_recovered(job, person, connection)
    # Lease, inventory, three objects, inventory, status, Event, Lease
    assert steps >= 9


def _killed_before(job: Job, proxy: Proxy, steps: int) -> bool:
    """Kill a run that has a change to make before it takes a step; tell whether it came to that."""
    job.repository.commit(BEFORE)
    assert job.sync().code == 0
    job.repository.commit(AFTER)
    started: list[Running] = []
    seen = len(proxy.seen)

    def reached(asked: Asked) -> bool:
        return asked.writes and sum(each.writes for each in proxy.seen[seen:]) > steps

    def kill(exchange: Exchange) -> None:
        started[0].process.kill()
        exchange.reset()

    proxy.rules.clear()
    proxy.spoil(reached, kill, times=_MOST)
    with running(job, proxy.kubeconfig) as run:
        started.append(run)
        run.process.communicate()
    return run.process.returncode < 0


def _assert_next_run_recovers(job: Job, person: Person, connection: Connection) -> None:
    result = job.sync()
    assert result.code == 0, result.messages
    _assert_recovered(job, person, connection)


def _assert_recovered(job: Job, person: Person, connection: Connection) -> None:
    """Expect the cluster equal to Git, listed exactly by the inventory, and what is not ours untouched."""
    wanted = {"keep", "change", "new"}
    assert person.names("ConfigMap") - {"kube-root-ca.crt"} == wanted | {"foreign"}
    assert person.live("ConfigMap", "change")["data"] == {"a": "2"}
    memory = Store(connection, job.home).recall()
    assert {key.name for key in memory.inventories["app"].records} == wanted
    assert (memory.loose, memory.damaged) == ({}, {})
    assert job.sync().changes == {}
