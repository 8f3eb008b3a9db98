"""The Lease and the inventory: one run writes at a time, and a run that is stopped leaves nothing unsaid."""

from __future__ import annotations

import signal
import socket
import subprocess
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gitops.cluster import api
from gitops.cluster.api import Resource
from gitops.cluster.records import ROLE_LABEL, Store
from gitops.direct import HOME, LiveEnvironment
from gitops.errors import ClusterError, RefusedError
from tests.clusters import MACHINE
from tests.gitops.chaos.running import PATIENCE, children, running
from tests.gitops.jobs import annotated, config_map
from tests.waiting import wait_until

if TYPE_CHECKING:
    import threading

    from gitops.cluster.api import Connection
    from tests.gitops.chaos.proxy import Asked, Exchange, Proxy
    from tests.gitops.chaos.running import Running
    from tests.gitops.jobs import Body, Job, Result
    from tests.gitops.person import Person

_MICROSECONDS = "%Y-%m-%dT%H:%M:%S.%fZ"


def home_of(job: Job, person: Person) -> Person:
    """Return somebody who looks at the job's own records."""
    return replace(person, namespace=job.home)


def lease(home: Person, name: str = "gitops") -> Body:
    """Return the spec of the Lease."""
    spec: Body = home.live("Lease", name)["spec"]
    return spec


def writes_object(asked: Asked) -> bool:
    """Whether a request writes a ConfigMap of the application, which the tests name one-…."""
    return asked.writes and asked.about("configmaps") and "one-" in asked.path


def take(home: Person, holder: str, name: str = "gitops") -> None:
    """Take the Lease as another run would after its end."""
    now = datetime.now(UTC).strftime(_MICROSECONDS)
    spec = {"holderIdentity": holder, "renewTime": now, "leaseDurationSeconds": 600}
    home.patch("Lease", name, {"spec": spec})


def test_the_lease_is_short_and_renewed_while_a_request_hangs(job: Job, person: Person, proxy: Proxy) -> None:
    """A run that waits for an answer is alive, and no other run takes its place."""
    job.repository.commit({"app/a.yaml": config_map("one-1")})
    held, home = proxy.hang(writes_object), home_of(job, person)
    with running(job, proxy.kubeconfig) as run:
        assert held.wait(PATIENCE)
        first = lease(home)
        assert first["leaseDurationSeconds"] == 15
        wait_until(lambda: bool(lease(home)["renewTime"] != first["renewTime"]), "the Lease was renewed")
        assert "holds the Lease; this run changes nothing" in job.sync().messages
        proxy.freed.set()
        assert run.finish().code == 0
    assert lease(home)["holderIdentity"] == ""


def test_a_run_that_lost_its_lease_writes_nothing_more(job: Job, person: Person, proxy: Proxy) -> None:
    """What was on its way arrives; the rest, the inventory and the status are left to the other run."""
    job.repository.commit({f"app/{n}.yaml": config_map(f"one-{n}") for n in range(40)})
    held, home = proxy.hang(writes_object, times=16), home_of(job, person)
    with running(job, proxy.kubeconfig) as run:
        assert held.wait(PATIENCE)
        before = home.live("ConfigMap", "inventory-app")["metadata"]["resourceVersion"]
        take(home, "another")
        asked = len(proxy.seen)
        wait_until(
            lambda: any(each.about("leases") and each.method == "GET" for each in proxy.seen[asked:]),
            "the run looked at its Lease",
        )
        number = len(proxy.seen)
        proxy.freed.set()
        result = run.finish()
    later = [each for each in proxy.seen[number:] if each.writes]
    assert later == []
    assert result.code == 3
    assert "was lost: it is held by another" in result.messages
    assert set(result.changes.values()) <= {"created", "waiting"}
    assert len(person.names("ConfigMap")) < 40
    assert home.live("ConfigMap", "inventory-app")["metadata"]["resourceVersion"] == before
    assert lease(home)["holderIdentity"] == "another"
    assert home.get("ConfigMap", "status-app") is None


def test_an_inventory_that_another_run_has_written_is_not_overwritten(
    job: Job, person: Person, proxy: Proxy
) -> None:
    """It is written with the resourceVersion with which it was read; what was done is reported."""
    job.repository.commit({"app/a.yaml": config_map("one-1")})
    job.sync()
    job.repository.commit({"app/a.yaml": config_map("one-1", a="2")})
    home, annotation = home_of(job, person), {"metadata": {"annotations": {"by": "another run"}}}

    def meanwhile(exchange: Exchange) -> None:
        home.patch("ConfigMap", "inventory-app", annotation)
        exchange.answer(*exchange.forward())

    proxy.spoil(writes_object, meanwhile)
    with running(job, proxy.kubeconfig) as run:
        result = run.finish()
    assert (result.code, result.changes) == (5, {"ConfigMap/one-1": "changed"})
    assert "ConfigMap inventory-app was written by another run" in result.messages
    assert job.sync().code == 0


@pytest.mark.parametrize("again", [False, True], ids=["deleted", "made again"])
def test_an_object_that_is_not_the_one_compared_any_more_is_not_written(
    job: Job, person: Person, proxy: Proxy, *, again: bool
) -> None:
    """Between the comparison and the write somebody deletes it: a run that slept must not bring it back."""
    job.repository.commit({"app/a.yaml": config_map("one-1")})
    job.sync()
    job.repository.commit({"app/a.yaml": config_map("one-1", a="2")})

    def meanwhile(exchange: Exchange) -> None:
        person.delete("ConfigMap", "one-1")
        if again:
            person.create(config_map("one-1", by="hand"))
        exchange.answer(*exchange.forward())

    proxy.spoil(writes_object, meanwhile)
    with running(job, proxy.kubeconfig) as run:
        result = run.finish()
    assert result.changes == {"ConfigMap/one-1": "refused"}, result.messages
    assert "it was deleted or made again after it was compared, so the next run decides" in result.messages
    live = person.get("ConfigMap", "one-1")
    assert live is None if not again else live is not None and live["data"] == {"by": "hand"}


def test_a_lost_answer_to_writing_the_inventory_is_no_conflict(
    job: Job, person: Person, proxy: Proxy
) -> None:
    """The second attempt finds what the first has written."""

    def lose(exchange: Exchange) -> None:
        exchange.forward()
        exchange.reset()

    def inventory(asked: Asked) -> bool:
        return asked.writes and asked.about("configmaps", "inventory-app")

    job.repository.commit({"app/a.yaml": config_map("one-1")})
    proxy.spoil(inventory, lose, times=2)  # before the first write, and after the last
    with running(job, proxy.kubeconfig) as run:
        assert run.finish().code == 0
    assert person.get("ConfigMap", "one-1") is not None
    assert job.sync().changes == {}


def _stop(run: Running, held: threading.Event, proxy: Proxy) -> Result:
    """Ask a run to end while one of its requests is held back; give what it has done."""
    assert held.wait(PATIENCE)
    run.process.send_signal(signal.SIGTERM)
    _wait_for_handler(run.process.pid)
    proxy.freed.set()
    return run.finish()


def test_sigterm_finishes_the_write_at_hand_and_says_what_was_done(
    job: Job, person: Person, proxy: Proxy
) -> None:
    """The log and the status name it, the Lease is free, and the next run goes on."""
    job.repository.commit({f"app/{n}.yaml": config_map(f"one-{n}") for n in range(40)})
    held, home = proxy.hang(writes_object, times=16), home_of(job, person)
    with running(job, proxy.kubeconfig) as run:
        result = _stop(run, held, proxy)
    _assert_stopped(result.code, result.messages, home)
    created = {name for name, action in result.changes.items() if action == "created"}
    assert created == {f"ConfigMap/{name}" for name in person.names("ConfigMap") if name.startswith("one-")}
    assert 0 < len(created) < 40
    assert job.sync().code == 0
    assert len(person.names("ConfigMap")) >= 40


def test_sigterm_finishes_the_deletion_at_hand_and_keeps_the_rest_recorded(
    job: Job, person: Person, proxy: Proxy
) -> None:
    """What is still to be deleted is said, and the next run deletes it."""
    files = {f"app/{n}.yaml": config_map(f"one-{n}") for n in range(4)}
    job.repository.commit(files | {"app/stays.yaml": config_map("stays")})
    job.sync()
    job.repository.commit(dict.fromkeys(files))
    held, home = (
        proxy.hang(lambda asked: asked.method == "DELETE" and writes_object(asked)),
        home_of(job, person),
    )
    with running(job, proxy.kubeconfig) as run:
        result = _stop(run, held, proxy)
    _assert_stopped(result.code, result.messages, home)
    assert sorted(result.changes.values()) == ["deleted", "waiting", "waiting", "waiting"]
    assert "is still to be deleted: the run was told to stop" in result.messages
    again = job.sync()
    assert (again.code, set(again.changes.values()), len(again.changes)) == (0, {"deleted"}, 3)


def test_sigterm_does_not_come_between_the_two_halves_of_a_replacement(
    job: Job, person: Person, proxy: Proxy
) -> None:
    """An object that is deleted to be created again is created, before the run ends."""

    def fixed(value: str) -> Body:
        return annotated(config_map("one-1", a=value), replace="when-immutable") | {"immutable": True}

    job.repository.commit({"app/a.yaml": fixed("1")})
    job.sync()
    job.repository.commit({"app/a.yaml": fixed("2")})
    held = proxy.hang(lambda asked: asked.method == "DELETE" and "one-1" in asked.path)
    with running(job, proxy.kubeconfig) as run:
        result = _stop(run, held, proxy)
    assert result.changes == {"ConfigMap/one-1": "replaced"}
    assert person.live("ConfigMap", "one-1")["data"] == {"a": "2"}


def _wait_for_handler(pid: int) -> None:
    """Wait until a process has no pending signal any more (proc(5), status)."""

    def handled() -> bool:
        with open(f"/proc/{pid}/status", encoding="ascii") as file:  # noqa: PTH123
            rows = dict(line.split(":", 1) for line in file)
        return int(rows["SigPnd"], 16) == 0 and int(rows["ShdPnd"], 16) == 0

    wait_until(handled, "the signal has arrived")


def _assert_stopped(code: int, messages: str, home: Person) -> None:
    assert code == 5
    assert "told to stop" in messages
    assert lease(home)["holderIdentity"] == ""
    assert "told to stop" in home.live("ConfigMap", "status-app")["data"]["message"]


def test_sigterm_is_heard_by_process_1(job: Job, person: Person, proxy: Proxy) -> None:
    """In a container the job is process 1, which gets no signal without a handler for it."""
    prefix = ["unshare", "--user", "--map-root-user", "--pid", "--fork"]
    if subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode:
        pytest.skip(f"{MACHINE} make a PID namespace")
    job.repository.commit({f"app/{n}.yaml": config_map(f"one-{n}") for n in range(40)})
    held = proxy.hang(writes_object, times=16)
    with running(job, proxy.kubeconfig, prefix) as run:
        assert held.wait(PATIENCE)
        (inner,) = children(run.process.pid)
        subprocess.run(["kill", "-TERM", str(inner)], check=True)
        _wait_for_handler(inner)
        proxy.freed.set()
        result = run.finish()
    _assert_stopped(result.code, result.messages, home_of(job, person))


def test_sigterm_ends_a_git_server_that_never_answers(job: Job) -> None:
    """Nothing is half done, so the run does not wait for the limit of the command."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/app.git"
        application = job.application()
        application["source"]["repository"] = url
        job.applications = {"app": application}
        with running(job) as run, closing(silent.accept()[0]):
            run.process.send_signal(signal.SIGTERM)
            result = run.finish()
    assert result.code == 5
    assert "told to stop" in result.messages


def test_up_and_down_wait_for_nobody_who_is_at_the_same_environment(
    connection: Connection, person: Person, namespace: str
) -> None:
    """`envs up` takes a Lease of its environment, too."""
    environment = LiveEnvironment(f"e{namespace[-6:]}", connection)
    body = config_map("one-1")
    body["metadata"]["namespace"] = namespace
    environment.up([body])
    home = replace(person, namespace=HOME)
    assert lease(home, environment.name)["holderIdentity"] == ""
    take(home, "somebody", environment.name)
    with pytest.raises(RefusedError, match="another run, somebody, holds the Lease"):
        environment.up([])
    with pytest.raises(RefusedError, match="another run, somebody, holds the Lease"):
        environment.down()
    assert person.get("ConfigMap", "one-1") is not None
    take(home, "", environment.name)
    assert environment.down().code == 0


def test_shards_that_a_killed_run_left_are_collected_after_an_hour(
    job: Job, person: Person, connection: Connection
) -> None:
    """Those of an inventory stay, and so do those that a slower run may still be about to name."""
    job.repository.commit({"app/a.yaml": config_map("one-1")})
    job.sync()
    home = home_of(job, person)
    left: Any = config_map("shard-app-0123456789-1")
    left["metadata"]["labels"] = {ROLE_LABEL: "shard"}
    home.create(left)
    store, now = Store(connection, job.home), datetime.now(UTC)
    store.collect(store.recall(), now)
    assert left["metadata"]["name"] in home.names("ConfigMap")
    store.collect(store.recall(), now + timedelta(hours=2))
    assert left["metadata"]["name"] not in home.names("ConfigMap")
    assert home.get("ConfigMap", "inventory-app") is not None


CONFIG_MAPS = Resource("v1", "configmaps", namespaced=True)


def test_lists_are_read_in_pages(person: Person, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that expires between two pages is read at once instead."""
    monkeypatch.setattr(api, "PAGE", 2)
    for number in range(5):
        person.create(config_map(f"one-{number}"))
    with api.connect(proxy.kubeconfig) as through:
        everything = person.names("ConfigMap")

        def listed() -> list[str]:
            found = through.objects(CONFIG_MAPS, "ConfigMap", person.namespace)
            return sorted(body["metadata"]["name"] for body in found)

        assert listed() == sorted(everything)
        assert len(proxy.seen) == 3
        proxy.spoil(lambda asked: "continue" in asked.query, lambda x: x.answer(410, b"{}"))
        assert listed() == sorted(everything)
    assert "limit" not in proxy.seen[-1].query


def test_names_are_quoted_in_paths_and_never_change_them(connection: Connection, namespace: str) -> None:
    """RBAC names may hold a colon; a slash would be another object."""
    roles = Resource("rbac.authorization.k8s.io/v1", "roles", namespaced=True)
    name = "system:gitops?watch=1#a b"
    assert roles.path("ns", name).endswith("/namespaces/ns/roles/system:gitops%3Fwatch%3D1%23a%20b")
    kind = {"apiVersion": roles.api_version, "kind": "Role"}
    connection.apply(
        roles, kind | {"metadata": {"name": "system:a b?c", "namespace": namespace}, "rules": []}
    )
    assert connection.get(roles, namespace, "system:a b?c") is not None
    for wrong in ("../configmaps/x", "a/b", "..", "a%2Fb"):
        with pytest.raises(ClusterError, match="is not the name of an object"):
            roles.path("ns", wrong)
