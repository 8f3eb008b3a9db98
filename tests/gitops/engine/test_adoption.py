"""Objects that exist and are not ours: taken over only if the settings say so, and named with who made them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gitops.cluster.inventory import Record
from gitops.engine.adoption import Rules, refusal
from gitops.objects import Key
from gitops.settings import Adoptable, Options
from tests.gitops.jobs import config_map

if TYPE_CHECKING:
    from tests.gitops.jobs import Body, Job
    from tests.gitops.person import Person


def test_an_object_that_exists_is_not_adopted_without_a_word(job: Job, person: Person) -> None:
    """It keeps its content, is in no inventory, and is not deleted when Git no longer names it."""
    person.create(config_map("one", theirs="1"))
    job.repository.commit(
        {"app/a.yaml": [config_map("one", a="1"), config_map("two")], "app/b.yaml": config_map("x")}
    )
    result = job.sync()
    assert (result.code, result.changes["ConfigMap/one"]) == (3, "refused")
    assert "exists and was not made by this job" in result.messages
    assert "`adopt: listed`" in result.messages
    assert person.live("ConfigMap", "one")["data"] == {"theirs": "1"}
    job.repository.commit({"app/a.yaml": config_map("two")})
    assert job.sync().code == 0
    assert person.get("ConfigMap", "one") is not None


@pytest.mark.parametrize(
    ("options", "taken"),
    [
        ({"adopt": "none"}, set()),
        ({"adopt": "listed"}, set()),
        ({"adopt": "listed", "adoptable": [{"kind": "ConfigMap", "name": "one"}]}, {"one"}),
        ({"adopt": "none", "adoptable": [{"kind": "ConfigMap", "name": "one"}]}, set()),
        ({"adopt": "all"}, {"one", "two"}),
    ],
)
def test_adoption_is_a_setting(job: Job, person: Person, options: Body, taken: set[str]) -> None:
    """None by default, objects by name, or all."""
    for name in ("one", "two"):
        person.create(config_map(name, theirs="1"))
    job.options = options
    job.repository.commit({"app/a.yaml": [config_map("one", a="1"), config_map("two", a="1")]})
    result = job.sync()
    assert {name for name in ("one", "two") if person.live("ConfigMap", name)["data"] == {"a": "1"}} == taken
    assert result.code == (0 if len(taken) == 2 else 3)


def _live(**metadata: Any) -> Body:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one", "uid": "u", **metadata}}


HELM = _live(
    labels={"app.kubernetes.io/managed-by": "Helm"}, annotations={"meta.helm.sh/release-name": "shop"}
)
KAPP = _live(labels={"kapp.k14s.io/app": "1700000000"})
TERRAFORM = _live(managedFields=[{"manager": "Terraform", "operation": "Apply"}])
PROVIDER = _live(managedFields=[{"manager": "HashiCorp", "operation": "Update"}])
CONTROLLED = _live(ownerReferences=[{"kind": "Shop", "name": "eu", "controller": True}])
OWNED = _live(ownerReferences=[{"kind": "Shop", "name": "eu"}])
PERSONS = _live(managedFields=[{"manager": "kubectl-create", "operation": "Update"}])
KEY = Key("", "ConfigMap", "ns", "one")
NONE, ALL = Options(), Options(adopt="all")
LISTED = Options(adopt="listed", adoptable=(Adoptable(kind="ConfigMap", name="o*"),))


@pytest.mark.parametrize(
    ("live", "options", "says"),
    [
        (HELM, NONE, "Helm (release shop)"),
        (KAPP, NONE, "kapp"),
        (TERRAFORM, NONE, "Terraform"),
        (PROVIDER, NONE, "Terraform"),
        (PERSONS, NONE, "not made by this job"),
        (OWNED, NONE, "not made by this job"),
        (CONTROLLED, NONE, "belongs to Shop/eu, its owner reference says"),
        (CONTROLLED, ALL, "belongs to Shop/eu, its owner reference says"),
        (HELM, ALL, ""),
        (HELM, LISTED, ""),
        (_live(labels={"environments.internal/application": "qa.app"}), NONE, ""),
        (_live(labels={"environments.internal/environment": "qa"}), NONE, ""),
        (_live(labels={"environments.internal/environment": "prod"}), NONE, "not made by this job"),
    ],
)
def test_the_maker_of_an_object_is_named(live: Body, options: Options, says: str) -> None:
    """Helm, kapp, Terraform and controllers, by the marks that they leave; what a controller owns is never taken."""
    found = refusal(KEY, live, None, Rules("qa", options))
    assert says in found if says else not found


def test_what_is_recorded_stays_ours_unless_another_tool_made_it_anew() -> None:
    """A person who deletes and creates an object does not take it away from Git; a Helm release does."""
    known = Record("v1", "configmaps", namespaced=True, uid="earlier")
    assert not refusal(KEY, PERSONS, known, Rules("qa", NONE))
    assert "Helm" in refusal(KEY, HELM, known, Rules("qa", NONE))
    assert not refusal(KEY, HELM, replace(known, uid="u"), Rules("qa", NONE))


def test_the_account_that_kubernetes_makes_is_nobodys(job: Job, person: Person) -> None:
    """Each namespace has it, so that Git could never set it otherwise."""
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"},
               "automountServiceAccountToken": False}  # fmt: skip
    job.repository.commit({"app/a.yaml": account})
    assert job.sync().code == 0
    assert person.live("ServiceAccount", "default")["automountServiceAccountToken"] is False
