"""The generated ValidatingAdmissionPolicies say in the real API server what the rules say in Python."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from httpx2 import Client as Http
from httpx2 import Response
from lightkube import Client, KubeConfig
from lightkube.config import client_adapter
from lightkube.models.admissionregistration_v1 import ExpressionWarning
from lightkube.resources.admissionregistration_v1 import ValidatingAdmissionPolicy

from kube.pods import TEMPLATES
from localkube.clusters import LocalCluster
from policies.admission.cel import spellings
from policies.admission.objects import LIMITS, admission_policies, image_policies
from policies.check import check
from policies.context import Tier
from tests.api.custom_resources import install
from tests.api.image_gate import EXEMPT, TODAY, Gate, environment, said_by_python, said_by_server
from tests.api.pods import CARRIERS, PINNED, Manifest, carry, spec_with
from tests.kube import common_images
from tests.policies.references import ACCEPT, CASES, DIGEST, REFUSE, SHAPES, Case
from tests.waiting import wait_until

pytestmark = pytest.mark.xdist_group("image-admission")

SEED, GENERATED = 20261, 500
CHARACTERS = "aA0.-_:/@[]$ x9v"


@pytest.fixture(scope="module")
def connection(cluster: LocalCluster) -> Iterator[Http]:
    """Speak plain HTTP, as warnings travel in headers."""
    config = KubeConfig.from_file(cluster.kubeconfig).get()
    assert config is not None
    parameters = client_adapter.ConnectionParams(trust_env=cluster.provider == "named")
    with client_adapter.Client(config, parameters) as client:
        yield client


@pytest.fixture(scope="module")
def gates(api: Client, connection: Http) -> Iterator[Mapping[Tier, Gate]]:
    """Give an environment of each tier."""
    with (
        environment(api, connection, Tier.PRODUCTION) as production,
        environment(api, connection, Tier.TEST) as test,
    ):
        yield {Tier.PRODUCTION: production, Tier.TEST: test}


@pytest.fixture(params=Tier)
def gate(request: pytest.FixtureRequest, gates: Mapping[Tier, Gate]) -> Gate:
    """Give the environment of one tier after the other."""
    return gates[request.param]


def expected(case: Case, gate: Gate) -> str:
    """Verdict of the table."""
    return case.production if gate.context.tier is Tier.PRODUCTION else case.test


def disagreements(
    gate: Gate, manifests: Iterable[tuple[str, Manifest]], ask: Callable[[Manifest], Response]
) -> dict[str, tuple[str, str]]:
    """Ask both, and return what they say where they differ, by reference."""
    found = {}
    for reference, manifest in manifests:
        said = said_by_python(manifest, gate.context), said_by_server(ask(manifest))
        if said[0] != said[1]:
            found[reference] = said
    return found


def test_every_kind_that_carries_pods_is_judged() -> None:
    assert set(CARRIERS) == set(TEMPLATES)


def test_the_api_server_finds_no_fault_in_the_expressions(api: Client, gate: Gate) -> None:
    for manifest in image_policies(gate.context)[::2]:
        name = manifest["metadata"]["name"]
        wait_until(partial(_is_checked, api, name), f"{name} is checked")
        assert _checked(api, name) == []


def _is_checked(api: Client, name: str) -> bool:
    return _checked(api, name) is not None


def _checked(api: Client, name: str) -> list[ExpressionWarning] | None:
    """Return the warnings on a policy's expressions once the API server has looked at them."""
    status = api.get(ValidatingAdmissionPolicy, name).status
    if status is None or status.typeChecking is None:
        return None
    return status.typeChecking.expressionWarnings or []


@pytest.mark.parametrize("kind", CARRIERS)
def test_the_whole_table_has_its_verdicts_in_every_kind(gate: Gate, kind: str) -> None:
    said = {
        case.reference: said_by_server(gate.create(carry(kind, spec_with("containers", case.reference))))
        for case in CASES
    }

    assert said == {case.reference: expected(case, gate) for case in CASES}


@pytest.mark.parametrize("place", ["initContainers", "volumes"])
def test_the_whole_table_has_its_verdicts_in_every_place(gate: Gate, place: str) -> None:
    said = {
        case.reference: said_by_server(gate.create(carry("Pod", spec_with(place, case.reference))))
        for case in CASES
    }

    assert said == {case.reference: expected(case, gate) for case in CASES}


def test_the_whole_table_has_its_verdicts_for_who_debugs_a_pod(gate: Gate) -> None:
    said = {case.reference: said_by_server(gate.debug(case.reference)) for case in CASES}

    assert said == {case.reference: expected(case, gate) for case in CASES}


@pytest.mark.parametrize("kind", CARRIERS)
@pytest.mark.parametrize("place", ["initContainers", "volumes"])
def test_no_place_in_any_kind_is_overlooked(gates: Mapping[Tier, Gate], kind: str, place: str) -> None:
    gate = gates[Tier.PRODUCTION]

    assert said_by_server(gate.create(carry(kind, spec_with(place, "app:latest")))) == REFUSE
    assert said_by_server(gate.create(carry(kind, spec_with(place, "App:1.2.3")))) == REFUSE
    assert said_by_server(gate.create(carry(kind, spec_with(place, PINNED)))) == ACCEPT


def test_common_images_pass(gate: Gate) -> None:
    images = [*common_images.PINNED, *common_images.SHAPED]
    said = {
        image: said_by_server(gate.create(carry("Pod", spec_with("containers", image)))) for image in images
    }

    assert said == dict.fromkeys(images, ACCEPT)


def generated() -> Iterator[str]:
    """Make references out of those of the table: names and tags exchanged, single characters changed."""
    chosen = random.Random(SEED)  # noqa: S311 - cases, not secrets
    references = [case.reference for case in CASES if ":" in case.reference]
    repositories = [name for repository in (*SHAPES, EXEMPT) for name in spellings(repository)]
    for _ in range(GENERATED):
        tag = chosen.choice(references).rpartition(":")[2]
        name = chosen.choice([*repositories, chosen.choice(references).rpartition(":")[0]])
        reference = f"{name}:{tag}"
        if chosen.random() < 0.4:
            at = chosen.randrange(len(reference))
            reference = reference[:at] + chosen.choice(CHARACTERS) + reference[at + chosen.randrange(2) :]
        yield reference


def test_generated_references_have_the_same_verdict_in_python_and_in_the_api_server(gate: Gate) -> None:
    pods = [(reference, carry("Pod", spec_with("containers", reference))) for reference in generated()]

    assert disagreements(gate, pods, gate.create) == {}


@pytest.mark.parametrize("length", [246, 247, 248, 255, 256])
@pytest.mark.parametrize(
    "name", ["{}", "docker.io/{}", "index.docker.io/{}", "a/{}", "localhost/{}", "HOST/{}", "[::1]:5000/{}"]
)
def test_the_length_of_a_repository_is_counted_alike(gate: Gate, name: str, length: int) -> None:
    reference = name.format("a" * length)

    pods = [
        (reference + tail, carry("Pod", spec_with("containers", reference + tail)))
        for tail in (":1.2.3", f"@{DIGEST}", "")
    ]

    assert disagreements(gate, pods, gate.create) == {}


def test_the_refusal_names_the_rule_every_image_and_what_to_do(gates: Mapping[Tier, Gate]) -> None:
    spec = spec_with("initContainers", "first:latest")
    spec["containers"][0]["image"] = "second:stable"

    message = gates[Tier.PRODUCTION].create(carry("Pod", spec)).json()["message"]

    assert "images-are-pinned: first:latest, second:stable: write a full version" in message


def test_what_was_there_before_can_be_scaled_and_marked_but_not_given_another_moving_tag(
    gates: Mapping[Tier, Gate],
) -> None:
    gate = gates[Tier.PRODUCTION]

    assert said_by_server(gate.change({"spec": {"replicas": 0}})) == ACCEPT
    assert said_by_server(gate.change({"metadata": {"finalizers": None}})) == ACCEPT
    assert said_by_server(gate.change(_first_image("app:stable"))) == REFUSE
    assert said_by_server(gate.change(_first_image("app:1.2.3"))) == ACCEPT


def _first_image(reference: str) -> Manifest:
    judged = [{"name": "judged", "image": reference}]
    return {"spec": {"template": {"spec": {"containers": judged}}}}


def test_other_namespaces_are_not_judged(gates: Mapping[Tier, Gate], namespace: str) -> None:
    gate = gates[Tier.PRODUCTION]
    elsewhere = Gate(gate.http, replace(gate.context, environment=namespace))

    answer = elsewhere.create(carry("Deployment", spec_with("containers", "app:latest")))

    assert said_by_server(answer) == ACCEPT


# What the documentation says this gate cannot do; each is shown once.


def _custom_resources(api: Client, gate: Gate) -> bool:
    install(api)
    embedding = {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {"name": "judged"},
        "spec": {"template": {"spec": spec_with("containers", "app:latest")}},
    }
    path = f"/apis/external-secrets.io/v1/namespaces/{gate.namespace}/externalsecrets"
    answer = gate.http.post(path, json=embedding, params={"dryRun": "All"})
    return (said_by_python(embedding, gate.context), said_by_server(answer)) == (REFUSE, ACCEPT)


def _dates(api: Client, gate: Gate) -> bool:
    del api
    pod = carry("Pod", spec_with("containers", f"{EXEMPT}:latest"))
    tomorrow = replace(gate.context, today=TODAY + timedelta(days=1))
    assert said_by_python(pod, gate.context) == ACCEPT
    return (said_by_python(pod, tomorrow), said_by_server(gate.create(pod))) == (REFUSE, ACCEPT)


def _objects(api: Client, gate: Gate) -> bool:
    del api
    pod = carry("Pod", spec_with("containers", "app:latest"), "exempt")
    pod["metadata"]["namespace"] = gate.namespace
    return (said_by_python(pod, gate.context), said_by_server(gate.create(pod))) == (ACCEPT, REFUSE)


def _reasons(api: Client, gate: Gate) -> bool:
    del api
    pod = carry("Pod", spec_with("containers", "App:1.2.3"))
    (found,) = [
        found for found in check([pod], gate.context, complete=False) if found.rule == "images-are-valid"
    ]
    said = gate.create(pod).json()["message"]
    return found.path not in said and found.message not in said and "App:1.2.3" in said


def _cost(api: Client, gate: Gate) -> bool:
    del api

    def pod(images: int) -> Manifest:
        containers = [{"name": f"c{number}", "image": PINNED} for number in range(images)]
        return carry("Pod", {"containers": containers})

    assert said_by_server(gate.create(pod(400))) == ACCEPT
    answer = gate.create(pod(2000))
    return said_by_server(answer) == REFUSE and "cost" in answer.json()["message"]


def _other_rules(api: Client, gate: Gate) -> bool:
    del api
    strict = replace(gate.context, registries=("registry.example.com",), require_digests=True)
    return admission_policies(strict) == admission_policies(gate.context)


SHOWN = {
    "custom resources": _custom_resources,
    "dates": _dates,
    "objects": _objects,
    "reasons": _reasons,
    "cost": _cost,
    "other rules": _other_rules,
}


def test_every_limit_of_the_documentation_is_shown() -> None:
    assert set(SHOWN) == set(LIMITS)


@pytest.mark.parametrize("limit", SHOWN)
def test_a_limit_is_what_the_documentation_says(api: Client, gates: Mapping[Tier, Gate], limit: str) -> None:
    assert SHOWN[limit](api, gates[Tier.PRODUCTION])
