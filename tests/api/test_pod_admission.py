"""The pod rules in the API server say what they say in Python: on the table of the rules, and on generated pods."""

from __future__ import annotations

import copy
import http.client
import os
import random
import secrets
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from lightkube import Client, KubeConfig
from lightkube.config import client_adapter
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.admissionregistration_v1 import ValidatingAdmissionPolicy
from lightkube.resources.core_v1 import Namespace, ServiceAccount

from localkube.clusters import LocalCluster
from policies.admission.objects import ENVIRONMENT_LABEL, pod_policies
from policies.admission.pod_checks import CHECKS
from policies.check import check
from policies.context import Context
from tests.api.image_gate import TODAY, Gate
from tests.api.pods import CARRIERS, carry
from tests.api.verbatim import verbatim
from tests.policies.objects import container, pod_spec
from tests.policies.rules.test_pod_rules import BREACHES, HARMLESS, SERVER_BREACHES, Change, changed
from tests.waiting import wait_until

pytestmark = pytest.mark.xdist_group("pod-admission")

Manifest = dict[str, Any]

SEED = 20261
GENERATED = int(os.environ.get("GENERATED_PODS", "300"))  # a longer run says more: GENERATED_PODS=10000
CHANGES: list[Change] = [
    *(change for rule, change, _ in (*BREACHES, *SERVER_BREACHES) if rule in CHECKS),
    *(change for rule, change in HARMLESS if rule in CHECKS),
]


@pytest.fixture(scope="module")
def gate(api: Client, cluster: LocalCluster) -> Iterator[Gate]:
    """Give a namespace in which every rule warns, so that one answer names all the rules that a pod breaks."""
    name = f"test-{secrets.token_hex(4)}"
    context = Context(environment=name, today=TODAY)
    api.create(Namespace(metadata=ObjectMeta(name=name, labels={ENVIRONMENT_LABEL: name})))
    wait_until(lambda: any(True for _ in api.list(ServiceAccount, namespace=name)), "it has a ServiceAccount")
    accounts = ("web", "default-web")
    for account in accounts:
        metadata = ObjectMeta(name=account, namespace=name)
        api.create(ServiceAccount(metadata=metadata, automountServiceAccountToken=False))
    made = [verbatim(_warning(manifest)) for manifest in pod_policies(context)]
    for manifest in made:
        api.create(manifest)
    config = KubeConfig.from_file(cluster.kubeconfig).get()
    assert config is not None
    parameters = client_adapter.ConnectionParams(trust_env=cluster.provider == "named")
    with client_adapter.Client(config, parameters) as http_client:
        gate = Gate(http_client, context)
        breaking = carry(
            "Pod", {"containers": [{"name": "a", "image": "a", "ports": [{"containerPort": 1}]}]}
        )
        expected = said_by_python(breaking, gate)
        wait_until(lambda: said_by_server(breaking, gate) == expected, "the policies are in force")
        yield gate
    for manifest in made:
        api.delete(type(manifest), manifest["metadata"]["name"])
    api.delete(Namespace, name)


def _warning(manifest: Manifest) -> Manifest:
    if "validationActions" in manifest["spec"]:
        manifest["spec"]["validationActions"] = ["Warn"]
    return manifest


def said_by_python(manifest: Manifest, gate: Gate) -> set[str]:
    """Rules of this gate that the object breaks."""
    named = copy.deepcopy(manifest)
    named["metadata"]["namespace"] = gate.namespace
    return {finding.rule for finding in check([named], gate.context, complete=False)} & set(CHECKS)


def said_by_server(manifest: Manifest, gate: Gate) -> set[str] | None:
    """Rules of which the API server warns; None where it does not take the object at all."""
    answer = gate.create(manifest)
    if answer.status_code == http.client.UNPROCESSABLE_ENTITY:
        return None
    assert answer.status_code in {http.client.OK, http.client.CREATED}, answer.text
    warnings = answer.headers.get_list("warning")
    return {rule for rule in CHECKS if any(f"'{rule}." in text for text in warnings)}


def disagreements(manifests: Iterable[Manifest], gate: Gate) -> tuple[list[tuple[Manifest, Any, Any]], int]:
    """Ask both about each; returns where they differ, and how many objects the API server took."""
    listed = list(manifests)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(partial(said_by_server, gate=gate), listed))
    asked = [(manifest, said) for manifest, said in zip(listed, answers, strict=True) if said is not None]
    differing = [
        (manifest, said_by_python(manifest, gate), said)
        for manifest, said in asked
        if said != said_by_python(manifest, gate)
    ]
    return differing, len(asked)


def spec_of(*changes: Change) -> Manifest:
    """Make the spec of a pod as the API server takes it, with changes."""
    spec = pod_spec()
    for change in changes:
        change(spec)
    spec.pop("ephemeralContainers", None)  # a pod that is created has none yet
    return spec


def test_the_api_server_finds_no_fault_in_the_expressions(api: Client, gate: Gate) -> None:
    for rule in CHECKS:
        name = f"{rule}.{gate.namespace}.environments"
        wait_until(partial(_is_checked, api, name), f"{name} is checked")
        assert _checked(api, name) == []


def _is_checked(api: Client, name: str) -> bool:
    return _checked(api, name) is not None


def _checked(api: Client, name: str) -> list[Any] | None:
    status = api.get(ValidatingAdmissionPolicy, name).status
    return (
        None
        if status is None or status.typeChecking is None
        else status.typeChecking.expressionWarnings or []
    )


@pytest.mark.parametrize("kind", CARRIERS)
def test_the_whole_table_has_its_verdicts_in_every_kind(gate: Gate, kind: str) -> None:
    manifests = [carry(kind, spec_of()), *(carry(kind, spec_of(change)) for change in CHANGES)]

    differing, asked = disagreements(manifests, gate)

    assert differing == []
    assert asked > len(manifests) * 0.6


def test_every_rule_is_broken_by_a_pod_that_the_api_server_takes(gate: Gate) -> None:
    broken: set[str] = set()
    for change in CHANGES:
        broken |= said_by_server(carry("Pod", spec_of(change)), gate) or set()

    assert broken == set(CHECKS)


def test_windows_and_user_namespaces_are_judged_alike(gate: Gate) -> None:
    windows = {"os": {"name": "windows"}, "securityContext": {"runAsNonRoot": True}}
    users = {"hostUsers": False, "securityContext": {"runAsUser": 0}}
    specs = [
        {**spec_of(), **windows, "containers": [container(securityContext={})], "initContainers": []},
        {**spec_of(), **users},
        {
            **spec_of(),
            "hostUsers": False,
            "containers": [container(securityContext={"procMount": "Unmasked"})],
        },
        {**spec_of(), "resources": {"limits": {"memory": "1Gi"}}, "containers": [container(resources={})]},
    ]

    differing, asked = disagreements([carry("Pod", spec) for spec in specs], gate)

    assert differing == []
    assert asked >= len(specs) - 1


def generated() -> Iterator[Manifest]:
    """Make pods with several changes at once, in any kind."""
    chosen = random.Random(SEED)  # noqa: S311 - cases, not secrets
    kinds = sorted(CARRIERS)
    for _ in range(GENERATED):
        kind = chosen.choice(("Pod", *kinds))
        some = [chosen.choice(CHANGES) for _ in range(chosen.randrange(1, 4))]
        yield carry(kind, _possible(some))


def _possible(changes: list[Change]) -> Manifest:
    """Apply changes one after the other, without those whose place an earlier one has removed."""
    spec = pod_spec()
    for change in changes:
        before = copy.deepcopy(spec)
        try:
            change(spec)
        except (KeyError, TypeError, IndexError):
            spec = before
    spec.pop("ephemeralContainers", None)
    return spec


def test_generated_pods_have_the_same_verdict_in_python_and_in_the_api_server(gate: Gate) -> None:
    differing, asked = disagreements(generated(), gate)

    assert differing == []
    assert asked > GENERATED * 0.5


def test_a_refusal_names_the_rule_the_containers_and_what_to_do(gate: Gate) -> None:
    context = Context(environment=gate.namespace, today=TODAY)
    name = f"root-file-systems-are-read-only.{gate.namespace}.environments"
    (binding,) = [
        manifest
        for manifest in pod_policies(context)
        if manifest["metadata"]["name"] == name and "policyName" in manifest["spec"]
    ]
    assert binding["spec"]["validationActions"] == ["Deny"]
    breaking = carry("Deployment", {**changed(lambda _: None), "containers": [container(securityContext={})]})
    breaking["spec"]["template"]["spec"].pop("ephemeralContainers")

    warnings = gate.create(breaking).headers.get_list("warning")

    wanted = "root-file-systems-are-read-only: web: set readOnlyRootFilesystem: true"
    assert any(wanted in text for text in warnings)
