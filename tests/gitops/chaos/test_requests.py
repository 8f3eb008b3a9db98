"""What a run asks of the API server, and the sign of life that one leaves that finds nothing changed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gitops.cluster.records import CONFIG_MAPS
from tests.gitops.jobs import config_map, network_policy

if TYPE_CHECKING:
    from gitops.cluster.api import Connection
    from tests.gitops.chaos.proxy import Exchange, Proxy
    from tests.gitops.jobs import Job
    from tests.gitops.person import Person


def _quiet(job: Job, proxy: Proxy) -> None:
    """Bring the job to rest, and send its next run through the proxy."""
    job.repository.commit({"app/one.yaml": config_map("one", a="1")})
    job.rest()
    job.kubeconfig = str(proxy.kubeconfig)
    proxy.seen.clear()


def test_a_quiet_run_reads_everything_once_and_writes_the_lease_alone(job: Job, proxy: Proxy) -> None:
    _quiet(job, proxy)
    assert (job.sync().code, Counter(each.method for each in proxy.seen)) == (0, {"GET": 3, "PUT": 1})
    places = [(each.path, *sorted(each.query.items())) for each in proxy.seen if not each.writes]
    assert len(set(places)) == len(places)
    assert [each.path.split("/")[-2:] for each in proxy.seen if each.writes] == [["leases", "gitops"]]


def test_a_job_that_watches_what_others_push_reads_its_records_once(job: Job, proxy: Proxy) -> None:
    source = {"repository": f"file://{job.repository.folder}", "path": "fence", "revision": "main"}
    job.extra = {"watched": {"source": source, "namespaces": [job.namespace]}}
    policy = network_policy("fenced")
    placed = policy | {"metadata": policy["metadata"] | {"namespace": job.namespace}}
    job.repository.commit({"fence/np.yaml": placed})
    _quiet(job, proxy)
    assert job.sync().summary("environment")["foreign"]  # of the ServiceAccount that the fixture makes
    assert ["labelSelector" in each.query for each in proxy.seen].count(True) == 1


def test_a_sign_of_life_does_not_overwrite_the_lease_of_a_run_that_has_begun_meanwhile(
    job: Job, person: Person, proxy: Proxy
) -> None:
    _quiet(job, proxy)
    home = replace(person, namespace=job.home)
    spec = {"holderIdentity": "another", "renewTime": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"}

    def begin(exchange: Exchange) -> None:
        home.patch("Lease", "gitops", {"spec": spec})
        exchange.answer(*exchange.forward())

    proxy.spoil(lambda asked: f"/namespaces/{job.namespace}/configmaps" in asked.path, begin)
    result = job.sync()
    assert (result.code, result.errors) == (0, "")
    assert home.live("Lease", "gitops")["spec"]["holderIdentity"] == "another"


def test_a_repair_lists_the_objects_twice_before_and_after_it_has_the_lease(
    job: Job, person: Person, proxy: Proxy
) -> None:
    """The second time while the source is read: an application that is alone is compared with that answer."""
    _quiet(job, proxy)
    person.patch("ConfigMap", "one", {"data": {"a": "2"}})
    assert job.sync().changes == {"ConfigMap/one": "repaired"}
    asked = [
        each.method for each in proxy.seen if each.path.endswith(f"/namespaces/{job.namespace}/configmaps")
    ]
    taken = next(number for number, each in enumerate(proxy.seen) if each.about("leases") and each.writes)
    before = [each.path.endswith(f"/namespaces/{job.namespace}/configmaps") for each in proxy.seen[:taken]]
    assert (asked, before.count(True)) == (["GET", "GET"], 1)


def test_a_list_that_was_asked_ahead_is_used_once(connection: Connection, person: Person) -> None:
    place = (CONFIG_MAPS, "ConfigMap", person.namespace)
    connection.ask_ahead(*place)
    connection.ahead[place].result()
    person.create(config_map("late"))
    names = [{each["metadata"]["name"] for each in connection.objects(*place)} for _ in range(2)]
    assert ["late" in found for found in names] == [False, True]
