"""What nobody accounts for: metadata in, foreign objects with who made them out."""

from __future__ import annotations

from typing import Any

import pytest

from gitops.engine.foreign import Known, foreign
from gitops.objects import Key
from gitops.settings import Expected

RECORD = {"environments.internal/gitops": "status"}
READ = frozenset({("apps/Deployment", "shop-qa"), ("apps/ReplicaSet", "shop-qa"), ("Pod", "shop-qa")})
WANTED = frozenset(
    {Key("apps", "Deployment", "shop-qa", "web"), Key("apps", "StatefulSet", "shop-qa", "my-db")}
)


def _object(name: str, api_version: str = "v1", owner: str = "", **metadata: Any) -> dict[str, Any]:
    kind, _, own = name.partition("/")
    metadata = {"namespace": "shop-qa"} | metadata
    if owner:
        version, of_kind, called = owner.split(" ")
        metadata["ownerReferences"] = [{"apiVersion": version, "kind": of_kind, "name": called, "uid": "1"}]
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": own} | metadata}


@pytest.mark.parametrize(
    ("body", "is_foreign"),
    [
        (_object("Deployment/web", "apps/v1"), False),
        (_object("Deployment/other", "apps/v1"), True),
        (_object("Deployment/web", "apps/v1", namespace="elsewhere"), True),
        (_object("ReplicaSet/web-1", "apps/v1", owner="apps/v1 Deployment web"), False),
        (_object("ReplicaSet/web-1", "apps/v1"), True),
        (_object("Pod/debug"), True),
        (_object("Pod/web-1", owner="apps/v1 ReplicaSet web-1"), False),
        (_object("Pod/x", owner="example.com/v1 Machine x"), True),
        (_object("ConfigMap/kube-root-ca.crt"), False),
        (_object("ConfigMap/other-ca.crt"), True),
        (_object("ServiceAccount/default"), False),
        (_object("ServiceAccount/robot"), True),
        (_object("PersistentVolumeClaim/data-my-db-0"), False),
        (_object("PersistentVolumeClaim/my-data-my-db-12"), False),
        (_object("PersistentVolumeClaim/data-my-db"), True),
        (_object("PersistentVolumeClaim/data-other-0"), True),
        (_object("ConfigMap/istio-ca"), False),
        (_object("ConfigMap/recorded"), False),
        (_object("ConfigMap/status-x", namespace="gitops-qa", labels=RECORD), False),
        (_object("ConfigMap/status-x", labels=RECORD), True),
    ],
)  # fmt: skip
def test_an_object_is_foreign_unless_git_an_owner_or_a_rule_accounts_for_it(
    body: dict[str, Any], is_foreign: bool
) -> None:
    expected = Expected(kind="ConfigMap", name="istio-*", because="the mesh makes it")
    recorded = frozenset({Key("", "ConfigMap", "shop-qa", "recorded")})
    known = Known(WANTED, recorded, (expected,), "gitops-qa", READ)
    assert bool(foreign([body], known)) is is_foreign


def test_the_report_says_who_made_it_when_and_what_it_claims_to_be() -> None:
    """The first writer is who created it."""
    managers = [
        {"manager": "kubectl-edit", "time": "2026-11-21T03:00:00Z"},
        {"manager": "kubectl-create", "time": "2026-11-21T02:00:00Z"},
    ]
    lost = _object(
        "ConfigMap/lost",
        creationTimestamp="2026-11-21T02:00:00Z",
        managedFields=managers,
        labels={"environments.internal/application": "qa.shop"},
    )
    [found] = foreign([lost], Known(WANTED))
    assert str(found) == (
        "ConfigMap/shop-qa/lost was made by kubectl-create, 2026-11-21T02:00:00Z; "
        "it has the label of qa.shop, and is in no inventory"
    )


def test_an_owner_that_is_not_read_is_named() -> None:
    """So that whoever expects it can say so."""
    [found] = foreign([_object("Pod/x", owner="example.com/v1 Machine one")], Known(WANTED, read=READ))
    assert found.reason.endswith("; it is owned by Machine/one, which is not read")
