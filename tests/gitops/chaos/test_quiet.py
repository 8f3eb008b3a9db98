"""A run that finds nothing changed: what it asks, and the sign of life that it leaves."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.gitops.jobs import config_map, network_policy

if TYPE_CHECKING:
    from tests.gitops.chaos.proxy import Exchange, Proxy
    from tests.gitops.jobs import Job
    from tests.gitops.person import Person


def _quiet(job: Job, proxy: Proxy) -> None:
    """Bring the job to rest, and send its next run through the proxy."""
    job.repository.commit({"app/one.yaml": config_map("one", a="1")})
    job.rest()
    job.kubeconfig = str(proxy.kubeconfig)
    proxy.seen.clear()


def test_it_reads_everything_once_and_writes_the_lease_alone(job: Job, proxy: Proxy) -> None:
    _quiet(job, proxy)
    assert (job.sync().code, Counter(each.method for each in proxy.seen)) == (0, {"GET": 3, "PUT": 1})
    places = [(each.path, *sorted(each.query.items())) for each in proxy.seen if not each.writes]
    assert len(set(places)) == len(places)
    assert [each.path.split("/")[-2:] for each in proxy.seen if each.writes] == [["leases", "gitops"]]


def test_it_reads_its_records_once_where_it_watches_what_others_push(job: Job, proxy: Proxy) -> None:
    source = {"repository": f"file://{job.repository.folder}", "path": "fence", "revision": "main"}
    job.extra = {"watched": {"source": source, "namespaces": [job.namespace]}}
    policy = network_policy("fenced")
    placed = policy | {"metadata": policy["metadata"] | {"namespace": job.namespace}}
    job.repository.commit({"fence/np.yaml": placed})
    _quiet(job, proxy)
    assert job.sync().summary("environment")["foreign"]  # of the ServiceAccount that the fixture makes
    assert ["labelSelector" in each.query for each in proxy.seen].count(True) == 1


def test_its_sign_of_life_does_not_overwrite_the_lease_of_a_run_that_has_begun_meanwhile(
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
