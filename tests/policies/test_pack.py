"""The policy pack over the wire: started and asked as Pulumi's engine does it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import grpc  # type: ignore[import-untyped]
import pytest
from google.protobuf import empty_pb2, json_format, struct_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi_policy.proxy import UNKNOWN_BOOLEAN_VALUE, UNKNOWN_OBJECT_VALUE, UNKNOWN_STRING_VALUE

from tests.policies.objects import CARRIERS, deployment, named, pod_spec
from tests.tree import TREE

PACK = TREE / "policies"
PASSWORD = "correct-horse-battery"  # noqa: S105 - what must never appear
SECRET_SIGNATURE = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
MANDATORY = analyzer_pb2.EnforcementLevel.Value("MANDATORY")
ADVISORY = analyzer_pb2.EnforcementLevel.Value("ADVISORY")

PULLED = {
    "path": "rendered/prod/apps/site",
    "images": {"Deployment/site-prod/site": ["app:1.2.3", "app:latest"]},
    "objects": ["Service/site-prod/site", "Deployment/site-prod/site"],
    "digest": "sha256:x",
}

Stub = Any  # the generated stub has no types


@pytest.fixture(scope="module")
def analyzer() -> Iterator[Stub]:
    """Start the pack as the engine does, and speak to it."""
    environment = {**os.environ, "PULUMI_PROJECT": "p", "PULUMI_STACK": "prod", "PULUMI_DRY_RUN": "true"}
    command = [sys.executable, "-m", "pulumi.policy", "127.0.0.1:1", str(PACK)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            port = int(process.stdout.readline())
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield analyzer_pb2_grpc.AnalyzerStub(channel)
        finally:
            process.terminate()


def struct(properties: dict[str, Any]) -> struct_pb2.Struct:
    """Write properties as they travel."""
    return json_format.ParseDict(properties, struct_pb2.Struct())


def ask(analyzer: Stub, token: str, properties: dict[str, Any], name: str = "x") -> list[Any]:
    """Ask about one resource; returns the diagnostics."""
    urn = f"urn:pulumi:prod::p::{token}::{name}"
    request = analyzer_pb2.AnalyzeRequest(type=token, urn=urn, name=name, properties=struct(properties))
    return list(analyzer.Analyze(request).diagnostics)


def test_a_clean_deployment_passes(analyzer: Stub) -> None:
    """No policy says a word."""
    assert ask(analyzer, "kubernetes:apps/v1:Deployment", deployment(pod_spec())) == []


def test_a_moving_tag_is_a_mandatory_violation(analyzer: Stub) -> None:
    """In every kind of resource that carries pods."""
    for kind, token in {
        "Pod": "kubernetes:core/v1:Pod",
        "Deployment": "kubernetes:apps/v1:Deployment",
        "CronJob": "kubernetes:batch/v1:CronJob",
        "Rollout": "kubernetes:argoproj.io/v1alpha1:Rollout",
        "DeploymentList": "kubernetes:apps/v1:DeploymentList",
    }.items():
        spec = pod_spec()
        spec["containers"][0]["image"] = "app:latest"
        (found,) = ask(analyzer, token, CARRIERS[kind][0](spec))
        assert (found.policyName, found.enforcementLevel) == ("objects-mandatory", MANDATORY)
        assert "containers[web].image" in found.message


def test_a_release_of_helm_is_an_unknown_image(analyzer: Stub) -> None:
    """The provider installs its objects itself; those of a Chart are resources that the pack sees."""
    (found,) = ask(analyzer, "kubernetes:helm.sh/v3:Release", {"chart": "nginx", "name": "web"})
    assert "a Release installs images that are not written here" in found.message
    assert ask(analyzer, "kubernetes:helm.sh/v4:Chart", {"chart": "nginx"}) == []


def test_a_patch_is_known_by_its_token(analyzer: Stub) -> None:
    """Its properties call it a Deployment."""
    spec = {"containers": [{"name": "web", "image": "a:latest"}]}
    patch = named("Deployment", "apps/v1", spec={"template": {"spec": spec}})
    (found,) = ask(analyzer, "kubernetes:apps/v1:DeploymentPatch", patch)
    assert found.policyName == "objects-mandatory"


def test_an_unknown_value_hides_no_other_fault(analyzer: Stub) -> None:
    """The image behind the unknown one is judged, and in production the unknown one is a fault itself."""
    spec = pod_spec()
    spec["initContainers"][0]["image"] = UNKNOWN_STRING_VALUE
    spec["containers"][0]["image"] = "app:latest"
    found = ask(analyzer, "kubernetes:apps/v1:Deployment", deployment(spec))
    assert [(one.policyName, one.enforcementLevel) for one in found] == [("objects-mandatory", MANDATORY)] * 2
    assert any("not known before the deployment" in one.message for one in found)
    assert any('"latest"' in one.message for one in found)


@pytest.mark.parametrize(
    ("where", "unknown"),
    [
        ("securityContext", UNKNOWN_OBJECT_VALUE),
        ("automountServiceAccountToken", UNKNOWN_BOOLEAN_VALUE),
        ("serviceAccountName", UNKNOWN_STRING_VALUE),
    ],
)
def test_what_is_not_known_yet_is_no_fault_but_for_images(analyzer: Stub, where: str, unknown: str) -> None:
    """It is judged when it is known: the engine asks again at the update."""
    assert ask(analyzer, "kubernetes:apps/v1:Deployment", deployment(pod_spec(**{where: unknown}))) == []


def test_no_message_repeats_a_secret(analyzer: Stub) -> None:
    """Secrets arrive in clear."""
    spec = pod_spec()
    spec["containers"][0]["env"] = [{"name": "DB_PASSWORD", "value": {**SECRET_SIGNATURE, "value": PASSWORD}}]
    spec["containers"][0]["args"] = [f"--password={PASSWORD}"]
    secret = named("Secret", "v1", stringData={"password": {**SECRET_SIGNATURE, "value": PASSWORD}})
    config = named("ConfigMap", "v1", data={"db.password": PASSWORD, "app.ini": f"password = {PASSWORD}\n"})
    found = [
        *ask(analyzer, "kubernetes:apps/v1:Deployment", deployment(spec)),
        *ask(analyzer, "kubernetes:core/v1:Secret", secret),
        *ask(analyzer, "kubernetes:core/v1:ConfigMap", config),
    ]
    assert len(found) == 5
    assert all(PASSWORD not in one.message + one.description for one in found)


def test_a_pulled_workload_is_judged_by_its_images(analyzer: Stub) -> None:
    """Pulumi does not apply it, but shows it."""
    (found,) = ask(analyzer, "environments:index:PulledWorkload", PULLED, "site-prod/site")
    assert (found.policyName, found.enforcementLevel) == ("objects-mandatory", MANDATORY)
    assert "Deployment/site-prod/site containers[1].image" in found.message


@pytest.mark.parametrize(
    ("excused", "passes"), [("Deployment/site-prod/site", True), ("Deployment/site-prod/other", False)]
)
def test_an_exemption_of_a_pulled_object_holds_in_the_pack_too(
    analyzer: Stub, excused: str, *, passes: bool
) -> None:
    """It names the object that the job applies, as everywhere else."""
    exemption = {
        "rule": "images-are-pinned",
        "object": excused,
        "because": "a test",
        "until": "2999-01-01",
    }
    try:
        assert ask(analyzer, "environments:index:Environment", {"exemptions": {"site": exemption}}) == []
        found = ask(analyzer, "environments:index:PulledWorkload", PULLED, "site-prod/site")
        assert (found == []) is passes
    finally:
        ask(analyzer, "environments:index:Environment", {}, "back")


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ({"teir": "test"}, "teir: "),
        ({"tier": "staging"}, "tier: "),
        ({"exemptions": {"a": {"rule": "x", "because": "y", "until": "soon"}}}, "exemptions.a.until: "),
        ({"longestExemption": "a year"}, "longestExemption: is not a number of days; write it like 180d"),
    ],
    ids=["key", "tier", "exemption", "days"],
)
def test_a_declaration_that_cannot_be_read_is_a_violation_and_production_holds(
    analyzer: Stub, declared: dict[str, Any], says: str
) -> None:
    """The message names the key; there is no traceback."""
    spec = pod_spec()
    spec["containers"][0]["image"] = "app:latest"
    try:
        refused = ask(analyzer, "environments:index:Environment", declared)
        assert "objects-mandatory" in {one.policyName for one in refused}
        assert all(says in one.message and "Traceback" not in one.message for one in refused)
        (found,) = ask(analyzer, "kubernetes:apps/v1:Deployment", deployment(spec))
        assert found.enforcementLevel == MANDATORY
    finally:
        ask(analyzer, "environments:index:Environment", {}, "back")


def test_integers_stay_integers(analyzer: Stub) -> None:
    """User 0 arrives as 0.0."""
    spec = pod_spec()
    spec["containers"][0]["securityContext"]["runAsUser"] = 0
    (found,) = ask(analyzer, "kubernetes:apps/v1:Deployment", deployment(spec))
    assert "runAsUser" in found.message


def test_other_providers_are_none_of_its_business(analyzer: Stub) -> None:
    """Nothing is said of a bucket."""
    assert ask(analyzer, "aws:s3/bucket:Bucket", {"containers": [{"image": "app:latest"}]}) == []


def test_the_environment_is_told_by_its_component(analyzer: Stub) -> None:
    """A test environment that asks for warnings gets advisory ones; its shapes count."""
    declared = {
        "tier": "test",
        "images": {"postgres": {"tags": "minor", "because": "for the test"}},
        "levels": {"images-are-pinned": "advisory"},
    }
    assert ask(analyzer, "environments:index:Environment", declared) == []
    try:
        spec = pod_spec()
        spec["containers"][0]["image"] = "app:latest"
        spec["initContainers"][0]["image"] = "postgres:16.4"
        (found,) = ask(analyzer, "kubernetes:apps/v1:Deployment", deployment(spec))
        assert (found.policyName, found.enforcementLevel) == ("objects-advisory", ADVISORY)
    finally:
        ask(analyzer, "environments:index:Environment", {}, "back")


def test_the_whole_stack_is_judged_for_what_reaches_what(analyzer: Stub) -> None:
    """Rules over all objects are stack policies."""
    pod = deployment(pod_spec())
    urn = "urn:pulumi:prod::p::kubernetes:apps/v1:Deployment::x"
    resource = analyzer_pb2.AnalyzerResource(
        type="kubernetes:apps/v1:Deployment", urn=urn, name="x", properties=struct(pod)
    )
    response = analyzer.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=[resource]))
    rules = {one.message.rsplit("[", 1)[1] for one in response.diagnostics}
    assert rules == {"pods-are-isolated]", "namespaces-are-complete]"}
    assert all(one.enforcementLevel == MANDATORY for one in response.diagnostics)


def test_every_policy_says_what_it_takes_as_configuration(analyzer: Stub) -> None:
    """A schema by name, so that a misspelt key is refused."""
    info = analyzer.GetAnalyzerInfo(empty_pb2.Empty())
    assert {policy.name for policy in info.policies} == {
        "objects-mandatory",
        "objects-advisory",
        "environment-mandatory",
    }
    assert all("levels" in policy.configSchema.properties for policy in info.policies)
